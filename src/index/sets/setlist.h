/* SPDX-License-Identifier: Apache-2.0 */
/** The hash sets of one call, open and checked, and the policy of alerts over them. */
#pragma once

#include "evidence/evidence.h"
#include "hashset/set.h"
#include "index/sets/alert.h"

#define TRW_SETLIST_MAX 1024 /* sets */

struct trw_setlist_item {
	struct trw_set *set;                    /* owned; immutable, any thread may look up in it */
	const char *path;                       /* borrowed */
	char *list_id, *name, *version, *marks; /* owned; UTF-8, "" = not said */
	uint64_t n_usable;                      /* entries with a digest that contents have */
	bool is_known_good;
	bool is_alert;      /* an alert set without categories: each match is an alert */
	int64_t hashset_id; /* after trw_setlist_begin */
};

/** Immutable after trw_setlist_begin. All-zero is no sets. */
struct trw_setlist {
	struct trw_setlist_item *
		v; /* owned; in the order of list id, name, version, identity: that of the arguments counts for nothing */
	size_t n, cap;
	struct trw_alerts alerts;
	int64_t session_id; /* after trw_setlist_begin */
};

/**
 * Open and check every set (the whole of it is read), and the policy (TRW_EUSAGE for a scheme that none of them has). Paths are borrowed
 * until close, which is due in any case. Errors: those of trw_set_open and trw_set_check, trw_alerts_add; TRW_EUSAGE for
 * a set that is given twice, under whatever name, for one of which no entry can hit, and for a policy without sets.
 */
TRW_NODISCARD enum trw_status trw_setlist_open(struct trw_setlist *list, const char *const *paths,
	size_t n, const char *const *alerts, size_t n_alerts, struct trw_err *err);
void trw_setlist_close(struct trw_setlist *list);

/** Entries of all sets that no content can hit. */
uint64_t trw_setlist_unusable(const struct trw_setlist *list);

/** "S:1, S:2 and 3 more": what the policy names and no entry of any set has, which therefore never alerts. "" when there is none. */
void trw_setlist_unmet(const struct trw_setlist *list, char out[TRW_UNMET_SIZE]);

/** " sets=IDENTITY,IDENTITY... alert=POLICY" for the options of a run; "" without sets. Heap; NULL with err filled. */
TRW_NODISCARD char *trw_setlist_text(const struct trw_setlist *list, struct trw_err *err);

/**
 * The session's rows: of a run, or (run_id 0) of one of its own, by trw_evidence_session_begin or trw_evidence_match_begin.
 * session: run_id, examiner, host; what the list says is put in here. Errors: theirs.
 */
TRW_NODISCARD enum trw_status trw_setlist_begin(struct trw_setlist *list, struct trw_evidence *ev,
	const struct trw_evidence_session *session, struct trw_err *err);
