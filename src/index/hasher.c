/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hasher writes depends on the task and the image alone, never on which thread took it or when: that
 * is what makes one thread and many give the same database.
 */
#include "index/hasher.h"

#include "base/alloc.h"
#include "base/text.h"
#include "digest/digest.h"
#include "index/outbox.h"
#include "index/stream.h"
#include "index/task.h"
#include "index/zeros.h"

#include <stdio.h>
#include <stdlib.h>

/* A stream shorter than this is cheaper to hash than to look up. */
#define ZEROS_MIN ((uint64_t)1 << 20)

struct hasher {
	struct trw_hashers *all;
	pthread_t thread;
	struct trw_digester *digester; /* owner: the thread, as all below */
	struct trw_stream *stream;
	struct trw_outbox outbox;
};

struct trw_hashers {
	const struct trw_pass *pass; /* immutable */
	struct trw_worker_spec spec; /* immutable */
	struct trw_zeros zeros;
	size_t n_started; /* owner: who started */
	size_t n;         /* immutable */
	struct hasher *v;
};

static enum trw_status
sink_bytes(void *ctx, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct hasher *h = ctx;

	(void)err;
	trw_digester_update(h->digester, p, n);
	atomic_fetch_add_explicit(&h->all->pass->progress->bytes_done, n, memory_order_relaxed);
	return TRW_OK;
}

static enum trw_status
sink_zeros(void *ctx, uint64_t n, struct trw_err *err)
{
	struct hasher *h = ctx;

	(void)err;
	trw_digester_zeros(h->digester, n);
	atomic_fetch_add_explicit(&h->all->pass->progress->bytes_done, n, memory_order_relaxed);
	return TRW_OK;
}

static bool
stops(void *ctx)
{
	return trw_latch_stops(ctx);
}

/* The state that the damage leaves a stream of this size in. */
static enum trw_digest_state
judge(uint64_t size, const struct trw_ranges *damage)
{
	switch (trw_ranges_worst(damage)) {
	case TRW_DAMAGE_NONE:
		return TRW_DIGEST_COMPLETE;
	case TRW_DAMAGE_SUBSTITUTED:
		return TRW_DIGEST_SUBSTITUTED;
	case TRW_DAMAGE_MISSING:
		break;
	}
	return trw_ranges_total(damage, TRW_DAMAGE_MISSING) >= size ? TRW_DIGEST_NONE
								    : TRW_DIGEST_PARTIAL;
}

static void
damage_text(const struct trw_task *task, enum trw_digest_state state,
	const struct trw_stream_report *report, char *text, size_t n)
{
	uint64_t missing = trw_ranges_total(&report->damage, TRW_DAMAGE_MISSING);
	uint64_t replaced = trw_ranges_total(&report->damage, TRW_DAMAGE_SUBSTITUTED);
	const char *cause = report->cause;
	const char *colon = cause[0] == '\0' ? "" : ": ";

	if (state == TRW_DIGEST_NONE)
		(void)snprintf(text, n, "none of the %" PRIu64 " bytes can be read%s%s", task->size,
			colon, cause);
	else if (state == TRW_DIGEST_PARTIAL)
		(void)snprintf(text, n,
			"%" PRIu64 " of %" PRIu64 " bytes are missing and %" PRIu64
			" replaced, in %zu ranges; the digests are over zeros there%s%s",
			missing, task->size, replaced, report->damage.n, colon, cause);
	else
		(void)snprintf(text, n,
			"%" PRIu64 " of %" PRIu64
			" bytes, in %zu ranges, were replaced by the container or the acquisition%s%s",
			replaced, task->size, report->damage.n, colon, cause);
}

/* A problem row about the task's stream; bad may be NULL. */
static enum trw_status
post_problem(struct hasher *h, const struct trw_task *task, const char *code,
	const struct trw_range *bad, const char *text, struct trw_err *err)
{
	char *path = trw_utf8_display(task->path, task->path_len, err);

	if (path == NULL)
		return TRW_ENOMEM;
	struct trw_evidence_problem p = {
		.image_id = h->all->pass->image_id,
		.volume_id = task->volume_id,
		.filesystem_id = task->filesystem_id,
		.file_id = task->file_id,
		.stage = "read",
		.code = code,
		.path = path,
		.inode = task->inode,
		.has_range = bad != NULL,
		.off = bad != NULL ? bad->off : 0,
		.len = bad != NULL ? bad->len : 0,
		.text = text,
	};
	enum trw_status s = trw_outbox_problem(&h->outbox, &p, err);
	free(path);
	return s;
}

static enum trw_status
post_problems(struct hasher *h, const struct trw_task *task, enum trw_digest_state state,
	const struct trw_stream_report *report, struct trw_err *err)
{
	static const char *const codes[TRW_DIGEST_N] = {
		[TRW_DIGEST_PARTIAL] = "content-missing",
		[TRW_DIGEST_SUBSTITUTED] = "content-substituted",
		[TRW_DIGEST_NONE] = "content-unreadable",
	};
	char text[TRW_ERR_TEXT_MAX + 200];
	enum trw_status s = TRW_OK;

	if (report->has_end) {
		(void)snprintf(text, sizeof(text), "the read worker was %s (inode %" PRIu64 ")",
			report->end.text, task->inode);
		s = post_problem(h, task, trw_pass_end_code(&report->end), NULL, text, err);
	}
	if (s < 0 || state == TRW_DIGEST_COMPLETE)
		return s;
	damage_text(task, state, report, text, sizeof(text));
	return post_problem(h, task, codes[state],
		report->damage.n > 0 ? &report->damage.v[0] : NULL, text, err);
}

/* Read and digest one stream. */
static enum trw_status
digest_stream(struct hasher *h, const struct trw_task *task, struct trw_digests *digests,
	struct trw_stream_report *report, struct trw_err *err)
{
	struct trw_stream_sink sink = {sink_bytes, sink_zeros, h};
	bool is_hollow = task->size >= ZEROS_MIN && trw_stream_is_hollow(task);

	if (is_hollow && trw_zeros_find(&h->all->zeros, task->size, digests)) {
		atomic_fetch_add_explicit(
			&h->all->pass->progress->bytes_done, task->size, memory_order_relaxed);
		return TRW_OK;
	}
	trw_digester_start(h->digester);
	enum trw_status s =
		trw_stream_read(h->stream, task, &sink, stops, h->all->pass->latch, report, err);
	if (s < 0)
		return s;
	trw_digester_finish(h->digester, digests);
	if (is_hollow)
		trw_zeros_add(&h->all->zeros, task->size, digests);
	return TRW_OK;
}

static enum trw_status
do_task(struct hasher *h, const struct trw_task *task, struct trw_err *err)
{
	struct trw_stream_report report = {0};
	struct trw_digests digests = {{0}, {0}, {0}};
	struct trw_evidence_content content = {.file_id = task->file_id,
		.size = task->size,
		.state = TRW_DIGEST_NONE,
		.md5 = digests.md5,
		.sha1 = digests.sha1,
		.sha256 = digests.sha256};
	enum trw_status s = TRW_OK;

	if (task->source == TRW_CONTENT_UNKNOWN) {
		(void)snprintf(report.cause, sizeof(report.cause),
			"the file system does not say where the content is");
	} else {
		s = digest_stream(h, task, &digests, &report, err);
		content.state = judge(task->size, &report.damage);
	}
	if (s == TRW_OK)
		s = post_problems(h, task, content.state, &report, err);
	if (s == TRW_OK)
		s = trw_outbox_content(&h->outbox, &content, &report.damage, err);
	trw_ranges_clear(&report.damage);
	atomic_fetch_add_explicit(&h->all->pass->progress->files_done, 1, memory_order_relaxed);
	return s;
}

static void *
hasher_thread(void *arg)
{
	struct hasher *h = arg;
	const struct trw_pass *pass = h->all->pass;
	struct trw_err err = {0};
	enum trw_status s = TRW_OK;
	struct trw_task *task;

	while ((task = trw_tasks_get(pass->tasks)) != NULL) {
		if (s >= 0 && !trw_latch_stops(pass->latch))
			s = do_task(h, task, &err);
		if (s < 0)
			trw_latch_set(pass->latch, &err);
		trw_tasks_done(pass->tasks, task);
	}
	if (s >= 0 && trw_outbox_flush(&h->outbox, &err) < 0)
		trw_latch_set(pass->latch, &err);
	return NULL;
}

enum trw_status
trw_hashers_start(
	const struct trw_pass *pass, unsigned n, struct trw_hashers **out, struct trw_err *err)
{
	struct trw_hashers *all = trw_alloc(1, sizeof(*all), err);
	enum trw_status s = TRW_OK;

	if (all == NULL)
		return TRW_ENOMEM;
	all->pass = pass;
	all->spec = trw_pass_worker(pass, "read");
	trw_zeros_init(&all->zeros);
	all->n = n;
	all->v = trw_alloc(n, sizeof(*all->v), err);
	if (all->v == NULL)
		s = TRW_ENOMEM;
	for (unsigned i = 0; s == TRW_OK && i < n; i++) {
		struct hasher *h = &all->v[i];
		h->all = all;
		h->outbox.writer = pass->writer;
		s = trw_digester_new(&h->digester, err);
		if (s == TRW_OK)
			s = trw_stream_new(pass->image, &all->spec, &h->stream, err);
		int e = 0;
		if (s == TRW_OK && (e = pthread_create(&h->thread, NULL, hasher_thread, h)) != 0)
			s = trw_fail_errno(err, e, "start hasher thread %u", i);
		if (s == TRW_OK)
			all->n_started++;
	}
	if (s < 0) {
		trw_tasks_stop(pass->tasks);
		trw_hashers_join(all);
		return s;
	}
	*out = all;
	return TRW_OK;
}

void
trw_hashers_join(struct trw_hashers *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n_started; i++)
		(void)pthread_join(all->v[i].thread, NULL);
	for (size_t i = 0; all->v != NULL && i < all->n; i++) {
		trw_digester_free(all->v[i].digester);
		trw_stream_free(all->v[i].stream);
		trw_outbox_clear(&all->v[i].outbox);
	}
	free(all->v);
	trw_zeros_destroy(&all->zeros);
	free(all);
}
