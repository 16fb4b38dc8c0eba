/* SPDX-License-Identifier: Apache-2.0 */
/** Which format a list has. */
#pragma once

#include "hashset/list/contract/format.h"

/**
 * Tell the format from the first bytes. Errors: TRW_EUSAGE: nothing claims it, or several do (the
 * text names them all, and --format); what the format refuses, with its reason; those of
 * trw_input_head.
 */
TRW_NODISCARD enum trw_status trw_format_detect(
	struct trw_input *input, const struct trw_format **out, struct trw_err *err);
