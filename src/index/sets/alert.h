/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What counts as an alert: the user's policy, a list of categories of schemes. Without one nothing is an alert, but for
 * sets that were declared alert sets and know no categories. Threads: immutable once it is put together.
 */
#pragma once

#include "base/status.h"

#define TRW_ALERTS_MAX 4096 /* categories of a policy */
#define TRW_UNMET_SIZE 400  /* chars of trw_setlist_unmet, with the NUL */

struct trw_alert {
	char *scheme, *category; /* owned; category "*": any of the scheme, but not none */
};

/** All-zero is the empty policy. */
struct trw_alerts {
	struct trw_alert *v; /* owned; in the order of scheme, then category; no two are equal */
	size_t n, cap;
};

void trw_alerts_clear(struct trw_alerts *a);

/**
 * Add what "SCHEME:CATEGORY[,CATEGORY...]" names; the scheme ends at the first colon and may be empty, for
 * categories without a scheme. Blanks at the ends of a category count for nothing, here and in the lists.
 * Errors: TRW_EUSAGE for anything else, TRW_ELIMIT, TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_alerts_add(
	struct trw_alerts *a, const char *text, struct trw_err *err);

/** Does the policy name this category? Length 0 of both: an entry without one, which it never does. */
bool trw_alerts_name(const struct trw_alerts *a, const char *scheme, size_t scheme_len,
	const char *category, size_t category_len);

/** "SCHEME:CATEGORY,SCHEME:CATEGORY...": the same for equal policies. Heap; NULL with err filled. */
TRW_NODISCARD char *trw_alerts_text(const struct trw_alerts *a, struct trw_err *err);
