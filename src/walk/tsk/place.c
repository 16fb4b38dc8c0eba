/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/tsk/place.h"

#include "base/alloc.h"
#include "view/linear.h"
#include "walk/tsk/extdir.h"
#include "walk/tsk/isonodes.h"
#include "walk/tsk/rawflags.h"
#include "worker/guest/guest.h"

#include <stdlib.h>
#include <string.h>

static enum trw_status
open_pool(struct trw_place *p, struct trw_err *err)
{
	p->pool = tsk_pool_open_img_sing(
		trw_bridge_tsk(p->bridge), (TSK_OFF_T)p->where.space.off, TSK_POOL_TYPE_APFS);
	if (p->pool == NULL)
		return trw_fail(err, TRW_ECORRUPT,
			"the APFS container at byte %" PRIu64 " cannot be opened: %s",
			p->where.space.off, trw_bridge_error());
	/* As fls does it: libtsk declares tsk_fs_open_pool but does not have it. */
	p->pool_image = p->pool->get_img_info(p->pool, p->where.space.pool_block);
	if (p->pool_image != NULL)
		p->fs = tsk_fs_open_img_decrypt(
			p->pool_image, (TSK_OFF_T)p->where.space.off, TSK_FS_TYPE_APFS, "");
	if (p->fs == NULL)
		return trw_fail(err, TRW_ECORRUPT,
			"the APFS volume at block %" PRIu64 " of the container at byte %" PRIu64
			" cannot be opened: %s",
			p->where.space.pool_block, p->where.space.off, trw_bridge_error());
	p->base = p->where.space.off;
	return TRW_OK;
}

/* libtsk's number of each family, under which it tries all types of it; its types are bits of that. */
static const TSK_FS_TYPE_ENUM families[TRW_FAMILY_N] = {
	[TRW_FAMILY_NONE] = TSK_FS_TYPE_DETECT,
	[TRW_FAMILY_NTFS] = TSK_FS_TYPE_NTFS_DETECT,
	[TRW_FAMILY_FAT] = TSK_FS_TYPE_FAT_DETECT,
	[TRW_FAMILY_EXT] = TSK_FS_TYPE_EXT_DETECT,
	[TRW_FAMILY_ISO] = TSK_FS_TYPE_ISO9660_DETECT,
	[TRW_FAMILY_HFS] = TSK_FS_TYPE_HFS_DETECT,
	[TRW_FAMILY_UFS] = TSK_FS_TYPE_FFS_DETECT,
	[TRW_FAMILY_YAFFS2] = TSK_FS_TYPE_YAFFS2_DETECT,
	[TRW_FAMILY_APFS] = TSK_FS_TYPE_APFS_DETECT,
};

enum trw_family
trw_place_family(const struct trw_place *p)
{
	for (int i = TRW_FAMILY_NONE + 1; i < TRW_FAMILY_N; i++)
		if ((families[i] & p->fs->ftype) != 0)
			return (enum trw_family)i;
	return TRW_FAMILY_NONE;
}

static enum trw_status
open_plain(struct trw_place *p, struct trw_err *err)
{
	const char *said;

	p->fs = tsk_fs_open_img(trw_bridge_tsk(p->bridge), (TSK_OFF_T)p->where.space.off,
		families[p->where.family]);
	if (p->fs != NULL) {
		p->base = p->where.space.off;
		return TRW_OK;
	}
	said = trw_bridge_error();
	/* libtsk reports an ambiguity with the same code as "unknown", and only the text tells. */
	if (p->where.family != TRW_FAMILY_NONE || strstr(said, " or ") != NULL)
		return trw_fail(
			err, TRW_ECORRUPT, "byte %" PRIu64 ": %s", p->where.space.off, said);
	return trw_fail(err, TRW_EUNSUPPORTED, "byte %" PRIu64 ": %s", p->where.space.off, said);
}

static enum trw_status
open_iso(struct trw_place *p, struct trw_err *err)
{
	struct trw_err why = {0};
	enum trw_status st = trw_iso_multi_extents(&p->bytes, &p->iso, &why);

	if (st == TRW_ENOMEM)
		return trw_fail(err, TRW_ENOMEM, "%s", why.text);
	/* No descriptor: libtsk has seen one, so the image is damaged there for this reader only. */
	if (st != TRW_OK)
		p->iso.is_damaged = true;
	return TRW_OK;
}

static enum trw_status
open_second_readers(struct trw_place *p, struct trw_err *err)
{
	if (p->pool != NULL)
		return TRW_OK;
	p->has_ext =
		TSK_FS_TYPE_ISEXT(p->fs->ftype) && trw_ext_open(&p->bytes, &p->ext, NULL) == TRW_OK;
	if (p->has_ext)
		trw_extdir_install(p->fs, &p->ext);
	p->has_ufs =
		TSK_FS_TYPE_ISFFS(p->fs->ftype) && trw_ufs_open(&p->bytes, &p->ufs, NULL) == TRW_OK;
	if (TSK_FS_TYPE_ISFAT(p->fs->ftype))
		p->fat_entries = trw_rawflags_fat_entries(&p->bytes);
	return TSK_FS_TYPE_ISISO9660(p->fs->ftype) ? open_iso(p, err) : TRW_OK;
}

enum trw_status
trw_place_open(struct trw_image *image, const struct trw_fs_where *where, struct trw_place **out,
	struct trw_err *err)
{
	struct trw_place *p = trw_alloc(1, sizeof(*p), err);
	enum trw_status st;

	if (p == NULL)
		return TRW_ENOMEM;
	p->where = *where;
	p->medium = trw_image_view(image);
	p->bytes = trw_view_linear(&p->medium, where->space.off, TRW_VIEW_TO_END);
	trw_guest_step(TRW_STEP_OPEN_FS, 0);
	trw_isolist_install();
	st = trw_bridge_open(&p->medium, trw_image_info(image)->sector_size, &p->bridge, err);
	if (st == TRW_OK)
		st = where->space.kind == TRW_SPACE_POOL_VOLUME ? open_pool(p, err)
								: open_plain(p, err);
	if (st == TRW_OK)
		st = open_second_readers(p, err);
	if (st != TRW_OK) {
		trw_place_close(p);
		return st;
	}
	*out = p;
	return TRW_OK;
}

void
trw_place_close(struct trw_place *p)
{
	if (p == NULL)
		return;
	trw_iso_files_clear(&p->iso);
	tsk_fs_close(p->fs);
	if (p->pool_image != NULL)
		tsk_img_close(p->pool_image);
	if (p->pool != NULL)
		tsk_pool_close(p->pool);
	trw_bridge_close(p->bridge);
	free(p);
}

const char *
trw_place_type_name(const struct trw_place *p)
{
	static const struct {
		TSK_FS_TYPE_ENUM type;
		const char *name;
	} names[] = {
		{TSK_FS_TYPE_NTFS, "NTFS"},
		{TSK_FS_TYPE_FAT12, "FAT12"},
		{TSK_FS_TYPE_FAT16, "FAT16"},
		{TSK_FS_TYPE_FAT32, "FAT32"},
		{TSK_FS_TYPE_EXFAT, "exFAT"},
		{TSK_FS_TYPE_FFS1, "UFS1"},
		{TSK_FS_TYPE_FFS1B, "UFS1b"},
		{TSK_FS_TYPE_FFS2, "UFS2"},
		{TSK_FS_TYPE_EXT2, "Ext2"},
		{TSK_FS_TYPE_EXT3, "Ext3"},
		{TSK_FS_TYPE_EXT4, "Ext4"},
		{TSK_FS_TYPE_ISO9660, "ISO 9660"},
		{TSK_FS_TYPE_HFS, "HFS+"},
		{TSK_FS_TYPE_HFS_LEGACY, "HFS"},
		{TSK_FS_TYPE_YAFFS2, "YAFFS2"},
		{TSK_FS_TYPE_APFS, "APFS"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (p->fs->ftype == names[i].type)
			return names[i].name;
	return "unknown";
}
