/* SPDX-License-Identifier: Apache-2.0 */
/** The volumes of an image, as a walk worker lists them, checked and with strings of their own. */
#pragma once

#include "index/survey/feed.h"

#define TRW_VOLUMES_MAX 65536

struct trw_listed_volume {
	struct trw_volume row; /* its bytes lie in the list's arena */
	bool has_children;
};

struct trw_volumes {
	struct trw_listed_volume *v; /* owned */
	size_t n, cap;
	struct trw_arena arena;
};

/**
 * Ask for them and post the volume rows. When the list cannot be had, that is a problem and the whole image is one
 * volume. Errors: those that end a run.
 */
TRW_NODISCARD enum trw_status trw_volumes_list(
	struct trw_feed *feed, struct trw_talk *talk, struct trw_volumes *out, struct trw_err *err);
void trw_volumes_clear(struct trw_volumes *vs);
