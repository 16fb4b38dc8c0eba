/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The walk of one file system: frames of a walk worker become rows and digest tasks. An item that a worker dies
 * over is tried once more by a fresh one, and passed over when that one dies too.
 */
#pragma once

#include "index/survey/fsframes.h"

/* Items that end two workers, and of them those over which the second hangs, before a walk is given up. */
#define TRW_WALK_DEATHS_MAX 64
#define TRW_WALK_HANGS_MAX 8

/** Walk. A worker of talk may be left that can take another request. Errors: those that end a run. */
TRW_NODISCARD enum trw_status trw_fswalk_run(struct trw_feed *feed,
	const struct trw_fswalk_spec *spec, struct trw_talk *talk, struct trw_fswalk_result *out,
	struct trw_err *err);
