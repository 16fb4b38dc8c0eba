/* SPDX-License-Identifier: Apache-2.0 */
/** One stream to digest, wherever its bytes are. */
#pragma once

#include "record/encode.h"
#include "sweep/plan/plan.h"

/** Everything is borrowed, and the extents are cut to size. */
struct trw_task {
	int64_t file_id;
	uint64_t size;
	enum trw_content_source source;
	struct trw_extents extents;     /* EXTENTS */
	struct trw_bytes bytes;         /* INLINE */
	struct trw_read_request decode; /* DECODE */
};

/** Bytes of the stream that are read from the image, or decoded from it: the whole size of DECODE. */
uint64_t trw_task_stored(const struct trw_task *task, uint64_t image_size);

/**
 * Bytes of the stream that no image byte stands behind (holes, uninitialised, lost, past the end of the
 * extents or of the image) and that cost time all the same; of DECODE the whole size.
 */
uint64_t trw_task_sparse(const struct trw_task *task, uint64_t image_size);

/**
 * Put an EXTENTS or DECODE stream into the plan; a DECODE one is put off to where its content begins, with its
 * request, encoded, as extra. Errors: those of trw_plan_add.
 */
TRW_NODISCARD enum trw_status trw_task_plan(const struct trw_task *task, uint64_t image_size,
	struct trw_plan *plan, struct trw_err *err);
