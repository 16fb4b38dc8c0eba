/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read that libtsk refuses is narrowed down to blocks, and a block to sectors. These containers lose whole
 * pages or grains, and each refused read can cost the unpacking of one (AFF: 16 MiB): so a block whose first and
 * last sector are both refused counts as missing as a whole.
 */
#include "image/foreign/foreign.h"

#include <string.h>
#include <tsk/libtsk.h>

#define BLOCK ((size_t)64 << 10)

static bool
read_some(TSK_IMG_INFO *tsk, uint64_t off, uint8_t *buf, size_t len)
{
	return tsk_img_read(tsk, (TSK_OFF_T)off, (char *)buf, len) == (ssize_t)len;
}

static enum trw_status
lose(uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage, struct trw_err *err)
{
	memset(buf, 0, len);
	return trw_ranges_add(damage, off, len, TRW_DAMAGE_MISSING, err);
}

static enum trw_status
read_sectors(TSK_IMG_INFO *tsk, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t done = 0; done < len && st == TRW_OK;) {
		size_t want = tsk->sector_size - (size_t)((off + done) % tsk->sector_size);

		if (want > len - done)
			want = len - done;
		if (!read_some(tsk, off + done, buf + done, want))
			st = lose(off + done, buf + done, want, damage, err);
		done += want;
	}
	return st;
}

static enum trw_status
read_block(TSK_IMG_INFO *tsk, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	size_t sector = tsk->sector_size;

	if (read_some(tsk, off, buf, len))
		return TRW_OK;
	if (len > 2 * sector && !read_some(tsk, off, buf, sector) &&
		!read_some(tsk, off + len - sector, buf + len - sector, sector))
		return lose(off, buf, len, damage, err);
	return read_sectors(tsk, off, buf, len, damage, err);
}

static enum trw_status
tsk_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	TSK_IMG_INFO *tsk = ctx;
	enum trw_status st = TRW_OK;

	if (read_some(tsk, off, buf, len))
		return TRW_OK;
	for (size_t done = 0; done < len && st == TRW_OK;) {
		size_t want = BLOCK - (size_t)((off + done) % BLOCK);

		if (want > len - done)
			want = len - done;
		st = read_block(tsk, off + done, buf + done, want, damage, err);
		done += want;
	}
	return st;
}

static void
tsk_close(void *ctx)
{
	tsk_img_close(ctx);
}

static TSK_IMG_TYPE_ENUM
type_of(enum trw_image_format format)
{
	if (format == TRW_IMAGE_VMDK)
		return TSK_IMG_TYPE_VMDK_VMDK;
	if (format == TRW_IMAGE_VHD)
		return TSK_IMG_TYPE_VHD_VHD;
	return TSK_IMG_TYPE_AFF_ANY;
}

enum trw_status
trw_foreign_open_tsk(enum trw_image_format format, const char *const *paths, size_t n,
	struct trw_opening *o, struct trw_err *err)
{
	TSK_IMG_INFO *tsk =
		n <= INT32_MAX ? tsk_img_open_utf8((int)n, paths, type_of(format), 0) : NULL;

	if (tsk == NULL) {
		const char *said = tsk_error_get();
		return trw_fail(err, TRW_EUNSUPPORTED, "%s: libtsk cannot open it: %.300s",
			paths[0], said != NULL ? said : "no reason given");
	}
	if (tsk->size <= 0) {
		tsk_img_close(tsk);
		return trw_fail(err, TRW_ECORRUPT, "%s: the container holds no bytes", paths[0]);
	}
	o->backend = (struct trw_backend){.read = tsk_read, .close = tsk_close, .ctx = tsk};
	o->about.info.size = (uint64_t)tsk->size;
	o->about.info.sector_size = tsk->sector_size >= 512 ? tsk->sector_size : 512;
	return TRW_OK;
}
