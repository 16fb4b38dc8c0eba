/* SPDX-License-Identifier: Apache-2.0 */
/** The entries of finished sets into a new one. Threads: as the builder. */
#pragma once

#include "hashset/builder.h"

/**
 * Add every entry of set to b, and its facts but id, name and version: marks, block size and
 * sources stay with what they speak of, and a fact "merged" (id, version, identity) says where it
 * came from. Errors: those of the builder; TRW_ECORRUPT; TRW_ECANCEL.
 */
TRW_NODISCARD enum trw_status trw_set_merge_into(
	struct trw_set_builder *b, const struct trw_set *set, struct trw_err *err);
