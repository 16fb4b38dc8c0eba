/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks have no numbers of their own: a chunk's number is how many come before it. So a gap (a missing
 * segment, a broken chain, a lost table that nothing counts) makes the numbers behind it unknown.
 *
 *   segment 1        segment 2      segment 3
 *   [run][run] gap   [run]    gap   [run][run] done
 *    numbered from    unknown:       numbered from the end: the volume section
 *    the start        MISSING        says how many chunks there are
 *
 * Runs before the first gap are counted from the start, runs behind the last one from the end (only when
 * the chain ends with "done"); the others cannot be placed and are not used. Never is a place guessed.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 100 /* missing segments of one gap that are listed one by one */

struct join {
	struct trw_ewf *ewf;
	struct trw_opening *o;
	struct trw_ewf_run *v; /* owned; becomes ewf->runs */
	size_t n, cap;
	uint64_t n_head;   /* chunks up to the first gap */
	uint64_t n_tail;   /* chunks since the last gap; first of those runs counts from there */
	size_t head, tail; /* runs before the first gap; index of the first run behind the last */
	size_t n_gaps;
	bool has_cut; /* a file ends before its chunks do */
};

static void
mark_gap(struct join *j)
{
	if (j->n_gaps++ == 0)
		j->head = j->n;
	j->tail = j->n;
	j->n_tail = 0;
}

/* Number the run and append it; its entries are then the list's, or freed. */
static enum trw_status
append(struct join *j, struct trw_ewf_run run, struct trw_err *err)
{
	uint64_t *count = j->n_gaps == 0 ? &j->n_head : &j->n_tail;
	void *v = trw_grow(j->v, j->n, &j->cap, sizeof(*j->v), SIZE_MAX / sizeof(*j->v), err);

	run.first = *count;
	if (v == NULL) {
		free(run.entries);
		return TRW_ENOMEM;
	}
	j->v = v;
	j->v[j->n++] = run;
	j->has_cut = j->has_cut || run.is_cut;
	*count += run.n;
	return TRW_OK;
}

/* Chunks whose table is lost: found one by one, or counted, or a gap. */
static enum trw_status
append_lost(struct join *j, struct trw_ewf_run run, struct trw_err *err)
{
	uint64_t left = j->ewf->n_chunks > j->n_head ? j->ewf->n_chunks - j->n_head : 0;
	uint32_t counted = run.n, found = 0;
	bool is_whole = false;
	enum trw_status st = TRW_OK;

	if (j->n_gaps == 0 && run.data != 0) {
		run.first = j->n_head;
		st = trw_ewf_recover(j->ewf, &run, counted > 0 && counted < left ? counted : left,
			&is_whole, err);
		found = run.n;
		if (st == TRW_OK && found > 0)
			st = append(j, run, err);
		else
			free(run.entries);
	}
	if (st != TRW_OK)
		return st;
	if (counted > found)
		*(j->n_gaps == 0 ? &j->n_head : &j->n_tail) += counted - found;
	else if (!is_whole && counted == 0)
		mark_gap(j);
	return trw_about_note(&j->o->about, TRW_CODE_TABLE_LOST, 0, 0, err,
		"%s: a chunk table cannot be used, %" PRIu32 " of its chunks were found without it",
		j->ewf->parts[run.part].src.path, found);
}

static enum trw_status
append_part(struct join *j, size_t index, struct trw_err *err)
{
	struct trw_ewf_part *part = &j->ewf->parts[index];
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < part->n_runs && st == TRW_OK; i++) {
		struct trw_ewf_run run = part->runs[i];

		part->runs[i].entries = NULL; /* moved */
		run.part = index;
		st = run.entries != NULL ? append(j, run, err) : append_lost(j, run, err);
	}
	return st;
}

/* The files from number `from` up to, not including, `to` are not there. */
static enum trw_status
list_missing(struct join *j, const char *like, uint32_t from, uint32_t to, struct trw_err *err)
{
	char name[4096];
	enum trw_status st = TRW_OK;

	for (uint32_t i = from; i < to && i - from < LISTED_MAX && st == TRW_OK; i++) {
		trw_names_ewf(like, i, name, sizeof(name));
		st = trw_about_segment(&j->o->about, name, 0, true, err);
	}
	return st;
}

static enum trw_status
note_missing(struct join *j, const char *like, uint32_t from, uint32_t to, struct trw_err *err)
{
	char first[512], last[512];

	trw_names_ewf(like, from, first, sizeof(first));
	trw_names_ewf(like, to - 1, last, sizeof(last));
	if (to - from == 1)
		return trw_about_note(&j->o->about, TRW_CODE_SEGMENT_MISSING, 0, 0, err,
			"%s is not there: its chunks cannot be read", first);
	return trw_about_note(&j->o->about, TRW_CODE_SEGMENT_MISSING, 0, 0, err,
		"%s to %s are not there: their chunks cannot be read", first, last);
}

static enum trw_status
note_broken(struct join *j, const struct trw_ewf_part *part, struct trw_err *err)
{
	bool is_cut = part->stop + 76 > part->src.size;

	return trw_about_note(&j->o->about,
		is_cut ? TRW_CODE_IMAGE_TRUNCATED : TRW_CODE_SECTION_CHECKSUM, 0, 0, err,
		"%s: the section chain breaks at byte %" PRIu64 " of %" PRIu64
		": what follows is lost",
		part->src.path, part->stop, part->src.size);
}

/* All parts in order, with a gap wherever the count is lost. */
static enum trw_status
walk_parts(struct join *j, const char *like, bool has_geometry, struct trw_err *err)
{
	const struct trw_ewf *ewf = j->ewf;
	enum trw_status st = TRW_OK;
	uint32_t expected = 1;

	for (size_t i = 0; i < ewf->n_parts && st == TRW_OK; i++) {
		const struct trw_ewf_part *part = &ewf->parts[i];

		if (part->number != expected) {
			mark_gap(j);
			st = list_missing(j, like, expected, part->number, err);
			if (st == TRW_OK)
				st = note_missing(j, like, expected, part->number, err);
		}
		expected = part->number + 1;
		if (st == TRW_OK)
			st = trw_about_segment(
				&j->o->about, part->src.path, part->src.size, false, err);
		if (st == TRW_OK && has_geometry)
			st = append_part(j, i, err);
		if (st == TRW_OK && part->ending == TRW_EWF_BROKEN) {
			mark_gap(j);
			st = note_broken(j, part, err);
		}
	}
	if (st != TRW_OK || ewf->n_parts == 0 ||
		ewf->parts[ewf->n_parts - 1].ending != TRW_EWF_NEXT)
		return st;
	mark_gap(j);
	st = list_missing(j, like, expected, expected + 1, err);
	if (st == TRW_OK)
		st = trw_about_note(&j->o->about, TRW_CODE_SEGMENT_MISSING, 0, 0, err,
			"%s announces another segment that is not there",
			ewf->parts[ewf->n_parts - 1].src.path);
	return st;
}

/* Drop runs [from, to). */
static void
drop(struct join *j, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		free(j->v[i].entries);
	if (to < j->n)
		memmove(&j->v[from], &j->v[to], (j->n - to) * sizeof(*j->v));
	j->n -= to - from;
}

/* Number what lies behind the last gap from the end; drop what has no certain place or is past the end. */
static enum trw_status
place(struct join *j, bool is_counted, struct trw_err *err)
{
	uint64_t total = j->ewf->n_chunks;
	size_t keep;

	if (j->n_gaps > 0) {
		bool fits = is_counted && j->n_head <= total && j->n_tail <= total - j->n_head;

		for (size_t i = j->tail; fits && i < j->n; i++)
			j->v[i].first += total - j->n_tail;
		drop(j, j->head, fits ? j->tail : j->n);
	}
	for (keep = 0; keep < j->n && j->v[keep].first < total; keep++)
		if (j->v[keep].n > total - j->v[keep].first)
			break;
	if (keep == j->n)
		return TRW_OK;
	if (j->v[keep].first < total)
		j->v[keep].n = (uint32_t)(total - j->v[keep].first);
	drop(j, j->v[keep].first < total ? keep + 1 : keep, j->n);
	return trw_about_note(&j->o->about, TRW_CODE_CHUNKS_SURPLUS, 0, 0, err,
		"the tables hold more chunks than the %" PRIu64
		" of the volume section: those are not used",
		total);
}

static enum trw_status
add_missing(struct join *j, uint64_t from, uint64_t to, struct trw_err *err)
{
	struct trw_ewf *ewf = j->ewf;
	uint64_t off = from * ewf->chunk_size;
	uint64_t end = to >= ewf->n_chunks ? ewf->size : to * ewf->chunk_size;
	enum trw_status st;

	if (from >= to)
		return TRW_OK;
	st = trw_about_note(&j->o->about, TRW_CODE_CHUNKS_MISSING, off, end - off, err,
		"no chunk table covers these %" PRIu64 " bytes: they cannot be read", end - off);
	if (st == TRW_OK)
		st = trw_ranges_add(&j->o->known, off, end - off, TRW_DAMAGE_MISSING, err);
	return st;
}

/* Every chunk without a run is missing. */
static enum trw_status
find_missing(struct join *j, struct trw_err *err)
{
	uint64_t next = 0;
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < j->n && st == TRW_OK; i++) {
		st = add_missing(j, next, j->v[i].first, err);
		next = j->v[i].first + j->v[i].n;
	}
	if (st == TRW_OK)
		st = add_missing(j, next, j->ewf->n_chunks, err);
	return st;
}

static int
by_first(const void *a, const void *b)
{
	const struct trw_ewf_bad *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* The unreadable sectors of all parts in ascending order: a hostile order would cost a day to insert. */
static enum trw_status
collect_errors(const struct trw_ewf *ewf, struct trw_ewf_bad **out, size_t *n, struct trw_err *err)
{
	size_t total = 0;

	*n = 0;
	for (size_t i = 0; i < ewf->n_parts; i++)
		total += ewf->parts[i].n_bad;
	*out = trw_alloc(total, sizeof(**out), err);
	if (*out == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < ewf->n_parts; i++) {
		const struct trw_ewf_part *part = &ewf->parts[i];

		if (part->n_bad > 0)
			memcpy(*out + *n, part->bad, part->n_bad * sizeof(**out));
		*n += part->n_bad;
	}
	if (total > 1)
		qsort(*out, total, sizeof(**out), by_first);
	return TRW_OK;
}

static enum trw_status
add_error(struct join *j, const struct trw_ewf_bad *bad, uint32_t sector_size, struct trw_err *err)
{
	uint64_t off = (uint64_t)bad->first * sector_size;
	uint64_t len = (uint64_t)bad->n * sector_size;
	enum trw_status st;

	if (off >= j->ewf->size || len == 0)
		return TRW_OK;
	if (len > j->ewf->size - off)
		len = j->ewf->size - off;
	st = trw_about_note(&j->o->about, TRW_CODE_ACQUISITION_ERROR, off, len, err,
		"%" PRIu32 " sectors from sector %" PRIu32
		" could not be read when the image was made",
		bad->n, bad->first);
	if (st != TRW_OK)
		return st;
	return trw_ranges_add(&j->o->known, off, len, TRW_DAMAGE_SUBSTITUTED, err);
}

/* Sectors that the acquisition could not read: it stored something else there. */
static enum trw_status
add_errors(struct join *j, uint32_t sector_size, struct trw_err *err)
{
	struct trw_ewf_bad *bad;
	size_t n;
	enum trw_status st = collect_errors(j->ewf, &bad, &n, err);

	for (size_t i = 0; i < n && st == TRW_OK; i++)
		st = add_error(j, &bad[i], sector_size, err);
	free(bad);
	return st;
}

/* Sizes from the volume section; a set without a sector count is as long as its chunks. */
static enum trw_status
measure(struct join *j, const struct trw_ewf_geometry *g, struct trw_err *err)
{
	struct trw_ewf *ewf = j->ewf;
	uint64_t n = g->n_sectors;

	ewf->chunk_size = g->sectors_per_chunk * g->sector_size;
	if (n == 0)
		n = (uint64_t)g->n_chunks * g->sectors_per_chunk;
	ewf->n_chunks = n / g->sectors_per_chunk + (n % g->sectors_per_chunk != 0);
	ewf->size = n * g->sector_size;
	if (g->n_sectors != 0 && ewf->n_chunks == g->n_chunks)
		return TRW_OK;
	return trw_about_note(&j->o->about, TRW_CODE_GEOMETRY_CONFLICT, 0, 0, err,
		"the volume section tells of %" PRIu64 " sectors in %" PRIu32 " chunks of %" PRIu32
		": taken to be %" PRIu64 " bytes",
		g->n_sectors, g->n_chunks, g->sectors_per_chunk, ewf->size);
}

static enum trw_status
join(struct join *j, const struct trw_ewf_geometry *g, const char *like, struct trw_err *err)
{
	struct trw_ewf *ewf = j->ewf;
	enum trw_status st = measure(j, g, err);
	bool is_counted;

	if (st == TRW_OK)
		st = trw_ewf_lanes_new(ewf->chunk_size, &ewf->lanes, err);
	if (st == TRW_OK)
		st = walk_parts(j, like, true, err);
	if (st != TRW_OK)
		return st;
	is_counted = ewf->n_chunks == g->n_chunks && g->n_sectors != 0 &&
		     ewf->parts[ewf->n_parts - 1].ending == TRW_EWF_DONE;
	st = place(j, is_counted, err);
	if (st == TRW_OK)
		st = find_missing(j, err);
	if (st == TRW_OK)
		st = add_errors(j, g->sector_size, err);
	j->o->about.info.size = ewf->size;
	j->o->is_doubtful = !g->is_checked || g->n_sectors == 0 || j->has_cut;
	return st;
}

enum trw_status
trw_ewf_join(struct trw_ewf *ewf, const struct trw_ewf_geometry *g, const char *like,
	struct trw_opening *o, struct trw_err *err)
{
	struct join j = {.ewf = ewf, .o = o};
	enum trw_status st = g == NULL ? walk_parts(&j, like, false, err) : join(&j, g, like, err);

	ewf->runs = j.v;
	ewf->n_runs = j.n;
	return st;
}
