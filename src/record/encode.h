/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What walk and read workers and the coordinator say to each other: requests and records, and their encoding
 * as frame payloads. Decoders treat every byte as hostile: caps are checked, and a payload that is too
 * short, too long or out of range is TRW_ECORRUPT. Decoded records borrow bytes from the payload.
 */
#pragma once

#include "base/buf.h"
#include "base/extent.h"
#include "record/codes.h"

#define TRW_PATH_MAX_BYTES ((size_t)32 << 10)
#define TRW_NAME_MAX_BYTES ((size_t)4 << 10)
#define TRW_TARGET_MAX_BYTES ((size_t)64 << 10)
#define TRW_INLINE_MAX_BYTES ((size_t)64 << 10)
#define TRW_TEXT_MAX_BYTES ((size_t)1 << 10)
#define TRW_SKIP_MAX 1024

/** An item that killed a worker, to be passed over. step is an enum trw_step. */
struct trw_skip {
	uint64_t inode;
	uint32_t step;
};

/** Which file system: by place and type, so that any worker can open it again. */
struct trw_fs_where {
	uint64_t off, len;   /* bytes of the image; len 0 = to its end */
	uint64_t pool_block; /* APFS volume superblock; 0 = no pool */
	uint32_t type;       /* libtsk's TSK_FS_TYPE_ENUM; 0 = detect */
};

/** The file system types that can be tried by name, in the order to try. id: libtsk's TSK_FS_TYPE_ENUM, a set of bits. */
struct trw_fs_type {
	uint32_t id;
	const char *name;
};
#define TRW_FS_TYPES_N 8
extern const struct trw_fs_type
	trw_fs_types[TRW_FS_TYPES_N]; /* NTFS, FAT, Ext, ISO 9660, HFS, UFS, YAFFS2, APFS */

struct trw_walk_request {
	struct trw_fs_where where;
	uint64_t sent;      /* file records to generate silently, after a restart */
	uint64_t names_max; /* cap on names in all */
	uint64_t dir_max;   /* cap on names in one directory */
	uint32_t depth_max; /* cap on directory depth */
	bool no_orphans;    /* after the orphan hunt killed a worker */
	bool no_blocks;     /* after the allocation map did */
	struct trw_skip skips[TRW_SKIP_MAX];
	size_t n_skips;
};

/** Content that only libtsk can decode, by file system, inode and attribute. */
struct trw_read_request {
	struct trw_fs_where where;
	uint64_t inode;
	uint32_t attr_type, attr_id;
	uint64_t size; /* bytes that the walk reported: neither more nor less is accepted */
};

/** DATA frames of a READ answer: u64 offset in the stream, then bytes; gaps are missing bytes. */

struct trw_volume_record {
	uint32_t number; /* ordinal among the VOLUME frames of this answer, from 0 */
	uint32_t parent; /* number of an earlier one, or UINT32_MAX */
	enum trw_volume_kind kind;
	uint64_t off, len; /* bytes of the image; len clipped to it */
	uint64_t declared_len;
	uint64_t pool_block; /* of a pool volume */
	bool may_hold_fs;    /* worth a walk: own probe did not say otherwise */
	bool is_encrypted;
	uint32_t
		plausible; /* bits of the types in trw_fs_types that the probe finds plausible here */
	struct trw_bytes scheme, description;
	struct trw_bytes
		content; /* probe: "NTFS", "BitLocker", "no known file system", "all zero"; empty = not probed */
};

struct trw_fs_record { /* first frame of a WALK answer */
	uint32_t type; /* TSK_FS_TYPE_ENUM as found */
	struct trw_bytes type_name, label, uuid;
	uint64_t off, len;
	uint32_t block_size;
	uint64_t block_count;
};

/** A name bound to a data stream. kind, state, flags: words.h, as numbers. */
struct trw_file_record {
	uint64_t ordinal; /* from 0, in walk order: also the restart mark */
	uint64_t parent;  /* ordinal of its directory's record, or UINT64_MAX */
	struct trw_bytes path, name, stream, target;
	uint64_t inode, sequence;
	uint32_t attr_type, attr_id;
	uint32_t kind, state, flags;
	uint64_t size;
	int64_t created_ns, modified_ns, accessed_ns, changed_ns; /* INT64_MIN = absent */
	uint32_t mode, n_links;
	uint64_t uid, gid;
	enum trw_content_source source;
	struct trw_bytes bytes;     /* INLINE */
	struct trw_extents extents; /* owned by the record after decode: trw_file_record_clear */
};

struct trw_problem_record {
	uint64_t inode;
	bool has_range;
	uint64_t off, len;
	uint64_t
		file; /* ordinal of the file record it belongs to (sent before it), or UINT64_MAX */
	enum trw_code code;
	struct trw_bytes path, text;
};

struct trw_blocks_record { /* many runs in one frame */
	uint64_t off, len;
	uint32_t class; /* enum trw_block_class */
};

struct trw_walk_done {          /* payload of DONE */
	uint64_t n_files;       /* file records generated, sent or silent */
	uint64_t names_seen;    /* directory entries that libtsk gave us */
	uint64_t names_dot;     /* of them "." and ".." */
	uint64_t names_capped;  /* of them dropped at a cap */
	uint64_t streams_extra; /* file records beyond one per name: named streams, forks */
};

TRW_NODISCARD enum trw_status trw_walk_request_encode(
	const struct trw_walk_request *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_walk_request_decode(
	const uint8_t *p, size_t n, struct trw_walk_request *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_read_request_encode(
	const struct trw_read_request *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_read_request_decode(
	const uint8_t *p, size_t n, struct trw_read_request *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_volume_record_encode(
	const struct trw_volume_record *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_volume_record_decode(
	const uint8_t *p, size_t n, struct trw_volume_record *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_fs_record_encode(
	const struct trw_fs_record *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_fs_record_decode(
	const uint8_t *p, size_t n, struct trw_fs_record *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_file_record_encode(
	const struct trw_file_record *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_file_record_decode(
	const uint8_t *p, size_t n, struct trw_file_record *r, struct trw_err *err);
void trw_file_record_clear(struct trw_file_record *r);
TRW_NODISCARD enum trw_status trw_problem_record_encode(
	const struct trw_problem_record *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_problem_record_decode(
	const uint8_t *p, size_t n, struct trw_problem_record *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_blocks_record_encode(
	const struct trw_blocks_record *r, struct trw_buf *b, struct trw_err *err);
/** Takes one run off the front of *c; TRW_END when nothing is left. */
TRW_NODISCARD enum trw_status trw_blocks_record_decode(
	struct trw_cur *c, struct trw_blocks_record *r, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_walk_done_encode(
	const struct trw_walk_done *r, struct trw_buf *b, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_walk_done_decode(
	const uint8_t *p, size_t n, struct trw_walk_done *r, struct trw_err *err);
