/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening: what the given files are (by content), which files belong to them (by name, then content), who
 * reads them. Reading: the back end zeroes and reports what it meets, this file adds what was known before
 * and keeps the sum. The mutex is taken only where there is damage to keep.
 */
#include "image/image.h"

#include "base/alloc.h"
#include "image/backend.h"
#include "image/container.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trw_image {
	struct trw_opening is; /* immutable after open */
	pthread_mutex_t mu;
	struct trw_ranges met;     /* guarded by mu: damage of every read so far */
	struct trw_ranges fresh;   /* guarded by mu: what of met was not told yet */
	pthread_mutex_t tell_mu;   /* taken before mu */
	struct trw_ranges telling; /* guarded by tell_mu: what is told, or could not be */
};

static void
opening_clear(struct trw_opening *o)
{
	if (o->backend.close != NULL)
		o->backend.close(o->backend.ctx);
	trw_about_clear(&o->about);
	trw_ranges_clear(&o->known);
	*o = (struct trw_opening){0};
}

enum trw_status
trw_opening_refuse(struct trw_opening *o, const char *name, enum trw_code code, const char *text,
	struct trw_err *err)
{
	if (o->backend.close != NULL)
		o->backend.close(o->backend.ctx);
	o->backend = (struct trw_backend){0};
	trw_ranges_clear(&o->known);
	o->about.info.format = TRW_IMAGE_UNREADABLE;
	o->about.info.format_name = name;
	o->about.info.size = 0;
	o->about.info.is_damaged = true;
	return trw_about_note(&o->about, code, 0, 0, err, "%s: %s", name, text);
}

/* Refuse what container says that nothing here reads. */
static enum trw_status
refuse(const struct trw_source *src, const struct trw_container *c, struct trw_opening *o,
	struct trw_err *err)
{
	enum trw_status st = trw_about_segment(&o->about, src->path, src->size, false, err);
	char text[TRW_ERR_TEXT_MAX];

	if (st != TRW_OK)
		return st;
	if (c->code != TRW_CODE_PARENT_MISSING)
		return trw_opening_refuse(o, c->name, c->code, c->advice, err);
	(void)snprintf(text, sizeof(text), "a differencing disk holds only the changes to %s: %s",
		c->parent[0] != '\0' ? c->parent : "a parent that it does not name", c->advice);
	return trw_opening_refuse(o, c->name, c->code, text, err);
}

/* True when one of the names other than the given ones is an EWF file. */
static bool
has_ewf(const struct trw_names *names)
{
	struct trw_container c = {0};

	for (size_t i = 0; i < names->n && c.format != TRW_IMAGE_EWF; i++) {
		struct trw_source src;
		struct trw_err ignored = {0};

		if (trw_source_open(names->v[i].path, &src, &ignored) == TRW_OK)
			trw_container_identify(&src, &c);
		trw_source_close(&src);
	}
	return c.format == TRW_IMAGE_EWF;
}

/*
 * Keep the files of a found set that plausibly belong: from the first number on, gaps may not outweigh
 * what is there. When the given file is not among them it stands alone.
 */
static void
trim_raw(struct trw_names *names)
{
	uint64_t expected = names->v[0].number == 0 ? 0 : 1, missing = 0;
	size_t keep = 0, given = 0;
	const char *dot = strrchr(names->v[0].path, '.');
	bool is_letters = dot != NULL && !(dot[1] >= '0' && dot[1] <= '9');

	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].is_given)
			given = i;
	for (; keep < names->n; keep++) {
		missing += names->v[keep].number - expected;
		if (missing > keep + 1)
			break;
		expected = (uint64_t)names->v[keep].number + 1;
	}
	if (given >= keep || keep < 2 || (is_letters && names->v[0].number != 1)) {
		struct trw_name alone = names->v[given];

		names->v[given] = names->v[0];
		names->v[0] = alone;
		keep = 1;
	}
	while (names->n > keep)
		free(names->v[--names->n].path);
}

static enum trw_status
open_found(const char *path, enum trw_names_style style, const struct trw_image_options *options,
	struct trw_opening *o, struct trw_err *err)
{
	struct trw_names names;
	enum trw_status st = trw_names_find(path, style, &names, err);

	if (st != TRW_OK)
		return st;
	if (style == TRW_NAMES_EWF) {
		st = trw_ewf_open(&names, false, o, err);
	} else if (style == TRW_NAMES_EWF2) {
		st = trw_foreign_open(&names, options, o, err);
	} else {
		trim_raw(&names);
		st = trw_flat_open(&names, o, err);
	}
	trw_names_clear(&names);
	return st;
}

/* A raw file that is called .E01 may be an E01 whose start is destroyed: its siblings tell. */
static enum trw_status
open_raw(const char *path, const struct trw_image_options *options, struct trw_opening *o,
	struct trw_err *err)
{
	struct trw_names names;
	uint32_t number;
	bool is_ewf;
	enum trw_status st;

	if (!trw_names_number(path, TRW_NAMES_EWF, &number) || number > 99)
		return open_found(path, TRW_NAMES_RAW, options, o, err);
	st = trw_names_find(path, TRW_NAMES_EWF, &names, err);
	if (st != TRW_OK)
		return st;
	is_ewf = has_ewf(&names);
	trw_names_clear(&names);
	if (is_ewf)
		return open_found(path, TRW_NAMES_EWF, options, o, err);
	st = trw_about_note(&o->about, TRW_CODE_CONTAINER_MISMATCH, 0, 0, err,
		"%s is called like an E01 file but does not begin like one: read as raw", path);
	if (st != TRW_OK)
		return st;
	return open_found(path, TRW_NAMES_RAW, options, o, err);
}

static enum trw_status
open_one(const char *path, const struct trw_image_options *options, struct trw_opening *o,
	struct trw_err *err)
{
	struct trw_source src;
	struct trw_names alone = {0};
	struct trw_container c;
	enum trw_status st = trw_source_open(path, &src, err);

	if (st != TRW_OK)
		return st;
	trw_container_identify(&src, &c);
	o->about.info.format = c.format;
	o->about.info.format_name = c.name;
	if (c.format == TRW_IMAGE_UNREADABLE) {
		st = refuse(&src, &c, o, err);
	} else if (c.format == TRW_IMAGE_RAW) {
		st = open_raw(path, options, o, err);
	} else if (c.format == TRW_IMAGE_EWF) {
		st = open_found(path, TRW_NAMES_EWF, options, o, err);
	} else if (c.format == TRW_IMAGE_EWF2) {
		st = open_found(path, TRW_NAMES_EWF2, options, o, err);
	} else {
		st = trw_names_add(&alone, path, 0, true, err);
		if (st == TRW_OK)
			st = trw_foreign_open(&alone, options, o, err);
		trw_names_clear(&alone);
	}
	trw_source_close(&src);
	return st;
}

struct file_id {
	uint64_t dev, ino;
};

/* The files' identities against each other; the container of the first EWF file, else of the first. */
static enum trw_status
look_at_all(const char *const *paths, size_t n, struct file_id *ids, struct trw_container *out,
	struct trw_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct trw_source src;
		struct trw_container c;
		enum trw_status st = trw_source_open(paths[i], &src, err);

		if (st != TRW_OK)
			return st;
		ids[i] = (struct file_id){src.dev, src.ino};
		trw_container_identify(&src, &c);
		trw_source_close(&src);
		if (i == 0 || (c.format == TRW_IMAGE_EWF && out->format != TRW_IMAGE_EWF))
			*out = c;
		for (size_t j = 0; j < i; j++)
			if (ids[j].dev == ids[i].dev && ids[j].ino == ids[i].ino)
				return trw_fail(err, TRW_EUSAGE, "%s and %s are the same file",
					paths[j], paths[i]);
	}
	return TRW_OK;
}

static enum trw_status
name_all(const char *const *paths, size_t n, enum trw_names_style style, bool must_have_number,
	struct trw_names *out, struct trw_err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number = 0;
		enum trw_status st;

		if (!trw_names_number(paths[i], style, &number) && must_have_number)
			return trw_fail(err, TRW_EUSAGE,
				"%s: several files are one image only when their names are numbered "
				"(.001, .aa)",
				paths[i]);
		st = trw_names_add(out, paths[i], number, true, err);
		if (st != TRW_OK)
			return st;
	}
	trw_names_sort(out);
	for (size_t i = 1; i < n && must_have_number; i++)
		if (out->v[i].number == out->v[i - 1].number)
			return trw_fail(err, TRW_EUSAGE,
				"%s and %s have the same number in the set", out->v[i - 1].path,
				out->v[i].path);
	return TRW_OK;
}

static enum trw_status
open_split(struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	size_t n = names->n;

	trim_raw(names);
	if (names->n < n)
		return trw_fail(err, TRW_EUSAGE,
			"%s: the numbers of the files are too far apart for one set",
			names->v[0].path);
	return trw_flat_open(names, o, err);
}

static enum trw_status
open_many(const char *const *paths, size_t n, const struct trw_image_options *options,
	struct trw_opening *o, struct trw_err *err)
{
	struct trw_container c = {0};
	struct trw_names names = {0};
	struct file_id *ids = trw_alloc(n, sizeof(*ids), err);
	bool is_raw;
	enum trw_status st = ids == NULL ? TRW_ENOMEM : look_at_all(paths, n, ids, &c, err);

	free(ids);
	if (st != TRW_OK)
		return st;
	is_raw = c.format == TRW_IMAGE_RAW || c.format == TRW_IMAGE_UNREADABLE;
	o->about.info.format = c.format;
	o->about.info.format_name = c.name;
	st = name_all(paths, n,
		is_raw                       ? TRW_NAMES_RAW
		: c.format == TRW_IMAGE_EWF2 ? TRW_NAMES_EWF2
					     : TRW_NAMES_EWF,
		is_raw, &names, err);
	if (st == TRW_OK && is_raw)
		st = open_split(&names, o, err);
	else if (st == TRW_OK && c.format == TRW_IMAGE_EWF)
		st = trw_ewf_open(&names, true, o, err);
	else if (st == TRW_OK)
		st = trw_foreign_open(&names, options, o, err);
	trw_names_clear(&names);
	return st;
}

/* Wrap what was opened; o is empty afterwards. */
static enum trw_status
finish(struct trw_opening *o, uint32_t sector_size, struct trw_image **out, struct trw_err *err)
{
	struct trw_image *image = trw_alloc(1, sizeof(*image), err);

	if (image == NULL) {
		opening_clear(o);
		return TRW_ENOMEM;
	}
	if (pthread_mutex_init(&image->mu, NULL) != 0)
		goto no_mu;
	if (pthread_mutex_init(&image->tell_mu, NULL) != 0)
		goto no_tell_mu;
	if (sector_size != 0)
		o->about.info.sector_size = sector_size;
	if (o->about.info.sector_size == 0)
		o->about.info.sector_size = 512;
	image->is = *o;
	*o = (struct trw_opening){0};
	*out = image;
	return TRW_OK;

no_tell_mu:
	(void)pthread_mutex_destroy(&image->mu);
no_mu:
	free(image);
	opening_clear(o);
	return trw_fail(err, TRW_ENOMEM, "out of memory (a mutex)");
}

enum trw_status
trw_image_open(const char *const *paths, size_t n, const struct trw_image_options *options,
	struct trw_image **out, struct trw_err *err)
{
	struct trw_opening o = {0};
	struct trw_err local = {0};
	enum trw_status st;

	*out = NULL;
	if (err == NULL)
		err = &local; /* trw_fail_in passes on the status that it finds there */
	if (n == 0 || n > TRW_SEGMENTS_MAX)
		return trw_fail(err, TRW_EUSAGE, "an image has 1 to %d files, not %zu",
			TRW_SEGMENTS_MAX, n);
	st = n == 1 ? open_one(paths[0], options, &o, err) : open_many(paths, n, options, &o, err);
	if (st != TRW_OK) {
		opening_clear(&o);
		return st;
	}
	return finish(&o, options == NULL ? 0 : options->sector_size, out, err);
}

void
trw_image_close(struct trw_image *image)
{
	if (image == NULL)
		return;
	opening_clear(&image->is);
	trw_ranges_clear(&image->met);
	trw_ranges_clear(&image->fresh);
	trw_ranges_clear(&image->telling);
	(void)pthread_mutex_destroy(&image->tell_mu);
	(void)pthread_mutex_destroy(&image->mu);
	free(image);
}

const struct trw_image_info *
trw_image_info(const struct trw_image *image)
{
	return &image->is.about.info;
}

enum trw_status
trw_image_damage_add(struct trw_image *image, const struct trw_ranges *ranges, struct trw_err *err)
{
	enum trw_status st;

	(void)pthread_mutex_lock(&image->mu);
	st = trw_ranges_add_part(&image->met, ranges, 0, UINT64_MAX, 0, err);
	(void)pthread_mutex_unlock(&image->mu);
	return st;
}

/* Whether all of r is in rs, for no better reason. */
static bool
is_covered(const struct trw_ranges *rs, const struct trw_range *r)
{
	uint64_t at = r->off, end = r->off + r->len;

	for (size_t i = trw_ranges_find(rs, at);
		at < end && i < rs->n && rs->v[i].off <= at && rs->v[i].why >= r->why; i++)
		at = rs->v[i].off + rs->v[i].len;
	return at >= end;
}

/* fresh first: what is in met counts as told or about to be. */
static enum trw_status
meet(struct trw_image *image, const struct trw_ranges *ranges, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	(void)pthread_mutex_lock(&image->mu);
	for (size_t i = 0; st == TRW_OK && i < ranges->n; i++) {
		const struct trw_range *r = &ranges->v[i];
		if (is_covered(&image->met, r))
			continue;
		st = trw_ranges_add(&image->fresh, r->off, r->len, r->why, err);
		if (st == TRW_OK)
			st = trw_ranges_add(&image->met, r->off, r->len, r->why, err);
	}
	(void)pthread_mutex_unlock(&image->mu);
	return st;
}

enum trw_status
trw_image_damage_tell(struct trw_image *image,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	bool is_left;

	(void)pthread_mutex_lock(&image->tell_mu);
	do { /* twice where an earlier take has failed */
		is_left = image->telling.n > 0;
		if (!is_left) {
			(void)pthread_mutex_lock(&image->mu);
			image->telling = image->fresh;
			image->fresh = (struct trw_ranges){0};
			(void)pthread_mutex_unlock(&image->mu);
		}
		if (image->telling.n > 0)
			st = take(ctx, &image->telling, err);
		if (st == TRW_OK)
			trw_ranges_clear(&image->telling);
	} while (st == TRW_OK && is_left);
	(void)pthread_mutex_unlock(&image->tell_mu);
	return st;
}

/* Add to met what was known of the stretch before; keep it and hand it to the caller. */
static enum trw_status
report(struct trw_image *image, uint64_t off, size_t len, struct trw_ranges *met,
	struct trw_ranges *damage, struct trw_err *err)
{
	enum trw_status st = trw_ranges_add_part(met, &image->is.known, off, len, off, err);

	if (st == TRW_OK && met->n > 0)
		st = meet(image, met, err);
	if (st == TRW_OK && damage != NULL)
		st = trw_ranges_add_part(damage, met, 0, UINT64_MAX, 0, err);
	return st;
}

enum trw_status
trw_image_read(struct trw_image *image, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	const struct trw_opening *is = &image->is;
	uint64_t size = is->about.info.size;
	uint64_t left = off < size ? size - off : 0;
	size_t inside = left < len ? (size_t)left : len;
	struct trw_ranges met = {0};
	enum trw_status st = TRW_OK;

	if (len > UINT64_MAX - off)
		return trw_fail(err, TRW_EUSAGE, "read past the end of 64 bits");
	memset((uint8_t *)buf + inside, 0, len - inside);
	if (inside > 0)
		st = is->backend.read(is->backend.ctx, off, buf, inside, &met, err);
	if (st == TRW_OK)
		st = report(image, off, inside, &met, damage, err);
	if (st == TRW_OK && damage != NULL && inside < len)
		st = trw_ranges_add(damage, off + inside, len - inside, TRW_DAMAGE_MISSING, err);
	trw_ranges_clear(&met);
	return st;
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
	trw_ewf_span_free(span->ewf);
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
trw_image_damage(struct trw_image *image, struct trw_ranges *out, struct trw_err *err)
{
	enum trw_status st = trw_ranges_add_part(out, &image->is.known, 0, UINT64_MAX, 0, err);

	if (st != TRW_OK)
		return st;
	(void)pthread_mutex_lock(&image->mu);
	st = trw_ranges_add_part(out, &image->met, 0, UINT64_MAX, 0, err);
	(void)pthread_mutex_unlock(&image->mu);
	return st;
}

enum trw_status
trw_image_open_memory(const uint8_t *bytes, size_t size, const struct trw_ranges *damage,
	struct trw_image **out, struct trw_err *err)
{
	struct trw_opening o = {0};
	enum trw_status st = trw_memory_open(bytes, size, damage, &o, err);

	*out = NULL;
	if (st == TRW_OK)
		return finish(&o, 0, out, err);
	opening_clear(&o);
	return st;
}
