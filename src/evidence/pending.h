/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rows of content and hits that wait for the commit. Both come in the order of the disk, and the tables are in the order of
 * files: written as they come they would touch pages all over the tables. So they are held back until the commit, or until they
 * are many, and written in ascending order, hits first: who has a content has all. What lies between two commits
 * is lost together, as with any other row: that some rows enter the transaction later than others cannot be seen
 * from outside.
 */
#pragma once

#include "evidence/store.h"

/** Hold a row back. When there are many, all are written. Errors: those of trw_pending_flush, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_hold_content(
	struct trw_evidence *ev, const struct trw_pending_content *content, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_hold_hit(
	struct trw_evidence *ev, const struct trw_pending_hit *hit, struct trw_err *err);

/**
 * Write what is held back: to be called before anything looks at tables content and hit, and before a commit.
 * Errors: as evidence.h; the rows are then lost and ev is broken.
 */
TRW_NODISCARD enum trw_status trw_pending_flush(struct trw_evidence *ev, struct trw_err *err);
void trw_pending_clear(struct trw_evidence *ev);
