/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtsk numbers the directory entries of FAT by their place: inode 3 is the first 32 bytes behind the allocation tables,
 * or of the cluster heap of exFAT, and so on through the volume.
 */
#include "walk/tsk/rawflags.h"

#include "base/bytes.h"
#include "record/words.h"

#include <string.h>

#define SI_FLAGS 32 /* byte of $STANDARD_INFORMATION */
#define BOOT_SIZE 512
#define ENTRY_SIZE 32
#define FIRST_ENTRY 3 /* its inode */
#define FAT_ATTRIBUTES 11
#define EXFAT_ATTRIBUTES 4

uint64_t
trw_rawflags_fat_entries(const struct trw_view *bytes)
{
	uint8_t b[BOOT_SIZE];
	uint64_t sector, per_fat;

	if (!trw_view_read_sound(bytes, 0, b, sizeof(b)) || trw_le16(b + 510) != 0xaa55)
		return 0;
	if (memcmp(b + 3, "EXFAT   ", 8) == 0)
		return b[108] < 9 || b[108] > 12 ? 0 : (uint64_t)trw_le32(b + 88) << b[108];
	sector = trw_le16(b + 11);
	per_fat = trw_le16(b + 22) != 0 ? trw_le16(b + 22) : trw_le32(b + 36);
	if (sector < 512 || sector > 4096 || (sector & (sector - 1)) != 0)
		return 0;
	return (trw_le16(b + 14) + b[16] * per_fat) * sector;
}

static uint64_t
ntfs_flags(TSK_FS_FILE *file)
{
	const TSK_FS_ATTR *si = tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_SI, 0, 0);

	(void)trw_bridge_error();
	if (si == NULL || (si->flags & TSK_FS_ATTR_RES) == 0 || si->size < SI_FLAGS + 4 ||
		si->rd.buf_size < SI_FLAGS + 4)
		return TRW_NUMBER_ABSENT;
	return trw_le32(si->rd.buf + SI_FLAGS);
}

static uint64_t
fat_flags(const TSK_FS_FILE *file, const struct trw_view *bytes, uint64_t entries)
{
	const TSK_FS_META *meta = file->meta;
	uint8_t entry[ENTRY_SIZE];

	/* The root and what libtsk makes up have no entry. */
	if (entries == 0 || meta->addr < FIRST_ENTRY || meta->type == TSK_FS_META_TYPE_VIRT ||
		meta->type == TSK_FS_META_TYPE_VIRT_DIR ||
		meta->addr - FIRST_ENTRY > bytes->size / ENTRY_SIZE ||
		!trw_view_read_sound(bytes, entries + (meta->addr - FIRST_ENTRY) * ENTRY_SIZE,
			entry, sizeof(entry)))
		return TRW_NUMBER_ABSENT;
	return file->fs_info->ftype == TSK_FS_TYPE_EXFAT ? trw_le16(entry + EXFAT_ATTRIBUTES)
							 : entry[FAT_ATTRIBUTES];
}

uint64_t
trw_rawflags(TSK_FS_FILE *file, const struct trw_view *bytes, uint64_t fat_entries)
{
	TSK_FS_TYPE_ENUM type = file->fs_info->ftype;

	if (TSK_FS_TYPE_ISNTFS(type))
		return ntfs_flags(file);
	return TSK_FS_TYPE_ISFAT(type) ? fat_flags(file, bytes, fat_entries) : TRW_NUMBER_ABSENT;
}
