/* SPDX-License-Identifier: Apache-2.0 */
/* Raw images, block devices and split raw sets: the bytes of the files, one after the other. */
#include "image/backend.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct trw_source src; /* fd -1: missing */
	uint64_t off, size;    /* media bytes */
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
		uint64_t left = p->size - (off - p->off);
		size_t n = left < len ? (size_t)left : len;
		enum trw_status st = TRW_OK;

		if (p->src.fd < 0)
			memset(buf, 0, n);
		else
			st = trw_source_read(&p->src, off - p->off, buf, n, off, damage, err);
		if (st != TRW_OK)
			return st;
		off += n;
		buf += n;
		len -= n;
	}
	return TRW_OK;
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

/* Fill the hole of a file that is not there: as long as the set's first file. */
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
		st = trw_about_note(&o->about, "segment-missing", off, size, err,
			"%s is not there: taken to be as long as the first file, nothing of it can be read",
			name);
	if (st == TRW_OK)
		st = trw_ranges_add(&o->known, off, size, TRW_DAMAGE_MISSING, err);
	return st;
}

static enum trw_status
note_odd_size(struct trw_opening *o, const struct piece *p, uint64_t usual, struct trw_err *err)
{
	if (p->size >= usual)
		return TRW_OK;
	return trw_about_note(&o->about, "image-truncated", p->off, 0, err,
		"%s has %" PRIu64 " bytes, the first file %" PRIu64
		": if it was cut short, all that follows is displaced",
		p->src.path, p->size, usual);
}

static enum trw_status
add_size(struct trw_opening *o, struct piece *p, uint64_t size, struct trw_err *err)
{
	p->off = o->about.info.size;
	p->size = size;
	if (size > INT64_MAX - p->off)
		return trw_fail(err, TRW_EUSAGE, "the set is larger than 8 EiB");
	o->about.info.size += size;
	return TRW_OK;
}

static enum trw_status
size_of_first(const struct trw_names *names, uint64_t *size, struct trw_err *err)
{
	struct trw_source src;
	enum trw_status st = trw_source_open(names->v[0].path, &src, err);

	*size = src.size;
	trw_source_close(&src);
	return st;
}

/* One piece for each number from first on. */
static enum trw_status
add_pieces(struct flat *flat, const struct trw_names *names, uint32_t first, struct trw_opening *o,
	struct trw_err *err)
{
	uint64_t usual;
	size_t at = 0;
	enum trw_status st = size_of_first(names, &usual, err);

	for (size_t i = 0; i < flat->n && st == TRW_OK; i++) {
		struct piece *p = &flat->v[i];
		const struct trw_name *name = &names->v[at];

		if (names->n > 1 && name->number != first + i) {
			st = add_missing(o, name, first + (uint32_t)i, usual, err);
			if (st == TRW_OK)
				st = add_size(o, p, usual, err);
			continue;
		}
		st = trw_source_open(name->path, &p->src, err);
		if (st == TRW_OK)
			st = add_size(o, p, p->src.size, err);
		if (st == TRW_OK)
			st = trw_about_segment(&o->about, name->path, p->src.size, false, err);
		if (st == TRW_OK && ++at < names->n)
			st = note_odd_size(o, p, usual, err);
	}
	return st;
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
	o->backend = (struct trw_backend){flat_read, flat_close, flat};
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
