/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the sweep put off, by random access: streams that only a read worker can decode, that hold nothing but zeros,
 * or that would have taken more memory than there was.
 */
#pragma once

#include "index/pass/pass.h"

/**
 * Hand every stream that the pass's plan has put off to the pass's consumers, with as many threads as there are jobs,
 * and post what came of it. Errors: those that end a run.
 */
TRW_NODISCARD enum trw_status trw_leftover_run(struct trw_pass *pass, struct trw_err *err);
