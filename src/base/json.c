/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* What stands for the len bytes at p, which are a character, or for the byte at p if len is 0; false = they do. */
static bool
escape(const uint8_t *p, size_t len, char out[8])
{
	if (len == 0)
		(void)snprintf(out, 8, "\xef\xbf\xbd");
	else if (*p == '"' || *p == '\\')
		(void)snprintf(out, 8, "\\%c", *p);
	else if (*p < 0x20 || *p == 0x7f)
		(void)snprintf(out, 8, "\\u%04x", *p);
	else
		return false;
	return true;
}

enum trw_status
trw_json_string(const char *s, size_t n, trw_json_put *put, void *ctx, struct trw_err *err)
{
	const uint8_t *p = (const uint8_t *)s;
	enum trw_status st = put(ctx, "\"", 1, err);
	size_t from = 0; /* bytes before it are put */

	for (size_t i = 0, len; st == TRW_OK && i < n; i += len + (len == 0)) {
		char escaped[8];
		len = trw_utf8_length(p + i, n - i);
		if (!escape(p + i, len, escaped))
			continue;
		if (i > from)
			st = put(ctx, p + from, i - from, err);
		if (st == TRW_OK)
			st = put(ctx, escaped, strlen(escaped), err);
		from = i + len + (len == 0);
	}
	if (st == TRW_OK && n > from)
		st = put(ctx, p + from, n - from, err);
	return st == TRW_OK ? put(ctx, "\"", 1, err) : st;
}
