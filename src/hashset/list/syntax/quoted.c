/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/quoted.h"

#include <string.h>

void
trw_quoted_put(struct trw_put *out, const char *p, size_t n)
{
	size_t from = 0;

	trw_put(out, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '"')
			continue;
		trw_put(out, p + from, i + 1 - from);
		from = i;
	}
	if (n > from)
		trw_put(out, p + from, n - from);
	trw_put(out, "\"", 1);
}

/* Blanks at the ends are quoted as well: readers trim what is bare. */
static bool
wants_quotes(const char *p, size_t n)
{
	if (n > 0 && (p[0] == ' ' || p[0] == '\t' || p[n - 1] == ' ' || p[n - 1] == '\t'))
		return true;
	for (size_t i = 0; i < n; i++)
		if (strchr(",;\"\r\n\t", p[i]) != NULL) /* or NUL */
			return true;
	return false;
}

void
trw_quoted_field(struct trw_put *out, const char *p, size_t n)
{
	if (wants_quotes(p, n))
		trw_quoted_put(out, p, n);
	else
		trw_put(out, p, n);
}
