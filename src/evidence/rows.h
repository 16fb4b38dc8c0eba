/* SPDX-License-Identifier: Apache-2.0 */
/** Rows into the database. Threads and errors: as evidence.h. */
#pragma once

#include "evidence/evidence.h"
#include "record/rows.h"

/**
 * Write a row. Its bytes are borrowed for the call; texts of evidence may be any bytes. Of the kinds:
 * a content is written at the next commit at the latest, which is where a second one for the same stream fails; its
 * content_id is derived from size, state, digests and damage (of a NONE: from the file's position), so it does not
 * depend on the order of calls. Counts of items add up. TRW_EUSAGE also for a checkpoint of an image that the run was
 * not begun with, a media state that is too long, and a status of a file system that is not there.
 */
TRW_NODISCARD enum trw_status trw_evidence_put(
	struct trw_evidence *ev, const struct trw_row *row, struct trw_err *err);
