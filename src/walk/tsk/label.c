/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ext2/3/4: s_volume_name of the superblock. FAT: BS_VolLab of the boot sector (Microsoft FAT specification,
 * 3.2 and 3.3; the label in the root directory is a file row). ISO 9660: the volume identifier of the primary
 * descriptor (ECMA-119, 8.4.6). NTFS: the attribute $VOLUME_NAME of inode 3.
 */
#include "walk/tsk/label.h"

#include "base/text.h"
#include "worker/guest/guest.h"

#include <string.h>

#define NTFS_VOLUME 3 /* inode of $Volume */

/* Fixed-width text without the padding at its end. */
static void
copy_padded(const uint8_t *p, size_t n, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < n && p[i] != 0; i++)
		if (p[i] != ' ')
			len = i + 1;
	memcpy(out, p, len);
	out[len] = '\0';
}

static void
read_padded(const struct trw_place *p, uint64_t off, size_t n, char *out)
{
	uint8_t raw[64];

	if (trw_view_read_sound(&p->bytes, off, raw, n))
		copy_padded(raw, n, out);
}

/* UTF-16 little endian; what is no character, NUL too, becomes U+FFFD. */
static void
copy_utf16(const uint8_t *p, size_t n, char *out)
{
	size_t o = 0;

	for (size_t i = 0, used; i + 1 < n && o + TRW_UTF8_MAX + 1 < TRW_LABEL_MAX; i += used) {
		uint32_t c = trw_utf16_get(p + i, n - i, false, &used);

		o += trw_utf8_put(c != 0 ? c : 0xfffd, out + o);
	}
	out[o] = '\0';
}

static void
ntfs_label(const struct trw_place *p, char *out)
{
	const TSK_FS_ATTR *attr = NULL;
	TSK_FS_FILE *file;

	trw_guest_step(TRW_STEP_OPEN_FS, 0);
	file = tsk_fs_file_open_meta(p->fs, NULL, NTFS_VOLUME);
	if (file != NULL)
		attr = tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_VNAME, 0, 0);
	if (attr != NULL && (attr->flags & TSK_FS_ATTR_RES) != 0 && attr->rd.buf != NULL &&
		attr->size > 0 && (size_t)attr->size <= attr->rd.buf_size)
		copy_utf16(attr->rd.buf, (size_t)attr->size, out);
	tsk_fs_file_close(file);
	(void)trw_bridge_error();
}

void
trw_label_of(const struct trw_place *p, char out[TRW_LABEL_MAX])
{
	TSK_FS_TYPE_ENUM type = p->fs->ftype;

	out[0] = '\0';
	if (p->pool != NULL)
		return; /* the volume row has the name of an APFS volume */
	if (TSK_FS_TYPE_ISEXT(type))
		read_padded(p, 1024 + 120, 16, out);
	else if (type == TSK_FS_TYPE_FAT32)
		read_padded(p, 71, 11, out);
	else if (type == TSK_FS_TYPE_FAT12 || type == TSK_FS_TYPE_FAT16)
		read_padded(p, 43, 11, out);
	else if (TSK_FS_TYPE_ISISO9660(type))
		read_padded(p, 32768 + 40, 32, out);
	else if (TSK_FS_TYPE_ISNTFS(type))
		ntfs_label(p, out);
}
