/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference: FreeBSD sys/ufs/ffs/fs.h (struct fs, cgbase, cgstart, ino_to_fsba), sys/ufs/ufs/dinode.h.
 * Pointers count fragments. The last block of a file can be shorter than a block: only the fragments that the
 * size needs belong to it.
 */
#include "walk/ufs.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "walk/blockmap.h"

#define SUPER_LEN 1376
#define MAGIC_OFF 1372
#define MAGIC_UFS1 UINT32_C(0x00011954)
#define MAGIC_UFS2 UINT32_C(0x19540119)
#define FRAGMENT_MIN 512
#define BLOCK_MAX 65536
#define FRAGMENTS_PER_BLOCK_MAX 8

#define INODE_MAX 256
#define FLAG_SNAPSHOT UINT32_C(0x00200000)

#define MODE_TYPE 0xf000
#define MODE_DIRECTORY 0x4000
#define MODE_REGULAR 0x8000
#define MODE_SYMLINK 0xa000

/** Where things lie in an inode of one version. */
struct inode_form {
	uint32_t len, size_off, blocks_off, blocks_len, flags_off, map_off, map_len, pointer_size;
};

static const struct inode_form form1 = {128, 8, 104, 4, 100, 40, 60, 4};
static const struct inode_form form2 = {256, 16, 24, 8, 88, 112, 120, 8};

static const struct inode_form *
inode_form(const struct trw_ufs *fs)
{
	return fs->is_ufs2 ? &form2 : &form1;
}

static uint32_t
load32(const struct trw_ufs *fs, const uint8_t *p)
{
	return fs->is_big_endian ? trw_be32(p) : trw_le32(p);
}

static uint64_t
load64(const struct trw_ufs *fs, const uint8_t *p)
{
	return fs->is_big_endian ? trw_be64(p) : trw_le64(p);
}

static uint32_t
load16(const struct trw_ufs *fs, const uint8_t *p)
{
	return fs->is_big_endian ? trw_be16(p) : trw_le16(p);
}

/** Version and byte order, from the magic number. */
static bool
find_magic(const uint8_t *sb, struct trw_ufs *fs)
{
	uint32_t le = trw_le32(sb + MAGIC_OFF), be = trw_be32(sb + MAGIC_OFF);

	fs->is_big_endian = be == MAGIC_UFS1 || be == MAGIC_UFS2;
	fs->is_ufs2 = le == MAGIC_UFS2 || be == MAGIC_UFS2;
	return fs->is_big_endian || fs->is_ufs2 || le == MAGIC_UFS1;
}

static bool
is_power_of_two(uint32_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

static bool
is_sane(const struct trw_ufs *fs)
{
	return is_power_of_two(fs->block_size) && fs->block_size <= BLOCK_MAX &&
	       is_power_of_two(fs->fragment_size) && fs->fragment_size >= FRAGMENT_MIN &&
	       fs->fragment_size <= fs->block_size &&
	       fs->block_size / fs->fragment_size <= FRAGMENTS_PER_BLOCK_MAX && fs->n_groups > 0 &&
	       fs->inodes_per_group > 0 && fs->fragments_per_group > 0 && fs->n_fragments > 0 &&
	       fs->n_fragments <= INT64_MAX / BLOCK_MAX;
}

/** False when there is no superblock of that place at `at`. */
static bool
read_super(const struct trw_view *bytes, uint64_t at, struct trw_ufs *fs)
{
	uint8_t sb[SUPER_LEN];

	*fs = (struct trw_ufs){.bytes = bytes};
	if (!trw_view_read_sound(bytes, at, sb, sizeof(sb)) || !find_magic(sb, fs))
		return false;
	fs->inode_table = load32(fs, sb + 16);
	fs->n_groups = load32(fs, sb + 44);
	fs->block_size = load32(fs, sb + 48);
	fs->fragment_size = load32(fs, sb + 52);
	fs->inodes_per_group = load32(fs, sb + 184);
	fs->fragments_per_group = load32(fs, sb + 188);
	fs->symlink_max = load32(fs, sb + 1320);
	if (fs->is_ufs2) {
		fs->n_fragments = load64(fs, sb + 1080);
		return load64(fs, sb + 1000) == at; /* else a copy that belongs to another place */
	}
	fs->rotation = load32(fs, sb + 24);
	fs->rotation_mask = load32(fs, sb + 28);
	fs->n_fragments = load32(fs, sb + 36);
	return at != 65536; /* there it is the first copy, where blocks are 64 KiB */
}

enum trw_status
trw_ufs_open(const struct trw_view *bytes, struct trw_ufs *out, struct trw_err *err)
{
	static const uint64_t places[] = {65536, 8192, 0, 262144};
	struct trw_ufs fs;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (read_super(bytes, places[i], &fs) && is_sane(&fs)) {
			*out = fs;
			return TRW_OK;
		}
	}
	return trw_fail(err, TRW_ECORRUPT, "ufs: no sound superblock");
}

static enum trw_status
read_inode(
	const struct trw_ufs *fs, uint64_t inode, uint8_t *buf, uint64_t *off, struct trw_err *err)
{
	uint64_t group = inode / fs->inodes_per_group, start;

	if (group >= fs->n_groups)
		return trw_fail(
			err, TRW_ECORRUPT, "ufs: inode %" PRIu64 " past the last group", inode);
	start = group * fs->fragments_per_group;
	if (!fs->is_ufs2)
		start += (uint64_t)fs->rotation * ((uint32_t)group & ~fs->rotation_mask);
	start += fs->inode_table;
	if (start >= fs->n_fragments)
		return trw_fail(err, TRW_ECORRUPT, "ufs: inode table at fragment %" PRIu64, start);
	*off = start * fs->fragment_size + inode % fs->inodes_per_group * inode_form(fs)->len;
	if (!trw_view_read_sound(fs->bytes, *off, buf, inode_form(fs)->len))
		return trw_fail(err, TRW_ECORRUPT,
			"ufs: inode %" PRIu64 " at byte %" PRIu64 " is unreadable", inode, *off);
	return TRW_OK;
}

static bool
is_fast_symlink(const struct trw_ufs *fs, const uint8_t *inode, uint64_t size)
{
	const struct inode_form *form = inode_form(fs);
	uint64_t n_blocks = form->blocks_len == 8 ? load64(fs, inode + form->blocks_off)
						  : load32(fs, inode + form->blocks_off);

	if ((load16(fs, inode) & MODE_TYPE) != MODE_SYMLINK || size == 0 || size > form->map_len)
		return false;
	return n_blocks == 0 || size < fs->symlink_max;
}

static enum trw_status
take_symlink(const struct trw_ufs *fs, uint64_t inode_off, const uint8_t *inode,
	struct trw_layout *l, struct trw_err *err)
{
	uint32_t at = inode_form(fs)->map_off;

	l->bytes = trw_memdup(inode + at, (size_t)l->size, err);
	if (l->bytes == NULL)
		return TRW_ENOMEM;
	l->kind = TRW_LAYOUT_INLINE;
	return trw_layout_add(l, fs->bytes, TRW_EXTENT_DATA, inode_off + at, l->size, err);
}

static enum trw_status
map_inode(const struct trw_ufs *fs, uint64_t inode_off, const uint8_t *inode, struct trw_layout *l,
	struct trw_err *err)
{
	const struct inode_form *form = inode_form(fs);
	struct trw_blockmap map = {
		.block_size = fs->block_size,
		.unit = fs->fragment_size,
		.first = 1,
		.end = fs->n_fragments,
		.pointer_size = form->pointer_size,
		.is_big_endian = fs->is_big_endian,
	};
	uint32_t type = load16(fs, inode) & MODE_TYPE;
	enum trw_status s;

	if (type != MODE_REGULAR && type != MODE_DIRECTORY && type != MODE_SYMLINK && type != 0)
		return TRW_OK;
	if (load32(fs, inode + form->flags_off) & FLAG_SNAPSHOT)
		return trw_fail(err, TRW_EUNSUPPORTED,
			"ufs: a snapshot: its blocks are those of the file system");
	s = trw_layout_begin(l, fs->bytes, load64(fs, inode + form->size_off), fs->block_size, err);
	if (s != TRW_OK)
		return s;
	if (is_fast_symlink(fs, inode, l->size))
		return take_symlink(fs, inode_off, inode, l, err);
	return trw_blockmap_read(&map, fs->bytes, inode + form->map_off, l, err);
}

enum trw_status
trw_ufs_content(
	const struct trw_ufs *fs, uint64_t inode, struct trw_layout *out, struct trw_err *err)
{
	uint8_t buf[INODE_MAX];
	uint64_t off = 0;
	enum trw_status s = read_inode(fs, inode, buf, &off, err);

	if (s == TRW_OK)
		s = map_inode(fs, off, buf, out, err);
	if (s != TRW_OK)
		trw_layout_clear(out);
	return s;
}
