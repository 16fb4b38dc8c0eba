/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/detect.h"

#include "hashset/list/format/formats.h"

#include <stdio.h>
#include <string.h>

#define NAMES 256 /* bytes of the candidates' names in an error */

struct choice {
	const struct trw_format *format;
	enum trw_claim claim;
	size_t n; /* formats that claim as much */
	char names[NAMES];
	size_t n_names;
};

static void
consider(struct choice *c, const struct trw_format *format, enum trw_claim claim)
{
	if (claim == TRW_CLAIM_NO || claim < c->claim)
		return;
	if (claim > c->claim)
		*c = (struct choice){.format = format, .claim = claim};
	c->n++;
	if (c->n_names < NAMES)
		c->n_names += (size_t)snprintf(c->names + c->n_names, NAMES - c->n_names, "%s%s",
			c->n > 1 ? ", " : "", format->name);
}

static enum trw_status
no_format(const struct trw_head *head, struct trw_err *err)
{
	if (head->n == 0)
		return trw_fail(err, TRW_EUSAGE, "an empty file");
	if (head->n >= 2 &&
		(memcmp(head->p, "\xFF\xFE", 2) == 0 || memcmp(head->p, "\xFE\xFF", 2) == 0))
		return trw_fail(err, TRW_EUSAGE, "text in UTF-16: convert it to UTF-8");
	return trw_fail(err, TRW_EUSAGE, "%s: name its format with --format",
		memchr(head->p, '\0', head->n) != NULL
			? "binary, and no list in a format that is known"
			: "not a list in a format that is known");
}

enum trw_status
trw_format_detect(struct trw_input *input, const struct trw_format **out, struct trw_err *err)
{
	struct trw_head head = {.p = (const uint8_t *)""};
	struct choice c = {0};
	enum trw_status st = trw_input_head(input, &head.p, &head.n, &head.is_all, err);

	if (st < 0)
		return st;
	for (size_t i = 0; trw_formats[i] != NULL; i++)
		if (trw_formats[i]->probe != NULL)
			consider(&c, trw_formats[i], trw_formats[i]->probe(&head));
	if (c.n == 0)
		return no_format(&head, err);
	if (c.n > 1)
		return trw_fail(err, TRW_EUSAGE,
			"may be any of these formats: %s: say which with --format", c.names);
	if (c.format->refusal != NULL)
		return trw_fail(err, TRW_EUSAGE, "%s", c.format->refusal);
	if (c.format->read == NULL)
		return trw_fail(
			err, TRW_EUSAGE, "format %s is only written, not read", c.format->name);
	*out = c.format;
	return TRW_OK;
}
