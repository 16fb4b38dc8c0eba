/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/rest.h"

#include "base/alloc.h"
#include "index/content/outcome.h"
#include "index/content/stream.h"
#include "index/content/zeros.h"
#include "sweep/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stream shorter than this is cheaper to hash than to look up. */
#define ZEROS_MIN ((uint64_t)1 << 20)

struct rest {
	struct trw_pass *pass;       /* immutable, but for its plan: guarded by mu */
	struct trw_worker_spec spec; /* immutable */
	struct trw_zeros zeros;
	pthread_mutex_t mu;
};

struct hand {
	struct rest *rest;
	pthread_t thread;
	struct trw_digester digester; /* owner: the thread, as all below */
	struct trw_stream *stream;
	struct trw_outbox outbox;
	uint64_t n_bytes; /* of the stream so far */
};

/* They are read and digested. */
static void
count(struct hand *h, uint64_t n)
{
	struct trw_progress *p = h->rest->pass->progress;

	h->n_bytes += n;
	atomic_fetch_add_explicit(&p->bytes_done, n, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->content_done, n, memory_order_relaxed);
}

static enum trw_status
sink_bytes(void *ctx, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct hand *h = ctx;

	(void)err;
	trw_digest_update(&h->digester, p, n);
	count(h, n);
	return TRW_OK;
}

static enum trw_status
sink_zeros(void *ctx, uint64_t n, struct trw_err *err)
{
	struct hand *h = ctx;

	(void)err;
	trw_digest_zeros(&h->digester, n);
	count(h, n);
	return TRW_OK;
}

static enum trw_status
sink_restart(void *ctx, struct trw_err *err)
{
	struct hand *h = ctx;
	struct trw_progress *p = h->rest->pass->progress;

	(void)err;
	trw_digest_start(&h->digester, TRW_DIGEST_ALL);
	atomic_fetch_sub_explicit(&p->bytes_done, h->n_bytes, memory_order_relaxed);
	atomic_fetch_sub_explicit(&p->content_done, h->n_bytes, memory_order_relaxed);
	h->n_bytes = 0;
	return TRW_OK;
}

static bool
stops(void *ctx)
{
	return trw_latch_stops(ctx);
}

/* The next stream, as a task of the caller's: its extents are to be cleared. TRW_END: none is left. */
static enum trw_status
next_task(struct rest *r, struct trw_task *task, struct trw_err *err)
{
	struct trw_plan_stream stream = {0};
	enum trw_status s;

	*task = (struct trw_task){.source = TRW_CONTENT_EXTENTS};
	(void)pthread_mutex_lock(&r->mu);
	s = trw_plan_next_off(r->pass->plan, &stream, err);
	if (s == TRW_OK && stream.n_extra > 0) {
		task->source = TRW_CONTENT_DECODE;
		s = trw_read_request_decode(stream.extra, stream.n_extra, &task->decode, err);
	}
	(void)pthread_mutex_unlock(&r->mu);
	task->file_id = stream.id;
	task->size = stream.size;
	task->extents = stream.extents;
	return s;
}

static enum trw_status
digest(struct hand *h, const struct trw_task *task, struct trw_digests *digests,
	struct trw_stream_report *report, struct trw_err *err)
{
	struct trw_stream_sink sink = {sink_bytes, sink_zeros, h, sink_restart};
	struct rest *r = h->rest;
	bool is_hollow = task->size >= ZEROS_MIN && task->source == TRW_CONTENT_EXTENTS &&
			 trw_layout_is_hollow(&task->extents, task->size);

	h->n_bytes = 0;
	if (is_hollow && trw_zeros_find(&r->zeros, task->size, digests)) {
		count(h, task->size);
		return TRW_OK;
	}
	trw_digest_start(&h->digester, TRW_DIGEST_ALL);
	enum trw_status s =
		trw_stream_read(h->stream, task, &sink, stops, r->pass->latch, report, err);
	if (s < 0)
		return s;
	trw_digest_finish(&h->digester, digests);
	if (is_hollow)
		trw_zeros_add(&r->zeros, task->size, digests);
	return TRW_OK;
}

/* A death that did not repeat is no problem of the evidence: for the record only. */
static enum trw_status
post_retry(struct hand *h, const struct trw_task *task, const char *first, struct trw_err *err)
{
	char text[TRW_ERR_TEXT_MAX + 128];

	(void)snprintf(text, sizeof(text),
		"file=%" PRId64 " inode=%" PRIu64 ": %.400s; a fresh one reads the stream again",
		task->file_id, task->decode.inode, first);
	return trw_outbox_audit(&h->outbox, "retry", text, err);
}

static enum trw_status
do_task(struct hand *h, const struct trw_task *task, struct trw_err *err)
{
	struct trw_stream_report report = {0};
	struct trw_outcome o = {
		.image_id = h->rest->pass->image_id, .file_id = task->file_id, .size = task->size};
	enum trw_status s = digest(h, task, &o.digests, &report, err);

	o.damage = report.damage;
	o.cause = report.cause;
	o.lost = report.has_end ? &report.end : NULL;
	if (s == TRW_OK && report.is_retried)
		s = post_retry(h, task, report.first, err);
	if (s == TRW_OK && o.damage.n > 0)
		s = trw_outbox_damage(
			&h->outbox, h->rest->pass->image_id, h->rest->pass->image, err);
	if (s == TRW_OK)
		s = trw_outcome_post(&h->outbox, &o, err);
	else
		trw_ranges_clear(&o.damage);
	atomic_fetch_add_explicit(&h->rest->pass->progress->files_done, 1, memory_order_relaxed);
	return s;
}

static enum trw_status
do_all(struct hand *h, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	while (s == TRW_OK) {
		struct trw_task task;
		if (trw_latch_stops(h->rest->pass->latch))
			return TRW_OK; /* the latch knows why */
		s = next_task(h->rest, &task, err);
		if (s == TRW_OK)
			s = do_task(h, &task, err);
		trw_extents_clear(&task.extents);
	}
	return s < 0 ? s : trw_outbox_flush(&h->outbox, err);
}

static void *
hand_thread(void *arg)
{
	struct hand *h = arg;
	struct trw_err err = {0};

	if (do_all(h, &err) < 0)
		trw_latch_set(h->rest->pass->latch, &err);
	return NULL;
}

static enum trw_status
run_hands(struct rest *r, struct hand *hands, unsigned n, struct trw_err *err)
{
	unsigned n_started = 0;
	enum trw_status s = TRW_OK;

	for (unsigned i = 0; s == TRW_OK && i < n; i++) {
		int e = 0;
		hands[i].rest = r;
		hands[i].outbox.writer = r->pass->writer;
		s = trw_stream_new(r->pass->image, &r->spec, &hands[i].stream, err);
		if (s == TRW_OK &&
			(e = pthread_create(&hands[i].thread, NULL, hand_thread, &hands[i])) != 0)
			s = trw_fail_errno(err, e, "start thread %u of the rest", i);
		n_started += s == TRW_OK;
	}
	if (s < 0) /* those that run end soon */
		trw_latch_set(r->pass->latch, &(struct trw_err){.status = s});
	for (unsigned i = 0; i < n_started; i++)
		(void)pthread_join(hands[i].thread, NULL);
	for (unsigned i = 0; i < n; i++) {
		trw_stream_free(hands[i].stream);
		trw_outbox_clear(&hands[i].outbox);
	}
	return s < 0 ? s : trw_latch_status(r->pass->latch, err);
}

enum trw_status
trw_rest_run(struct trw_pass *pass, struct trw_err *err)
{
	uint64_t left = trw_plan_totals(pass->plan).n_off;
	unsigned n = left < pass->options->jobs ? (unsigned)left : pass->options->jobs;
	struct rest r = {.pass = pass, .spec = trw_pass_talk(pass, "read").spec};
	struct hand *hands = trw_alloc(n, sizeof(*hands), err);

	if (hands == NULL)
		return TRW_ENOMEM;
	trw_zeros_init(&r.zeros);
	(void)pthread_mutex_init(&r.mu, NULL);
	enum trw_status s = run_hands(&r, hands, n, err);
	(void)pthread_mutex_destroy(&r.mu);
	trw_zeros_destroy(&r.zeros);
	free(hands);
	return s;
}
