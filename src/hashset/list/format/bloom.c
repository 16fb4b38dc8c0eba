/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/filter.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* There is no signature: the sizes that the header gives have to belong together. */
static enum trw_claim
probe(const struct trw_head *head)
{
	struct trw_filter_shape s, planned;

	if (head->n < TRW_FILTER_HEADER || trw_filter_decode(head->p, &s, NULL) < 0)
		return TRW_CLAIM_NO;
	if (trw_filter_plan(s.n, s.p, &planned, NULL) < 0)
		return TRW_CLAIM_NO;
	/* Other makers round otherwise. */
	if (s.m / 2 > planned.m || planned.m / 2 > s.m || s.k / 2 > planned.k ||
		planned.k / 2 > s.k)
		return TRW_CLAIM_NO;
	return TRW_CLAIM_MAGIC;
}

static uint64_t
add_digests(const struct trw_filter_shape *shape, uint8_t *words, const struct trw_rows *rows,
	uint32_t row)
{
	size_t size = trw_hash_size(rows->kind);
	const uint8_t *digest = trw_set_row_digest(rows->set, row, rows->kind);
	char text[2 * TRW_HASH_SIZE_MAX];

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = "0123456789ABCDEF"[digest[i] >> 4];
		text[2 * i + 1] = "0123456789ABCDEF"[digest[i] & 15];
	}
	return trw_filter_add(shape, words, text, 2 * size) ? 1 : 0;
}

/*
 * hashlookup's filters hold upper-case SHA-1: that, where the set has it and nothing else was asked
 * for.
 */
static enum trw_status
choose_kind(const struct trw_export *x, enum trw_hash_kind *out, struct trw_err *err)
{
	struct trw_export asked = *x;

	if (x->kind == TRW_HASH_N && trw_set_info(x->set)->n_by_kind[TRW_HASH_SHA1] > 0)
		asked.kind = TRW_HASH_SHA1;
	return trw_export_kind(&asked, TRW_HASH_OF_FILES, out, err);
}

static enum trw_status
fill(const struct trw_export *x, enum trw_hash_kind kind, struct trw_filter_shape *shape,
	uint8_t *words, struct trw_err *err)
{
	enum trw_status status;
	struct trw_rows rows;
	uint32_t row;

	trw_rows_start(&rows, x->set, kind);
	while ((status = trw_rows_next(&rows, &row, err)) == TRW_OK)
		shape->n_inserted += add_digests(shape, words, &rows, row);
	return status < 0 ? status : TRW_OK;
}

static void
put(const struct trw_filter_shape *shape, const uint8_t *words, struct trw_put *out)
{
	uint8_t header[TRW_FILTER_HEADER];

	trw_filter_encode(shape, header);
	trw_put(out, header, sizeof(header));
	trw_put(out, words, (size_t)trw_filter_words_size(shape->m));
}

enum trw_status
trw_bloom_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	double rate = x->filter_rate > 0 ? x->filter_rate : TRW_FILTER_RATE;
	struct trw_filter_shape shape;
	enum trw_hash_kind kind;
	enum trw_status status = choose_kind(x, &kind, err);
	uint8_t *words;

	if (status == TRW_OK)
		status = trw_filter_plan(info->n_by_kind[kind], rate, &shape, err);
	if (status < 0)
		return status;
	words = trw_alloc((size_t)trw_filter_words_size(shape.m), 1, err);
	if (words == NULL)
		return err != NULL ? err->status : TRW_ENOMEM;
	status = fill(x, kind, &shape, words, err);
	if (status == TRW_OK)
		put(&shape, words, x->out);
	free(words);
	x->n_written = shape.n;
	if (shape.n < info->n_entries)
		x->leave(x->ctx, trw_export_without(kind), info->n_entries - shape.n);
	x->leave(x->ctx, "everything but one digest of each entry, which is not in the open",
		shape.n);
	return status;
}

const struct trw_format trw_format_bloom = {
	.name = "bloom",
	.summary = "Bloom filter of DCSO and hashlookup: upper-case hex of one kind of digest",
	.probe = probe,
	.write = trw_bloom_write,
	.refusal = "a Bloom filter cannot be listed, only asked: use it with trowel set lookup",
};
