/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rows: one struct for each kind, from the worker that reads it to the database that keeps it. All bytes of a row are
 * borrowed, by a decoded one from its payload, by a copied one from the arena.
 *
 * Ids are positions, dealt by the coordinator. Of a worker's rows only those say something that are told here, as
 * numbers from 1 within its answer; the others are 0.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/extent.h"
#include "base/space.h"
#include "digest/digest.h"
#include "record/codes.h"
#include "record/file_fields.h"

struct trw_volume {
	int64_t volume_id, image_id;
	int64_t parent_id; /* 0 = none; from a worker: 1 is its first volume */
	uint32_t number;   /* in the list, from 0 */
	enum trw_volume_kind kind;
	struct trw_space space;       /* its len is clipped to the image, and may be 0 */
	uint64_t declared_len;        /* is not clipped */
	struct trw_bytes scheme;      /* "GPT", "DOS", "BSD", "Sun", "Mac", "APFS"; none */
	struct trw_bytes description; /* the table's text; none */
	struct trw_bytes content;     /* what the probe found, in words; none: not probed */
	/* Not stored, like the pool_block of its space: what is to be done with it. */
	uint32_t holds;     /* the same: a set of enum trw_holds */
	bool may_hold_fs;   /* worth a walk: the probe did not say otherwise */
	uint32_t plausible; /* families that the probe finds plausible here: a set */
};

struct trw_filesystem {
	int64_t filesystem_id, volume_id, image_id;
	enum trw_family family;
	struct trw_bytes type;        /* "NTFS", "FAT32", "Ext4", ... */
	struct trw_bytes label, uuid; /* none */
	uint64_t off, len;            /* bytes of the image, len clipped to it */
	uint32_t block_size;
	uint64_t block_count;
	uint64_t pool_block;     /* APFS: block of the volume superblock; 0 otherwise */
	bool is_ambiguous;       /* another file system is plausible in the same place */
	bool is_forced;          /* found only when its type was tried by name */
	struct trw_bytes status; /* "complete", or why the walk ended early */
};

#define TRW_FILE_MEMBER(how, type, name, max) type name;

/** A name bound to a data stream. */
struct trw_file {
	int64_t file_id;   /* from a worker: its number in the walk */
	int64_t parent_id; /* file_id of its directory; 0 = the root itself, or unknown */
	int64_t filesystem_id, image_id;
	TRW_FILE_FIELDS(TRW_FILE_MEMBER)
	struct trw_bytes bytes;     /* INLINE: its content; not stored */
	struct trw_extents extents; /* what of it lies where, in the order of the stream */
};

/** What was read of a stream. */
struct trw_content_row {
	int64_t file_id;
	enum trw_digest_state state;
	uint64_t size;
	struct trw_digests digests; /* unless state is NONE */
	struct trw_ranges damage;   /* bytes of the stream */
};

struct trw_problem {
	int64_t image_id, volume_id, filesystem_id; /* 0 = not about one, or the file_id's */
	int64_t file_id; /* 0 = not about one; from a worker: number of a file sent before it */
	enum trw_code code;
	enum trw_stage stage;  /* NONE: that of the code */
	struct trw_bytes path; /* none: the path of file_id, with its stream, else none */
	uint64_t inode;        /* 0 = the inode of file_id, else none */
	bool has_range;
	uint64_t off,
		len; /* of the image for stages open, volumes, verify; of the stream for read */
	struct trw_bytes text; /* one line */
};

/** A run of a file system's own allocation map. Only for the ledger; dropped when the books are closed. */
struct trw_blocks {
	int64_t filesystem_id;
	uint64_t off, len; /* bytes of the image */
	enum trw_block_class kind;
};

struct trw_item_count {
	int64_t filesystem_id;
	enum trw_item_outcome outcome;
	uint64_t n;
};

/** A line for the audit chain: outside the canonical digest. */
struct trw_audit_line {
	const char *action; /* a literal */
	struct trw_bytes detail;
};

#define TRW_CHECKPOINT_MEDIA_MAX 1024 /* bytes of media_state */

/** How far an image is, written behind the rows that it speaks of: it is committed with them or after them. */
struct trw_checkpoint {
	int64_t image_id;
	bool is_walked; /* false leaves it as it is */
	struct trw_bytes
		media_state; /* the digests of the media up to media_off; none leaves them as they are */
	uint64_t media_off;
	/*
	 * Damage of the media that was met since the last checkpoint, for what it costs is what is new: with what the
	 * earlier ones gave no less than what lies before media_off. It may overlap that.
	 */
	struct trw_ranges damage;
};

enum trw_row_kind {
	TRW_ROW_VOLUME = 0,
	TRW_ROW_FILESYSTEM,
	TRW_ROW_FILESYSTEM_STATUS,    /* filesystem: only filesystem_id and status */
	TRW_ROW_FILESYSTEM_AMBIGUOUS, /* filesystem: only filesystem_id */
	TRW_ROW_FILE,
	TRW_ROW_CONTENT,
	TRW_ROW_PROBLEM,
	TRW_ROW_BLOCKS,
	TRW_ROW_ITEMS,
	TRW_ROW_AUDIT,
	TRW_ROW_CHECKPOINT,
	TRW_ROW_N
};

struct trw_row {
	enum trw_row_kind kind;
	union {
		struct trw_volume volume;
		struct trw_filesystem filesystem;
		struct trw_file file;
		struct trw_content_row content;
		struct trw_problem problem;
		struct trw_blocks blocks;
		struct trw_item_count items;
		struct trw_audit_line audit;
		struct trw_checkpoint checkpoint;
	} u;
};

/** A copy whose bytes, extents and ranges lie in the arena. Errors: TRW_ENOMEM; *out is then undefined. */
TRW_NODISCARD enum trw_status trw_row_copy(struct trw_arena *arena, const struct trw_row *row,
	struct trw_row *out, struct trw_err *err);

/** The bytes of a C string; NULL is none. Borrowed from it. */
struct trw_bytes trw_bytes_of(const char *s);
