/* SPDX-License-Identifier: Apache-2.0 */
/** Digest tasks: one stream to read and hash, and the queue from the walker to the hashers. */
#pragma once

#include "walk/record.h"

struct trw_task {
	int64_t file_id, filesystem_id, volume_id;
	struct trw_fs_where where;
	uint64_t inode;
	uint32_t attr_type, attr_id;
	uint64_t size;
	enum trw_content_source source;
	struct trw_extents extents; /* owned */
	uint8_t *bytes;             /* owned; INLINE */
	size_t n_bytes;
	uint8_t *path; /* owned; raw, with ":stream" behind it when it is a named one */
	size_t path_len;
};

/** A task for the stream of a record: copies what it needs. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_task_new(
	const struct trw_file_record *r, struct trw_task **out, struct trw_err *err);
void trw_task_free(struct trw_task *task); /* NULL is fine */

/** Bytes of the stream that are read from the image, or decoded from it: the whole size of DECODE. */
uint64_t trw_task_solid(const struct trw_task *task, uint64_t image_size);

/**
 * Bytes of the stream that no image byte stands behind (holes, uninitialised, lost, past the end of the
 * extents or of the image) and that cost time all the same; of DECODE the whole size.
 */
uint64_t trw_task_hollow(const struct trw_task *task, uint64_t image_size);

struct trw_tasks; /* the queue; bounded by count and by bytes */

TRW_NODISCARD enum trw_status trw_tasks_new(
	uint64_t memory, struct trw_tasks **out, struct trw_err *err);
void trw_tasks_free(struct trw_tasks *q); /* and the tasks in it; NULL is fine */

/** Waits for room; takes the task over. False when stopped. */
TRW_NODISCARD bool trw_tasks_put(struct trw_tasks *q, struct trw_task *task);
/** Waits for a task; NULL at the end. Give it back with trw_tasks_done. */
struct trw_task *trw_tasks_get(struct trw_tasks *q);
/** Frees the task and the room it took. */
void trw_tasks_done(struct trw_tasks *q, struct trw_task *task);
void trw_tasks_close(struct trw_tasks *q); /* no more puts */
void trw_tasks_stop(struct trw_tasks *q);  /* also lets those go that wait for room */
