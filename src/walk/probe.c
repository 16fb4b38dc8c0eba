/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table: each row is a thing with its magic number and, where that is short, a check of the fields around
 * it. Rows stand in the order of what an examiner wants to hear first: what encrypts, then file systems, then
 * containers. Every row is tried, so that remnants of a second file system are seen too.
 * References: each file system's own superblock structure; util-linux libblkid/src/superblocks for offsets.
 */
#include "walk/probe.h"

#include "base/bytes.h"
#include "walk/layout.h"

#include <string.h>

#define SECTOR 512
#define ISO_SECTOR 2048
#define ENTROPY_LEN 65536
#define PIECE 65536

struct row {
	const char *name;
	enum trw_holds kind;
	enum trw_family family; /* NONE: libtsk does not know it */
	uint64_t off;           /* of the magic number */
	const char *magic;
	size_t magic_len; /* 0: check alone decides */
	/** A closer look; returns the name to use, or NULL when this is not it. */
	const char *(*check)(const struct trw_view *b, const struct row *row);
};

static bool
get(const struct trw_view *b, uint64_t off, void *buf, size_t len)
{
	return trw_view_read_sound(b, off, buf, len);
}

static bool
has(const struct trw_view *b, uint64_t off, const void *magic, size_t len)
{
	uint8_t buf[32];

	return len <= sizeof(buf) && get(b, off, buf, len) && memcmp(buf, magic, len) == 0;
}

static bool
is_power_of_two(uint32_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* ---- what encrypts a volume ---- */

/** "-FVE-FS-", or a FAT32 label over BitLocker's identifier (BitLocker To Go). */
static const char *
check_bitlocker(const struct trw_view *b, const struct row *row)
{
	static const uint8_t id[] = {0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a, 0x83, 0x99,
		0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01};
	static const uint8_t id_used_only[] = {0x3b, 0x4d, 0xa8, 0x92, 0x80, 0xdd, 0x0e, 0x4d, 0x9e,
		0x4e, 0xb1, 0xe3, 0x28, 0x4e, 0xae, 0xd8};
	static const uint64_t places[] = {160, 424};

	if (has(b, 3, "-FVE-FS-", 8))
		return row->name;
	for (size_t i = 0; i < 2; i++) {
		if (has(b, places[i], id, sizeof(id)) ||
			has(b, places[i], id_used_only, sizeof(id_used_only)))
			return row->name;
	}
	return NULL;
}

static const char *
check_luks(const struct trw_view *b, const struct row *row)
{
	uint8_t v[2];

	if (!get(b, row->off + 6, v, sizeof(v)))
		return NULL;
	return trw_be16(v) == 1 ? "LUKS1" : trw_be16(v) == 2 ? "LUKS2" : NULL;
}

/* ---- file systems that libtsk can try ---- */

static const char *
check_ntfs(const struct trw_view *b, const struct row *row)
{
	uint8_t s[SECTOR];

	if (!get(b, 0, s, sizeof(s)))
		return NULL;
	return is_power_of_two(trw_le16(s + 11)) && trw_le16(s + 11) >= 256 ? row->name : NULL;
}

/** Type of a FAT boot sector by its count of clusters, or NULL when it is none. Microsoft fatgen103. */
static const char *
fat_name(const uint8_t *s)
{
	uint32_t sector = trw_le16(s + 11), per_cluster = s[13], reserved = trw_le16(s + 14);
	uint32_t n_fats = s[16], n_root = trw_le16(s + 17);
	uint32_t n_sectors = trw_le16(s + 19) ? trw_le16(s + 19) : trw_le32(s + 32);
	uint32_t fat_len = trw_le16(s + 22) ? trw_le16(s + 22) : trw_le32(s + 36);
	uint64_t meta, clusters;

	if (!is_power_of_two(sector) || sector < 512 || sector > 4096 ||
		!is_power_of_two(per_cluster))
		return NULL;
	if (reserved == 0 || n_fats == 0 || n_fats > 8 || n_sectors == 0 || fat_len == 0)
		return NULL;
	if (memcmp(s + 3, "NTFS    ", 8) == 0 || memcmp(s + 3, "-FVE-FS-", 8) == 0)
		return NULL;
	meta = reserved + (uint64_t)n_fats * fat_len + (n_root * 32 + sector - 1) / sector;
	if (meta >= n_sectors)
		return NULL;
	clusters = (n_sectors - meta) / per_cluster;
	if (trw_le16(s + 22) == 0 && n_root == 0)
		return "FAT32";
	return clusters < 4085 ? "FAT12" : clusters < 65525 ? "FAT16" : "FAT32";
}

static const char *
check_fat(const struct trw_view *b, const struct row *row)
{
	static const uint8_t zeros[2];
	uint8_t s[SECTOR];

	(void)row;
	if (!get(b, 0, s, sizeof(s)))
		return NULL;
	if (s[510] == 0x55 && s[511] == 0xaa && fat_name(s) != NULL)
		return fat_name(s);
	if (memcmp(s + 510, zeros, 2) != 0)
		return NULL;
	/* Linux mounts it without the signature. The media byte makes up for it here. */
	if (fat_name(s) != NULL && (s[21] == 0xf0 || s[21] >= 0xf8))
		return "FAT (no boot signature)";
	/* A wiped boot sector: FAT32 keeps a copy in sector 6, and libtsk looks there. */
	if (!get(b, 6 * SECTOR, s, sizeof(s)) || s[510] != 0x55 || s[511] != 0xaa ||
		fat_name(s) == NULL)
		return NULL;
	return "FAT32 (backup boot sector)";
}

static const char *
check_exfat(const struct trw_view *b, const struct row *row)
{
	uint8_t s[SECTOR];

	if (!get(b, 0, s, sizeof(s)) || s[108] < 9 || s[108] > 12 || s[109] > 25 || s[110] == 0 ||
		s[110] > 2)
		return NULL;
	return row->name;
}

/** The name follows from the features, as libblkid decides it. */
static const char *
check_ext(const struct trw_view *b, const struct row *row)
{
	uint8_t s[0x68];
	uint32_t compat, incompat, ro_compat;

	(void)row;
	if (!get(b, 1024, s, sizeof(s)) || trw_le32(s + 0x18) > 6 || trw_le32(s + 0x20) == 0 ||
		trw_le32(s) == 0 || trw_le32(s + 4) == 0)
		return NULL;
	compat = trw_le32(s + 0x5c);
	incompat = trw_le32(s + 0x60);
	ro_compat = trw_le32(s + 0x64);
	if (trw_le32(s + 0x4c) == 0)
		return "Ext2";
	if (incompat & 0x8)
		return "Ext journal device";
	if ((incompat & ~UINT32_C(0x16)) != 0 || (ro_compat & ~UINT32_C(0x7)) != 0)
		return "Ext4";
	return compat & 0x4 ? "Ext3" : "Ext2";
}

static const char *
check_hfs_plus(const struct trw_view *b, const struct row *row)
{
	uint8_t h[48];
	uint32_t version;

	if (!get(b, 1024, h, sizeof(h)) || !is_power_of_two(trw_be32(h + 40)) ||
		trw_be32(h + 40) < 512)
		return NULL;
	version = trw_be16(h + 2);
	return version == 4 || version == 5 ? row->name : NULL;
}

static const char *
check_hfs(const struct trw_view *b, const struct row *row)
{
	uint8_t h[128];

	if (!get(b, 1024, h, sizeof(h)) || trw_be32(h + 20) == 0 || trw_be32(h + 20) % 512 != 0)
		return NULL;
	return trw_be16(h + 124) == 0x482b ? "HFS+ in an HFS wrapper" : row->name;
}

/** Volume recognition descriptors stand from sector 16 on; `raw` sectors have 2352 bytes and a header. */
static const char *
check_iso(const struct trw_view *b, const struct row *row)
{
	for (uint64_t i = 16; i < 32; i++) {
		if (has(b, i * ISO_SECTOR + 1, "CD001", 5))
			return row->name;
	}
	if (has(b, 16 * 2352 + 16 + 1, "CD001", 5) || has(b, 16 * 2352 + 24 + 1, "CD001", 5))
		return "ISO 9660 (raw 2352-byte sectors)";
	return has(b, 16 * ISO_SECTOR + 9, "CDROM", 5) ? "High Sierra" : NULL;
}

static const char *
check_udf(const struct trw_view *b, const struct row *row)
{
	for (uint64_t i = 16; i < 48; i++) {
		if (has(b, i * ISO_SECTOR + 1, "NSR02", 5) ||
			has(b, i * ISO_SECTOR + 1, "NSR03", 5))
			return row->name;
	}
	return NULL;
}

static const char *
check_ufs(const struct trw_view *b, const struct row *row)
{
	static const uint64_t places[] = {65536, 8192, 0, 262144};

	(void)row;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint8_t m[4];

		if (!get(b, places[i] + 1372, m, sizeof(m)))
			continue;
		if (trw_le32(m) == 0x19540119 || trw_be32(m) == 0x19540119)
			return "UFS2";
		if (trw_le32(m) == 0x00011954 || trw_be32(m) == 0x00011954)
			return "UFS1";
	}
	return NULL;
}

/** YAFFS2 has no magic: an object header says type, parent, 0xffff, and a printable name. */
static const char *
check_yaffs2(const struct trw_view *b, const struct row *row)
{
	uint8_t h[10 + 256];
	uint32_t type, parent;

	if (!get(b, 0, h, sizeof(h)))
		return NULL;
	type = trw_le32(h);
	parent = trw_le32(h + 4);
	if (type < 1 || type > 5 || parent == 0 || parent > 0x40000 || h[8] != 0xff || h[9] != 0xff)
		return NULL;
	for (size_t i = 10; i < sizeof(h) && h[i] != 0; i++) {
		if (h[i] < 0x20 || h[i] == 0x7f)
			return NULL;
	}
	return row->name;
}

/* ---- others whose magic number is short, or stands in several places ---- */

static const char *
check_cramfs(const struct trw_view *b, const struct row *row)
{
	return has(b, 16, "Compressed ROMFS", 16) || has(b, 512 + 16, "Compressed ROMFS", 16)
		       ? row->name
		       : NULL;
}

static const char *
check_jffs2(const struct trw_view *b, const struct row *row)
{
	uint8_t n[12];
	uint32_t magic, type;

	if (!get(b, 0, n, sizeof(n)))
		return NULL;
	magic = trw_le16(n);
	type = trw_le16(n + 2);
	if (magic != 0x1985) {
		magic = trw_be16(n);
		type = trw_be16(n + 2);
	}
	if (magic != 0x1985)
		return NULL;
	return type == 0xe001 || type == 0xe002 || type == 0x2003 || type == 0x2004 ||
			       type == 0x2006 || type == 0xe008 || type == 0xe009
		       ? row->name
		       : NULL;
}

static const char *
check_minix(const struct trw_view *b, const struct row *row)
{
	uint8_t s[32];
	uint32_t magic, magic3;

	(void)row;
	if (!get(b, 1024, s, sizeof(s)))
		return NULL;
	magic = trw_le16(s + 16);
	magic3 = trw_le16(s + 24);
	if (magic3 == 0x4d5a && trw_le32(s) != 0 && trw_le16(s + 6) != 0 &&
		trw_le16(s + 12) <= 10 && is_power_of_two(trw_le16(s + 28)))
		return "Minix v3";
	if (trw_le16(s) == 0 || trw_le16(s + 4) == 0 || trw_le16(s + 6) == 0 ||
		trw_le16(s + 10) > 10 || trw_le16(s + 8) < 5)
		return NULL;
	if (magic == 0x137f || magic == 0x138f)
		return "Minix v1";
	return magic == 0x2468 || magic == 0x2478 ? "Minix v2" : NULL;
}

static const char *
check_nilfs2(const struct trw_view *b, const struct row *row)
{
	uint8_t s[24];

	if (!get(b, 1024, s, sizeof(s)))
		return NULL;
	return trw_le32(s) == 2 && trw_le32(s + 20) <= 6 && trw_le16(s + 8) >= 256 ? row->name
										   : NULL;
}

/* Memory as it was, no swap space. */
static const char hibernation[] = "Linux hibernation image";

static const char *
check_swap(const struct trw_view *b, const struct row *row)
{
	static const uint64_t pages[] = {4096, 8192, 16384, 65536};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (has(b, pages[i] - 10, "SWAPSPACE2", 10) ||
			has(b, pages[i] - 10, "SWAP-SPACE", 10))
			return row->name;
		if (has(b, pages[i] - 10, "S1SUSPEND", 9) ||
			has(b, pages[i] - 10, "LINHIB0001", 10))
			return hibernation;
	}
	return NULL;
}

/** An uberblock of the first or second label. */
static const char *
check_zfs(const struct trw_view *b, const struct row *row)
{
	for (uint64_t label = 0; label < 2; label++) {
		for (uint64_t i = 0; i < 128; i++) {
			uint8_t m[8];

			if (!get(b, label * 262144 + 131072 + i * 1024, m, sizeof(m)))
				break;
			if (trw_le64(m) == 0x00bab10c || trw_be64(m) == 0x00bab10c)
				return row->name;
		}
	}
	return NULL;
}

static const char *
check_lvm(const struct trw_view *b, const struct row *row)
{
	for (uint64_t i = 0; i < 4; i++) {
		if (has(b, i * SECTOR, "LABELONE", 8) && has(b, i * SECTOR + 24, "LVM2 001", 8))
			return row->name;
	}
	return NULL;
}

/** Metadata 1.1 at the start, 1.2 at 4 KiB, 1.0 and 0.90 near the end. */
static const char *
check_mdraid(const struct trw_view *b, const struct row *row)
{
	static const uint8_t v1[] = {0xfc, 0x4e, 0x2b, 0xa9, 1, 0, 0, 0};
	uint64_t sectors = b->size / SECTOR;

	(void)row;
	if (has(b, 0, v1, sizeof(v1)))
		return "mdraid 1.1";
	if (has(b, 4096, v1, sizeof(v1)))
		return "mdraid 1.2";
	if (sectors >= 16 && has(b, ((sectors - 16) & ~UINT64_C(7)) * SECTOR, v1, sizeof(v1)))
		return "mdraid 1.0";
	if (b->size >= 65536) {
		uint64_t at = (b->size & ~UINT64_C(65535)) - 65536;
		if (has(b, at, "\xfc\x4e\x2b\xa9\0\0\0\0", 8) ||
			has(b, at, "\xa9\x2b\x4e\xfc\0\0\0\0", 8))
			return "mdraid 0.90";
	}
	return NULL;
}

static const char *
check_core_storage(const struct trw_view *b, const struct row *row)
{
	uint8_t h[12];

	if (!get(b, 0, h, sizeof(h)))
		return NULL;
	return trw_le16(h + 8) == 1 && trw_le16(h + 10) == 0x10 ? row->name : NULL;
}

#define MAGIC(off, bytes) (off), (bytes), sizeof(bytes) - 1
#define NO_MAGIC 0, NULL, 0

static const struct row rows[] = {
	{"BitLocker", TRW_HOLDS_ENCRYPTION, TRW_FAMILY_NONE, NO_MAGIC, check_bitlocker},
	{"LUKS", TRW_HOLDS_ENCRYPTION, TRW_FAMILY_NONE, MAGIC(0, "LUKS\xba\xbe"), check_luks},
	{"LUKS2 (second header)", TRW_HOLDS_ENCRYPTION, TRW_FAMILY_NONE,
		MAGIC(0x4000, "SKUL\xba\xbe"), NULL},

	{"NTFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NTFS, MAGIC(3, "NTFS    "), check_ntfs},
	{"FAT", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_FAT, NO_MAGIC, check_fat},
	{"exFAT", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_FAT, MAGIC(3, "EXFAT   "), check_exfat},
	{"Ext", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_EXT, MAGIC(1024 + 56, "\x53\xef"), check_ext},
	{"ISO 9660", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_ISO, NO_MAGIC, check_iso},
	{"HFS+", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_HFS, MAGIC(1024, "H+"), check_hfs_plus},
	{"HFSX", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_HFS, MAGIC(1024, "HX"), check_hfs_plus},
	{"HFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_HFS, MAGIC(1024, "BD"), check_hfs},
	{"UFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_UFS, NO_MAGIC, check_ufs},
	{"YAFFS2", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_YAFFS2, NO_MAGIC, check_yaffs2},
	{"APFS container", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_APFS, MAGIC(32, "NXSB"), NULL},

	{"UDF", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, NO_MAGIC, check_udf},
	{"XFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0, "XFSB"), NULL},
	{"Btrfs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0x10040, "_BHRfS_M"), NULL},
	{"ReFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(3, "ReFS\0\0\0\0"), NULL},
	{"ReiserFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(65536 + 52, "ReIsEr"), NULL},
	{"ReiserFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(8192 + 52, "ReIsEr"), NULL},
	{"Reiser4", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(65536, "ReIsEr4"), NULL},
	{"JFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(32768, "JFS1"), NULL},
	{"F2FS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(1024, "\x10\x20\xf5\xf2"), NULL},
	{"squashfs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0, "hsqs"), NULL},
	{"squashfs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0, "sqsh"), NULL},
	{"EROFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(1024, "\xe2\xe1\xf5\xe0"), NULL},
	{"cramfs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, NO_MAGIC, check_cramfs},
	{"romfs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0, "-rom1fs-"), NULL},
	{"JFFS2", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, NO_MAGIC, check_jffs2},
	{"Minix", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, NO_MAGIC, check_minix},
	{"NILFS2", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(1024 + 6, "\x34\x34"),
		check_nilfs2},
	{"OCFS2", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(8192, "OCFSV2"), NULL},
	{"GFS2", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(65536, "\x01\x16\x19\x70"), NULL},
	{"bcachefs", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE,
		MAGIC(4096 + 24,
			"\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"),
		NULL},
	{"VMFS", TRW_HOLDS_FILE_SYSTEM, TRW_FAMILY_NONE, MAGIC(0x200000, "\x5e\xf1\xab\x2f"), NULL},

	{"ZFS member", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE, NO_MAGIC, check_zfs},
	{"LVM2", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE, NO_MAGIC, check_lvm},
	{"mdraid", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE, NO_MAGIC, check_mdraid},
	{"bcache or old bcachefs", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE,
		MAGIC(4096 + 24,
			"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"),
		NULL},
	{"VMFS volume member", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE,
		MAGIC(0x100000, "\x0d\xd0\x01\xc0"), NULL},
	{"CoreStorage (FileVault 2 or Fusion Drive)", TRW_HOLDS_CONTAINER, TRW_FAMILY_NONE,
		MAGIC(88, "CS"), check_core_storage},
	{"Linux swap", TRW_HOLDS_SWAP, TRW_FAMILY_NONE, NO_MAGIC, check_swap},
};

static void
add(struct trw_probe *out, const struct row *row, const char *name)
{
	for (unsigned i = 0; i < out->n_found; i++) {
		if (strcmp(out->found[i], name) == 0)
			return;
	}
	if (out->n_found < TRW_PROBE_FOUND_MAX)
		out->found[out->n_found++] = name;
	out->holds |= name == hibernation ? TRW_HOLDS_OTHER : row->kind;
	if (row->family != TRW_FAMILY_NONE)
		out->plausible |= TRW_FAMILY_BIT(row->family);
}

static void
try_rows(const struct trw_view *b, struct trw_probe *out)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const char *name = row->name;

		if (row->magic_len > 0 && !has(b, row->off, row->magic, row->magic_len))
			continue;
		if (row->check != NULL)
			name = row->check(b, row);
		if (name != NULL)
			add(out, row, name);
	}
}

/** Whether [0, size) reads as zeros; *done is how far it does. */
static bool
is_all_zero(const struct trw_view *b, uint64_t max, uint64_t *done)
{
	uint8_t buf[PIECE];

	for (*done = 0; *done < b->size && *done < max;) {
		size_t n = b->size - *done < sizeof(buf) ? (size_t)(b->size - *done) : sizeof(buf);

		if (!get(b, *done, buf, n) || buf[0] != 0 || memcmp(buf, buf + 1, n - 1) != 0)
			return false;
		*done += n;
	}
	return *done == b->size;
}

/**
 * Chi-square of the byte values of the first 64 KiB against even ones: with 255 degrees of freedom random bytes
 * give 255 with a deviation of 22.6, and compressed ones much more.
 */
static bool
looks_random(const struct trw_view *b)
{
	uint8_t buf[ENTROPY_LEN];
	uint32_t counts[256] = {0};
	double expected = ENTROPY_LEN / 256.0, chi = 0;

	if (!get(b, 0, buf, sizeof(buf)))
		return false;
	for (size_t i = 0; i < sizeof(buf); i++)
		counts[buf[i]]++;
	for (size_t i = 0; i < 256; i++)
		chi += (counts[i] - expected) * (counts[i] - expected) / expected;
	return chi > 140 && chi < 370;
}

/** What says that a file system was here whose start is gone, or NULL. */
static const char *
backup_note(const struct trw_view *b)
{
	static const uint64_t ext_groups[] = {
		8193 * UINT64_C(1024), 16384 * UINT64_C(2048), 32768 * UINT64_C(4096)};

	if (b->size >= SECTOR && has(b, b->size / SECTOR * SECTOR - SECTOR + 3, "NTFS    ", 8))
		return "an NTFS backup boot sector lies at the end";
	for (size_t i = 0; i < sizeof(ext_groups) / sizeof(ext_groups[0]); i++) {
		if (has(b, ext_groups[i] + 56, "\x53\xef", 2))
			return "an Ext backup superblock lies in block group 1";
	}
	return NULL;
}

static void
name_unknown(const struct trw_view *b, uint64_t zero_max, struct trw_probe *out)
{
	const char *backup = backup_note(b);
	uint64_t n_zero = 0;

	out->name = "no known file system";
	out->holds = TRW_HOLDS_UNKNOWN;
	if (b->size > 0 && is_all_zero(b, zero_max, &n_zero)) {
		out->holds = TRW_HOLDS_ZEROS;
		out->name = "all zero";
		return;
	}
	if (b->size > 0 && n_zero > 0 && n_zero >= zero_max)
		out->note = "zeros as far as it was read";
	if (looks_random(b))
		out->note = "high entropy, possibly encrypted";
	if (backup != NULL)
		out->note = backup;
}

void
trw_probe(const struct trw_view *bytes, uint64_t zero_max, struct trw_probe *out)
{
	*out = (struct trw_probe){.note = ""};
	try_rows(bytes, out);
	if (out->n_found == 0) {
		name_unknown(bytes, zero_max, out);
		return;
	}
	out->name = out->found[0];
	if (out->n_found > 1)
		out->note = "more than one thing lies here";
}
