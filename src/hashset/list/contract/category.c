/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/category.h"

#include "base/text.h"

bool
trw_category_is_suspect(
	const char *scheme, size_t scheme_len, const char *category, size_t category_len)
{
	if (category_len == 0)
		return false;
	if (trw_text_is(scheme, scheme_len, "NSRL"))
		return memchr("MmSs", category[0], 4) != NULL;
	return trw_text_is(scheme, scheme_len, TRW_SCHEME_MALICIOUS);
}
