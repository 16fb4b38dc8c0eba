/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/exchange.h"

#include "base/clock.h"
#include "base/text.h"
#include "hashset/list/syntax/stamp.h"

#include <string.h>
#include <strings.h>

#define SECONDS_MAX INT64_C(253402300800) /* the year 10000 */
#define NS_MAX_SECONDS (INT64_MAX / 1000000000)

int64_t
trw_exchange_rank(const char *p, size_t n)
{
	struct trw_stamp stamp;
	int64_t v = 0;
	size_t i = 0;

	if (trw_stamp_read(p, n, &stamp))
		return stamp.s;
	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		v = v * 10 + (p[i] - '0');
		if (v > SECONDS_MAX)
			return TRW_EXCHANGE_NO_RANK;
	}
	if (i == 0 || (i < n && p[i] != '.'))
		return TRW_EXCHANGE_NO_RANK;
	for (i++; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return TRW_EXCHANGE_NO_RANK;
	return v;
}

int64_t
trw_exchange_rank_of(const struct trw_json *record, const char *key)
{
	const char *p;
	size_t n;

	return trw_json_text(trw_json_get(record, key), &p, &n) ? trw_exchange_rank(p, n)
								: TRW_EXCHANGE_NO_RANK;
}

enum trw_hash_kind
trw_exchange_kind(const char *p, size_t n)
{
	static const char *const words[] = {"HASH_", "Image", "Video"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		if (n > len && strncasecmp(p, words[i], len) == 0) {
			p += len;
			n -= len;
			if (*p == '_' && n > 1) {
				p++;
				n--;
			}
		}
	}
	if (n == 3 && strncasecmp(p, "pdq", 3) == 0)
		return TRW_HASH_PDQ;
	return trw_hash_named(p, n);
}

void
trw_exchange_updated(struct trw_draft *d, int64_t rank)
{
	char text[TRW_ISO8601_SIZE];

	if (rank < 0 || rank > NS_MAX_SECONDS)
		return;
	trw_iso8601(rank * 1000000000, text);
	trw_draft_property(d, "updated", text, strlen(text));
}

void
trw_exchange_property(struct trw_draft *d, const char *name, const struct trw_json *value)
{
	const char *p;
	size_t n;

	if (trw_json_text(value, &p, &n))
		trw_draft_property(d, name, p, n);
}

enum trw_status
trw_exchange_give(struct trw_draft *d, enum trw_hash_kind kind, int64_t rank, uint64_t number,
	bool is_withdrawn)
{
	uint8_t key[1 + TRW_HASH_SIZE_MAX] = {(uint8_t)kind};
	size_t n = trw_hash_size(kind);

	memcpy(key + 1, d->entry.digest[kind], n);
	if (is_withdrawn && !trw_draft_is_bad(d))
		return trw_list_keyed(d->list, key, 1 + n, rank, NULL, d->err);
	return trw_draft_give_keyed(d, "record", number, key, 1 + n, rank);
}

bool
trw_exchange_mentions(const uint8_t *p, size_t n, const char *text)
{
	return memmem(p, n, text, strlen(text)) != NULL;
}
