/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"

#include "base/bytes.h"

#define NUMBER_MAX_BYTES 10

struct trw_wire
trw_wire_begin(struct trw_buf *b, struct trw_err *err)
{
	return (struct trw_wire){.b = b, .before = b->n, .status = TRW_OK, .err = err};
}

enum trw_status
trw_wire_finish(struct trw_wire *w, const char *what)
{
	if (w->status == TRW_OK)
		return TRW_OK;
	w->b->n = w->before;
	(void)trw_fail_in(w->err, "%s", what);
	return w->status;
}

static void
put(struct trw_wire *w, const void *p, size_t len)
{
	if (w->status == TRW_OK)
		w->status = trw_buf_put(w->b, p, len, w->err);
}

void
trw_wire_number(struct trw_wire *w, uint64_t v)
{
	uint8_t raw[NUMBER_MAX_BYTES];
	size_t n = 0;

	while (v >= 0x80) {
		raw[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	raw[n++] = (uint8_t)v;
	put(w, raw, n);
}

void
trw_wire_delta(struct trw_wire *w, uint64_t from, uint64_t to)
{
	uint64_t d = to - from;

	trw_wire_number(w, d << 1 ^ (0 - (d >> 63)));
}

void
trw_wire_bool(struct trw_wire *w, bool v)
{
	uint8_t raw = v;

	put(w, &raw, 1);
}

void
trw_wire_time(struct trw_wire *w, int64_t ns)
{
	uint8_t raw[8];

	trw_put_le64(raw, (uint64_t)ns);
	put(w, raw, sizeof(raw));
}

void
trw_wire_limited(struct trw_wire *w, uint64_t v, uint64_t max, const char *what)
{
	if (v > max && w->status == TRW_OK)
		w->status = trw_fail(
			w->err, TRW_EUSAGE, "%s %" PRIu64 " is over %" PRIu64, what, v, max);
	trw_wire_number(w, v);
}

void
trw_wire_span(struct trw_wire *w, uint64_t off, uint64_t len)
{
	trw_wire_limited(w, off, INT64_MAX, "offset");
	trw_wire_limited(w, len, off > INT64_MAX ? 0 : INT64_MAX - off, "length");
}

void
trw_wire_extent(struct trw_wire *w, const struct trw_extent *x, uint64_t *end)
{
	trw_wire_number(w, x->kind);
	trw_wire_number(w, x->len);
	if (x->kind == TRW_EXTENT_DATA) {
		trw_wire_delta(w, *end, x->off);
		*end = x->off + x->len;
	}
}

void
trw_wire_bytes(struct trw_wire *w, struct trw_bytes bytes, size_t max, const char *what)
{
	if (bytes.n > max && w->status == TRW_OK)
		w->status = trw_fail(
			w->err, TRW_ELIMIT, "%s of %zu bytes is over %zu", what, bytes.n, max);
	trw_wire_number(w, bytes.n);
	put(w, bytes.p, bytes.n);
}

uint64_t
trw_wire_get_number(struct trw_cur *c)
{
	uint64_t v = 0;

	for (unsigned int shift = 0;; shift += 7) {
		uint8_t byte = trw_cur_u8(c);

		/* Not the shortest form, or more than 64 bits. */
		if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1))
			c->bad = true;
		if (c->bad)
			return 0;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
}

uint64_t
trw_wire_get_delta(struct trw_cur *c, uint64_t from)
{
	uint64_t z = trw_wire_get_number(c);

	return from + (z >> 1 ^ (0 - (z & 1)));
}

bool
trw_wire_get_bool(struct trw_cur *c)
{
	uint8_t v = trw_cur_u8(c);

	if (v > 1)
		c->bad = true;
	return v == 1;
}

int64_t
trw_wire_get_time(struct trw_cur *c)
{
	return (int64_t)trw_cur_u64(c);
}

uint64_t
trw_wire_get_limited(struct trw_cur *c, uint64_t max)
{
	uint64_t v = trw_wire_get_number(c);

	if (v <= max)
		return v;
	c->bad = true;
	return 0;
}

void
trw_wire_get_span(struct trw_cur *c, uint64_t *off, uint64_t *len)
{
	*off = trw_wire_get_limited(c, INT64_MAX);
	*len = trw_wire_get_limited(c, INT64_MAX - *off);
}

struct trw_extent
trw_wire_get_extent(struct trw_cur *c, uint64_t *end)
{
	struct trw_extent x = {0};

	x.kind = (enum trw_extent_kind)trw_wire_get_limited(c, TRW_EXTENT_LOST);
	x.len = trw_wire_get_limited(c, INT64_MAX);
	if (x.kind == TRW_EXTENT_DATA) {
		x.off = trw_wire_get_delta(c, *end);
		*end = x.off + x.len;
	}
	return x;
}

struct trw_bytes
trw_wire_get_bytes(struct trw_cur *c, size_t max)
{
	struct trw_bytes bytes = {.n = (size_t)trw_wire_get_limited(c, max)};

	if (bytes.n > c->left)
		c->bad = true;
	if (c->bad)
		return (struct trw_bytes){0};
	bytes.p = c->p;
	c->p += bytes.n;
	c->left -= bytes.n;
	return bytes;
}

enum trw_status
trw_wire_end(const struct trw_cur *c, const char *what, struct trw_err *err)
{
	if (c->bad)
		return trw_fail(
			err, TRW_ECORRUPT, "%s: a field is cut short or out of range", what);
	if (c->left > 0)
		return trw_fail(err, TRW_ECORRUPT, "%s: %zu bytes too many", what, c->left);
	return TRW_OK;
}
