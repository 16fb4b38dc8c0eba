/* SPDX-License-Identifier: Apache-2.0 */
#include "image/opening/opening.h"

#include <stdio.h>

void
trw_opening_clear(struct trw_opening *o)
{
	if (o->backend.close != NULL)
		o->backend.close(o->backend.ctx);
	trw_about_clear(&o->about);
	trw_ranges_clear(&o->known);
	*o = (struct trw_opening){0};
}

enum trw_status
trw_opening_refuse(
	struct trw_opening *o, enum trw_refusal why, struct trw_err *err, const char *fmt, ...)
{
	static const enum trw_code codes[] = {
		[TRW_REFUSAL_UNSUPPORTED] = TRW_CODE_CONTAINER_UNSUPPORTED,
		[TRW_REFUSAL_UNREADABLE] = TRW_CODE_CONTAINER_UNREADABLE,
		[TRW_REFUSAL_PARENT] = TRW_CODE_PARENT_MISSING,
	};
	struct trw_image_info *info = &o->about.info;
	char text[TRW_ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (o->backend.close != NULL)
		o->backend.close(o->backend.ctx);
	o->backend = (struct trw_backend){0};
	trw_ranges_clear(&o->known);
	info->format = TRW_IMAGE_UNREADABLE;
	info->size = 0;
	return trw_about_note(&o->about, codes[why], 0, 0, err, "%s: %s", info->format_name, text);
}

void
trw_opening_settle(struct trw_opening *o, uint32_t wanted)
{
	struct trw_image_info *info = &o->about.info;

	if (wanted != 0)
		info->sector_size = wanted;
	if (info->sector_size == 0)
		info->sector_size = 512;
	info->is_damaged = o->known.n > 0 || o->is_doubtful || info->format == TRW_IMAGE_UNREADABLE;
}
