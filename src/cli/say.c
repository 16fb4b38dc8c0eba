/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/say.h"

#include "base/json.h"
#include "base/text.h"
#include "evidence/evidence.h"

#include <errno.h>
#include <string.h>

static const char *speaker; /* main thread only */

void
trw_say_as(const char *command)
{
	speaker = command;
}

TRW_PRINTF(1, 0)
static void
say_va(const char *fmt, va_list ap, const char *tail)
{
	char line[TRW_ERR_TEXT_MAX + 64];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	fputs("trowel: ", stderr);
	if (speaker != NULL)
		fprintf(stderr, "%s: ", speaker);
	trw_say_name(stderr, line, strlen(line));
	fprintf(stderr, "%s\n", tail);
}

void
trw_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_va(fmt, ap, "");
	va_end(ap);
}

enum trw_exit
trw_say_failure(const struct trw_err *err)
{
	trw_say("%s", err->text[0] != '\0' ? err->text : "failed without a reason given");
	return err->status == TRW_EUSAGE ? TRW_EXIT_USAGE : TRW_EXIT_FAILED;
}

enum trw_exit
trw_say_usage(const char *fmt, ...)
{
	char tail[64];
	va_list ap;

	(void)snprintf(tail, sizeof(tail), " (see 'trowel%s%s -h')", speaker != NULL ? " " : "",
		speaker != NULL ? speaker : "");
	va_start(ap, fmt);
	say_va(fmt, ap, tail);
	va_end(ap);
	return TRW_EXIT_USAGE;
}

/*
 * Controls, and the characters that turn or hide text: C1, U+00AD, U+061C, U+200B..F, U+2028..E, U+2060..F, U+FEFF,
 * the tags of U+E0000..E0FFF.
 */
static bool
is_safe(const unsigned char *p, size_t len)
{
	if (len == 1)
		return p[0] >= 0x20 && p[0] != 0x7f && p[0] != '\\';
	if (len == 2)
		return !(p[0] == 0xc2 && (p[1] < 0xa0 || p[1] == 0xad)) &&
		       !(p[0] == 0xd8 && p[1] == 0x9c);
	if (len == 3 && p[0] == 0xe2 && p[1] == 0x80)
		return p[2] < 0x8b || (p[2] > 0x8f && p[2] < 0xa8) || p[2] > 0xae;
	if (len == 3 && p[0] == 0xe2 && p[1] == 0x81)
		return p[2] < 0xa0 || p[2] > 0xaf;
	if (len == 4)
		return !(p[0] == 0xf3 && p[1] == 0xa0);
	return !(len == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf);
}

void
trw_say_name(FILE *f, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	while (n > 0) {
		size_t len = trw_utf8_length(p, n);
		if (len > 0 && is_safe(p, len)) {
			(void)fwrite(p, 1, len, f);
		} else {
			len = len > 0 ? len : 1;
			for (size_t i = 0; i < len; i++)
				fprintf(f, "\\x%02x", p[i]);
		}
		p += len;
		n -= len;
	}
}

static enum trw_status
put_bytes(void *ctx, const void *p, size_t n, struct trw_err *err)
{
	(void)err;
	(void)fwrite(p, 1, n, ctx); /* trw_say_end tells what is lost */
	return TRW_OK;
}

void
trw_say_json(FILE *f, const char *s, size_t n)
{
	(void)!trw_json_string(s, n, put_bytes, f, TRW_IGNORE);
}

void
trw_say_counts(const struct trw_evidence_counts *c)
{
	printf("%" PRIu64 " matches (%" PRIu64 " alerts, %" PRIu64 " known), %" PRIu64
	       " conflicts, %" PRIu64 " damaged",
		c->n_match, c->n_alert, c->n_excluded, c->n_conflict, c->n_damaged);
	if (c->n_unrecorded > 0)
		printf(", %" PRIu64 " more of the same files not recorded", c->n_unrecorded);
}

void
trw_say_unmet(const char *categories)
{
	if (categories[0] != '\0')
		trw_say("no set has an entry of category %s: it gives no alert", categories);
}

bool
trw_say_end(void)
{
	int failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && failed == 0)
		return true;
	trw_say("standard output: %s", errno != 0 ? strerror(errno) : "write failed");
	return false;
}
