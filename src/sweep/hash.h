/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The jobs that hand bytes to consumers. Whole streams of a window, and pieces of several open ones, go to those who
 * can take many side by side (the digest lanes): the shorter a stream, the more there is to win.
 */
#pragma once

#include "sweep/events.h"
#include "sweep/open.h"
#include "sweep/tee.h"

/** What one hasher has to itself. */
struct trw_hasher {
	struct trw_opens *opens; /* borrowed, as events */
	const struct trw_sweep_events *events;
	unsigned number;
	struct trw_tee *tee; /* owned; its clones hear the chains, too */
};

/**
 * Whole streams [from, to) of the window, at most TRW_CONSUMER_MANY. Errors of both: of consumers and of events.done,
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_hash_files(
	struct trw_hasher *h, struct trw_window *w, size_t from, size_t to, struct trw_err *err);
/** What the runs have before them; at most TRW_OPEN_RUNS of different chains. Errors: also TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_hash_chains(
	struct trw_hasher *h, struct trw_chain_run *runs, size_t n, struct trw_err *err);
