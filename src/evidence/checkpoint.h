/* SPDX-License-Identifier: Apache-2.0 */
/** Tables checkpoint and checkpoint_damage: for each image of an unfinished run what it is and how far it is. The API is in evidence.h. */
#pragma once

#include "evidence/store.h"

/** A row for each item of the run, in place of all that were there. */
TRW_NODISCARD enum trw_status trw_checkpoints_begin(struct trw_evidence *ev, int64_t run_id,
	const struct trw_evidence_run *run, struct trw_err *err);

/** No rows any more, and no damage. */
TRW_NODISCARD enum trw_status trw_checkpoints_drop(struct trw_evidence *ev, struct trw_err *err);

/** TRW_EUSAGE, with what to do, unless the items of the run are those that the table was begun with. */
TRW_NODISCARD enum trw_status trw_checkpoints_match(
	struct trw_evidence *ev, const struct trw_evidence_run *run, struct trw_err *err);

/** The first file_id that the image has or would have. TRW_EUSAGE unless it is the last that was begun. */
TRW_NODISCARD enum trw_status trw_checkpoint_first_file(
	struct trw_evidence *ev, int64_t image_id, int64_t *out, struct trw_err *err);
