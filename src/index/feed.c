/* SPDX-License-Identifier: Apache-2.0 */
#include "index/feed.h"

enum trw_status
trw_feed_flush(struct trw_feed *f, struct trw_err *err)
{
	enum trw_status s = trw_outbox_flush(&f->outbox, err);

	for (size_t i = 0; i < f->n_tasks; i++) {
		if (s < 0)
			trw_task_free(f->tasks[i]);
		else if (!trw_tasks_put(f->pass->tasks, f->tasks[i]))
			s = trw_fail(err, TRW_ECANCEL, "the run is ending");
	}
	f->n_tasks = 0;
	return s;
}

void
trw_feed_clear(struct trw_feed *f)
{
	for (size_t i = 0; i < f->n_tasks; i++)
		trw_task_free(f->tasks[i]);
	f->n_tasks = 0;
	trw_outbox_clear(&f->outbox);
}

enum trw_status
trw_feed_file(struct trw_feed *f, const struct trw_evidence_file *file, struct trw_extents *extents,
	struct trw_task *task, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	/* Room first: once the row is in, its task must be able to follow. */
	if (f->n_tasks == TRW_BATCH_ROWS)
		s = trw_feed_flush(f, err);
	if (s < 0) {
		trw_task_free(task);
		return s;
	}
	s = trw_outbox_file(&f->outbox, file, extents, err);
	if (task != NULL)
		f->tasks[f->n_tasks++] = task;
	if (s == TRW_OK && f->outbox.batch == NULL)
		s = trw_feed_flush(f, err); /* the batch has just left: the tasks may follow */
	return s;
}
