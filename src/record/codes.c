/* SPDX-License-Identifier: Apache-2.0 */
#include "record/codes.h"

#include <assert.h>

#define FACTS(constant, word, stage, severity)                                                     \
	[TRW_CODE_##constant] = {word, TRW_STAGE_##stage, TRW_SEVERITY_##severity},

const struct trw_code_facts *
trw_code_facts(enum trw_code code)
{
	static const struct trw_code_facts facts[TRW_CODE_N] = {TRW_CODES(FACTS)};

	assert(code > TRW_CODE_NONE && code < TRW_CODE_N);
	return &facts[code];
}
