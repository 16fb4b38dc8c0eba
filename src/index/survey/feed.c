/* SPDX-License-Identifier: Apache-2.0 */
#include "index/survey/feed.h"

#include "digest/digest.h"
#include "index/content/outcome.h"

#include <stdio.h>

/* Why a stream is not digested although it could be. */
static void
refusal_text(
	const struct trw_task *task, enum trw_code code, uint64_t image_size, char *text, size_t n)
{
	if (code == TRW_CODE_SPARSE_LIMIT)
		(void)snprintf(text, n,
			"not digested: %" PRIu64 " of its %" PRIu64
			" bytes have no byte of the image behind them, past the limit; raise --max-sparse",
			trw_task_hollow(task, image_size), task->size);
	else
		(void)snprintf(text, n,
			"not digested: with its %" PRIu64
			" bytes the streams so far would read the image more often than the limit: "
			"the file system is damaged or hostile",
			trw_task_solid(task, image_size));
}

/* What of the bytes is there, then zeros; the rest is missing. */
static enum trw_status
digest_here(const struct trw_task *task, struct trw_outcome *o, struct trw_err *err)
{
	struct trw_digester d;
	size_t n = task->bytes.n < task->size ? task->bytes.n : (size_t)task->size;

	trw_digest_start(&d, TRW_DIGEST_ALL);
	trw_digest_update(&d, task->bytes.p, n);
	trw_digest_zeros(&d, task->size - n);
	trw_digest_finish(&d, &o->digests);
	if (n == task->size)
		return TRW_OK;
	o->cause = "the record holds fewer bytes than the size says";
	return trw_ranges_add(&o->damage, n, task->size - n, TRW_DAMAGE_MISSING, err);
}

/* Its content is decided here, without the image. */
static enum trw_status
post_here(
	struct trw_feed *f, const struct trw_task *task, enum trw_code refusal, struct trw_err *err)
{
	struct trw_outcome o = {.image_id = f->pass->image_id,
		.file_id = task->file_id,
		.size = task->size,
		.cause = "",
		.refusal = refusal,
		.is_unknown = task->source == TRW_CONTENT_UNKNOWN};
	char text[256];
	enum trw_status s = TRW_OK;

	if (refusal != TRW_CODE_NONE) {
		refusal_text(
			task, refusal, trw_image_info(f->pass->image)->size, text, sizeof(text));
		o.cause = text;
	} else if (o.is_unknown) {
		o.cause = "the file system does not say where the content is";
	} else {
		s = digest_here(task, &o, err);
	}
	atomic_fetch_add_explicit(&f->pass->progress->files_done, 1, memory_order_relaxed);
	return s < 0 ? s : trw_outcome_post(&f->outbox, &o, err);
}

enum trw_status
trw_feed_file(struct trw_feed *f, const struct trw_file *file, const struct trw_task *task,
	struct trw_err *err)
{
	enum trw_code refusal = TRW_CODE_NONE;
	bool is_here = false;
	enum trw_status s = TRW_OK;

	if (task != NULL) {
		refusal = trw_allowance_take(
			&f->spent, f->pass->options, trw_image_info(f->pass->image)->size, task);
		is_here = refusal != TRW_CODE_NONE || task->size == 0 ||
			  task->source == TRW_CONTENT_INLINE || task->source == TRW_CONTENT_UNKNOWN;
		if (!is_here)
			s = trw_task_plan(
				task, trw_image_info(f->pass->image)->size, f->pass->plan, err);
	}
	/* The row comes before what is said of its content. */
	if (s == TRW_OK)
		s = trw_outbox_put(
			&f->outbox, &(struct trw_row){.kind = TRW_ROW_FILE, .u.file = *file}, err);
	return s == TRW_OK && is_here ? post_here(f, task, refusal, err) : s;
}

enum trw_status
trw_feed_end(struct trw_feed *f, struct trw_err *err)
{
	struct trw_row walked = {.kind = TRW_ROW_CHECKPOINT,
		.u.checkpoint = {.image_id = f->pass->image_id, .is_walked = true}};
	enum trw_status s = trw_outbox_put(&f->outbox, &walked, err);

	return s < 0 ? s : trw_outbox_flush(&f->outbox, err);
}
