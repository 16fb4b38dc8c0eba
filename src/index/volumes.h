/* SPDX-License-Identifier: Apache-2.0 */
/** The volumes of an image, as a walk worker lists them, checked and with strings of their own. */
#pragma once

#include "index/feed.h"

#define TRW_VOLUMES_MAX 65536

struct trw_volume {
	int64_t volume_id;
	uint32_t number, parent; /* parent: UINT32_MAX = none */
	enum trw_volume_kind kind;
	struct trw_space space; /* its len may be 0 */
	uint64_t declared_len;
	bool may_hold_fs, is_encrypted, has_children;
	uint32_t plausible;
	char *scheme, *description, *content; /* owned; one line; NULL = none */
};

struct trw_volumes {
	struct trw_volume *v; /* owned */
	size_t n, cap;
};

/**
 * Ask *worker (started where NULL; NULL again when it died) and post the volume rows. When the list cannot be
 * had, that is a problem and the whole image is one volume. Errors: those that end a run.
 */
TRW_NODISCARD enum trw_status trw_volumes_list(struct trw_feed *feed, struct trw_worker **worker,
	struct trw_volumes *out, struct trw_err *err);
void trw_volumes_clear(struct trw_volumes *vs);
