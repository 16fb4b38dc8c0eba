/* SPDX-License-Identifier: Apache-2.0 */
/* A read that libtsk refuses is narrowed down to sectors, so that one bad grain costs only itself. */
#include "image/foreign/foreign.h"

#include <string.h>
#include <tsk/libtsk.h>

static enum trw_status
read_sectors(TSK_IMG_INFO *tsk, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	size_t step = tsk->sector_size;

	for (size_t done = 0; done < len;) {
		size_t want = step - (size_t)((off + done) % step);
		ssize_t got;
		enum trw_status st = TRW_OK;

		if (want > len - done)
			want = len - done;
		got = tsk_img_read(tsk, (TSK_OFF_T)(off + done), (char *)buf + done, want);
		if (got != (ssize_t)want) {
			memset(buf + done, 0, want);
			st = trw_ranges_add(damage, off + done, want, TRW_DAMAGE_MISSING, err);
		}
		if (st != TRW_OK)
			return st;
		done += want;
	}
	return TRW_OK;
}

static enum trw_status
tsk_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	TSK_IMG_INFO *tsk = ctx;
	ssize_t got = tsk_img_read(tsk, (TSK_OFF_T)off, (char *)buf, len);

	if (got == (ssize_t)len)
		return TRW_OK;
	return read_sectors(tsk, off, buf, len, damage, err);
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
	struct trw_image_foreign *out, struct trw_err *err)
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
	*out = (struct trw_image_foreign){.read = tsk_read,
		.close = tsk_close,
		.ctx = tsk,
		.size = (uint64_t)tsk->size,
		.sector_size = tsk->sector_size >= 512 ? tsk->sector_size : 512};
	return TRW_OK;
}
