/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk along the section chain of one segment file. Invariant: every chunk of the segment is in exactly
 * one run, in file order, or the ending is BROKEN. That holds because chunks lie in a sectors section (or
 * an old table) and a descriptor counts only with its checksum, or when its name, its size and the section
 * that it leads to all fit; a sectors section without a usable table becomes a lost run.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/io.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#define FILE_HEADER_SIZE 13
#define DESCRIPTOR_SIZE 76
#define VOLUME_SIZE 1052
#define SMART_VOLUME_SIZE 94
#define TABLE_HEADER_SIZE 24
#define HEADER_MAX ((size_t)1 << 20)          /* bytes of a header section, deflated */
#define HEADER_INFLATED_MAX ((size_t)8 << 20) /* and inflated */
#define ERROR_HEADER_SIZE 520
#define SECTIONS_MAX 4194304

struct section {
	char type[17];
	uint64_t off;       /* of the descriptor */
	uint64_t data, end; /* the data's bytes: [data, end), not past the file */
	uint64_t next;
	bool is_checked, is_cut; /* is_cut: the size goes past the end of the file */
};

struct scan {
	struct trw_ewf_part *part;
	uint64_t sectors, sectors_end; /* the section whose table has not come yet; 0 = none */
	uint32_t n_lost;               /* entries that its unusable table has; 0 = not known */
	bool has_table;                /* a good table was met, table2 only repeats it */
	bool has_lost_table;           /* a bad one, and table2 may replace it */
};

void
trw_ewf_part_clear(struct trw_ewf_part *part)
{
	trw_source_close(&part->src);
	for (size_t i = 0; i < part->n_runs; i++)
		free(part->runs[i].entries);
	free(part->runs);
	free(part->bad);
	trw_about_clear(&part->about);
	*part = (struct trw_ewf_part){.src = {.fd = -1}};
}

static uint32_t
adler(const uint8_t *p, size_t n)
{
	return libdeflate_adler32(1, p, n);
}

static enum trw_status
note_checksum(struct scan *s, const struct section *sec, const char *what, struct trw_err *err)
{
	return trw_about_note(&s->part->about, TRW_CODE_SECTION_CHECKSUM, 0, 0, err,
		"%s: section %s at byte %" PRIu64 ": %s", s->part->src.path, sec->type, sec->off,
		what);
}

/* Read up to max bytes of the data at off of the section; *n is less where there is no more. */
static enum trw_status
load(const struct scan *s, const struct section *sec, uint64_t off, size_t max, uint8_t **out,
	size_t *n, struct trw_err *err)
{
	uint64_t left =
		sec->end > sec->data && off < sec->end - sec->data ? sec->end - sec->data - off : 0;
	size_t want = left < max ? (size_t)left : max;
	struct trw_err ignored = {0};

	*n = 0;
	*out = trw_alloc(want, 1, err);
	if (*out == NULL)
		return TRW_ENOMEM;
	if (trw_pread_full(s->part->src.fd, *out, want, sec->data + off, n, &ignored) != TRW_OK)
		*n = 0;
	return TRW_OK;
}

static enum trw_status
inflate_header(const uint8_t *p, size_t n, uint8_t **out, size_t *out_n, struct trw_err *err)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result r = LIBDEFLATE_INSUFFICIENT_SPACE;
	size_t cap = 65536;

	*out = NULL;
	if (d == NULL)
		return trw_fail(err, TRW_ENOMEM, "out of memory (inflater)");
	while (r == LIBDEFLATE_INSUFFICIENT_SPACE && cap <= HEADER_INFLATED_MAX) {
		free(*out);
		*out = trw_alloc(cap, 1, err);
		if (*out == NULL)
			break;
		r = libdeflate_zlib_decompress(d, p, n, *out, cap, out_n);
		cap *= 2;
	}
	libdeflate_free_decompressor(d);
	if (*out == NULL)
		return TRW_ENOMEM;
	return r == LIBDEFLATE_SUCCESS ? TRW_OK : TRW_END;
}

static enum trw_status
take_header(struct scan *s, const struct section *sec, struct trw_err *err)
{
	uint8_t *packed, *text = NULL;
	size_t n, text_n = 0;
	enum trw_status st = load(s, sec, 0, HEADER_MAX, &packed, &n, err);

	if (st == TRW_OK)
		st = inflate_header(packed, n, &text, &text_n, err);
	if (st == TRW_OK)
		st = trw_ewf_header_parse(text, text_n, &s->part->about, err);
	else if (st == TRW_END)
		st = note_checksum(s, sec, "its text cannot be inflated", err);
	free(text);
	free(packed);
	return st;
}

static void
parse_volume(const uint8_t *p, struct trw_ewf_geometry *g)
{
	g->n_chunks = trw_le32(p + 4);
	g->sectors_per_chunk = trw_le32(p + 8);
	g->sector_size = trw_le32(p + 12);
	if (g->is_smart) {
		g->n_sectors = trw_le32(p + 16);
		return;
	}
	g->n_sectors = trw_le64(p + 16);
	g->media_type = p[0];
	g->media_flags = p[36];
	g->compression = p[52];
	g->error_granularity = trw_le32(p + 56);
	memcpy(g->set_identifier, p + 64, sizeof(g->set_identifier));
}

static bool
is_geometry_sane(const struct trw_ewf_geometry *g)
{
	uint64_t chunk = (uint64_t)g->sectors_per_chunk * g->sector_size;

	return g->sector_size > 0 && g->sector_size <= 65536 && chunk > 0 &&
	       chunk <= TRW_EWF_CHUNK_MAX;
}

/* With a wrong checksum the numbers count only where they confirm each other. */
static bool
is_geometry_consistent(const struct trw_ewf_geometry *g)
{
	return is_geometry_sane(g) &&
	       g->n_sectors / g->sectors_per_chunk + (g->n_sectors % g->sectors_per_chunk != 0) ==
		       g->n_chunks;
}

static enum trw_status
take_volume(struct scan *s, const struct section *sec, struct trw_err *err)
{
	struct trw_ewf_geometry g = {0};
	uint8_t *p;
	size_t n;
	enum trw_status st = load(s, sec, 0, VOLUME_SIZE, &p, &n, err);

	if (st != TRW_OK)
		return st;
	g.is_smart = sec->end - sec->data < VOLUME_SIZE;
	if (n == VOLUME_SIZE || (g.is_smart && n >= SMART_VOLUME_SIZE)) {
		size_t summed = (g.is_smart ? SMART_VOLUME_SIZE : VOLUME_SIZE) - 4;

		parse_volume(p, &g);
		g.is_checked = adler(p, summed) == trw_le32(p + summed);
	}
	free(p);
	if (!g.is_checked)
		st = note_checksum(s, sec, "its checksum is wrong", err);
	if (strcmp(sec->type, "data") != 0)
		s->part->has_volume = true;
	if (!(g.is_checked ? is_geometry_sane(&g) : is_geometry_consistent(&g)) ||
		(s->part->has_geometry && (s->part->geometry.is_checked || !g.is_checked)))
		return st;
	s->part->geometry = g;
	s->part->has_geometry = true;
	return st;
}

static enum trw_status
add_run(struct scan *s, struct trw_ewf_run run, struct trw_err *err)
{
	struct trw_ewf_part *part = s->part;
	void *v = trw_grow(part->runs, part->n_runs, &part->cap_runs, sizeof(*part->runs),
		TRW_EWF_RUNS_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	part->runs = v;
	part->runs[part->n_runs++] = run;
	return TRW_OK;
}

/* The sectors section (or the bad table) before this place got no usable table: its chunks are lost. */
static enum trw_status
close_sectors(struct scan *s, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if ((s->sectors != 0 && !s->has_table) || s->has_lost_table)
		st = add_run(s,
			(struct trw_ewf_run){
				.n = s->n_lost, .data = s->sectors, .end = s->sectors_end},
			err);
	s->sectors = s->sectors_end = 0;
	s->n_lost = 0;
	s->has_table = s->has_lost_table = false;
	return st;
}

static enum trw_status
take_sectors(struct scan *s, const struct section *sec, struct trw_err *err)
{
	enum trw_status st = close_sectors(s, err);

	s->sectors = sec->data;
	s->sectors_end = sec->end;
	return st;
}

/* Where the 31-bit rule stops, see the format's description in ewf.h. */
static uint32_t
find_wide(const uint32_t *e, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint32_t at = e[i] & INT32_MAX, next = e[i + 1] & INT32_MAX;
		uint64_t len = next >= at ? next - at : (uint64_t)e[i + 1] - at;

		if (at + len > INT32_MAX)
			return i + 1;
	}
	return n;
}

/* Loads and checks the entries behind the header; *ok tells whether they can be used. */
static enum trw_status
load_entries(struct scan *s, const struct section *sec, struct trw_ewf_run *run, bool *ok,
	struct trw_err *err)
{
	size_t len = (size_t)run->n * 4, n;
	uint64_t chunks = sec->data + TABLE_HEADER_SIZE + len;
	uint8_t *p;
	enum trw_status st = load(s, sec, TABLE_HEADER_SIZE, len + 4, &p, &n, err);
	bool has_sum;

	*ok = false;
	if (st != TRW_OK)
		return st;
	has_sum = n == len + 4 && run->base + (trw_le32(p) & INT32_MAX) != chunks;
	if (n >= len && (!has_sum || adler(p, len) == trw_le32(p + len))) {
		run->entries = trw_alloc(run->n, sizeof(*run->entries), err);
		*ok = run->entries != NULL;
		st = *ok ? TRW_OK : TRW_ENOMEM;
	}
	for (uint32_t i = 0; *ok && i < run->n; i++)
		run->entries[i] = trw_le32(p + (size_t)i * 4);
	free(p);
	return st;
}

static enum trw_status
load_table(struct scan *s, const struct section *sec, struct trw_ewf_run *run, bool *ok,
	struct trw_err *err)
{
	uint8_t *p;
	size_t n;
	enum trw_status st = load(s, sec, 0, TABLE_HEADER_SIZE, &p, &n, err);

	*ok = false;
	if (st != TRW_OK)
		return st;
	if (n == TABLE_HEADER_SIZE && adler(p, 20) == trw_le32(p + 20)) {
		run->n = trw_le32(p);
		run->base = trw_le64(p + 8);
		*ok = run->n <= TRW_EWF_ENTRIES_MAX && run->base <= INT64_MAX &&
		      run->n <= s->part->max_chunks - s->part->n_chunks;
	}
	free(p);
	if (!*ok)
		run->n = 0;
	if (!*ok || run->n == 0)
		return st;
	return load_entries(s, sec, run, ok, err);
}

static enum trw_status
take_table(struct scan *s, const struct section *sec, struct trw_err *err)
{
	bool is_second = strcmp(sec->type, "table2") == 0, ok;
	struct trw_ewf_run run = {0};
	enum trw_status st;

	if (is_second && s->has_table)
		return TRW_OK;
	if (!is_second && (s->has_table || s->has_lost_table)) {
		st = close_sectors(s, err);
		if (st != TRW_OK)
			return st;
	}
	st = load_table(s, sec, &run, &ok, err);
	if (st != TRW_OK)
		return st;
	if (!ok) {
		s->has_lost_table = true;
		if (run.n > 0)
			s->n_lost = run.n;
		return note_checksum(s, sec, "its checksum or its count is wrong", err);
	}
	s->has_table = true;
	s->has_lost_table = false;
	if (run.n == 0)
		return TRW_OK;
	run.wide_from = find_wide(run.entries, run.n);
	run.end = s->sectors != 0 ? s->sectors_end : sec->end;
	run.is_cut =
		s->sectors == 0 && sec->is_cut; /* a cut sectors section has no table behind it */
	s->part->n_chunks += run.n;
	st = add_run(s, run, err);
	if (st != TRW_OK)
		free(run.entries);
	return st;
}

static enum trw_status
add_bad(struct trw_ewf_part *part, struct trw_ewf_bad bad, struct trw_err *err)
{
	void *v = trw_grow(part->bad, part->n_bad, &part->cap_bad, sizeof(*part->bad),
		TRW_EWF_ERRORS_MAX, err);

	if (v == NULL)
		return TRW_ENOMEM;
	part->bad = v;
	part->bad[part->n_bad++] = bad;
	return TRW_OK;
}

/* The entries are used even where a checksum is wrong: better a sector too many in doubt than one too few. */
static enum trw_status
take_errors(struct scan *s, const struct section *sec, struct trw_err *err)
{
	uint8_t *p;
	size_t n, len = 0;
	enum trw_status st = load(
		s, sec, 0, ERROR_HEADER_SIZE + (size_t)TRW_EWF_ERRORS_MAX * 8 + 4, &p, &n, err);
	bool is_right = st == TRW_OK && n >= ERROR_HEADER_SIZE &&
			adler(p, ERROR_HEADER_SIZE - 4) == trw_le32(p + ERROR_HEADER_SIZE - 4);

	if (st != TRW_OK)
		return st;
	if (n >= ERROR_HEADER_SIZE) {
		len = (n - ERROR_HEADER_SIZE) / 8;
		if (len > trw_le32(p))
			len = trw_le32(p);
		is_right = is_right && n >= ERROR_HEADER_SIZE + len * 8 + 4 &&
			   adler(p + ERROR_HEADER_SIZE, len * 8) ==
				   trw_le32(p + ERROR_HEADER_SIZE + len * 8);
	}
	if (len > TRW_EWF_ERRORS_MAX - s->part->n_bad) {
		len = TRW_EWF_ERRORS_MAX - s->part->n_bad;
		is_right = false;
	}
	for (size_t i = 0; i < len && st == TRW_OK; i++) {
		const uint8_t *e = p + ERROR_HEADER_SIZE + i * 8;

		st = add_bad(s->part, (struct trw_ewf_bad){trw_le32(e), trw_le32(e + 4)}, err);
	}
	free(p);
	if (st == TRW_OK && !is_right)
		st = note_checksum(s, sec, "the list of unreadable sectors cannot be trusted", err);
	return st;
}

static enum trw_status
note_digest(struct scan *s, const uint8_t *md5, struct trw_err *err)
{
	struct trw_ewf_part *part = s->part;
	struct trw_image_digests *stored = &part->stored;

	if (stored->has_md5 && memcmp(stored->md5, md5, sizeof(stored->md5)) != 0)
		return trw_about_note(&part->about, TRW_CODE_STORED_DIGEST_CONFLICT, 0, 0, err,
			"%s: the hash and digest sections hold different MD5 digests",
			part->src.path);
	memcpy(stored->md5, md5, sizeof(stored->md5));
	stored->has_md5 = true;
	return TRW_OK;
}

/* hash: MD5, 16 unknown, checksum. digest: MD5, SHA-1, 40 padding, checksum. */
static enum trw_status
take_digest(struct scan *s, const struct section *sec, struct trw_err *err)
{
	static const uint8_t none[20];
	bool is_long = strcmp(sec->type, "digest") == 0;
	size_t size = is_long ? 80 : 36, n;
	uint8_t *p;
	enum trw_status st = load(s, sec, 0, size, &p, &n, err);

	if (st != TRW_OK)
		return st;
	if (n < size || adler(p, size - 4) != trw_le32(p + size - 4)) {
		st = note_checksum(s, sec, "its checksum is wrong, its digest is not used", err);
	} else {
		if (memcmp(p, none, 16) != 0)
			st = note_digest(s, p, err);
		if (is_long && memcmp(p + 16, none, 20) != 0) {
			memcpy(s->part->stored.sha1, p + 16, sizeof(s->part->stored.sha1));
			s->part->stored.has_sha1 = true;
		}
	}
	free(p);
	return st;
}

static const struct {
	const char *type;
	enum trw_status (*take)(struct scan *s, const struct section *sec, struct trw_err *err);
} sections[] = {
	{"header", take_header},
	{"header2", take_header},
	{"volume", take_volume},
	{"disk", take_volume},
	{"data", take_volume},
	{"sectors", take_sectors},
	{"table", take_table},
	{"table2", take_table},
	{"error2", take_errors},
	{"hash", take_digest},
	{"digest", take_digest},
};

/* False: no descriptor there, or one with a wrong checksum (sec is filled all the same when *got). */
static bool
read_descriptor(const struct trw_source *src, uint64_t off, struct section *sec, bool *got)
{
	uint8_t p[DESCRIPTOR_SIZE];
	struct trw_err ignored = {0};
	uint64_t size;
	size_t n = 0;

	*sec = (struct section){.off = off, .data = off + DESCRIPTOR_SIZE};
	*got = trw_pread_full(src->fd, p, sizeof(p), off, &n, &ignored) == TRW_OK && n == sizeof(p);
	if (!*got)
		return false;
	memcpy(sec->type, p, 16);
	for (size_t i = 0; sec->type[i] != '\0'; i++)
		if (sec->type[i] < 0x20 || sec->type[i] > 0x7e)
			sec->type[i] = '?';
	sec->next = trw_le64(p + 16);
	size = trw_le64(p + 24);
	sec->end = size > UINT64_MAX - off ? UINT64_MAX : off + size;
	if (size < DESCRIPTOR_SIZE || (sec->next > off && sec->end > sec->next))
		sec->end = sec->next > off ? sec->next : sec->data;
	sec->is_cut = sec->end > src->size;
	if (sec->is_cut)
		sec->end = src->size;
	if (sec->end < sec->data)
		sec->end = sec->data;
	sec->is_checked = adler(p, 72) == trw_le32(p + 72);
	return sec->is_checked;
}

/* A wrong checksum, but a known name, and exactly at its end a right descriptor. */
static bool
is_plausible(const struct trw_source *src, const struct section *sec)
{
	struct section next;
	bool got;

	if (sec->next <= sec->off || sec->end != sec->next)
		return false;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].type, sec->type) == 0)
			return read_descriptor(src, sec->next, &next, &got);
	return false;
}

static enum trw_status
take(struct scan *s, const struct section *sec, struct trw_err *err)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].type, sec->type) == 0)
			return sections[i].take(s, sec, err);
	return TRW_OK;
}

enum trw_status
trw_ewf_scan(struct trw_ewf_part *part, uint64_t max_chunks, struct trw_err *err)
{
	struct scan s = {.part = part};
	struct section sec = {.next = FILE_HEADER_SIZE};
	enum trw_status st = TRW_OK;
	bool got;

	part->max_chunks = max_chunks;
	for (size_t i = 0; st == TRW_OK && i < SECTIONS_MAX && part->n_runs < TRW_EWF_RUNS_MAX - 4;
		i++) {
		part->stop = sec.next;
		if (!read_descriptor(&part->src, part->stop, &sec, &got)) {
			if (!got || !is_plausible(&part->src, &sec))
				break;
			st = note_checksum(&s, &sec, "the descriptor's checksum is wrong", err);
		}
		if (st == TRW_OK && strcmp(sec.type, "done") == 0)
			part->ending = TRW_EWF_DONE;
		if (st == TRW_OK && strcmp(sec.type, "next") == 0)
			part->ending = TRW_EWF_NEXT;
		if (part->ending != TRW_EWF_BROKEN)
			break;
		if (st == TRW_OK)
			st = take(&s, &sec, err);
		if (sec.next <= sec.off) {
			part->stop = sec.off;
			break;
		}
	}
	if (st == TRW_OK)
		st = close_sectors(&s, err);
	return st;
}
