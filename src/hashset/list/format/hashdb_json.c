/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hashdb's JSON export (src/import_json.cpp of github.com/NPS-DEEP/hashdb): a line for each block,
 * and one for each source file. How long the blocks are is not in it.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/exchange.h"

#include <string.h>

static void
take_source(struct trw_draft *d, const struct trw_json *tree)
{
	const struct trw_json *pairs = trw_json_get(tree, "name_pairs");
	const struct trw_json *repository = pairs == NULL ? NULL : pairs->child;
	const char *p;
	size_t n;

	trw_exchange_property(d, "source", repository);
	if (repository != NULL && trw_json_text(repository->next, &p, &n))
		trw_draft_name(d, p, n);
}

static enum trw_status
take(void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_draft *d = trw_draft_begin(l, err);
	const char *p;
	bool is_block;
	size_t n;

	(void)which;
	is_block = trw_json_text(trw_json_get(tree, "block_hash"), &p, &n);
	if (!is_block && !trw_json_text(trw_json_get(tree, "file_hash"), &p, &n))
		return trw_list_reject(l, "line", number, "no block_hash and no file_hash", err);
	trw_draft_digest(d, is_block ? TRW_HASH_BLOCK_MD5 : TRW_HASH_MD5, p, n);
	if (!is_block && trw_json_text(trw_json_get(tree, "filesize"), &p, &n))
		trw_draft_size(d, p, n);
	if (is_block)
		trw_exchange_property(d, "block_label", trw_json_get(tree, "block_label"));
	else
		take_source(d, tree);
	if (is_block && !trw_draft_is_bad(d) && trw_json_get(tree, "source_sub_counts") != NULL)
		trw_list_leave(l, "in which files a block is, and how often", 1);
	return trw_draft_give(d, "line", number);
}

static enum trw_status
hashdb_read(struct trw_list *l, struct trw_err *err)
{
	if (l->options->block_size == 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: block hashes without the size of the blocks (hashdb's settings.json has "
			"it): say --block-size",
			trw_input_name(l->input));
	return trw_json_each(l, "", take, l, err);
}

/* The first line that is no comment. */
static enum trw_claim
hashdb_probe(const struct trw_head *head)
{
	const uint8_t *p = head->p, *end = p + head->n, *stop;
	while (p < end && (*p == '#' || *p == '\n' || *p == '\r')) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			return TRW_CLAIM_NO;
		p++;
	}
	stop = memchr(p, '\n', (size_t)(end - p));
	size_t n = (size_t)((stop == NULL ? end : stop) - p);
	return trw_json_head_has(p, n, "block_hash", NULL, 0, NULL) ||
			       trw_json_head_has(p, n, "file_hash", NULL, 0, NULL)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_hashdb_json = {.name = "hashdb-json",
	.summary = "hashdb block hashes (JSON lines); needs --block-size",
	.probe = hashdb_probe,
	.read = hashdb_read};
