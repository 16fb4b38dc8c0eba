/* SPDX-License-Identifier: Apache-2.0 */
/* The back end zeroes and reports what it meets; this file adds what was known before and keeps the sum. */
#include "image/image.h"

#include "base/alloc.h"
#include "image/damage_log.h"
#include "image/memory.h"
#include "image/open.h"

#include <stdlib.h>

struct trw_image {
	struct trw_opening is;     /* immutable after open */
	struct trw_damage_log log; /* locks itself; taken only where there is damage */
};

/* Wrap what was opened, or clear it where that failed; o is empty afterwards. */
static enum trw_status
finish(struct trw_opening *o, enum trw_status st, uint32_t sector_size, struct trw_image **out,
	struct trw_err *err)
{
	struct trw_image *image = st == TRW_OK ? trw_alloc(1, sizeof(*image), err) : NULL;

	if (st == TRW_OK)
		st = image == NULL ? TRW_ENOMEM : trw_damage_log_init(&image->log, err);
	if (st != TRW_OK) {
		free(image);
		trw_opening_clear(o);
		return st;
	}
	trw_opening_settle(o, sector_size);
	o->options = NULL;
	image->is = *o;
	*out = image;
	return TRW_OK;
}

enum trw_status
trw_image_open(const char *const *paths, size_t n, const struct trw_image_options *options,
	struct trw_image **out, struct trw_err *err)
{
	struct trw_opening o = {.options = options};
	struct trw_err local = {0};
	enum trw_status st;

	*out = NULL;
	if (err == NULL)
		err = &local; /* trw_fail_in passes on the status that it finds there */
	st = trw_open_set(paths, n, &o, err);
	return finish(&o, st, options == NULL ? 0 : options->sector_size, out, err);
}

enum trw_status
trw_image_open_memory(const uint8_t *bytes, size_t size, const struct trw_ranges *damage,
	struct trw_image **out, struct trw_err *err)
{
	struct trw_opening o = {0};
	enum trw_status st = trw_memory_open(bytes, size, damage, &o, err);

	*out = NULL;
	return finish(&o, st, 0, out, err);
}

void
trw_image_close(struct trw_image *image)
{
	if (image == NULL)
		return;
	trw_opening_clear(&image->is);
	trw_damage_log_clear(&image->log);
	free(image);
}

const struct trw_image_info *
trw_image_info(const struct trw_image *image)
{
	return &image->is.about.info;
}

/* Add to met what was known of the stretch before; keep it and hand it to the caller. */
static enum trw_status
report(struct trw_image *image, uint64_t off, size_t len, struct trw_ranges *met,
	struct trw_ranges *damage, struct trw_err *err)
{
	enum trw_status st = trw_ranges_add_part(met, &image->is.known, off, len, off, err);

	if (st == TRW_OK && met->n > 0)
		st = trw_damage_log_meet(&image->log, met, err);
	if (st == TRW_OK && damage != NULL)
		st = trw_ranges_add_part(damage, met, 0, UINT64_MAX, 0, err);
	return st;
}

/* The range lies inside the image: trw_view_read has seen to it. */
static enum trw_status
read_inside(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_image *image = view->ctx;
	const struct trw_backend *b = &image->is.backend;
	struct trw_ranges met = {0};
	enum trw_status st = b->read(b->ctx, off, buf, len, &met, err);

	if (st == TRW_OK)
		st = report(image, off, len, &met, damage, err);
	trw_ranges_clear(&met);
	return st;
}

struct trw_view
trw_image_view(struct trw_image *image)
{
	static const struct trw_view_kind medium = {.read = read_inside};

	return (struct trw_view){.kind = &medium, .size = image->is.about.info.size, .ctx = image};
}

enum trw_status
trw_image_read(struct trw_image *image, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	const struct trw_view view = trw_image_view(image);

	return trw_view_read(&view, off, buf, len, damage, err);
}

enum trw_status
trw_image_span_new(struct trw_image_span **out, struct trw_err *err)
{
	*out = trw_alloc(1, sizeof(**out), err);
	return *out == NULL ? TRW_ENOMEM : TRW_OK;
}

void
trw_image_span_free(struct trw_image_span *span)
{
	if (span == NULL)
		return;
	trw_ranges_clear(&span->met);
	if (span->packed != NULL)
		span->free_packed(span->packed);
	free(span);
}

/* A stretch that can be fetched lies inside and begins and ends where chunks do. */
static enum trw_status
check_stretch(const struct trw_image_info *info, uint64_t off, size_t len, struct trw_err *err)
{
	uint32_t chunk = info->chunk_size == 0 ? 1 : info->chunk_size;

	if (off > info->size || len > info->size - off)
		return trw_fail(err, TRW_EUSAGE,
			"fetch of %zu bytes at %" PRIu64 " of an image of %" PRIu64, len, off,
			info->size);
	if (off % chunk != 0 || (len % chunk != 0 && off + len != info->size))
		return trw_fail(err, TRW_EUSAGE,
			"fetch of %zu bytes at %" PRIu64 " is not of whole chunks of %" PRIu32, len,
			off, chunk);
	return TRW_OK;
}

enum trw_status
trw_image_fetch(struct trw_image *image, uint64_t off, size_t len, uint8_t *buf,
	struct trw_image_span *span, struct trw_err *err)
{
	const struct trw_backend *b = &image->is.backend;
	enum trw_status st = check_stretch(&image->is.about.info, off, len, err);

	span->image = NULL;
	trw_ranges_clear(&span->met);
	if (st != TRW_OK)
		return st;
	span->off = off;
	span->len = len;
	if (len > 0)
		st = b->fetch != NULL ? b->fetch(b->ctx, span, err)
				      : b->read(b->ctx, off, buf, len, &span->met, err);
	if (st == TRW_OK)
		span->image = image;
	return st;
}

enum trw_status
trw_image_unpack(struct trw_image *image, struct trw_image_span *span, uint8_t *buf,
	struct trw_ranges *damage, struct trw_err *err)
{
	const struct trw_backend *b = &image->is.backend;
	struct trw_ranges met = {0};
	enum trw_status st;

	if (span->image != image)
		return trw_fail(err, TRW_EUSAGE, "unpack of a stretch that was not fetched");
	st = trw_ranges_add_part(&met, &span->met, 0, UINT64_MAX, 0, err);
	if (st == TRW_OK && b->unpack != NULL && span->len > 0)
		st = b->unpack(b->ctx, span, buf, &met, err);
	if (st == TRW_OK)
		st = report(image, span->off, span->len, &met, damage, err);
	trw_ranges_clear(&met);
	return st;
}

void
trw_image_ahead(struct trw_image *image, uint64_t off, uint64_t len)
{
	const struct trw_backend *b = &image->is.backend;
	uint64_t size = image->is.about.info.size;

	if (b->ahead == NULL || off >= size || len == 0)
		return;
	b->ahead(b->ctx, off, len < size - off ? len : size - off);
}

enum trw_status
trw_image_damage_add(struct trw_image *image, const struct trw_ranges *ranges, struct trw_err *err)
{
	return trw_damage_log_recall(&image->log, ranges, err);
}

enum trw_status
trw_image_damage_tell(struct trw_image *image,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err)
{
	return trw_damage_log_report(&image->log, take, ctx, err);
}

enum trw_status
trw_image_damage(struct trw_image *image, struct trw_ranges *out, struct trw_err *err)
{
	enum trw_status st = trw_ranges_add_part(out, &image->is.known, 0, UINT64_MAX, 0, err);

	return st == TRW_OK ? trw_damage_log_seen(&image->log, out, err) : st;
}
