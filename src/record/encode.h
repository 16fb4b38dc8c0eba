/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What workers and the coordinator say to each other: each payload of every frame, both sides of it from one list of
 * fields (encode.c). Decoders treat every byte as hostile: caps are checked, and a payload that is too short, too
 * long or out of range is TRW_ECORRUPT. What is decoded borrows bytes from the payload.
 */
#pragma once

#include "record/activity.h"
#include "record/rows.h"

#define TRW_INLINE_MAX_BYTES ((size_t)64 << 10)
#define TRW_TEXT_MAX_BYTES ((size_t)1 << 10)
#define TRW_SKIP_MAX 1024

/** An item that killed a worker, to be passed over. */
struct trw_skip {
	uint64_t inode;
	enum trw_step step;
};

/** Which file system: by place and family, so that any worker can open it again. */
struct trw_fs_where {
	struct trw_space space;
	enum trw_family family; /* NONE = detect */
};

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

/** Payload of DONE after a walk. */
struct trw_walk_done {
	uint64_t n_files;       /* file records generated, sent or silent */
	uint64_t names_seen;    /* directory entries that libtsk gave us */
	uint64_t names_dot;     /* of them "." and ".." */
	uint64_t names_capped;  /* of them dropped at a cap */
	uint64_t streams_extra; /* file records beyond one per name: named streams, forks */
};

/** Payload of MEDIA: what a foreign container says of itself. */
struct trw_media_facts {
	uint64_t size; /* of the media, bytes */
	uint32_t sector_size;
	struct trw_bytes md5, sha1; /* 16 and 20 bytes, or none */
	struct trw_ranges damage;   /* known from the start; owned after decode */
};

struct trw_pread_request {
	uint64_t off; /* bytes of the media */
	uint32_t len;
};

/** Payload of DATA: bytes of a READ or PREAD answer, in ascending order; gaps are missing bytes. */
struct trw_data {
	uint64_t off; /* in the stream, or the media */
	struct trw_bytes bytes;
};

/** Payload of DONE after READ or PREAD: what of the answer is damaged. */
struct trw_damage_list {
	struct trw_ranges damage; /* owned after decode */
};

/** Payload of FAILED. */
struct trw_failure {
	uint32_t status; /* of the worker, as positive number */
	struct trw_bytes text;
};

/* P(name, type): each has trw_NAME_encode, which appends, and trw_NAME_decode. */
#define TRW_PAYLOADS(P)                                                                            \
	P(walk_request, struct trw_walk_request)                                                   \
	P(read_request, struct trw_read_request)                                                   \
	P(volume, struct trw_volume)                                                               \
	P(filesystem, struct trw_filesystem)                                                       \
	P(file, struct trw_file)                                                                   \
	P(problem, struct trw_problem)                                                             \
	P(walk_done, struct trw_walk_done)                                                         \
	P(media, struct trw_media_facts)                                                           \
	P(pread, struct trw_pread_request)                                                         \
	P(data, struct trw_data)                                                                   \
	P(damage, struct trw_damage_list)                                                          \
	P(failure, struct trw_failure)

/*
 * Errors of encode: TRW_EUSAGE for what a decoder would refuse, TRW_ELIMIT for bytes past their cap, TRW_ENOMEM; b is
 * then as it was. Of decode: TRW_ECORRUPT, TRW_ENOMEM; *out is then cleared.
 */
#define TRW_PAYLOAD_DECLARE(name, type)                                                            \
	TRW_NODISCARD enum trw_status trw_##name##_encode(                                         \
		const type *in, struct trw_buf *b, struct trw_err *err);                           \
	TRW_NODISCARD enum trw_status trw_##name##_decode(                                         \
		const uint8_t *p, size_t n, type *out, struct trw_err *err);
TRW_PAYLOADS(TRW_PAYLOAD_DECLARE)

/** BLOCKS: many runs one behind the other in one payload. */
TRW_NODISCARD enum trw_status trw_blocks_encode(
	const struct trw_blocks *run, struct trw_buf *b, struct trw_err *err);
/** Takes one run off the front of *c; TRW_END when nothing is left. */
TRW_NODISCARD enum trw_status trw_blocks_decode(
	struct trw_cur *c, struct trw_blocks *out, struct trw_err *err);

/** Adds no list that leaves [off, off + len): TRW_ECORRUPT. */
TRW_NODISCARD enum trw_status trw_damage_fits(
	const struct trw_ranges *damage, uint64_t off, uint64_t len, struct trw_err *err);

void trw_file_clear(struct trw_file *file); /* frees the extents of a decoded one */
