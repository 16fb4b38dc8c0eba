/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sweep: one ascending pass over an image that serves its own digests and those of every stream in the plan.
 *
 *     reader    plans a window (a few MiB of the image), fetches its stored bytes
 *     hashers   unpack windows; then, in the order of the windows, hand their bytes out:
 *               to the image's digests, to streams that lie in the window as a whole (digested side by side in
 *               lanes), and to the open streams, whose pieces come window after window
 *
 * What comes too early for its stream is copied and held; when the memory for that is used up the stream is put
 * off (trw_plan_next_off) and is the caller's to read by itself. Which streams that hits can differ from run to
 * run; what is found out about each stream cannot.
 */
#pragma once

#include "base/range.h"
#include "digest/digest.h"
#include "image/image.h"
#include "sweep/plan/plan.h"

#include <stdatomic.h>

#define TRW_SWEEP_MEDIA_MAX 3

/**
 * The digests of the image itself on their way: one chain of all three, or one of each. A plain value; what a
 * killed run saved goes on from digester.len, which is the offset that the chain has reached.
 */
struct trw_sweep_media {
	size_t n; /* chains; 0: the image is not digested */
	struct trw_digester chain[TRW_SWEEP_MEDIA_MAX];
};

/** At offset 0, in as many chains as are good for so many hashers. */
void trw_sweep_media_start(struct trw_sweep_media *m, unsigned jobs);
void trw_sweep_media_finish(const struct trw_sweep_media *m, struct trw_digests *out);
/** Where the chain that is furthest behind has got to, in bytes of the image. */
uint64_t trw_sweep_media_off(const struct trw_sweep_media *m);

#define TRW_SWEEP_MEDIA_SAVED (8 + TRW_SWEEP_MEDIA_MAX * TRW_DIGEST_SAVED)
/** Returns the bytes used in out. */
size_t trw_sweep_media_save(const struct trw_sweep_media *m, uint8_t out[TRW_SWEEP_MEDIA_SAVED]);
/** Errors: TRW_ECORRUPT. */
TRW_NODISCARD enum trw_status trw_sweep_media_load(
	struct trw_sweep_media *m, const uint8_t *p, size_t n, struct trw_err *err);

/** A stream that is done. */
struct trw_sweep_done {
	int64_t id;
	uint64_t size;
	struct trw_digests digests;   /* over zeros where bytes are missing */
	struct trw_ranges damage;     /* bytes of the stream; owner: the one who is called */
	char cause[TRW_ERR_TEXT_MAX]; /* one line about the first missing bytes, or empty */
};

/** Callbacks get ctx and the number of the hasher that calls, from 0; they may fail and so end the sweep. */
struct trw_sweep_events {
	/** Threads: each hasher calls for itself, many at a time. */
	enum trw_status (*done)(
		void *ctx, unsigned hasher, struct trw_sweep_done *done, struct trw_err *err);
	/**
	 * A good moment to save: the image's digests as they are now; is_damaged: there is more damage
	 * (trw_image_damage) than at the call before, and neither these digests nor what the streams behind it
	 * will give must be saved before the damage is. May be NULL.
	 * Threads: one call at a time, by any hasher.
	 */
	enum trw_status (*checkpoint)(void *ctx, unsigned hasher,
		const struct trw_sweep_media *media, bool is_damaged, struct trw_err *err);
	/** Asked often. Threads: any. */
	bool (*stops)(void *ctx);
	void *ctx;
};

struct trw_sweep_spec {
	struct trw_image *image;
	struct trw_plan *plan; /* sealed; the sweep's until it ends. May be NULL: no streams */
	struct trw_sweep_media *media; /* in: where to begin; out: at the image's end */
	unsigned jobs;                 /* hashers, at least 1 */
	uint64_t memory;               /* bytes for windows, open streams and what is held */
	uint64_t window;               /* bytes; 0 = the default. For tests */
	size_t entries;                /* TRW_SWEEP_ENTRIES; 0 = the default. For tests */
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
