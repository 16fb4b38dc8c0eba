/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/order.h"

#include <string.h>

int
trw_order_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	int c = n == 0 ? 0 : memcmp(a, b, n);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

/* 0 where one of them lacks the kind. */
static int
digests_compare(const struct trw_entry *a, const struct trw_entry *b, enum trw_hash_kind kind)
{
	return (a->kinds & b->kinds & TRW_HASH_BIT(kind)) == 0
		       ? 0
		       : memcmp(a->digest[kind], b->digest[kind], trw_hash_size(kind));
}

int
trw_order_entries(const struct trw_entry *a, const struct trw_entry *b, enum trw_hash_kind primary)
{
	bool a_has = (a->kinds & TRW_HASH_BIT(primary)) != 0;
	bool b_has = (b->kinds & TRW_HASH_BIT(primary)) != 0;
	int c = a_has != b_has ? (a_has ? -1 : 1) : digests_compare(a, b, primary);

	if (c == 0)
		c = (a->kinds > b->kinds) - (a->kinds < b->kinds);
	for (int k = 0; c == 0 && k < TRW_HASH_N; k++)
		c = digests_compare(a, b, (enum trw_hash_kind)k);
	if (c == 0)
		c = trw_order_texts(a->scheme, a->scheme_len, b->scheme, b->scheme_len);
	if (c == 0)
		c = trw_order_texts(a->category, a->category_len, b->category, b->category_len);
	return c != 0 ? c : (a->size > b->size) - (a->size < b->size);
}
