/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extents are gathered in one buffer, so that a stream of many small runs reaches the consumers in large
 * pieces; `at` is the position in the stream up to which bytes are in the buffer or with the consumers.
 */
#include "index/content/stream.h"

#include "base/alloc.h"
#include "sweep/spans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER ((size_t)1 << 20)

struct trw_stream {
	struct trw_image *image;
	struct trw_talk talk; /* with read workers */
	uint8_t *buf;         /* BUFFER bytes */
};

/* One read. */
struct reading {
	struct trw_stream *s;
	const struct trw_task *task;
	struct trw_tee *tee;
	bool (*stops)(void *ctx);
	void *stops_ctx;
	struct trw_stream_report *report;
	uint64_t at;
	size_t fill; /* bytes in the buffer, not yet with the consumers */
};

enum trw_status
trw_stream_new(struct trw_image *image, const struct trw_worker_spec *spec, struct trw_stream **out,
	struct trw_err *err)
{
	struct trw_stream *s = trw_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return TRW_ENOMEM;
	s->image = image;
	s->talk.spec = *spec;
	s->buf = trw_alloc(BUFFER, 1, err);
	if (s->buf == NULL) {
		free(s);
		return TRW_ENOMEM;
	}
	*out = s;
	return TRW_OK;
}

void
trw_stream_free(struct trw_stream *s)
{
	if (s == NULL)
		return;
	trw_talk_close(&s->talk);
	free(s->buf);
	free(s);
}

/* After a piece went to the consumers with status s. */
static enum trw_status
check_tee(struct reading *r, enum trw_status s, struct trw_err *err)
{
	if (s >= 0 && r->stops != NULL && r->stops(r->stops_ctx))
		s = trw_fail(err, TRW_ECANCEL, "interrupted");
	return s;
}

static enum trw_status
flush(struct reading *r, struct trw_err *err)
{
	size_t n = r->fill;

	r->fill = 0;
	if (n == 0)
		return TRW_OK;
	return check_tee(r, trw_tee_bytes(r->tee, r->s->buf, n, err), err);
}

/* Nothing but a length: zeros, or missing. In steps, so that a terabyte of them can be interrupted. */
static enum trw_status
put_empty(struct reading *r, uint64_t len, enum trw_span_kind kind, struct trw_err *err)
{
	const uint64_t step = (uint64_t)64 << 20;
	enum trw_status s = flush(r, err);

	while (s == TRW_OK && len > 0) {
		uint64_t n = len < step ? len : step;
		s = kind == TRW_SPAN_ZERO ? trw_tee_zeros(r->tee, n, err)
					  : trw_tee_missing(r->tee, n, kind, err);
		s = check_tee(r, s, err);
		r->at += n;
		len -= n;
	}
	return s;
}

static enum trw_status
put_missing(struct reading *r, uint64_t len, enum trw_span_kind why, struct trw_err *err)
{
	enum trw_status s = trw_ranges_add(&r->report->damage, r->at, len, TRW_DAMAGE_MISSING, err);

	return s < 0 ? s : put_empty(r, len, why, err);
}

/* The rest of the stream is missing; the first cause given stays. */
static enum trw_status
put_rest_missing(struct reading *r, enum trw_span_kind why, const char *cause, struct trw_err *err)
{
	if (r->at >= r->task->size)
		return TRW_OK;
	if (r->report->cause[0] == '\0')
		(void)snprintf(r->report->cause, sizeof(r->report->cause), "%s", cause);
	return put_missing(r, r->task->size - r->at, why, err);
}

/* len bytes of the image from off, all of them inside it. */
static enum trw_status
put_image(struct reading *r, uint64_t off, uint64_t len, struct trw_err *err)
{
	struct trw_ranges bad = {0};
	enum trw_status s = TRW_OK;

	while (s == TRW_OK && len > 0) {
		if (r->fill == BUFFER && (s = flush(r, err)) < 0)
			break;
		size_t n = BUFFER - r->fill;
		if (n > len)
			n = (size_t)len;
		s = trw_image_read(r->s->image, off, r->s->buf + r->fill, n, &bad, err);
		if (s == TRW_OK && bad.n > 0)
			s = trw_ranges_add_part(&r->report->damage, &bad, off, n, r->at, err);
		trw_ranges_clear(&bad);
		r->fill += n;
		r->at += n;
		off += n;
		len -= n;
	}
	trw_ranges_clear(&bad);
	return s;
}

static enum trw_status
read_extents(struct reading *r, struct trw_err *err)
{
	uint64_t size = trw_image_info(r->s->image)->size;
	struct trw_spans spans = {&r->task->extents, r->task->size, size, 0, 0, 0};
	struct trw_span span;
	enum trw_status s = TRW_OK;

	while (s == TRW_OK && trw_spans_next(&spans, &span)) {
		if (r->report->cause[0] == '\0')
			trw_span_cause(&span, size, r->report->cause, sizeof(r->report->cause));
		if (span.kind == TRW_SPAN_DATA)
			s = put_image(r, span.off, span.len, err);
		else if (span.kind == TRW_SPAN_ZERO)
			s = put_empty(r, span.len, TRW_SPAN_ZERO, err);
		else
			s = put_missing(r, span.len, span.kind, err);
	}
	return s == TRW_OK ? flush(r, err) : s;
}

static bool
data_fits(const struct reading *r, const struct trw_data *d)
{
	return d->off >= r->at && d->off <= r->task->size && d->bytes.n <= r->task->size - d->off;
}

static enum trw_status
take_data(struct reading *r, const struct trw_data *d, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (d->off > r->at)
		s = put_missing(r, d->off - r->at, TRW_SPAN_UNREAD, err);
	if (s == TRW_OK && d->bytes.n > 0)
		s = check_tee(r, trw_tee_bytes(r->tee, d->bytes.p, d->bytes.n, err), err);
	r->at += d->bytes.n;
	return s;
}

/* The damage list of a DONE frame. Errors: TRW_ECORRUPT when it breaks the rules, TRW_ENOMEM. */
static enum trw_status
take_done(struct reading *r, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_damage_list done = {0};
	enum trw_status s = trw_damage_decode(f->payload, f->len, &done, err);

	if (s == TRW_OK)
		s = trw_damage_fits(&done.damage, 0, r->task->size, err);
	if (s == TRW_OK)
		s = trw_ranges_add_part(&r->report->damage, &done.damage, 0, r->task->size, 0, err);
	trw_ranges_clear(&done.damage);
	return s;
}

static enum trw_status
take_frame(void *ctx, const struct trw_frame *f, struct trw_err *err)
{
	struct reading *r = ctx;
	struct trw_data d;
	enum trw_status s;

	if (f->type == TRW_FRAME_DATA && trw_data_decode(f->payload, f->len, &d, NULL) == TRW_OK &&
		data_fits(r, &d))
		return take_data(r, &d, err);
	if (f->type == TRW_FRAME_DONE) {
		s = take_done(r, f, err);
		if (s != TRW_ECORRUPT)
			return s < 0 ? s : TRW_END;
	}
	trw_worker_distrust(r->s->talk.worker, "an answer to READ that does not fit the request");
	return TRW_OK;
}

static enum trw_status
begin(struct reading *r, struct trw_err *err)
{
	const struct trw_task *t = r->task;
	struct trw_stream_head head = {.id = t->file_id,
		.size = t->size,
		.is_sparse = t->source == TRW_CONTENT_EXTENTS &&
			     trw_spans_are_sparse(&t->extents, t->size)};

	r->at = 0;
	return trw_tee_begin(r->tee, &head, err);
}

/* Back to the start of the stream, with nothing on record but how the first worker ended. */
static enum trw_status
again(void *ctx, const struct trw_talk_end *end, struct trw_err *err)
{
	struct reading *r = ctx;
	struct trw_stream_report *report = r->report;

	report->is_retried = true;
	if (end->has_worker_end)
		(void)snprintf(report->first, sizeof(report->first), "the read worker was %s",
			end->worker.text);
	else
		(void)snprintf(report->first, sizeof(report->first), "%s", end->err.text);
	trw_ranges_clear(&report->damage);
	return begin(r, err);
}

static enum trw_status
read_decoded(struct reading *r, struct trw_err *err)
{
	struct trw_stream_report *report = r->report;
	struct trw_talk_request request = {.type = TRW_FRAME_READ,
		.take = take_frame,
		.again = trw_tee_can_restart(r->tee) ? again : NULL,
		.ctx = r};
	struct trw_buf b = {0};
	enum trw_status s = trw_read_request_encode(&r->task->decode, &b, err);

	request.payload = b.v;
	request.n = b.n;
	if (s == TRW_OK)
		s = trw_talk(&r->s->talk, &request, &report->end, err);
	trw_buf_clear(&b);
	if (s < 0)
		return s;
	report->has_end = report->end.how == TRW_TALK_LOST && report->end.has_worker_end;
	if (report->has_end)
		(void)snprintf(report->cause, sizeof(report->cause), "the read worker was %s",
			report->end.worker.text);
	else if (report->end.how != TRW_TALK_DONE)
		(void)snprintf(report->cause, sizeof(report->cause), "%s", report->end.err.text);
	return put_rest_missing(
		r, TRW_SPAN_UNREAD, "the decoder gave fewer bytes than the size says", err);
}

enum trw_status
trw_stream_read(struct trw_stream *s, const struct trw_task *task, struct trw_tee *tee,
	bool (*stops)(void *ctx), void *stops_ctx, struct trw_stream_report *report,
	struct trw_err *err)
{
	struct reading r = {.s = s,
		.task = task,
		.tee = tee,
		.stops = stops,
		.stops_ctx = stops_ctx,
		.report = report};

	*report = (struct trw_stream_report){0};
	enum trw_status st = begin(&r, err);
	if (st < 0 || task->size == 0)
		return st;
	switch (task->source) {
	case TRW_CONTENT_EXTENTS:
		return read_extents(&r, err);
	case TRW_CONTENT_DECODE:
		return read_decoded(&r, err);
	case TRW_CONTENT_INLINE:
	case TRW_CONTENT_UNKNOWN:
	case TRW_CONTENT_NONE:
	case TRW_CONTENT_N:
		break;
	}
	return put_rest_missing(
		&r, TRW_SPAN_LOST, "the file system does not say where the content is", err);
}
