/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "pss": private search sets, whose values are keyed: they answer who has the value and the
 * key, and cannot be listed.
 */
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/json.h"

static enum trw_claim
pss_probe(const struct trw_head *head)
{
	return trw_json_head_has(head->p, head->n, "keyid", NULL, 0, NULL) &&
			       trw_json_head_has(head->p, head->n, "algorithm", NULL, 0, NULL)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_pss = {
	.name = "pss",
	.summary = "private search sets (refused: keyed values cannot be listed)",
	.probe = pss_probe,
	.refusal =
		"a private search set, whose keyed values can be tested but make no list: ask its maker for the list",
};
