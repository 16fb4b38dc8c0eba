/* SPDX-License-Identifier: Apache-2.0 */
/** What a plan holds: streams, and the pieces of the image that they are made of. */
#pragma once

#include "base/extent.h"

/** A stream as the planner knows it. */
struct trw_plan_stream {
	int64_t id;                 /* the caller's: file_id */
	uint64_t size;              /* bytes */
	struct trw_extents extents; /* in stream order; owner: the caller */
	const void *extra;          /* borrowed bytes of the caller's, may be NULL */
	size_t n_extra;             /* at most TRW_PLAN_EXTRA_MAX */
};
#define TRW_PLAN_EXTRA_MAX 256

/** A run of image bytes that belongs to a stream; or, of a stream that was put off, where to look for it first. */
struct trw_plan_piece {
	uint64_t off, len; /* bytes of the image */
	uint64_t at;       /* where they lie in the stream */
	uint64_t
		stream; /* for trw_plan_is_whole and trw_plan_get; equal for pieces of one stream */
};
