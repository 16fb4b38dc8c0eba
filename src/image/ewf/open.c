/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files are the set, and what geometry it has; join.c puts their chunks together. A file belongs
 * when it begins like EWF, has the segment number that its name says, and does not contradict the set's
 * identifier (or, where there is none, its geometry). What does not belong is named and not used.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/io.h"

#include <stdlib.h>
#include <string.h>

#define FILE_HEADER_SIZE 13

static const uint8_t signature[8] = {'E', 'V', 'F', 0x09, 0x0d, 0x0a, 0xff, 0x00};

static void
ewf_close(void *ctx)
{
	struct trw_ewf *ewf = ctx;

	for (size_t i = 0; i < ewf->n_parts; i++)
		trw_ewf_part_clear(&ewf->parts[i]);
	for (size_t i = 0; i < ewf->n_runs; i++)
		free(ewf->runs[i].entries);
	free(ewf->parts);
	free(ewf->runs);
	trw_ewf_lanes_free(ewf->lanes);
	free(ewf);
}

/* Open and scan one file. TRW_END: it does not begin like EWF; the part is then empty. */
static enum trw_status
part_open(
	struct trw_name *name, uint64_t max_chunks, struct trw_ewf_part *part, struct trw_err *err)
{
	uint8_t head[FILE_HEADER_SIZE];
	struct trw_err ignored = {0};
	size_t n = 0;
	enum trw_status st;

	*part = (struct trw_ewf_part){.src = {.fd = -1}};
	st = trw_name_open(name, err);
	if (st != TRW_OK)
		return st;
	part->src = trw_name_take(name);
	if (trw_pread_full(part->src.fd, head, sizeof(head), 0, &n, &ignored) != TRW_OK ||
		n < sizeof(head) || memcmp(head, signature, sizeof(signature)) != 0) {
		trw_ewf_part_clear(part);
		return TRW_END;
	}
	part->number = trw_le16(head + 9);
	st = trw_ewf_scan(part, max_chunks, err);
	if (st == TRW_OK && part->has_volume)
		part->number = 1; /* only the first segment has a volume section */
	if (st != TRW_OK)
		trw_ewf_part_clear(part);
	return st;
}

static enum trw_status
note_foreign(struct trw_opening *o, const char *path, const char *why, struct trw_err *err)
{
	return trw_about_note(
		&o->about, TRW_CODE_SEGMENT_FOREIGN, 0, 0, err, "%s %s: not used", path, why);
}

static bool
has_identifier(const struct trw_ewf_part *part)
{
	static const uint8_t none[16];

	return part->has_geometry && memcmp(part->geometry.set_identifier, none, sizeof(none)) != 0;
}

/* NULL, or why the part cannot belong to the set of ref. */
static const char *
contradiction(const struct trw_ewf_part *ref, const struct trw_ewf_part *part)
{
	const struct trw_ewf_geometry *a = &ref->geometry, *b = &part->geometry;

	if (!ref->has_geometry || !part->has_geometry)
		return NULL;
	if (has_identifier(ref) && has_identifier(part))
		return memcmp(a->set_identifier, b->set_identifier, 16) != 0
			       ? "has another set identifier"
			       : NULL;
	if (a->is_checked && b->is_checked &&
		(a->n_sectors != b->n_sectors || a->sector_size != b->sector_size ||
			a->sectors_per_chunk != b->sectors_per_chunk))
		return "is of a set with another geometry";
	return NULL;
}

static int
by_number(const void *a, const void *b)
{
	const struct trw_ewf_part *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static bool
has_number(const struct trw_ewf *ewf, uint32_t number)
{
	for (size_t i = 0; i < ewf->n_parts; i++)
		if (ewf->parts[i].number == number)
			return true;
	return false;
}

/* Take part into the set or say why not; *part is then empty. */
static enum trw_status
admit(struct trw_ewf *ewf, struct trw_ewf_part *part, const struct trw_name *name,
	const struct trw_ewf_part *ref, struct trw_opening *o, struct trw_err *err)
{
	const char *why = ref == NULL ? NULL : contradiction(ref, part);
	enum trw_status st;

	if (part->number == 0)
		why = "has no segment number";
	else if (!name->is_given && part->number != name->number)
		why = "has another segment number than its name says";
	else if (has_number(ewf, part->number))
		why = "has the segment number of another file";
	if (why == NULL) {
		ewf->parts[ewf->n_parts++] = *part;
		*part = (struct trw_ewf_part){.src = {.fd = -1}};
		return TRW_OK;
	}
	if (name->is_given && part->number != 0)
		st = trw_fail(err, TRW_EUSAGE, "%s %s: give the files of one set", name->path, why);
	else
		st = note_foreign(o, name->path, why, err);
	trw_ewf_part_clear(part);
	return st;
}

/* A file that is called like a segment but is none. Names far behind the set are somebody else's. */
static enum trw_status
pass_by(const struct trw_ewf *ewf, const struct trw_name *name, struct trw_opening *o,
	struct trw_err *err)
{
	uint32_t last = 0;

	for (size_t i = 0; i < ewf->n_parts; i++)
		if (ewf->parts[i].number > last)
			last = ewf->parts[i].number;
	if (!name->is_given && name->number > last + 1)
		return TRW_OK;
	return note_foreign(o, name->path, "does not begin like an EWF segment", err);
}

/* The given file first: it says which set is meant. */
static enum trw_status
gather(struct trw_ewf *ewf, struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	uint64_t left = TRW_EWF_CHUNKS_MAX;
	enum trw_status st = TRW_OK;

	ewf->parts = trw_alloc(names->n, sizeof(*ewf->parts), err);
	if (ewf->parts == NULL)
		return TRW_ENOMEM;
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < names->n && st == TRW_OK; i++) {
			struct trw_name *name = &names->v[i];
			const struct trw_ewf_part *ref = NULL;
			struct trw_ewf_part part;

			if (name->is_given != (pass == 0))
				continue;
			for (size_t k = 0; k < ewf->n_parts && ref == NULL; k++)
				if (ewf->parts[k].has_geometry)
					ref = &ewf->parts[k];
			st = part_open(name, left, &part, err);
			if (st == TRW_OK)
				left -= part.n_chunks;
			if (st == TRW_OK)
				st = admit(ewf, &part, name, ref, o, err);
			else if (st == TRW_END)
				st = pass_by(ewf, name, o, err);
			else if (st == TRW_EUSAGE && !name->is_given)
				st = note_foreign(o, name->path, "cannot be opened", err);
		}
	}
	if (ewf->n_parts > 1)
		qsort(ewf->parts, ewf->n_parts, sizeof(*ewf->parts), by_number);
	return st;
}

static bool
is_too_large(const struct trw_ewf_geometry *g)
{
	return g->n_sectors > TRW_EWF_MEDIA_MAX / g->sector_size;
}

/* Without a geometry that can be right only the files are listed. */
static enum trw_status
refuse(const struct trw_ewf_geometry *g, struct trw_opening *o, struct trw_err *err)
{
	if (g == NULL)
		return trw_opening_refuse(o, TRW_REFUSAL_UNREADABLE, err,
			"no volume section of the set is intact, so neither its size nor its chunks are "
			"known: find another copy of the first segment");
	return trw_opening_refuse(o, TRW_REFUSAL_UNREADABLE, err,
		"the volume section announces %" PRIu64 " sectors of %" PRIu32
		" bytes, more than any disk has: find another copy of the first segment",
		g->n_sectors, g->sector_size);
}

/* The best geometry of the set: one with a right checksum, else any; NULL when there is none. */
static const struct trw_ewf_geometry *
choose_geometry(const struct trw_ewf *ewf)
{
	const struct trw_ewf_geometry *best = NULL;

	for (size_t i = 0; i < ewf->n_parts; i++) {
		const struct trw_ewf_part *part = &ewf->parts[i];

		if (part->has_geometry &&
			(best == NULL || (part->geometry.is_checked && !best->is_checked)))
			best = &part->geometry;
	}
	return best;
}

/* The first digest of a kind counts. */
static void
merge_digests(struct trw_image_digests *to, const struct trw_image_digests *from)
{
	if (from->has_md5 && !to->has_md5)
		memcpy(to->md5, from->md5, sizeof(to->md5));
	if (from->has_sha1 && !to->has_sha1)
		memcpy(to->sha1, from->sha1, sizeof(to->sha1));
	to->has_md5 = to->has_md5 || from->has_md5;
	to->has_sha1 = to->has_sha1 || from->has_sha1;
}

static enum trw_status
describe(const struct trw_ewf *ewf, const struct trw_ewf_geometry *g, struct trw_opening *o,
	struct trw_err *err)
{
	struct trw_image_info *info = &o->about.info;
	enum trw_status st = TRW_OK;

	info->format = g != NULL && g->is_smart ? TRW_IMAGE_SMART : TRW_IMAGE_EWF;
	info->format_name = g != NULL && g->is_smart ? "EWF-S01" : "EWF-E01";
	for (size_t i = 0; i < ewf->n_parts && st == TRW_OK; i++) {
		st = trw_about_join(&o->about, &ewf->parts[i].about, err);
		merge_digests(&info->stored, &ewf->parts[i].stored);
	}
	if (g == NULL || st != TRW_OK)
		return st;
	info->sector_size = g->sector_size;
	info->chunk_size = g->sector_size * g->sectors_per_chunk;
	return trw_ewf_geometry_facts(g, &o->about, err);
}

enum trw_status
trw_ewf_open(struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	struct trw_ewf *ewf = trw_alloc(1, sizeof(*ewf), err);
	const struct trw_ewf_geometry *g;
	bool is_usable;
	enum trw_status st;

	if (ewf == NULL)
		return TRW_ENOMEM;
	o->backend = (struct trw_backend){.read = trw_ewf_read,
		.close = ewf_close,
		.ctx = ewf,
		.fetch = trw_ewf_fetch,
		.unpack = trw_ewf_unpack,
		.ahead = trw_ewf_ahead};
	st = gather(ewf, names, o, err);
	g = choose_geometry(ewf);
	if (st == TRW_OK)
		st = describe(ewf, g, o, err);
	is_usable = g != NULL && !is_too_large(g);
	if (st == TRW_OK)
		st = trw_ewf_join(ewf, is_usable ? g : NULL, names->v[0].path, o, err);
	if (st == TRW_OK && !is_usable)
		return refuse(g, o, err);
	return st;
}
