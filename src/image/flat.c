/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw images, block devices and split raw sets: the bytes of the files, one after the other.
 *
 * All files of a split set are as long as the longest, but for the last. One that is shorter was cut, most
 * probably: what it lacks is missing, and the files behind it lie where they then belong. That is a guess, so
 * all bytes behind it count as damaged, and no digest of them is complete.
 */
#include "image/backend.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct trw_source src; /* fd -1: missing */
	uint64_t off, size;    /* media bytes */
	uint64_t span;         /* bytes up to the next piece: size, or more where it was padded */
};

struct flat { /* immutable after open */
	struct piece *v;
	size_t n;
};

static void
flat_close(void *ctx)
{
	struct flat *flat = ctx;

	for (size_t i = 0; i < flat->n; i++)
		trw_source_close(&flat->v[i].src);
	free(flat->v);
	free(flat);
}

/* The piece that holds off, which is inside the media. */
static const struct piece *
find_piece(const struct flat *flat, uint64_t off)
{
	size_t lo = 0, hi = flat->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (flat->v[mid].off <= off)
			lo = mid;
		else
			hi = mid;
	}
	return &flat->v[lo];
}

static enum trw_status
flat_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct flat *flat = ctx;

	while (len > 0) {
		const struct piece *p = find_piece(flat, off);
		uint64_t skip = off - p->off, left = p->span - skip;
		size_t n = left < len ? (size_t)left : len;
		enum trw_status st = TRW_OK;

		if (p->src.fd < 0 || skip >= p->size) {
			memset(buf, 0, n);
		} else {
			if (n > p->size - skip)
				n = (size_t)(p->size - skip);
			st = trw_source_read(&p->src, skip, buf, n, off, damage, err);
		}
		if (st != TRW_OK)
			return st;
		off += n;
		buf += n;
		len -= n;
	}
	return TRW_OK;
}

static void
flat_ahead(void *ctx, uint64_t off, uint64_t len)
{
	const struct flat *flat = ctx;

	while (len > 0) {
		const struct piece *p = find_piece(flat, off);
		uint64_t skip = off - p->off, left = p->span - skip;
		uint64_t n = left < len ? left : len;

		if (p->src.fd >= 0 && skip < p->size)
			trw_source_ahead(&p->src, skip, n < p->size - skip ? n : p->size - skip);
		off += n;
		len -= n;
	}
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

/* How long the files of the set are, but for the last. */
static enum trw_status
longest(const struct trw_names *names, uint64_t *size, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	*size = 0;
	for (size_t i = 0; i < names->n && st == TRW_OK; i++) {
		struct trw_source src;

		st = trw_source_open(names->v[i].path, &src, err);
		if (st == TRW_OK && src.size > *size)
			*size = src.size;
		trw_source_close(&src);
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
add_file(struct piece *p, const char *path, struct trw_opening *o, struct trw_err *err)
{
	enum trw_status st = trw_source_open(path, &p->src, err);

	if (st == TRW_OK)
		st = add_size(o, p, p->src.size, err);
	return st == TRW_OK ? trw_about_segment(&o->about, path, p->src.size, false, err) : st;
}

/* One piece for each number from first on. */
static enum trw_status
add_pieces(struct flat *flat, const struct trw_names *names, uint32_t first, struct trw_opening *o,
	struct trw_err *err)
{
	uint64_t usual, certain = UINT64_MAX;
	size_t at = 0;
	enum trw_status st = longest(names, &usual, err);

	for (size_t i = 0; i < flat->n && st == TRW_OK; i++) {
		struct piece *p = &flat->v[i];
		const struct trw_name *name = &names->v[at];

		if (names->n > 1 && name->number != first + i) {
			st = add_missing(o, name, first + (uint32_t)i, usual, err);
			if (st == TRW_OK)
				st = add_size(o, p, usual, err);
			continue;
		}
		st = add_file(p, name->path, o, err);
		if (st == TRW_OK && ++at < names->n && p->size < usual) {
			if (certain == UINT64_MAX)
				certain = o->about.info.size;
			st = pad(o, p, usual, err);
		}
	}
	return st == TRW_OK ? doubt(o, certain, err) : st;
}

enum trw_status
trw_flat_open(const struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	uint32_t first = names->v[0].number == 0 ? 0 : 1;
	struct flat *flat = trw_alloc(1, sizeof(*flat), err);
	size_t n = count_pieces(names, first);
	enum trw_status st;

	if (flat == NULL)
		return TRW_ENOMEM;
	o->backend = (struct trw_backend){
		.read = flat_read, .close = flat_close, .ctx = flat, .ahead = flat_ahead};
	flat->v = trw_alloc(n, sizeof(*flat->v), err);
	if (flat->v == NULL)
		return TRW_ENOMEM;
	flat->n = n;
	for (size_t i = 0; i < n; i++)
		flat->v[i].src.fd = -1;
	o->about.info.format = names->n > 1 ? TRW_IMAGE_SPLIT : TRW_IMAGE_RAW;
	o->about.info.format_name = names->n > 1 ? "split raw" : "raw";
	st = add_pieces(flat, names, first, o, err);
	o->about.info.is_damaged = o->known.n > 0;
	return st;
}
