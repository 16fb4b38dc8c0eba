/* SPDX-License-Identifier: Apache-2.0 */
#include "index/task.h"

#include "base/alloc.h"
#include "base/queue.h"
#include "index/budget.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_TASKS 4096

struct trw_tasks {
	struct trw_queue *queue;
	struct trw_budget budget;
};

void
trw_task_free(struct trw_task *task)
{
	if (task == NULL)
		return;
	trw_extents_clear(&task->extents);
	free(task->bytes);
	free(task->path);
	free(task);
}

static enum trw_status
copy_path(struct trw_task *task, const struct trw_file_record *r, struct trw_err *err)
{
	size_t n = r->path.n + (r->stream.n > 0 ? 1 + r->stream.n : 0);

	task->path = trw_alloc(n + 1, 1, err);
	if (task->path == NULL)
		return TRW_ENOMEM;
	task->path_len = n;
	if (r->path.n > 0)
		memcpy(task->path, r->path.p, r->path.n);
	if (r->stream.n > 0) {
		task->path[r->path.n] = ':';
		memcpy(task->path + r->path.n + 1, r->stream.p, r->stream.n);
	}
	return TRW_OK;
}

static enum trw_status
copy_extents(struct trw_task *task, const struct trw_file_record *r, struct trw_err *err)
{
	const struct trw_extents *xs = &r->extents;

	if (xs->n == 0)
		return TRW_OK;
	task->extents.v = trw_alloc(xs->n, sizeof(*xs->v), err);
	if (task->extents.v == NULL)
		return TRW_ENOMEM;
	memcpy(task->extents.v, xs->v, xs->n * sizeof(*xs->v));
	task->extents.n = task->extents.cap = xs->n;
	task->extents.total = xs->total;
	return TRW_OK;
}

enum trw_status
trw_task_new(const struct trw_file_record *r, struct trw_task **out, struct trw_err *err)
{
	struct trw_task *task = trw_alloc(1, sizeof(*task), err);

	if (task == NULL)
		return TRW_ENOMEM;
	task->inode = r->inode;
	task->attr_type = r->attr_type;
	task->attr_id = r->attr_id;
	task->size = r->size;
	task->source = r->source;
	enum trw_status s = copy_path(task, r, err);
	if (s == TRW_OK && r->source == TRW_CONTENT_EXTENTS)
		s = copy_extents(task, r, err);
	if (s == TRW_OK && r->source == TRW_CONTENT_INLINE) {
		task->bytes = trw_memdup(r->bytes.p, r->bytes.n, err);
		task->n_bytes = r->bytes.n;
		s = task->bytes == NULL ? TRW_ENOMEM : TRW_OK;
	}
	if (s < 0) {
		trw_task_free(task);
		return s;
	}
	*out = task;
	return TRW_OK;
}

uint64_t
trw_task_solid(const struct trw_task *task, uint64_t image_size)
{
	uint64_t solid = 0;

	if (task->source == TRW_CONTENT_DECODE)
		return task->size;
	for (size_t i = 0; i < task->extents.n; i++) {
		const struct trw_extent *x = &task->extents.v[i];
		if (x->kind != TRW_EXTENT_DATA || x->off >= image_size)
			continue;
		solid += x->len < image_size - x->off ? x->len : image_size - x->off;
	}
	return solid;
}

uint64_t
trw_task_hollow(const struct trw_task *task, uint64_t image_size)
{
	uint64_t solid = trw_task_solid(task, image_size) + task->n_bytes;

	if (task->source == TRW_CONTENT_UNKNOWN)
		return 0;
	if (task->source == TRW_CONTENT_DECODE)
		return task->size;
	return task->size > solid ? task->size - solid : 0;
}

static uint64_t
charge(const struct trw_task *task)
{
	return sizeof(*task) + task->extents.cap * sizeof(*task->extents.v) + task->n_bytes +
	       task->path_len;
}

enum trw_status
trw_tasks_new(uint64_t memory, struct trw_tasks **out, struct trw_err *err)
{
	struct trw_tasks *q = trw_alloc(1, sizeof(*q), err);

	if (q == NULL)
		return TRW_ENOMEM;
	enum trw_status s = trw_queue_new(QUEUE_TASKS, &q->queue, err);
	if (s < 0) {
		free(q);
		return s;
	}
	trw_budget_init(&q->budget, memory);
	*out = q;
	return TRW_OK;
}

void
trw_tasks_free(struct trw_tasks *q)
{
	struct trw_task *task;

	if (q == NULL)
		return;
	trw_queue_close(q->queue);
	while ((task = trw_queue_get(q->queue)) != NULL)
		trw_task_free(task);
	trw_queue_free(q->queue);
	trw_budget_destroy(&q->budget);
	free(q);
}

bool
trw_tasks_put(struct trw_tasks *q, struct trw_task *task)
{
	bool ok = trw_budget_take(&q->budget, charge(task)) && trw_queue_put(q->queue, task);

	if (!ok)
		trw_task_free(task);
	return ok;
}

struct trw_task *
trw_tasks_get(struct trw_tasks *q)
{
	return trw_queue_get(q->queue);
}

void
trw_tasks_done(struct trw_tasks *q, struct trw_task *task)
{
	trw_budget_give(&q->budget, charge(task));
	trw_task_free(task);
}

void
trw_tasks_close(struct trw_tasks *q)
{
	trw_queue_close(q->queue);
}

void
trw_tasks_stop(struct trw_tasks *q)
{
	trw_budget_stop(&q->budget);
	trw_queue_close(q->queue);
}
