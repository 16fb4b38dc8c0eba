/* SPDX-License-Identifier: Apache-2.0 */
/** The frames of an answer to WALK: checked, made rows and digest tasks, counted. */
#pragma once

#include "index/survey/feed.h"

/** Where and how to walk. */
struct trw_fswalk_spec {
	int64_t volume_id;
	struct trw_fs_where where;
	bool is_forced, is_ambiguous;
};

/** What came of it. */
struct trw_fswalk_result {
	bool is_open;           /* a FILESYSTEM frame came: rows are on their way */
	bool has_died;          /* before that the worker died; text says how */
	enum trw_status failed; /* status of a FAILED answer before that, else TRW_OK */
	int64_t filesystem_id;
	uint64_t n_files;
	char type[64];
	enum trw_family family;
	char text[TRW_ERR_TEXT_MAX]; /* why it did not open */
};

/*
 *              FILESYSTEM             DONE
 *     OPENING ------------> RUNNING ---------> COMPLETE
 *        ^  \                 |  |
 *        |   \ FAILED         |  | FAILED
 *        |    '-------> ENDED <--'
 *        +--------------------' worker lost: the next one, unless the walk is given up (ENDED)
 */
enum trw_fswalk_state {
	TRW_FSWALK_OPENING = 0, /* this worker has not sent FILESYSTEM yet */
	TRW_FSWALK_RUNNING,     /* FILE, PROBLEM, BLOCKS may come */
	TRW_FSWALK_COMPLETE,
	TRW_FSWALK_ENDED /* FAILED, or given up */
};

/** Frames that repeat after a death: those that had come before it are passed over. */
struct trw_walk_progress {
	uint64_t n_problems, n_blocks;
};

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
	struct trw_talk *talk;
	enum trw_fswalk_state state;
	int64_t filesystem_id, first_file;
	enum trw_family family;               /* as found by the first worker */
	struct trw_walk_progress taken, here; /* of all workers; of this one */
	uint64_t n_extra;                     /* file records with a stream name */
	bool has_blocks;                      /* a BLOCKS frame came */
	unsigned n_ends;                      /* workers lost */
	unsigned n_hung_ends;                 /* of them those that hung */
	unsigned n_deaths;                    /* items that ended two workers */
	unsigned n_hangs;                     /* of them those over which the second hung */
	unsigned n_passed;                    /* of them those passed over */
	struct trw_fswalk_death last;
	bool is_passed; /* what ended the last worker is passed over by now */
	struct trw_walk_done done;
	char status[TRW_ERR_TEXT_MAX + 64];
};

/** Take one frame; one that does not fit costs the worker. TRW_END after the last. ctx: the walk. Errors: those that end a run. */
TRW_NODISCARD enum trw_status trw_fsframes_take(
	void *ctx, const struct trw_frame *f, struct trw_err *err);

/** A problem row of stage walk about the file system. Errors: TRW_ENOMEM, TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_fsframes_problem(struct trw_fswalk *w, enum trw_code code,
	uint64_t inode, const char *text, struct trw_err *err);
