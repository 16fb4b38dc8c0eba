/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/quoted.h"

#include <string.h>

enum trw_status
trw_quoted_put(struct trw_output *out, const char *p, size_t n, struct trw_err *err)
{
	enum trw_status status = trw_output_put(out, "\"", 1, err);
	size_t from = 0;

	for (size_t i = 0; i < n && status == TRW_OK; i++) {
		if (p[i] != '"')
			continue;
		status = trw_output_put(out, p + from, i + 1 - from, err);
		from = i;
	}
	if (status == TRW_OK && n > from)
		status = trw_output_put(out, p + from, n - from, err);
	return status == TRW_OK ? trw_output_put(out, "\"", 1, err) : status;
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

enum trw_status
trw_quoted_field(struct trw_output *out, const char *p, size_t n, struct trw_err *err)
{
	return wants_quotes(p, n) ? trw_quoted_put(out, p, n, err) : trw_output_put(out, p, n, err);
}
