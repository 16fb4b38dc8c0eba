/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/plan/packed.h"

#include "record/wire.h"

#include <string.h>

#define PART_MAX ((size_t)4 << 10)               /* bytes on their way to or from the spool */
#define HEAD_BYTES_MAX (TRW_PLAN_EXTRA_MAX + 64) /* a packed stream up to its extents */
#define EXTENT_BYTES_MAX ((size_t)32)

void
trw_packed_clear(struct trw_packed *p)
{
	trw_spool_clear(&p->spool);
	trw_buf_clear(&p->part);
}

/* Hand the bytes of w over to the spool, and begin anew. */
static enum trw_status
flush(struct trw_packed *p, struct trw_wire *w, struct trw_err *err)
{
	enum trw_status status = trw_wire_finish(w, "plan");

	if (status == TRW_OK)
		status = trw_spool_put(&p->spool, p->part.v, p->part.n, err);
	p->part.n = 0;
	*w = trw_wire_begin(&p->part, err);
	return status;
}

enum trw_status
trw_packed_put(struct trw_packed *p, const struct trw_plan_stream *stream, uint64_t *at,
	struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(&p->part, err);
	struct trw_bytes extra = {.p = stream->extra, .n = stream->n_extra};
	uint64_t end = 0;

	*at = p->spool.n;
	trw_wire_delta(&w, 0, (uint64_t)stream->id);
	trw_wire_number(&w, stream->size);
	trw_wire_bytes(&w, extra, TRW_PLAN_EXTRA_MAX, "extra");
	trw_wire_number(&w, stream->extents.n);
	for (size_t i = 0; i < stream->extents.n; i++) {
		trw_wire_extent(&w, &stream->extents.v[i], &end);
		if (p->part.n >= PART_MAX) {
			enum trw_status status = flush(p, &w, err);
			if (status < 0)
				return status;
		}
	}
	return flush(p, &w, err);
}

/* Reads a packed stream in parts. */
struct reader {
	const struct trw_spool *spool;
	uint64_t off; /* in the spool: of the byte behind those in cur */
	struct trw_cur cur;
	uint8_t bytes[PART_MAX];
};

/* See to it that cur has at least `want` bytes, or all up to the end of the spool. */
static enum trw_status
refill(struct reader *r, size_t want, struct trw_err *err)
{
	uint64_t more = r->spool->n - r->off;
	size_t part = sizeof(r->bytes) - r->cur.left;
	enum trw_status status;

	if (r->cur.left >= want || more == 0)
		return TRW_OK;
	if (part > more)
		part = (size_t)more;
	if (r->cur.left > 0)
		memmove(r->bytes, r->cur.p, r->cur.left);
	status = trw_spool_get(r->spool, r->off, r->bytes + r->cur.left, part, err);
	r->cur.p = r->bytes;
	r->cur.left += part;
	r->off += part;
	return status;
}

/* The bytes were good when they were written: bad ones are the disk's fault. */
static enum trw_status
check(const struct reader *r, struct trw_err *err)
{
	if (!r->cur.bad)
		return TRW_OK;
	return trw_fail(err, TRW_EIO, "%s: temporary file: its bytes have changed: check that disk",
		r->spool->temp.folder);
}

static enum trw_status
get_head(struct trw_packed *p, struct reader *r, uint64_t at, struct trw_plan_stream *out,
	uint64_t *n_extents, struct trw_err *err)
{
	struct trw_bytes extra;
	enum trw_status status;

	r->spool = &p->spool;
	r->off = at;
	r->cur = (struct trw_cur){0};
	status = refill(r, HEAD_BYTES_MAX, err);
	if (status < 0)
		return status;
	out->id = (int64_t)trw_wire_get_delta(&r->cur, 0);
	out->size = trw_wire_get_number(&r->cur);
	extra = trw_wire_get_bytes(&r->cur, sizeof(p->extra));
	if (extra.n > 0)
		memcpy(p->extra, extra.p, extra.n);
	out->extra = p->extra;
	out->n_extra = extra.n;
	*n_extents = trw_wire_get_limited(&r->cur, TRW_EXTENTS_MAX);
	return check(r, err);
}

static enum trw_status
get_extents(struct reader *r, uint64_t n, struct trw_extents *out, struct trw_err *err)
{
	uint64_t end = 0;

	for (uint64_t i = 0; i < n; i++) {
		enum trw_status status = refill(r, EXTENT_BYTES_MAX, err);
		struct trw_extent x;

		if (status < 0)
			return status;
		x = trw_wire_get_extent(&r->cur, &end);
		status = check(r, err);
		if (status == TRW_OK)
			status = trw_extents_add(out, x.kind, x.off, x.len, err);
		if (status < 0)
			return status;
	}
	return TRW_OK;
}

enum trw_status
trw_packed_get(struct trw_packed *p, uint64_t at, struct trw_plan_stream *out, struct trw_err *err)
{
	struct reader r;
	uint64_t n = 0;
	enum trw_status status = get_head(p, &r, at, out, &n, err);

	if (status == TRW_OK)
		status = get_extents(&r, n, &out->extents, err);
	if (status < 0)
		trw_extents_clear(&out->extents);
	return status;
}

enum trw_status
trw_packed_head(struct trw_packed *p, uint64_t at, struct trw_plan_stream *out, struct trw_err *err)
{
	struct reader r;
	uint64_t n;

	return get_head(p, &r, at, out, &n, err);
}
