/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The pool: which job a hasher does next. The image's own digests are one long chain and most often what decides how
 * long the sweep takes, so their jobs come first:
 *
 *     1 media     a chain of the image's digests takes its next window
 *     2 deliver   the next window is handed out                         one at a time
 *     3 unpack    a window, if media would soon find none unpacked
 *     4 chains    open streams with something to hear                   these give windows free
 *     5 files     whole streams of a window                             these, too
 *     6 unpack    any window
 *
 * A hasher that finds nothing waits; nothing is ever left that could be done.
 */
#pragma once

#include "sweep/checkpoint.h"
#include "sweep/hash.h"
#include "sweep/media.h"
#include "sweep/open.h"

struct trw_pool {
	/* borrowed; immutable */
	struct trw_image *image;
	struct trw_ready *ready;
	struct trw_windows *windows;
	struct trw_opens *opens;
	struct trw_media *media;
	struct trw_checkpoint *checkpoint;
	const struct trw_sweep_events *events;
	unsigned jobs; /* hashers */
	/* guarded by mu */
	uint64_t n_unpacking,
		n_delivered; /* windows before them are taken to unpack; are delivered */
	bool is_delivering;
};

/** Do jobs until there will be no more, or the sweep has failed. Threads: each hasher with its own h. */
void trw_pool_work(struct trw_pool *p, struct trw_hasher *h);

/**
 * Do one job if there is any now: what the sweep does without threads. True when there was one, and when it failed:
 * trw_ready has the error.
 */
bool trw_pool_step(struct trw_pool *p, struct trw_hasher *h);
