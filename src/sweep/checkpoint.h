/* SPDX-License-Identifier: Apache-2.0 */
/**
 * When a sweep says what is good to be saved: the image's digests as they were when each chain last stopped, every
 * few seconds, and at once when a window with damage is about to be handed out.
 */
#pragma once

#include "sweep/events.h"
#include "sweep/ready.h"

struct trw_checkpoint {
	/* immutable after init */
	struct trw_ready *ready; /* borrowed, as events */
	const struct trw_sweep_events *events;
	pthread_cond_t has_saved;
	/* guarded by mu */
	struct trw_sweep_media saved; /* where each chain last stopped */
	int64_t saved_ns;             /* when events.checkpoint was called last */
	bool is_saving;               /* a call is under way */
	bool is_damage_new; /* a window with damage has been unpacked since the last call */
};

void trw_checkpoint_init(struct trw_checkpoint *c, struct trw_ready *ready,
	const struct trw_sweep_events *events, const struct trw_sweep_media *media);
void trw_checkpoint_destroy(struct trw_checkpoint *c);

/** A chain of the image's digests stands here. True when a checkpoint is due. mu is held. */
bool trw_checkpoint_note(
	struct trw_checkpoint *c, size_t chain, const struct trw_digester *digester);
/** A window with damage has been unpacked. mu is held. */
void trw_checkpoint_damage(struct trw_checkpoint *c);

/**
 * Call events.checkpoint; waits until no other call is under way. is_damaged: damage is about to be handed out.
 * Errors: what it returns.
 */
TRW_NODISCARD enum trw_status trw_checkpoint_save(
	struct trw_checkpoint *c, unsigned hasher, bool is_damaged, struct trw_err *err);
