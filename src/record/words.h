/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The words of the house: every enum that says what a thing is, each number beside its name in one list.
 * Numbers go into databases and onto the wire: never renumber, append.
 *
 * A list W(constant, number, name) makes the enum, its names (trw_..._text, never NULL) and, in the views of the
 * database, the CASE that spells a number out.
 */
#pragma once

#include "base/range.h"

#define TRW_WORD(constant, number, name) constant = number,

/* ---- volumes and file systems ---- */

#define TRW_VOLUME_KINDS(W)                                                                        \
	W(TRW_VOLUME_WHOLE, 0, "whole image")                                                      \
	W(TRW_VOLUME_PARTITION, 1, "partition")                                                    \
	W(TRW_VOLUME_GAP, 2, "gap")                                                                \
	W(TRW_VOLUME_TABLE, 3, "table")                                                            \
	W(TRW_VOLUME_POOL, 4, "pool")                                                              \
	W(TRW_VOLUME_POOL_VOLUME, 5, "pool volume")
enum trw_volume_kind { TRW_VOLUME_KINDS(TRW_WORD) TRW_VOLUME_N };

/** What the probe found in a volume: a set, as several things can lie in one place. */
enum trw_holds {
	TRW_HOLDS_FILE_SYSTEM = 1,
	TRW_HOLDS_ENCRYPTION = 2,
	TRW_HOLDS_CONTAINER =
		4, /* LVM, mdraid, ZFS ...: the file system lies elsewhere, or deeper */
	TRW_HOLDS_SWAP = 8,
	TRW_HOLDS_OTHER = 16,
	TRW_HOLDS_ZEROS = 32,   /* every byte was read and is zero */
	TRW_HOLDS_UNKNOWN = 64, /* probed, and nothing is known there */
	TRW_HOLDS_ALL = 127
};

/** Families of file systems, in the order in which they are tried by name. */
#define TRW_FAMILIES(W)                                                                            \
	W(TRW_FAMILY_NONE, 0, "")                                                                  \
	W(TRW_FAMILY_NTFS, 1, "NTFS")                                                              \
	W(TRW_FAMILY_FAT, 2, "FAT")                                                                \
	W(TRW_FAMILY_EXT, 3, "Ext")                                                                \
	W(TRW_FAMILY_ISO, 4, "ISO 9660")                                                           \
	W(TRW_FAMILY_HFS, 5, "HFS")                                                                \
	W(TRW_FAMILY_UFS, 6, "UFS")                                                                \
	W(TRW_FAMILY_YAFFS2, 7, "YAFFS2")                                                          \
	W(TRW_FAMILY_APFS, 8, "APFS")
/** NONE: not said, or any; what opens is found out. */
enum trw_family { TRW_FAMILIES(TRW_WORD) TRW_FAMILY_N };

/** A set of families. */
#define TRW_FAMILY_BIT(family) ((uint32_t)1 << (family))
#define TRW_FAMILIES_ALL (TRW_FAMILY_BIT(TRW_FAMILY_N) - 2)

/** What a file system's own map says of a block. */
enum trw_block_class {
	TRW_BLOCK_ALLOCATED = 0, /* in use, by what is not said */
	TRW_BLOCK_METADATA = 1,
	TRW_BLOCK_UNALLOCATED = 2,
	TRW_BLOCK_N
};

/* ---- files ---- */

#define TRW_FILE_KINDS(W)                                                                          \
	W(TRW_FILE_UNKNOWN, 0, "unknown")                                                          \
	W(TRW_FILE_REGULAR, 1, "regular")                                                          \
	W(TRW_FILE_DIRECTORY, 2, "directory")                                                      \
	W(TRW_FILE_SYMLINK, 3, "symlink")                                                          \
	W(TRW_FILE_FIFO, 4, "fifo")                                                                \
	W(TRW_FILE_CHAR, 5, "character device")                                                    \
	W(TRW_FILE_BLOCK, 6, "block device")                                                       \
	W(TRW_FILE_SOCKET, 7, "socket")                                                            \
	W(TRW_FILE_WHITEOUT, 8, "whiteout")                                                        \
	W(TRW_FILE_VIRTUAL, 9, "virtual")                                                          \
	W(TRW_FILE_VIRTUAL_DIRECTORY, 10, "virtual directory")                                     \
	W(TRW_FILE_SHADOW, 11, "shadow")
enum trw_file_kind { TRW_FILE_KINDS(TRW_WORD) TRW_FILE_N };

#define TRW_FILE_STATES(W)                                                                         \
	W(TRW_STATE_ALLOCATED, 0, "allocated")                                                     \
	W(TRW_STATE_DELETED, 1, "deleted")                                                         \
	W(TRW_STATE_ORPHAN, 2, "orphan")                                                           \
	W(TRW_STATE_CARVED, 3, "carved")                                                           \
	W(TRW_STATE_MEMBER, 4, "member")
enum trw_file_state { TRW_FILE_STATES(TRW_WORD) TRW_STATE_N };

enum trw_file_flag { /* a set */
	TRW_FLAG_COMPRESSED = 1,
	TRW_FLAG_ENCRYPTED = 2,
	TRW_FLAG_SPARSE = 4,
	TRW_FLAG_RESIDENT = 8,
	TRW_FLAG_RECOVERED =
		16, /* a deleted file's extents, guessed by the rule of its file system */
	TRW_FLAG_REALLOCATED = 32, /* the name is deleted and its inode is in use by another file */
	TRW_FLAG_LOCAL_TIME = 64,  /* times are local to an unknown zone, stored as if UTC (FAT) */
	TRW_FLAG_NO_METADATA = 128,   /* only the name is left (or its inode could not be read) */
	TRW_FLAG_SECOND_READER = 256, /* extents or content by own reader, not by libtsk */
	TRW_FLAGS_ALL = 511
};

/** Where the bytes of a stream come from. */
enum trw_content_source {
	TRW_CONTENT_NONE = 0, /* directories, devices, names without metadata: no digest is due */
	TRW_CONTENT_EXTENTS,  /* from its extents */
	TRW_CONTENT_INLINE,   /* from the metadata: the walk hands them over */
	TRW_CONTENT_DECODE,   /* a read worker must decode them */
	TRW_CONTENT_UNKNOWN,  /* a digest is due and the content cannot be found */
	TRW_CONTENT_N
};

#define TRW_TIME_ABSENT INT64_MIN    /* of times in ns */
#define TRW_NUMBER_ABSENT UINT64_MAX /* of a number that may be missing */

/** Were these bytes read whole. */
#define TRW_DIGEST_STATES(W)                                                                       \
	W(TRW_DIGEST_COMPLETE, 0, "complete")                                                      \
	W(TRW_DIGEST_PARTIAL, 1, "partial")                                                        \
	W(TRW_DIGEST_SUBSTITUTED, 2, "substituted")                                                \
	W(TRW_DIGEST_NONE, 3, "none")
enum trw_digest_state { TRW_DIGEST_STATES(TRW_WORD) TRW_DIGEST_N };

/* ---- runs, images, hits ---- */

#define TRW_RUN_STATUSES(W)                                                                        \
	W(TRW_RUN_RUNNING, 0, "running") /* what a killed run leaves behind */                     \
	W(TRW_RUN_COMPLETE, 1, "complete")                                                         \
	W(TRW_RUN_CANCELLED, 2, "cancelled")                                                       \
	W(TRW_RUN_FAILED, 3, "failed")
enum trw_run_status { TRW_RUN_STATUSES(TRW_WORD) TRW_RUN_N };

/** What became of the digests that a container stores. */
#define TRW_MEDIA_VERDICTS(W)                                                                      \
	W(TRW_MEDIA_MATCH, 0, "match")                                                             \
	W(TRW_MEDIA_MISMATCH, 1, "mismatch")                                                       \
	W(TRW_MEDIA_NONE_STORED, 2, "none stored")                                                 \
	W(TRW_MEDIA_NOT_VERIFIED, 3, "not verified")                                               \
	W(TRW_MEDIA_UNREADABLE, 4, "unreadable")
enum trw_media_verdict { TRW_MEDIA_VERDICTS(TRW_WORD) TRW_MEDIA_N };

/**
 * What an entry of a hash set says of a content. MATCH: the content is complete and everything that the entry has
 * agrees. CONFLICT: complete; a digest agrees, another or the size does not: a collision, or an error of the
 * list. DAMAGED: a digest agrees, but it is that of damaged content.
 */
#define TRW_VERDICTS(W)                                                                            \
	W(TRW_VERDICT_MATCH, 0, "match")                                                           \
	W(TRW_VERDICT_CONFLICT, 1, "conflict")                                                     \
	W(TRW_VERDICT_DAMAGED, 2, "damaged")
enum trw_verdict { TRW_VERDICTS(TRW_WORD) TRW_VERDICT_N };

/** What the walk met and is no file row, and how many names it saw. */
#define TRW_ITEM_OUTCOMES(W)                                                                       \
	W(TRW_ITEM_SEEN, 0, "seen")                                                                \
	W(TRW_ITEM_DOT, 1, "dot entry")                                                            \
	W(TRW_ITEM_CAPPED, 2, "over the cap")                                                      \
	W(TRW_ITEM_EXTRA, 3, "extra stream")
enum trw_item_outcome { TRW_ITEM_OUTCOMES(TRW_WORD) TRW_ITEM_N };

/* ---- problems ---- */

/** NONE: that of the work in which it was met. */
#define TRW_STAGES(W)                                                                              \
	W(TRW_STAGE_NONE, 0, "")                                                                   \
	W(TRW_STAGE_OPEN, 1, "open")                                                               \
	W(TRW_STAGE_VOLUMES, 2, "volumes")                                                         \
	W(TRW_STAGE_WALK, 3, "walk")                                                               \
	W(TRW_STAGE_READ, 4, "read")                                                               \
	W(TRW_STAGE_VERIFY, 5, "verify")                                                           \
	W(TRW_STAGE_LEDGER, 6, "ledger")
enum trw_stage { TRW_STAGES(TRW_WORD) TRW_STAGE_N };

#define TRW_SEVERITIES(W)                                                                          \
	W(TRW_SEVERITY_NOTE, 0, "note")   /* nothing is missing for it */                          \
	W(TRW_SEVERITY_DOUBT, 1, "doubt") /* what is on record may not be all, or not as it was */ \
	W(TRW_SEVERITY_LOSS, 2, "loss")   /* something is not on record, or not digested */
enum trw_severity { TRW_SEVERITIES(TRW_WORD) TRW_SEVERITY_N };

/* The names. A number that the enum does not have gives "". */
const char *trw_volume_kind_text(enum trw_volume_kind kind);
const char *trw_family_text(enum trw_family family);
const char *trw_file_kind_text(enum trw_file_kind kind);
const char *trw_file_state_text(enum trw_file_state state);
const char *trw_digest_state_text(enum trw_digest_state state);
const char *trw_run_status_text(enum trw_run_status status);
const char *trw_media_verdict_text(enum trw_media_verdict verdict);
const char *trw_verdict_text(enum trw_verdict verdict);
const char *trw_item_outcome_text(enum trw_item_outcome outcome);
const char *trw_stage_text(enum trw_stage stage);
const char *trw_severity_text(enum trw_severity severity);
const char *trw_damage_text(enum trw_damage why); /* "substituted", "missing" */
