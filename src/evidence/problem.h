/* SPDX-License-Identifier: Apache-2.0 */
/** Problems in an order that does not depend on which thread met them first. */
#pragma once

#include "evidence/store.h"

/** The columns of problem, NULLs last in image order, by which both ids and the canonical digest go. */
#define TRW_PROBLEM_ORDER                                                                          \
	"image_id IS NULL, image_id, volume_id, filesystem_id, file_id, stage, code, inode, off, len, path, text"

/** Give problems the ids 1, 2, 3 ... in canonical order. */
TRW_NODISCARD enum trw_status trw_problems_renumber(struct trw_evidence *ev, struct trw_err *err);
