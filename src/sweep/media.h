/* SPDX-License-Identifier: Apache-2.0 */
/** The image's own digests in a sweep: each chain takes every window, in the order of the image. */
#pragma once

#include "sweep/checkpoint.h"
#include "sweep/window.h"

struct trw_media_chain {
	struct trw_digester digester; /* owner: who runs it */
	/* guarded by mu */
	uint64_t next; /* number of the window that it takes next */
	bool is_running;
};

struct trw_media {
	/* immutable after init */
	struct trw_windows *windows; /* borrowed, as checkpoint */
	struct trw_checkpoint *checkpoint;
	size_t n;
	struct trw_media_chain chain[TRW_SWEEP_MEDIA_MAX];
};

/** From where state is. Errors: TRW_ECORRUPT when that is past the image's size. */
TRW_NODISCARD enum trw_status trw_media_init(struct trw_media *m, struct trw_windows *windows,
	struct trw_checkpoint *checkpoint, const struct trw_sweep_media *state, uint64_t size,
	struct trw_err *err);

/** Take a chain whose next window is unpacked, *chain, for trw_media_digest. NULL: none. mu is held. */
struct trw_window *trw_media_next(struct trw_media *m, size_t *chain);
/** Number of the window that the chain furthest ahead takes next. mu is held. */
uint64_t trw_media_front(const struct trw_media *m);

/** The job: the chain takes the window; what it has of it already it leaves out. Errors: of a checkpoint. */
TRW_NODISCARD enum trw_status trw_media_digest(struct trw_media *m, struct trw_window *w,
	size_t chain, unsigned hasher, struct trw_err *err);
