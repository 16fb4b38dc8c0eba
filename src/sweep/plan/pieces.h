/* SPDX-License-Identifier: Apache-2.0 */
/** Pieces of a plan through a sorter, in the order of (off, stream, at, len): there they are keys that go by memcmp. */
#pragma once

#include "base/sort/extsort.h"
#include "sweep/plan/stream.h"

/** A sorter of pieces; memory, folder and errors as of trw_extsort_new. */
TRW_NODISCARD enum trw_status trw_pieces_new(
	uint64_t memory, const char *folder, struct trw_extsort **out, struct trw_err *err);

/** Errors: as trw_extsort_put_keys. */
TRW_NODISCARD enum trw_status trw_pieces_put(
	struct trw_extsort *s, const struct trw_plan_piece *piece, struct trw_err *err);

/** Take the least piece. TRW_END after the last. Errors: as trw_extsort_next. */
TRW_NODISCARD enum trw_status trw_pieces_next(
	struct trw_extsort *s, struct trw_plan_piece *out, struct trw_err *err);
