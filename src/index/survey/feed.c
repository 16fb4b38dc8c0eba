/* SPDX-License-Identifier: Apache-2.0 */
#include "index/survey/feed.h"

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
			trw_task_sparse(task, image_size), task->size);
	else
		(void)snprintf(text, n,
			"not digested: with its %" PRIu64
			" bytes the streams so far would read the image more often than the limit: "
			"the file system is damaged or hostile",
			trw_task_stored(task, image_size));
}

/* It cannot be digested, and the outcome says why. refusal: NONE when the content is unknown. */
static enum trw_status
post_refusal(struct trw_feed *f, const struct trw_task *task, enum trw_code refusal,
	const char *cause, struct trw_err *err)
{
	struct trw_outcome o = {.image_id = f->pass->image_id,
		.file_id = task->file_id,
		.size = task->size,
		.cause = cause,
		.refusal = refusal,
		.is_unknown = task->source == TRW_CONTENT_UNKNOWN};

	atomic_fetch_add_explicit(&f->pass->progress->files_done, 1, memory_order_relaxed);
	return trw_outcome_post(&f->outbox, &o, err);
}

/* Its content needs no byte of the image: the walk has it, or there is none. */
static enum trw_status
put_resident(struct trw_feed *f, const struct trw_task *task, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (f->resident == NULL)
		s = trw_resident_new(f->pass, &f->resident, err);
	return s < 0 ? s : trw_resident_put(f->resident, task, &f->outbox, err);
}

/* After its row: who has the content has the file. */
static enum trw_status
see_to_stream(struct trw_feed *f, const struct trw_task *task, enum trw_code refusal,
	const char *cause, struct trw_err *err)
{
	if (refusal != TRW_CODE_NONE || task->source == TRW_CONTENT_UNKNOWN)
		return post_refusal(f, task, refusal, cause, err);
	if (task->size == 0 || task->source == TRW_CONTENT_INLINE)
		return put_resident(f, task, err);
	return TRW_OK; /* it is in the plan */
}

static bool
is_for_plan(const struct trw_task *task, enum trw_code refusal)
{
	return refusal == TRW_CODE_NONE && task->size > 0 && task->source != TRW_CONTENT_INLINE &&
	       task->source != TRW_CONTENT_UNKNOWN;
}

enum trw_status
trw_feed_file(struct trw_feed *f, const struct trw_file *file, const struct trw_task *task,
	struct trw_err *err)
{
	uint64_t size = trw_image_info(f->pass->image)->size;
	enum trw_code refusal = TRW_CODE_NONE;
	char cause[256] = "the file system does not say where the content is";
	enum trw_status s = TRW_OK;

	if (task != NULL) {
		refusal = trw_allowance_take(&f->spent, f->pass->options, size, task);
		if (refusal != TRW_CODE_NONE)
			refusal_text(task, refusal, size, cause, sizeof(cause));
		if (is_for_plan(task, refusal))
			s = trw_task_plan(task, size, f->pass->plan, err);
	}
	/* The row comes before what is said of its content. */
	if (s == TRW_OK)
		s = trw_outbox_put(
			&f->outbox, &(struct trw_row){.kind = TRW_ROW_FILE, .u.file = *file}, err);
	return s == TRW_OK && task != NULL ? see_to_stream(f, task, refusal, cause, err) : s;
}

enum trw_status
trw_feed_end(struct trw_feed *f, struct trw_err *err)
{
	struct trw_row walked = {.kind = TRW_ROW_CHECKPOINT,
		.u.checkpoint = {.image_id = f->pass->image_id, .is_walked = true}};
	enum trw_status s = TRW_OK;

	if (f->resident != NULL)
		s = trw_resident_finish(f->resident, &f->outbox, err);
	if (s == TRW_OK)
		s = trw_outbox_put(&f->outbox, &walked, err);
	return s < 0 ? s : trw_outbox_flush(&f->outbox, err);
}

void
trw_feed_clear(struct trw_feed *f)
{
	trw_resident_free(f->resident);
	f->resident = NULL;
	trw_outbox_clear(&f->outbox);
}
