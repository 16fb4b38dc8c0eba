/* SPDX-License-Identifier: Apache-2.0 */
/** What the parts of one walk share: the place, the counters, and the sending of records. */
#pragma once

#include "walk/tsk/place.h"

#include "record/activity.h"

#define TRW_LINK_MAX_BYTES 4096 /* a link that no system follows is longer */

struct trw_walk_state {
	const struct trw_walk_request *request;
	struct trw_place *place;
	struct trw_walk_done done; /* the counters */
	struct trw_buf out;        /* encoding space, reused */
	uint64_t damage_seen;      /* bytes of damaged metadata already reported */
	TSK_LIST *named; /* unallocated inodes that a name points to: for libtsk's orphan hunt */
	bool is_full;    /* names_max was reached */
	uint8_t target[TRW_LINK_MAX_BYTES]; /* of the link whose record is sent next */
};

/** Where in the tree: borrowed bytes. */
struct trw_walk_dir {
	const char *path;  /* of the directory, with "/" at its end */
	int64_t parent_id; /* file_id of the directory, 0 = none */
	uint32_t depth;
	bool is_orphan; /* below $OrphanFiles */
};

/** True when the request says that {step, inode} killed a worker; the first time a problem record tells. */
bool trw_walk_must_skip(struct trw_walk_state *s, enum trw_step step, uint64_t inode,
	const char *path, struct trw_err *err);

/** Send a problem about inode; file is a file_id or 0. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_walk_problem(struct trw_walk_state *s, int64_t file,
	uint64_t inode, enum trw_code code, const char *path, const char *text,
	struct trw_err *err);

/**
 * Send the records of one name: one per stream. `file` has a name, and metadata where there are any.
 * *file_id is that of the first record: the parent of what lies below a directory. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_walk_name(struct trw_walk_state *s,
	const struct trw_walk_dir *dir, TSK_FS_FILE *file, int64_t *file_id, struct trw_err *err);

/** Send the file system's allocation map as BLOCKS frames. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_walk_blocks(struct trw_walk_state *s, struct trw_err *err);
