/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Every code that a problem row can have: the word that programs compare (trowel-db(5)), the stage in which it is
 * met, and what it costs. Posted by number; a new one is a line here, a line of the man page, and where it is posted.
 */
#pragma once

#include "record/words.h"

/* C(constant, word, stage, severity). A code that several stages meet has none of its own: its row says it. */
#define TRW_CODES(C)                                                                               \
	C(SEGMENT_MISSING, "segment-missing", OPEN, LOSS)                                          \
	C(SEGMENT_FOREIGN, "segment-foreign", OPEN, DOUBT)                                         \
	C(IMAGE_TRUNCATED, "image-truncated", OPEN, LOSS)                                          \
	C(SECTION_CHECKSUM, "section-checksum", OPEN, DOUBT)                                       \
	C(TABLE_LOST, "table-lost", OPEN, DOUBT)                                                   \
	C(CHUNKS_MISSING, "chunks-missing", OPEN, LOSS)                                            \
	C(CHUNKS_SURPLUS, "chunks-surplus", OPEN, DOUBT)                                           \
	C(GEOMETRY_CONFLICT, "geometry-conflict", OPEN, DOUBT)                                     \
	C(ACQUISITION_ERROR, "acquisition-error", OPEN, DOUBT)                                     \
	C(STORED_DIGEST_CONFLICT, "stored-digest-conflict", OPEN, DOUBT)                           \
	C(CONTAINER_MISMATCH, "container-mismatch", OPEN, NOTE)                                    \
	C(CONTAINER_UNSUPPORTED, "container-unsupported", OPEN, LOSS)                              \
	C(CONTAINER_UNREADABLE, "container-unreadable", OPEN, LOSS)                                \
	C(PARENT_MISSING, "parent-missing", OPEN, LOSS)                                            \
	C(FACT_CUT, "fact-cut", OPEN, NOTE)                                                        \
	C(NOTES_CUT, "notes-cut", OPEN, NOTE)                                                      \
	C(VOLUMES_FAILED, "volumes-failed", VOLUMES, LOSS)                                         \
	C(VOLUMES_DAMAGED, "volumes-damaged", VOLUMES, LOSS)                                       \
	C(PARTITION_IMPOSSIBLE, "partition-impossible", VOLUMES, LOSS)                             \
	C(PARTITIONS_LIMIT, "partitions-limit", VOLUMES, LOSS)                                     \
	C(UNKNOWN_FILESYSTEM, "unknown-filesystem", VOLUMES, LOSS)                                 \
	C(UNSUPPORTED_FILESYSTEM, "unsupported-filesystem", VOLUMES, LOSS)                         \
	C(ENCRYPTED_VOLUME, "encrypted-volume", VOLUMES, LOSS)                                     \
	C(SEVERAL_CONTENTS, "several-contents", VOLUMES, DOUBT)                                    \
	C(DETECTION_FAILED, "detection-failed", VOLUMES, DOUBT)                                    \
	C(AMBIGUOUS_FILESYSTEM, "ambiguous-filesystem", VOLUMES, DOUBT)                            \
	C(WALK_GIVEN_UP, "walk-given-up", WALK, LOSS)                                              \
	C(ITEM_SKIPPED, "item-skipped", WALK, LOSS)                                                \
	C(DIRECTORY_UNREADABLE, "directory-unreadable", WALK, LOSS)                                \
	C(DIRECTORY_REVISIT, "directory-revisit", WALK, DOUBT)                                     \
	C(METADATA_DAMAGED, "metadata-damaged", WALK, LOSS)                                        \
	C(NAMES_LIMIT, "names-limit", WALK, LOSS)                                                  \
	C(DIRECTORY_LIMIT, "directory-limit", WALK, LOSS)                                          \
	C(DEPTH_LIMIT, "depth-limit", WALK, LOSS)                                                  \
	C(PATH_LIMIT, "path-limit", WALK, LOSS)                                                    \
	C(CONTENT_LAYOUT, "content-layout", WALK, DOUBT)                                           \
	C(ISO_DIRECTORY, "iso-directory", WALK, DOUBT)                                             \
	C(ISO_RECORD, "iso-record", WALK, DOUBT)                                                   \
	C(SPARSE_LIMIT, "sparse-limit", READ, LOSS)                                                \
	C(OVERLAP_LIMIT, "overlap-limit", READ, LOSS)                                              \
	C(CONTENT_MISSING, "content-missing", READ, LOSS)                                          \
	C(CONTENT_SUBSTITUTED, "content-substituted", READ, DOUBT)                                 \
	C(CONTENT_UNREADABLE, "content-unreadable", READ, LOSS)                                    \
	C(IMAGE_DAMAGE, "image-damage", VERIFY, LOSS)                                              \
	C(DIGEST_MISMATCH, "digest-mismatch", VERIFY, DOUBT)                                       \
	C(VERIFY_LIMIT, "verify-limit", VERIFY, LOSS)                                              \
	C(LEDGER_UNBALANCED, "ledger-unbalanced", LEDGER, DOUBT)                                   \
	C(WALK_FAILED, "walk-failed", NONE, LOSS)                                                  \
	C(WORKER_CRASH, "worker-crash", NONE, LOSS)                                                \
	C(WORKER_HANG, "worker-hang", NONE, LOSS)                                                  \
	C(WORKER_VIOLATION, "worker-violation", NONE, LOSS)                                        \
	C(WORKER_PROTOCOL, "worker-protocol", NONE, LOSS)

#define TRW_CODE_CONSTANT(constant, word, stage, severity) TRW_CODE_##constant,
enum trw_code { TRW_CODE_NONE = 0, TRW_CODES(TRW_CODE_CONSTANT) TRW_CODE_N };

struct trw_code_facts {
	const char *word;
	enum trw_stage stage; /* NONE: that of its row */
	enum trw_severity severity;
};

/** code: not NONE and below TRW_CODE_N. Static storage. */
const struct trw_code_facts *trw_code_facts(enum trw_code code);
