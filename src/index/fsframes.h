/* SPDX-License-Identifier: Apache-2.0 */
/** The frames of an answer to WALK: checked, made rows and digest tasks, counted. */
#pragma once

#include "index/feed.h"

struct trw_fswalk_spec;
struct trw_fswalk_result;

/** One walk, over all the workers that it takes. Owner: the walker thread. */
struct trw_fswalk {
	struct trw_feed *feed;
	struct trw_pass *pass;
	const struct trw_fswalk_spec *spec;
	struct trw_fswalk_result *out;
	struct trw_walk_request request;
	struct trw_worker *worker;
	int64_t filesystem_id, first_file;
	uint64_t n_problems;     /* ever received */
	uint64_t n_problems_now; /* of this worker */
	uint64_t n_extra;        /* file records with a stream name */
	uint32_t type;           /* as found by the first worker */
	bool is_open_now;        /* this worker has sent FILESYSTEM */
	bool has_blocks;         /* a BLOCKS frame came */
	unsigned n_deaths, n_hangs;
	struct trw_crumb_view last_crumb;
	bool was_protocol;   /* the last worker was put down for a frame */
	uint64_t last_files; /* files and problems that had come by the last death */
	uint64_t last_problems;
	bool is_over;    /* DONE, FAILED or given up */
	bool is_leaving; /* the worker has said why it ends */
	struct trw_walk_done done;
	bool has_done;
	char status[TRW_ERR_TEXT_MAX + 64];
};

/** Take one frame; one that does not fit costs the worker, which recv then tells. Errors: those that end a run. */
TRW_NODISCARD enum trw_status trw_fsframes_take(
	struct trw_fswalk *w, const struct trw_frame *f, struct trw_err *err);

/** A problem row of stage walk about the file system. Errors: TRW_ENOMEM, TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_fsframes_problem(struct trw_fswalk *w, const char *code,
	uint64_t inode, const char *text, struct trw_err *err);
