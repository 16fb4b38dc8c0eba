/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference: Linux Documentation/filesystems/ext4 (super.rst, group_descr.rst, inodes.rst, ifork.rst,
 * attributes.rst, inlinedata.rst). Offsets below are those of these tables. A node of an extent tree:
 *
 *	header  12 bytes: magic f30a, entries, max, depth, generation
 *	index   12 bytes each when depth > 0: logical block, low and high half of the child's block
 *	leaf    12 bytes each when depth = 0: logical block, length, high and low half of the first block
 *
 * A node whose entries are out of order or leave its parent's range is not trusted at all, as in Linux: its
 * range is lost. A leaf entry that only points outside the file system loses its own blocks.
 */
#include "walk/ext.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "walk/blockmap.h"

#include <stdlib.h>
#include <string.h>

#define SUPER_OFF 1024
#define SUPER_LEN 1024
#define SUPER_MAGIC 0xef53
#define BLOCK_SIZE_MIN 1024
#define BLOCK_SIZE_LOG_MAX 6 /* 64 KiB */
#define INODE_SIZE_OLD 128
#define DESCRIPTOR_SIZE_OLD 32
#define DESCRIPTOR_SIZE_64 64

#define COMPAT_SPARSE_SUPER2 0x200
#define INCOMPAT_COMPRESSION 0x1
#define INCOMPAT_JOURNAL_DEVICE 0x8
#define INCOMPAT_META_BG 0x10
#define INCOMPAT_64BIT 0x80
#define INCOMPAT_LARGE_DIR 0x4000
#define INCOMPAT_KNOWN 0x3f7d7 /* all of them up to casefold, but for the journal device */
#define RO_COMPAT_SPARSE_SUPER 0x1

#define MODE_TYPE 0xf000
#define MODE_DIRECTORY 0x4000
#define MODE_REGULAR 0x8000
#define MODE_SYMLINK 0xa000

#define INODE_COMPRESSED_BLOCKS 0x200
#define INODE_ENCRYPTED 0x800
#define INODE_EXTENTS 0x80000
#define INODE_VERITY 0x100000
#define INODE_INLINE 0x10000000

#define MAP_OFF 0x28 /* i_block in the inode */
#define MAP_LEN 60

#define NODE_MAGIC 0xf30a
#define NODE_HEADER 12
#define NODE_ENTRY 12
#define NODE_DEPTH_MAX 5
#define EXTENT_LEN_MAX 32768 /* blocks; a longer one is uninitialised */
#define LOGICAL_END ((uint64_t)1 << 32)

#define XATTR_MAGIC 0xea020000
#define XATTR_ENTRY 16
#define XATTR_INDEX_SYSTEM 7

static enum trw_status
check_super(const uint8_t *sb, struct trw_ext *fs, struct trw_err *err)
{
	uint32_t log_size = trw_le32(sb + 0x18);
	uint64_t n_groups;

	if (trw_le16(sb + 0x38) != SUPER_MAGIC)
		return trw_fail(err, TRW_ECORRUPT, "ext: no superblock");
	if (fs->incompat & INCOMPAT_JOURNAL_DEVICE)
		return trw_fail(err, TRW_EUNSUPPORTED, "ext: a journal device, not a file system");
	if (fs->incompat & ~(uint32_t)INCOMPAT_KNOWN)
		return trw_fail(err, TRW_EUNSUPPORTED, "ext: unknown features %#" PRIx32,
			fs->incompat & ~(uint32_t)INCOMPAT_KNOWN);
	if (log_size > BLOCK_SIZE_LOG_MAX)
		return trw_fail(err, TRW_ECORRUPT, "ext: block size 2^%" PRIu32, log_size + 10);
	fs->block_size = (uint32_t)BLOCK_SIZE_MIN << log_size;
	if (fs->inode_size < INODE_SIZE_OLD || fs->inode_size > fs->block_size ||
		(fs->inode_size & (fs->inode_size - 1)) != 0)
		return trw_fail(err, TRW_ECORRUPT, "ext: inode size %" PRIu32, fs->inode_size);
	if (fs->descriptor_size < DESCRIPTOR_SIZE_OLD || fs->descriptor_size > fs->block_size ||
		(fs->descriptor_size & (fs->descriptor_size - 1)) != 0)
		return trw_fail(
			err, TRW_ECORRUPT, "ext: descriptor size %" PRIu32, fs->descriptor_size);
	if (fs->blocks_per_group == 0 || fs->inodes_per_group == 0)
		return trw_fail(err, TRW_ECORRUPT, "ext: empty block groups");
	if (fs->n_blocks <= fs->first_data_block || fs->n_blocks > INT64_MAX / fs->block_size)
		return trw_fail(err, TRW_ECORRUPT, "ext: %" PRIu64 " blocks", fs->n_blocks);
	n_groups = (fs->n_blocks - fs->first_data_block - 1) / fs->blocks_per_group + 1;
	if (n_groups > UINT32_MAX)
		return trw_fail(err, TRW_ECORRUPT, "ext: %" PRIu64 " block groups", n_groups);
	fs->n_groups = (uint32_t)n_groups;
	return TRW_OK;
}

enum trw_status
trw_ext_open(const struct trw_view *bytes, struct trw_ext *out, struct trw_err *err)
{
	uint8_t sb[SUPER_LEN];
	struct trw_ext fs = {.bytes = bytes};
	enum trw_status s;

	if (!trw_view_read_sound(bytes, SUPER_OFF, sb, sizeof(sb)))
		return trw_fail(err, TRW_ECORRUPT, "ext: superblock is unreadable");
	fs.n_inodes = trw_le32(sb);
	fs.n_blocks = trw_le32(sb + 0x04);
	fs.first_data_block = trw_le32(sb + 0x14);
	fs.blocks_per_group = trw_le32(sb + 0x20);
	fs.inodes_per_group = trw_le32(sb + 0x28);
	fs.inode_size = INODE_SIZE_OLD;
	fs.descriptor_size = DESCRIPTOR_SIZE_OLD;
	if (trw_le32(sb + 0x4c) > 0) { /* revision: 0 has none of what follows */
		fs.inode_size = trw_le16(sb + 0x58);
		fs.compat = trw_le32(sb + 0x5c);
		fs.incompat = trw_le32(sb + 0x60);
		fs.ro_compat = trw_le32(sb + 0x64);
		fs.first_meta_group = trw_le32(sb + 0x104);
		fs.backup_groups[0] = trw_le32(sb + 0x24c);
		fs.backup_groups[1] = trw_le32(sb + 0x250);
	}
	if (fs.incompat & INCOMPAT_64BIT) {
		fs.n_blocks |= (uint64_t)trw_le32(sb + 0x150) << 32;
		fs.descriptor_size = trw_le16(sb + 0xfe);
	}
	s = check_super(sb, &fs, err);
	if (s == TRW_OK)
		*out = fs;
	return s;
}

static bool
is_power_of(uint32_t n, uint32_t base)
{
	while (n % base == 0)
		n /= base;
	return n == 1;
}

static bool
has_super(const struct trw_ext *fs, uint32_t group)
{
	if (group == 0)
		return true;
	if (fs->compat & COMPAT_SPARSE_SUPER2)
		return group == fs->backup_groups[0] || group == fs->backup_groups[1];
	if (group == 1 || !(fs->ro_compat & RO_COMPAT_SPARSE_SUPER))
		return true;
	return is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

/** Byte offset of a group's descriptor, as fs/ext4/super.c descriptor_loc(). */
static uint64_t
descriptor_off(const struct trw_ext *fs, uint32_t group)
{
	uint32_t per_block = fs->block_size / fs->descriptor_size;
	uint32_t index = group / per_block;
	/* With blocks of 1 KiB the superblock is block 1, even where bigalloc starts group 0 at block 0. */
	uint32_t is_shifted = fs->block_size == BLOCK_SIZE_MIN;
	uint64_t block;

	if (!(fs->incompat & INCOMPAT_META_BG) || index < fs->first_meta_group) {
		block = (uint64_t)is_shifted + 1 + index;
	} else {
		uint32_t first = index * per_block;
		block = fs->first_data_block + (uint64_t)first * fs->blocks_per_group +
			has_super(fs, first);
		if (is_shifted && first == 0 && fs->first_data_block == 0)
			block++;
	}
	return block * fs->block_size + (uint64_t)(group % per_block) * fs->descriptor_size;
}

static enum trw_status
find_inode(const struct trw_ext *fs, uint64_t inode, uint64_t *off, struct trw_err *err)
{
	uint8_t d[DESCRIPTOR_SIZE_64] = {0};
	size_t len = fs->descriptor_size < sizeof(d) ? fs->descriptor_size : sizeof(d);
	uint64_t group, table;

	if (inode == 0 || inode > fs->n_inodes)
		return trw_fail(err, TRW_ECORRUPT, "ext: inode %" PRIu64 " of %" PRIu32, inode,
			fs->n_inodes);
	group = (inode - 1) / fs->inodes_per_group;
	if (group >= fs->n_groups)
		return trw_fail(
			err, TRW_ECORRUPT, "ext: inode %" PRIu64 " past the last group", inode);
	if (!trw_view_read_sound(fs->bytes, descriptor_off(fs, (uint32_t)group), d, len))
		return trw_fail(err, TRW_ECORRUPT,
			"ext: descriptor of group %" PRIu64 " is unreadable", group);
	table = trw_le32(d + 0x08);
	if (len == DESCRIPTOR_SIZE_64)
		table |= (uint64_t)trw_le32(d + 0x28) << 32;
	if (table <= fs->first_data_block || table >= fs->n_blocks)
		return trw_fail(err, TRW_ECORRUPT,
			"ext: inode table of group %" PRIu64 " at block %" PRIu64, group, table);
	*off = table * fs->block_size + (inode - 1) % fs->inodes_per_group * fs->inode_size;
	return TRW_OK;
}

/** The entries of a node as far as its header can be trusted; 0 with *ok false when it can't. */
static uint32_t
node_entries(const uint8_t *node, size_t len, unsigned depth, bool *ok)
{
	uint32_t n = trw_le16(node + 2), max = trw_le16(node + 4);

	*ok = trw_le16(node) == NODE_MAGIC && trw_le16(node + 6) == depth && n <= max &&
	      max <= (len - NODE_HEADER) / NODE_ENTRY;
	return *ok ? n : 0;
}

/** Logical blocks of a leaf entry; 0 is never valid. */
static uint32_t
leaf_blocks(const uint8_t *entry, bool *is_uninit)
{
	uint32_t n = trw_le16(entry + 4);

	*is_uninit = n > EXTENT_LEN_MAX;
	return *is_uninit ? n - EXTENT_LEN_MAX : n;
}

/** Entries ascend inside [from, to) and don't overlap. */
static bool
is_ordered(const uint8_t *node, uint32_t n, unsigned depth, uint64_t from, uint64_t to)
{
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *e = node + NODE_HEADER + (size_t)i * NODE_ENTRY;
		bool is_uninit;
		uint64_t first = trw_le32(e);
		uint64_t len = depth > 0 ? 1 : leaf_blocks(e, &is_uninit);

		if (len == 0 || first < from || first + len > to)
			return false;
		from = first + len;
	}
	return true;
}

static enum trw_status
add_leaves(const struct trw_ext *fs, const uint8_t *node, uint32_t n, struct trw_layout *l,
	struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (uint32_t i = 0; i < n && s == TRW_OK; i++) {
		const uint8_t *e = node + NODE_HEADER + (size_t)i * NODE_ENTRY;
		uint64_t at = (uint64_t)trw_le16(e + 6) << 32 | trw_le32(e + 8);
		bool is_uninit;
		uint64_t len = leaf_blocks(e, &is_uninit);
		enum trw_extent_kind kind = is_uninit ? TRW_EXTENT_UNINIT : TRW_EXTENT_DATA;

		s = trw_layout_fill(
			l, TRW_EXTENT_HOLE, (uint64_t)trw_le32(e) * fs->block_size, err);
		if (at <= fs->first_data_block || at >= fs->n_blocks || len > fs->n_blocks - at) {
			kind = TRW_EXTENT_LOST;
			if (l->extents.total < l->size)
				l->notes |= TRW_LAYOUT_BAD_POINTER;
			at = 0;
		}
		if (s == TRW_OK)
			s = trw_layout_add(
				l, fs->bytes, kind, at * fs->block_size, len * fs->block_size, err);
	}
	return s;
}

static enum trw_status add_node(const struct trw_ext *fs, const uint8_t *node, size_t len,
	unsigned depth, uint64_t from, uint64_t to, struct trw_layout *l, struct trw_err *err);

/** Append the child that an index entry names; it covers the logical blocks [from, to). */
static enum trw_status
add_child(const struct trw_ext *fs, const uint8_t *entry, unsigned depth, uint64_t from,
	uint64_t to, struct trw_layout *l, struct trw_err *err)
{
	uint64_t at = (uint64_t)trw_le16(entry + 8) << 32 | trw_le32(entry + 4);
	enum trw_status s = TRW_OK;
	uint8_t *node;

	if (at <= fs->first_data_block || at >= fs->n_blocks) {
		l->notes |= TRW_LAYOUT_BAD_NODE;
		return trw_layout_fill(l, TRW_EXTENT_LOST, to * fs->block_size, err);
	}
	node = trw_alloc(1, fs->block_size, err);
	if (node == NULL)
		return TRW_ENOMEM;
	if (trw_layout_read(l, fs->bytes, at * fs->block_size, node, fs->block_size))
		s = add_node(fs, node, fs->block_size, depth, from, to, l, err);
	else
		s = trw_layout_fill(l, TRW_EXTENT_LOST, to * fs->block_size, err);
	free(node);
	return s;
}

/** Append a node for the logical blocks [from, to). Recursion is at most NODE_DEPTH_MAX deep. */
static enum trw_status
add_node(const struct trw_ext *fs, const uint8_t *node, size_t len, unsigned depth, uint64_t from,
	uint64_t to, struct trw_layout *l, struct trw_err *err)
{
	enum trw_status s = TRW_OK;
	bool ok;
	uint32_t n = node_entries(node, len, depth, &ok);

	if (!ok || !is_ordered(node, n, depth, from, to)) {
		l->notes |= TRW_LAYOUT_BAD_NODE;
		return trw_layout_fill(l, TRW_EXTENT_LOST, to * fs->block_size, err);
	}
	if (depth == 0)
		return add_leaves(fs, node, n, l, err);
	for (uint32_t i = 0; i < n && s == TRW_OK; i++) {
		const uint8_t *e = node + NODE_HEADER + (size_t)i * NODE_ENTRY;
		uint64_t start = trw_le32(e);
		uint64_t end = i + 1 < n ? trw_le32(e + NODE_ENTRY) : to;

		if (start * fs->block_size >= l->size)
			break; /* blocks that were set aside past the end of the file */
		s = trw_layout_fill(l, TRW_EXTENT_HOLE, start * fs->block_size, err);
		if (s == TRW_OK)
			s = add_child(fs, e, depth - 1, start, end, l, err);
	}
	return s;
}

static enum trw_status
map_extents(
	const struct trw_ext *fs, const uint8_t *root, struct trw_layout *l, struct trw_err *err)
{
	unsigned depth = trw_le16(root + 6);
	enum trw_status s;

	if (depth > NODE_DEPTH_MAX) {
		l->notes |= TRW_LAYOUT_BAD_NODE;
		return trw_layout_fill(l, TRW_EXTENT_LOST, l->size, err);
	}
	s = add_node(fs, root, MAP_LEN, depth, 0, LOGICAL_END, l, err);
	return s == TRW_OK ? trw_layout_fill(l, TRW_EXTENT_HOLE, l->size, err) : s;
}

static enum trw_status
map_blocks(const struct trw_ext *fs, const uint8_t *pointers, struct trw_layout *l,
	struct trw_err *err)
{
	struct trw_blockmap map = {
		.block_size = fs->block_size,
		.unit = fs->block_size,
		.first = (uint64_t)fs->first_data_block + 1,
		.end = fs->n_blocks,
		.pointer_size = 4,
	};

	return trw_blockmap_read(&map, fs->bytes, pointers, l, err);
}

/** Content of l->size bytes in two pieces of the inode, the second of n2 bytes; zeros fill the rest. */
static enum trw_status
take_inline(const struct trw_ext *fs, uint64_t inode_off, const uint8_t *inode, size_t off2,
	size_t n2, struct trw_layout *l, struct trw_err *err)
{
	size_t size = (size_t)l->size;
	size_t n1 = size < MAP_LEN ? size : MAP_LEN;
	enum trw_status s;

	if (n2 > size - n1)
		n2 = size - n1;
	l->bytes = trw_alloc(size > 0 ? size : 1, 1, err);
	if (l->bytes == NULL)
		return TRW_ENOMEM;
	memcpy(l->bytes, inode + MAP_OFF, n1);
	memcpy(l->bytes + n1, inode + off2, n2);
	l->kind = TRW_LAYOUT_INLINE;
	if (n1 + n2 < size)
		l->notes |= TRW_LAYOUT_INLINE_SHORT;
	s = trw_layout_add(l, fs->bytes, TRW_EXTENT_DATA, inode_off + MAP_OFF, n1, err);
	if (s == TRW_OK)
		s = trw_layout_add(l, fs->bytes, TRW_EXTENT_DATA, inode_off + off2, n2, err);
	return s == TRW_OK ? trw_layout_fill(l, TRW_EXTENT_HOLE, size, err) : s;
}

/** Find the value of system.data among the attributes in the inode; *len 0 when there is none. */
static enum trw_status
find_inline_value(
	const uint8_t *inode, size_t inode_size, size_t *off, size_t *len, struct trw_err *err)
{
	size_t first, at;

	*off = *len = 0;
	if (inode_size <= INODE_SIZE_OLD)
		return TRW_OK;
	first = INODE_SIZE_OLD + (size_t)trw_le16(inode + 0x80) + 4;
	if (first > inode_size || trw_le32(inode + first - 4) != XATTR_MAGIC)
		return TRW_OK;
	for (at = first; at + XATTR_ENTRY <= inode_size && trw_le32(inode + at) != 0;) {
		const uint8_t *e = inode + at;
		size_t name_len = e[0], value = first + trw_le16(e + 2), n = trw_le32(e + 8);

		if (name_len > inode_size - at - XATTR_ENTRY)
			break;
		at += (XATTR_ENTRY + name_len + 3) & ~(size_t)3;
		if (e[1] != XATTR_INDEX_SYSTEM || name_len != 4 ||
			memcmp(e + XATTR_ENTRY, "data", 4) != 0)
			continue;
		if (trw_le32(e + 4) != 0)
			return trw_fail(err, TRW_EUNSUPPORTED,
				"ext: inline data are kept in inode %" PRIu32, trw_le32(e + 4));
		if (value > inode_size || n > inode_size - value)
			return trw_fail(err, TRW_ECORRUPT, "ext: inline data leave the inode");
		*off = value;
		*len = n;
		return TRW_OK;
	}
	return TRW_OK;
}

static enum trw_status
map_inline(const struct trw_ext *fs, uint64_t inode_off, const uint8_t *inode, struct trw_layout *l,
	struct trw_err *err)
{
	size_t off, len;
	enum trw_status s = find_inline_value(inode, fs->inode_size, &off, &len, err);

	if (s != TRW_OK)
		return s;
	/* Linux reads zeros between the data and the size, but no inline file outgrows a block. */
	if (l->size > fs->block_size)
		return trw_fail(
			err, TRW_ECORRUPT, "ext: %" PRIu64 " bytes of inline data", l->size);
	return take_inline(fs, inode_off, inode, off, len, l, err);
}

static uint64_t
inode_content_size(const struct trw_ext *fs, const uint8_t *inode)
{
	uint32_t type = trw_le16(inode) & MODE_TYPE;
	uint64_t size = trw_le32(inode + 0x04);

	if (type == MODE_REGULAR || (type == MODE_DIRECTORY && (fs->incompat & INCOMPAT_LARGE_DIR)))
		size |= (uint64_t)trw_le32(inode + 0x6c) << 32;
	return size;
}

static enum trw_status
map_inode(const struct trw_ext *fs, uint64_t inode_off, const uint8_t *inode, struct trw_layout *l,
	struct trw_err *err)
{
	uint32_t type = trw_le16(inode) & MODE_TYPE, flags = trw_le32(inode + 0x20);
	enum trw_status s;

	l->inode_flags = flags;
	/* A deleted inode may have lost its type: map it, the size tells. */
	if (type != MODE_REGULAR && type != MODE_DIRECTORY && type != MODE_SYMLINK && type != 0)
		return TRW_OK;
	s = trw_layout_begin(l, fs->bytes, inode_content_size(fs, inode), fs->block_size, err);
	if (s != TRW_OK)
		return s;
	if (flags & INODE_ENCRYPTED)
		l->notes |= TRW_LAYOUT_IS_ENCRYPTED;
	if (flags & INODE_VERITY)
		l->notes |= TRW_LAYOUT_HAS_VERITY;
	if ((fs->incompat & INCOMPAT_COMPRESSION) && (flags & INODE_COMPRESSED_BLOCKS))
		return trw_fail(err, TRW_EUNSUPPORTED, "ext: e2compr compressed blocks");
	if (flags & INODE_INLINE)
		return map_inline(fs, inode_off, inode, l, err);
	if (type == MODE_SYMLINK && l->size > 0 && l->size < MAP_LEN)
		return take_inline(fs, inode_off, inode, 0, 0, l, err);
	if (flags & INODE_EXTENTS)
		return map_extents(fs, inode + MAP_OFF, l, err);
	return map_blocks(fs, inode + MAP_OFF, l, err);
}

enum trw_status
trw_ext_content(
	const struct trw_ext *fs, uint64_t inode, struct trw_layout *out, struct trw_err *err)
{
	uint8_t *buf = NULL;
	uint64_t off = 0;
	enum trw_status s = find_inode(fs, inode, &off, err);

	if (s != TRW_OK)
		goto out;
	buf = trw_alloc(1, fs->inode_size, err);
	if (buf == NULL) {
		s = TRW_ENOMEM;
		goto out;
	}
	if (!trw_view_read_sound(fs->bytes, off, buf, fs->inode_size)) {
		s = trw_fail(err, TRW_ECORRUPT,
			"ext: inode %" PRIu64 " at byte %" PRIu64 " is unreadable", inode, off);
		goto out;
	}
	s = map_inode(fs, off, buf, out, err);
	if (s != TRW_OK)
		trw_layout_clear(out);
out:
	free(buf);
	return s;
}
