/* SPDX-License-Identifier: Apache-2.0 */
#include "walk/tsk/place.h"

#include "walk/tsk/rawflags.h"

#include "base/alloc.h"
#include "walk/tsk/extdir.h"
#include "walk/tsk/isonodes.h"
#include "worker/guest.h"

#include <stdlib.h>
#include <string.h>

static bool
read_bytes(void *ctx, uint64_t off, void *buf, size_t len)
{
	struct trw_image *image = ctx;
	struct trw_ranges damage = {0};
	struct trw_err err = {0};
	bool ok = trw_image_read(image, off, buf, len, &damage, &err) == TRW_OK && damage.n == 0;

	trw_ranges_clear(&damage);
	return ok;
}

/* The readers count from the start of the file system; the context carries that start. */
struct window {
	struct trw_image *image;
	uint64_t base;
};

static bool
read_window(void *ctx, uint64_t off, void *buf, size_t len)
{
	const struct window *w = ctx;

	return off <= UINT64_MAX - w->base && read_bytes(w->image, w->base + off, buf, len);
}

enum trw_status
trw_window_open(struct trw_image *image, uint64_t off, uint64_t len, struct trw_fs_bytes *out,
	struct trw_err *err)
{
	uint64_t size = trw_image_info(image)->size;
	struct window *w = trw_alloc(1, sizeof(*w), err);

	if (w == NULL)
		return TRW_ENOMEM;
	*w = (struct window){.image = image, .base = off};
	*out = (struct trw_fs_bytes){.read = read_window, .ctx = w, .base = off};
	if (off < size)
		out->size = len > 0 && len < size - off ? len : size - off;
	return TRW_OK;
}

void
trw_window_close(struct trw_fs_bytes *bytes)
{
	free(bytes->ctx);
	*bytes = (struct trw_fs_bytes){0};
}

static enum trw_status
open_pool(struct trw_place *p, struct trw_err *err)
{
	p->pool = tsk_pool_open_img_sing(
		trw_bridge_tsk(p->bridge), (TSK_OFF_T)p->where.off, TSK_POOL_TYPE_APFS);
	if (p->pool == NULL)
		return trw_fail(err, TRW_ECORRUPT,
			"the APFS container at byte %" PRIu64 " cannot be opened: %s", p->where.off,
			trw_bridge_error());
	/* As fls does it: libtsk declares tsk_fs_open_pool but does not have it. */
	p->pool_image = p->pool->get_img_info(p->pool, p->where.pool_block);
	if (p->pool_image != NULL)
		p->fs = tsk_fs_open_img_decrypt(
			p->pool_image, (TSK_OFF_T)p->where.off, TSK_FS_TYPE_APFS, "");
	if (p->fs == NULL)
		return trw_fail(err, TRW_ECORRUPT,
			"the APFS volume at block %" PRIu64 " of the container at byte %" PRIu64
			" cannot be opened: %s",
			p->where.pool_block, p->where.off, trw_bridge_error());
	p->base = p->where.off;
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

	p->fs = tsk_fs_open_img(
		trw_bridge_tsk(p->bridge), (TSK_OFF_T)p->where.off, families[p->where.family]);
	if (p->fs != NULL) {
		p->base = p->where.off;
		return TRW_OK;
	}
	said = trw_bridge_error();
	/* libtsk reports an ambiguity with the same code as "unknown", and only the text tells. */
	if (p->where.family != TRW_FAMILY_NONE || strstr(said, " or ") != NULL)
		return trw_fail(err, TRW_ECORRUPT, "byte %" PRIu64 ": %s", p->where.off, said);
	return trw_fail(err, TRW_EUNSUPPORTED, "byte %" PRIu64 ": %s", p->where.off, said);
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
		trw_extdir_install(p);
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
	p->image = image;
	trw_guest_step(TRW_STEP_OPEN_FS, 0);
	trw_isolist_install();
	st = trw_bridge_open(image, &p->bridge, err);
	if (st == TRW_OK)
		st = trw_window_open(image, where->off, 0, &p->bytes, err);
	if (st == TRW_OK)
		st = where->pool_block != 0 ? open_pool(p, err) : open_plain(p, err);
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
	trw_window_close(&p->bytes);
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
