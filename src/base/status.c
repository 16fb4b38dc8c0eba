/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void
trw_one_line(char *s, char instead)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = instead;
}

enum trw_status
trw_fail(struct trw_err *err, enum trw_status status, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return status;
	err->status = status;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	trw_one_line(err->text, '?'); /* it may quote hostile names */
	return status;
}

enum trw_status
trw_fail_errno(struct trw_err *err, int errnum, const char *fmt, ...)
{
	enum trw_status status = errnum == ENOMEM ? TRW_ENOMEM : TRW_EIO;
	va_list ap;
	int n;

	if (err == NULL)
		return status;
	err->status = status;
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		(void)snprintf(
			err->text + n, sizeof(err->text) - (size_t)n, ": %s", strerror(errnum));
	trw_one_line(err->text, '?'); /* it may quote hostile names */
	return status;
}

enum trw_status
trw_fail_in(struct trw_err *err, const char *fmt, ...)
{
	char prefixed[TRW_ERR_TEXT_MAX];
	va_list ap;
	int n;

	if (err == NULL)
		return TRW_EUSAGE;
	va_start(ap, fmt);
	n = vsnprintf(prefixed, sizeof(prefixed), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(prefixed))
		(void)snprintf(prefixed + n, sizeof(prefixed) - (size_t)n, ": %s", err->text);
	memcpy(err->text, prefixed, sizeof(err->text));
	trw_one_line(err->text, '?'); /* it may quote hostile names */
	return err->status;
}
