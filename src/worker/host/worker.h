/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Worker processes, the coordinator's side: start trowel-worker, talk frames with it, notice at once when it
 * dies, hangs or breaks the protocol. Threads: one owner at a time.
 */
#pragma once

#include "worker/frame.h"
#include "worker/host/end.h"
#include "worker/host/spawn.h"

struct trw_worker;

/** Path of the worker binary: TROWEL_WORKER, else beside this program, else ../libexec/trowel. Static storage. */
const char *trw_worker_binary(void);

/** Start a worker and wait for its HELLO. Errors: TRW_ESANDBOX (cannot be locked down), TRW_EWORKER (died or the image cannot be opened; text says), TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_worker_start(
	const struct trw_worker_spec *spec, struct trw_worker **out, struct trw_err *err);

TRW_NODISCARD enum trw_status trw_worker_send(struct trw_worker *w, enum trw_frame_type type,
	const void *payload, size_t len, struct trw_err *err);

struct trw_frame {
	enum trw_frame_type type;
	const uint8_t *payload; /* private copy, borrowed until the next recv or stop */
	size_t len;
};

/** The next frame. Errors: TRW_EWORKER when the worker died, hung or broke the protocol (see trw_worker_end), TRW_ECANCEL, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_worker_recv(
	struct trw_worker *w, struct trw_frame *out, struct trw_err *err);

/**
 * What a FAILED frame says, as an error: the worker's text as one line, and of its status what is its to report (TRW_EIO,
 * TRW_ECORRUPT, TRW_ELIMIT, also for its out-of-memory, TRW_EUNSUPPORTED, TRW_ESANDBOX; else TRW_EWORKER).
 * TRW_ECORRUPT when the payload breaks the rules; TRW_ENOMEM when this process is out of memory.
 */
TRW_NODISCARD enum trw_status trw_frame_failed(const struct trw_frame *frame, struct trw_err *err);

/** Payload of the HELLO (library versions). Borrowed until stop. */
const char *trw_worker_versions(const struct trw_worker *w);

/** The caller saw a payload that breaks the rules: kill it; recv then says TRW_EWORKER with is_protocol. */
void trw_worker_distrust(struct trw_worker *w, const char *what);

/** How it ended; only after recv said TRW_EWORKER. Borrowed until stop. */
const struct trw_worker_end *trw_worker_ended(const struct trw_worker *w);

/** Close, kill if it still runs, reap, free. NULL is fine. */
void trw_worker_stop(struct trw_worker *w);
