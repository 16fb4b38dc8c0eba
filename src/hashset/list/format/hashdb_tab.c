/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "hashdb-tab": MD5 of a file, tab, MD5 of one of its blocks, tab, number of the block; #
 * begins a comment.
 */
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

struct reader {
	struct trw_list *list;
	uint8_t file[16]; /* of the line before: a file's blocks follow one another */
	bool has_file;
};

static enum trw_status
line_take(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct reader *r = ctx;
	struct trw_field v[3];
	uint8_t file[16], block[16];
	enum trw_status st = TRW_OK;

	if (trw_text_split(line, n, '\t', v, 3) < 2 || v[0].n != 32 || v[1].n != 32 ||
		!trw_hash_unhex(v[0].p, 32, file) || !trw_hash_unhex(v[1].p, 32, block))
		return trw_text_reject(r->list, "not MD5, tab, MD5", err);
	if (!r->has_file || memcmp(file, r->file, 16) != 0)
		st = trw_list_digests(r->list, TRW_HASH_MD5, file, 1, err);
	memcpy(r->file, file, 16);
	r->has_file = true;
	return st < 0 ? st : trw_list_digests(r->list, TRW_HASH_BLOCK_MD5, block, 1, err);
}

static enum trw_status
hashdb_tab_read(struct trw_list *l, struct trw_err *err)
{
	struct reader r = {.list = l};

	if (l->options->block_size == 0)
		return trw_fail(err, TRW_EUSAGE,
			"a list of block hashes does not say how long a block is: give --block-size");
	return trw_text_lines(l, '#', line_take, &r, err);
}

static enum trw_claim
hashdb_tab_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first_record(head->p, head->n, '#'), v[3];

	return trw_text_split(first.p, first.n, '\t', v, 3) >= 2 &&
			       trw_hash_is_hex(TRW_HASH_MD5, v[0].p, v[0].n) &&
			       trw_hash_is_hex(TRW_HASH_MD5, v[1].p, v[1].n)
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_hashdb_tab = {
	.name = "hashdb-tab",
	.summary = "hashdb block hashes, tab-separated",
	.probe = hashdb_tab_probe,
	.read = hashdb_tab_read,
};
