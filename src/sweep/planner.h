/* SPDX-License-Identifier: Apache-2.0 */
/** Which pieces of the plan a window gets. Threads: the reader; before and after it main. */
#pragma once

#include "sweep/media_state.h"
#include "sweep/open.h"
#include "sweep/plan/plan.h"
#include "sweep/window.h"

/** Everything is borrowed. */
struct trw_planner_spec {
	struct trw_plan *plan; /* NULL: no streams */
	struct trw_opens *opens;
	const struct trw_sweep_media
		*media;     /* where the image's digests begin; read by new alone */
	size_t window_size; /* bytes */
	size_t entries;     /* streams and pieces of a window, about; past it streams are put off */
};

struct trw_planner;

/** Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_planner_new(const struct trw_planner_spec *spec,
	const struct trw_image_info *info, struct trw_planner **out, struct trw_err *err);
void trw_planner_free(struct trw_planner *p); /* NULL is fine */

/**
 * Fill in place and entries of the next window. TRW_END: there is none. Errors: TRW_ENOMEM, TRW_EIO (the plan's files).
 */
TRW_NODISCARD enum trw_status trw_planner_window(
	struct trw_planner *p, struct trw_window *w, struct trw_err *err);

/** Tell the plan of the streams that delivery has put off since. Errors: as above. */
TRW_NODISCARD enum trw_status trw_planner_note_off(struct trw_planner *p, struct trw_err *err);
