/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw images, block devices and split raw sets: the bytes of the files, one after the other.
 *
 * All files of a split set are as long as the longest, but for the last. One that is shorter was cut, most
 * probably: what it lacks is missing, and the files behind it lie where they then belong. That is a guess, so
 * all bytes behind it count as damaged, and no digest of them is complete.
 */
#include "image/formats.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct trw_source src; /* fd -1: missing */
	uint64_t off, size;    /* media bytes */
	uint64_t span;         /* bytes up to the next piece: size, or more where it was padded */
};

struct raw { /* immutable after open */
	struct piece *v;
	size_t n;
};

static void
raw_close(void *ctx)
{
	struct raw *raw = ctx;

	for (size_t i = 0; i < raw->n; i++)
		trw_source_close(&raw->v[i].src);
	free(raw->v);
	free(raw);
}

/* The piece that holds off, which is inside the media. */
static const struct piece *
find_piece(const struct raw *raw, uint64_t off)
{
	size_t lo = 0, hi = raw->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (raw->v[mid].off <= off)
			lo = mid;
		else
			hi = mid;
	}
	return &raw->v[lo];
}

/* The first of the len bytes from off that lie in one piece: which, from where in it, how many. False: no file has them. */
static bool
find_part(const struct raw *raw, uint64_t off, uint64_t len, const struct piece **p, uint64_t *skip,
	uint64_t *n)
{
	bool is_stored;
	uint64_t left;

	*p = find_piece(raw, off);
	*skip = off - (*p)->off;
	is_stored = (*p)->src.fd >= 0 && *skip < (*p)->size;
	left = (is_stored ? (*p)->size : (*p)->span) - *skip;
	*n = len < left ? len : left;
	return is_stored;
}

static enum trw_status
raw_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct piece *p;
	uint64_t skip, n;
	enum trw_status st = TRW_OK;

	for (size_t done = 0; done < len && st == TRW_OK; done += (size_t)n)
		if (find_part(ctx, off + done, len - done, &p, &skip, &n))
			st = trw_source_read(
				&p->src, skip, buf + done, (size_t)n, off + done, damage, err);
		else
			memset(buf + done, 0, (size_t)n);
	return st;
}

static void
raw_ahead(void *ctx, uint64_t off, uint64_t len)
{
	const struct piece *p;
	uint64_t skip, n;

	for (uint64_t done = 0; done < len; done += n)
		if (find_part(ctx, off + done, len - done, &p, &skip, &n))
			trw_source_ahead(&p->src, skip, n);
}

static size_t
count_pieces(const struct trw_names *names, uint32_t first)
{
	return names->n > 1 ? (size_t)(names->v[names->n - 1].number - first) + 1 : 1;
}

/* The name of the missing file with this number, from that of a neighbour. */
static void
missing_name(const struct trw_name *near, uint32_t number, char *out, size_t cap)
{
	const char *dot = strrchr(near->path, '.');
	size_t stem = (size_t)(dot - near->path), width = strlen(dot + 1);

	if (stem + width + 2 > cap)
		stem = cap - width - 2;
	memcpy(out, near->path, stem);
	out[stem] = '.';
	out[stem + 1 + width] = '\0';
	if (dot[1] >= '0' && dot[1] <= '9') {
		for (size_t i = width; i > 0; i--, number /= 10)
			out[stem + i] = (char)('0' + number % 10);
		return;
	}
	number--;
	for (size_t i = width; i > 0; i--, number /= 26)
		out[stem + i] = (char)((dot[1] >= 'a' ? 'a' : 'A') + (char)(number % 26));
}

/* Fill the hole of a file that is not there: as long as the set's longest file. */
static enum trw_status
add_missing(struct trw_opening *o, const struct trw_name *near, uint32_t number, uint64_t size,
	struct trw_err *err)
{
	char name[4096];
	enum trw_status st;
	uint64_t off = o->about.info.size;

	missing_name(near, number, name, sizeof(name));
	st = trw_about_segment(&o->about, name, 0, true, err);
	if (st == TRW_OK)
		st = trw_about_note(&o->about, TRW_CODE_SEGMENT_MISSING, off, size, err,
			"%s is not there: taken to be as long as the longest file, nothing of it can be read",
			name);
	if (st == TRW_OK)
		st = trw_ranges_add(&o->known, off, size, TRW_DAMAGE_MISSING, err);
	return st;
}

static enum trw_status
add_size(struct trw_opening *o, struct piece *p, uint64_t size, struct trw_err *err)
{
	p->off = o->about.info.size;
	p->size = p->span = size;
	if (size > INT64_MAX - p->off)
		return trw_fail(err, TRW_EUSAGE, "the set is larger than 8 EiB");
	o->about.info.size += size;
	return TRW_OK;
}

/* How long the files of the set are, but for the last. All are open then. */
static enum trw_status
longest(struct trw_names *names, uint64_t *size, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	*size = 0;
	for (size_t i = 0; i < names->n && st == TRW_OK; i++) {
		st = trw_name_open(&names->v[i], err);
		if (st == TRW_OK && names->v[i].src.size > *size)
			*size = names->v[i].src.size;
	}
	return st;
}

/* The media goes on behind a piece that is too short where it would if the piece were whole. */
static enum trw_status
pad(struct trw_opening *o, struct piece *p, uint64_t usual, struct trw_err *err)
{
	uint64_t off = o->about.info.size, len = usual - p->size;
	enum trw_status st = trw_about_note(&o->about, TRW_CODE_IMAGE_TRUNCATED, off, len, err,
		"%s has %" PRIu64 " bytes, the longest file of the set %" PRIu64
		": taken to be cut short; where the bytes behind it belong is not certain",
		p->src.path, p->size, usual);

	if (st == TRW_OK)
		st = trw_ranges_add(&o->known, off, len, TRW_DAMAGE_MISSING, err);
	if (st == TRW_OK && len > INT64_MAX - off)
		st = trw_fail(err, TRW_EUSAGE, "the set is larger than 8 EiB");
	if (st == TRW_OK) {
		p->span = usual;
		o->about.info.size += len;
	}
	return st;
}

/* Behind the first piece that was padded nothing is certain. */
static enum trw_status
doubt(struct trw_opening *o, uint64_t from, struct trw_err *err)
{
	uint64_t size = o->about.info.size;

	if (from >= size)
		return TRW_OK;
	return trw_ranges_add(&o->known, from, size - from, TRW_DAMAGE_SUBSTITUTED, err);
}

static enum trw_status
add_file(struct piece *p, struct trw_name *name, struct trw_opening *o, struct trw_err *err)
{
	enum trw_status st;

	p->src = trw_name_take(name);
	st = add_size(o, p, p->src.size, err);
	return st == TRW_OK ? trw_about_segment(&o->about, name->path, p->src.size, false, err)
			    : st;
}

/* One piece for each number from first on. */
static enum trw_status
add_pieces(struct raw *raw, struct trw_names *names, uint32_t first, struct trw_opening *o,
	struct trw_err *err)
{
	uint64_t usual, certain = UINT64_MAX;
	size_t at = 0;
	enum trw_status st = longest(names, &usual, err);

	for (size_t i = 0; i < raw->n && st == TRW_OK; i++) {
		struct piece *p = &raw->v[i];
		struct trw_name *name = &names->v[at];

		if (names->n > 1 && name->number != first + i) {
			st = add_missing(o, name, first + (uint32_t)i, usual, err);
			if (st == TRW_OK)
				st = add_size(o, p, usual, err);
			continue;
		}
		st = add_file(p, name, o, err);
		if (st == TRW_OK && ++at < names->n && p->size < usual) {
			if (certain == UINT64_MAX)
				certain = o->about.info.size;
			st = pad(o, p, usual, err);
		}
	}
	return st == TRW_OK ? doubt(o, certain, err) : st;
}

/* How many of the first files plausibly belong: gaps may not outweigh what is there. */
static size_t
count_plausible(const struct trw_names *names)
{
	uint64_t expected = names->v[0].number == 0 ? 0 : 1, missing = 0;
	size_t n = 0;

	for (; n < names->n; n++) {
		missing += names->v[n].number - expected;
		if (missing > n + 1)
			break;
		expected = (uint64_t)names->v[n].number + 1;
	}
	return n;
}

/* Keep the found files that belong. When the given file is not among them it stands alone. */
static enum trw_status
trim(struct trw_names *names, struct trw_err *err)
{
	size_t keep = count_plausible(names), given = 0;
	const char *dot = strrchr(names->v[0].path, '.');
	bool is_letters = dot != NULL && !(dot[1] >= '0' && dot[1] <= '9');

	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].is_given)
			given = i;
	if (given >= keep || keep < 2 || (is_letters && names->v[0].number != 1)) {
		struct trw_name alone = names->v[given];

		names->v[given] = names->v[0];
		names->v[0] = alone;
		keep = 1;
	}
	for (; names->n > keep; names->n--) {
		if (names->v[names->n - 1].is_given)
			return trw_fail(err, TRW_EUSAGE,
				"%s: the numbers of the files are too far apart for one set",
				names->v[0].path);
		trw_name_clear(&names->v[names->n - 1]);
	}
	return TRW_OK;
}

/* The back end is o's from the start, so that whatever was opened is closed with it. */
static enum trw_status
raw_new(size_t n, struct trw_opening *o, struct raw **out, struct trw_err *err)
{
	struct raw *raw = trw_alloc(1, sizeof(*raw), err);

	if (raw == NULL)
		return TRW_ENOMEM;
	o->backend = (struct trw_backend){
		.read = raw_read, .close = raw_close, .ctx = raw, .ahead = raw_ahead};
	raw->v = trw_alloc(n, sizeof(*raw->v), err);
	if (raw->v == NULL)
		return TRW_ENOMEM;
	raw->n = n;
	for (size_t i = 0; i < n; i++)
		raw->v[i].src.fd = -1;
	*out = raw;
	return TRW_OK;
}

enum trw_status
trw_raw_open(struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	enum trw_status st = trim(names, err);
	uint32_t first = names->v[0].number == 0 ? 0 : 1;
	struct raw *raw;

	if (st == TRW_OK)
		st = raw_new(count_pieces(names, first), o, &raw, err);
	if (st != TRW_OK)
		return st;
	o->about.info.format = names->n > 1 ? TRW_IMAGE_SPLIT : TRW_IMAGE_RAW;
	o->about.info.format_name = names->n > 1 ? "split raw" : "raw";
	return add_pieces(raw, names, first, o, err);
}
