/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sweep: one ascending pass over an image that serves its own digests and those of every stream in the plan.
 *
 *     reader    plans a window (a few MiB of the image), fetches its stored bytes
 *     hashers   unpack windows; then, in the order of the windows, hand their bytes out:
 *               to the image's digests, and to the consumers (consumer.h) of streams that lie in the window as a
 *               whole, and of the open streams, whose pieces come window after window
 *
 * What comes too early for its stream is copied and held; when the memory for that is used up the stream is put
 * off (trw_plan_next_off) and is the caller's to read by itself. Which streams that hits can differ from run to
 * run; what is found out about each stream cannot.
 */
#pragma once

#include "image/image.h"
#include "sweep/events.h"
#include "sweep/plan/plan.h"

#include <stdatomic.h>

#define TRW_SWEEP_WINDOW ((size_t)4 << 20)  /* bytes, where chunks are not larger */
#define TRW_SWEEP_ENTRIES ((size_t)1 << 17) /* streams and pieces of a window */

struct trw_sweep_spec {
	struct trw_image *image;
	struct trw_plan *plan; /* sealed; the sweep's until it ends. May be NULL: no streams */
	struct trw_consumers
		consumers; /* who hears the streams; may be none where there is no plan */
	struct trw_sweep_media *media; /* in: where to begin; out: at the image's end */
	unsigned
		jobs; /* hashers; 0: no threads at all, the caller does everything. For tests and debuggers */
	uint64_t memory; /* bytes for windows, open streams and what is held */
	uint64_t window; /* bytes; 0 = the default. For tests */
	size_t entries;  /* per window; 0 = the default. For tests */
	struct trw_sweep_events events;
	/* raised as windows are done, may be NULL: bytes of the image; of pieces of the plan */
	atomic_uint_least64_t *bytes_done, *piece_bytes_done;
};

/** Bytes of the image that the sweep will read at least: all, or what streams need. */
uint64_t trw_sweep_bytes(const struct trw_sweep_spec *spec);

/**
 * Run it. Errors: what a callback returned, TRW_ENOMEM, TRW_EIO (the plan's files, threads), TRW_EWORKER (foreign
 * images), TRW_ECORRUPT (spec.media begins past the image's end), TRW_ECANCEL when stops says so; never for
 * damaged evidence.
 */
TRW_NODISCARD enum trw_status trw_sweep_run(const struct trw_sweep_spec *spec, struct trw_err *err);
