/* SPDX-License-Identifier: Apache-2.0 */
/** The walker: asks workers for an image's volumes and file systems. */
#pragma once

#include "index/pass/pass.h"

/**
 * Walk the image: rows go to the pass's writer, streams to its plan, and behind them the checkpoint that says
 * "walked". Damaged evidence is no error. Errors: those that end a run.
 */
TRW_NODISCARD enum trw_status trw_walker_run(struct trw_pass *pass, struct trw_err *err);
