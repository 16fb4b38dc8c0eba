/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/task.h"

uint64_t
trw_task_stored(const struct trw_task *task, uint64_t image_size)
{
	uint64_t stored = 0;

	if (task->source == TRW_CONTENT_DECODE)
		return task->size;
	for (size_t i = 0; i < task->extents.n; i++) {
		const struct trw_extent *x = &task->extents.v[i];
		if (x->kind != TRW_EXTENT_DATA || x->off >= image_size)
			continue;
		stored += x->len < image_size - x->off ? x->len : image_size - x->off;
	}
	return stored;
}

uint64_t
trw_task_sparse(const struct trw_task *task, uint64_t image_size)
{
	uint64_t stored = trw_task_stored(task, image_size) + task->bytes.n;

	if (task->source == TRW_CONTENT_UNKNOWN)
		return 0;
	if (task->source == TRW_CONTENT_DECODE)
		return task->size;
	return task->size > stored ? task->size - stored : 0;
}

/* By where its content begins, as far as the file system tells. */
static uint64_t
first_byte(const struct trw_task *task)
{
	for (size_t i = 0; i < task->extents.n; i++)
		if (task->extents.v[i].kind == TRW_EXTENT_DATA)
			return task->extents.v[i].off;
	return task->decode.where.space.off;
}

enum trw_status
trw_task_plan(const struct trw_task *task, uint64_t image_size, struct trw_plan *plan,
	struct trw_err *err)
{
	struct trw_plan_stream stream = {
		.id = task->file_id, .size = task->size, .extents = task->extents};
	struct trw_buf b = {0};

	if (task->source == TRW_CONTENT_EXTENTS)
		return trw_plan_add(plan, &stream, image_size, err);
	enum trw_status st = trw_read_request_encode(&task->decode, &b, err);
	stream.extents = (struct trw_extents){0};
	stream.extra = b.v;
	stream.n_extra = b.n;
	if (st == TRW_OK)
		st = trw_plan_put_off(plan, first_byte(task), &stream, err);
	trw_buf_clear(&b);
	return st;
}
