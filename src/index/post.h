/* SPDX-License-Identifier: Apache-2.0 */
/** Rows on their way to the writer: copies of what evidence.h takes, gathered in batches. */
#pragma once

#include "digest/digest.h"
#include "evidence/evidence.h"
#include "index/hits.h"

#define TRW_BATCH_ROWS 256
#define TRW_BATCH_BYTES ((size_t)1 << 20) /* past it a batch leaves before it is full */

enum trw_post_kind {
	TRW_POST_VOLUME = 0,
	TRW_POST_FILESYSTEM,
	TRW_POST_FILESYSTEM_STATUS,    /* filesystem: only filesystem_id and status */
	TRW_POST_FILESYSTEM_AMBIGUOUS, /* filesystem: only filesystem_id */
	TRW_POST_FILE,
	TRW_POST_CONTENT,
	TRW_POST_PROBLEM,
	TRW_POST_BLOCKS,
	TRW_POST_AUDIT,
	TRW_POST_ITEMS,
	TRW_POST_CHECKPOINT
};

/** One run of a file system's allocation map. */
struct trw_post_blocks {
	int64_t filesystem_id;
	uint64_t off, len;
	enum trw_block_class class;
};

struct trw_post_items {
	int64_t filesystem_id;
	const char *outcome; /* a literal */
	uint64_t n;
};

/** A line for the audit chain: outside the canonical digest. */
struct trw_post_audit {
	const char *action; /* a literal */
	const char *detail;
};

/** All strings of u point into text, as does a checkpoint's state; extents and damage lie in the fields below. */
struct trw_post {
	enum trw_post_kind kind;
	union {
		struct trw_evidence_volume volume;
		struct trw_evidence_filesystem filesystem;
		struct trw_evidence_file file;
		struct trw_evidence_content content;
		struct trw_evidence_problem problem;
		struct trw_post_blocks blocks;
		struct trw_post_items items;
		struct trw_post_audit audit;
		struct trw_evidence_checkpoint
			checkpoint; /* damage is not NULL when there is some */
	} u;
	char *text;                 /* owned */
	struct trw_extents extents; /* owned; of a file */
	struct trw_ranges damage;   /* owned; of a content or a checkpoint */
	struct trw_digests digests; /* of a content */
};

struct trw_batch {
	size_t n, bytes;
	struct trw_hits hits; /* of the contents among its rows */
	struct trw_post rows[TRW_BATCH_ROWS];
};

void trw_batch_free(struct trw_batch *batch); /* and the rows in it; NULL is fine */

/** Look up the contents of the batch. Errors: those of trw_hits_find. */
TRW_NODISCARD enum trw_status trw_batch_match(
	struct trw_batch *batch, const struct trw_setlist *sets, struct trw_err *err);

/** Hand it to the database, hits before contents: who has the content has all. Errors: as evidence.h. */
TRW_NODISCARD enum trw_status trw_batch_write(
	const struct trw_batch *batch, struct trw_evidence *ev, struct trw_err *err);
