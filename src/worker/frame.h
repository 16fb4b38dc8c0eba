/* SPDX-License-Identifier: Apache-2.0 */
/** The frames between coordinator and worker: 4 bytes length of the payload, 4 bytes type, payload. Little endian. */
#pragma once

#include "base/status.h"

#define TRW_FRAME_MAX ((size_t)32 << 20) /* payload bytes; more is a protocol violation */
#define TRW_FRAME_HEADER 8

/* Descriptors that a worker is started with, beside the standard streams. */
#define TRW_WORKER_SOCKET 3
#define TRW_WORKER_ACTIVITY 4

/** Payloads: record/encode.h has one of each name. */
enum trw_frame_type {
	/* coordinator to worker */
	TRW_FRAME_VOLUMES = 1, /* list volumes and what is in them */
	TRW_FRAME_WALK = 2,    /* walk one file system: walk_request */
	TRW_FRAME_READ = 3,    /* stream one file's content: read_request */
	TRW_FRAME_PREAD = 4,   /* media bytes of a foreign container: pread */
	/* worker to coordinator */
	TRW_FRAME_HELLO = 64, /* ready and locked down: the payload is the library versions */
	TRW_FRAME_VOLUME = 65,
	TRW_FRAME_FILESYSTEM = 66,
	TRW_FRAME_FILE = 67,
	TRW_FRAME_PROBLEM = 68,
	TRW_FRAME_BLOCKS = 69,
	TRW_FRAME_DATA = 70,  /* bytes of a READ or PREAD answer */
	TRW_FRAME_MEDIA = 71, /* what a foreign container says of itself */
	TRW_FRAME_DONE = 72,  /* the request is finished; its payload is the request's own */
	TRW_FRAME_FAILED = 73 /* the request failed: failure */
};
