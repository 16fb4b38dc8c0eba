/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/category.h"

#include <string.h>

bool
trw_category_is_suspect(
	const char *scheme, size_t scheme_len, const char *category, size_t category_len)
{
	if (category_len == 0)
		return false;
	if (scheme_len == 4 && memcmp(scheme, "NSRL", 4) == 0)
		return memchr("MmSs", category[0], 4) != NULL;
	return scheme_len == strlen(TRW_SCHEME_MALICIOUS) &&
	       memcmp(scheme, TRW_SCHEME_MALICIOUS, scheme_len) == 0;
}
