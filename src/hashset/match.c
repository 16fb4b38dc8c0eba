/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_KINDS 3 /* that a content has */

static const enum trw_hash_kind content_kinds[N_KINDS] = {
	TRW_HASH_MD5,
	TRW_HASH_SHA1,
	TRW_HASH_SHA256,
};

struct trw_match_content
trw_match_content_of(const struct trw_digests *digests, uint64_t size, bool is_complete)
{
	struct trw_match_content c = {.size = size, .is_complete = is_complete};

	memcpy(c.md5, digests->md5, sizeof(c.md5));
	memcpy(c.sha1, digests->sha1, sizeof(c.sha1));
	memcpy(c.sha256, digests->sha256, sizeof(c.sha256));
	return c;
}

static const uint8_t *
content_digest(const struct trw_match_content *c, enum trw_hash_kind kind)
{
	return kind == TRW_HASH_MD5 ? c->md5 : kind == TRW_HASH_SHA1 ? c->sha1 : c->sha256;
}

/* What a batch found: found[k][i] for kind k of content i. */
struct batch {
	const struct trw_set *set;
	const struct trw_match_content *contents;
	size_t first; /* number of contents[0] in the call */
	struct trw_set_found found[N_KINDS][TRW_MATCH_BATCH];
	trw_match_take take;
	void *ctx;
};

/*
 * Kinds of the entry that agree with the content, and whether one of them, or the size, does not.
 */
static uint32_t
agreement(const struct trw_set *set, uint32_t row, const struct trw_match_content *c,
	bool *contradicts)
{
	uint64_t size = trw_set_row_size(set, row);
	uint32_t agreed = 0;

	*contradicts = size != TRW_SIZE_ABSENT && size != c->size;
	for (size_t k = 0; k < N_KINDS; k++) {
		enum trw_hash_kind kind = content_kinds[k];
		const uint8_t *digest = trw_set_row_digest(set, row, kind);
		if (digest == NULL)
			continue;
		if (memcmp(digest, content_digest(c, kind), trw_hash_size(kind)) == 0)
			agreed |= TRW_HASH_BIT(kind);
		else
			*contradicts = true;
	}
	return agreed;
}

static enum trw_status
row_take(const struct batch *b, size_t i, uint32_t row, struct trw_err *err)
{
	const struct trw_match_content *c = &b->contents[i];
	struct trw_match_hit hit = {.content = b->first + i, .row = row};
	bool contradicts;

	hit.agreed = agreement(b->set, row, c, &contradicts);
	if (hit.agreed == 0)
		/* only in a damaged set: a row stands where none with this digest is */
		return TRW_OK;
	hit.verdict = !c->is_complete ? TRW_VERDICT_DAMAGED
		      : contradicts   ? TRW_VERDICT_CONFLICT
				      : TRW_VERDICT_MATCH;
	return b->take(b->ctx, &hit, err);
}

/*
 * The rows of one kind are ascending, so all of them come in order, each once, by taking the least
 * of the three lists at each step, however many a hostile list has of one digest.
 */
static enum trw_status
content_take(const struct batch *b, size_t i, struct trw_err *err)
{
	uint32_t at[N_KINDS] = {0};
	enum trw_status st = TRW_OK;

	while (st == TRW_OK) {
		uint32_t rows[N_KINDS], least = UINT32_MAX;
		for (size_t k = 0; k < N_KINDS; k++) {
			const struct trw_set_found *f = &b->found[k][i];
			rows[k] = at[k] < f->n
					  ? trw_set_row(b->set, content_kinds[k], f->at + at[k])
					  : UINT32_MAX;
			if (rows[k] < least)
				least = rows[k];
		}
		if (least == UINT32_MAX)
			return TRW_OK;
		for (size_t k = 0; k < N_KINDS; k++)
			at[k] += rows[k] == least;
		st = row_take(b, i, least, err);
	}
	return st;
}

static void
batch_lookup(struct batch *b, size_t n)
{
	uint8_t digests[TRW_MATCH_BATCH * 32];

	for (size_t k = 0; k < N_KINDS; k++) {
		enum trw_hash_kind kind = content_kinds[k];
		size_t size = trw_hash_size(kind);
		if ((trw_set_info(b->set)->kinds & TRW_HASH_BIT(kind)) != 0)
			for (size_t i = 0; i < n; i++)
				memcpy(digests + i * size, content_digest(&b->contents[i], kind),
					size);
		trw_set_lookup(b->set, kind, digests, n, b->found[k]);
	}
}

enum trw_status
trw_set_match(const struct trw_set *set, const struct trw_match_content *contents, size_t n,
	trw_match_take take, void *ctx, struct trw_err *err)
{
	struct batch b = {.set = set, .take = take, .ctx = ctx};
	enum trw_status st = TRW_OK;

	for (size_t start = 0; start < n; start += TRW_MATCH_BATCH) {
		size_t count = n - start < TRW_MATCH_BATCH ? n - start : TRW_MATCH_BATCH;
		b.contents = contents + start;
		b.first = start;
		batch_lookup(&b, count);
		for (size_t i = 0; i < count; i++) {
			if ((b.found[0][i].n | b.found[1][i].n | b.found[2][i].n) == 0)
				continue;
			st = content_take(&b, i, err);
			if (st != TRW_OK)
				return st;
		}
	}
	return st;
}

void
trw_match_agreed_text(uint32_t kinds, char out[TRW_AGREED_SIZE])
{
	size_t n = 0;

	out[0] = '\0';
	for (int k = 0; k < TRW_HASH_N; k++)
		if ((kinds & TRW_HASH_BIT(k)) != 0)
			n += (size_t)snprintf(out + n, TRW_AGREED_SIZE - n, "%s%s",
				n > 0 ? "+" : "", trw_hash_name((enum trw_hash_kind)k));
}
