/* SPDX-License-Identifier: Apache-2.0 */
/** The activity page: memory shared between worker and coordinator that says what the worker is about to do. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum trw_step {
	TRW_STEP_NONE = 0,
	TRW_STEP_OPEN_IMAGE,
	TRW_STEP_VOLUMES,
	TRW_STEP_OPEN_FS,
	TRW_STEP_DIRECTORY, /* about to load the names of directory `inode` */
	TRW_STEP_METADATA,  /* about to load the metadata of `inode` */
	TRW_STEP_CONTENT,   /* about to load attributes and runs of `inode` */
	TRW_STEP_ORPHANS,   /* about to look for orphans */
	TRW_STEP_BLOCKS,    /* about to read the allocation map */
	TRW_STEP_READ,      /* about to read content of `inode` */
	TRW_STEP_N
};

/** Lives in the shared page; written by the worker only, so the coordinator trusts none of it. */
struct trw_activity {
	atomic_uint_least64_t inode;
	atomic_uint_least64_t step; /* enum trw_step */
	atomic_uint_least64_t tick; /* grows whenever the worker gets on */
};

struct trw_activity_view {
	uint64_t inode;
	enum trw_step step; /* clamped */
	uint64_t tick;
};

/** "reading the metadata" ... for texts; anything out of range reads as TRW_STEP_NONE. Static storage. */
const char *trw_step_text(enum trw_step step);

/** Whether the step is about one inode. */
bool trw_step_has_inode(enum trw_step step);
