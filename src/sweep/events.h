/* SPDX-License-Identifier: Apache-2.0 */
/** What a sweep tells its caller while it runs. */
#pragma once

#include "sweep/consumer.h"
#include "sweep/media_state.h"

/**
 * Callbacks get ctx and the number of the hasher that calls, from 0; they may fail and so end the sweep. No lock of
 * the sweep is held while they run.
 */
struct trw_sweep_events {
	/** A stream that all consumers have heard. Threads: each hasher calls for itself, many at a time. */
	enum trw_status (*done)(
		void *ctx, unsigned hasher, struct trw_stream_done *done, struct trw_err *err);
	/**
	 * A good moment to save: the image's digests as they are now; is_damaged: there is more damage
	 * (trw_image_damage) than at the call before, and neither these digests nor what the streams behind it
	 * will give must be saved before the damage is. May be NULL.
	 * Threads: one call at a time, by any hasher.
	 */
	enum trw_status (*checkpoint)(void *ctx, unsigned hasher,
		const struct trw_sweep_media *media, bool is_damaged, struct trw_err *err);
	/** Asked often. May be NULL. Threads: any. */
	bool (*stops)(void *ctx);
	void *ctx;
};

/** True when the caller wants the sweep to end. */
static inline bool
trw_sweep_stops(const struct trw_sweep_events *events)
{
	return events->stops != NULL && events->stops(events->ctx);
}
