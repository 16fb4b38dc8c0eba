/* SPDX-License-Identifier: Apache-2.0 */
/** The frames of an answer to WALK: checked, made rows and digest tasks, counted. */
#pragma once

#include "index/feed.h"

struct trw_fswalk_spec;
struct trw_fswalk_result;

/** How a worker of the walk ended, to know it again. */
struct trw_fswalk_death {
	struct trw_activity_view activity;
	bool is_protocol, is_hung;
	uint64_t n_files, n_problems; /* that had come */
};

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
	enum trw_family family;  /* as found by the first worker */
	bool is_open_now;        /* this worker has sent FILESYSTEM */
	bool has_blocks;         /* a BLOCKS frame came */
	uint64_t n_blocks;       /* of them that fit, ever received */
	uint64_t n_blocks_now;   /* of this worker */
	unsigned n_ends;         /* workers lost */
	unsigned n_hung_ends;    /* of them those that hung */
	unsigned n_deaths;       /* items that ended two workers */
	unsigned n_hangs;        /* of them those over which the second hung */
	unsigned n_passed;       /* of them those passed over */
	struct trw_fswalk_death last;
	bool is_passed;  /* what ended the last worker is passed over by now */
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
TRW_NODISCARD enum trw_status trw_fsframes_problem(struct trw_fswalk *w, enum trw_code code,
	uint64_t inode, const char *text, struct trw_err *err);
