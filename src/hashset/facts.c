/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/facts.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void
trw_facts_clear(struct trw_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++) {
		free(facts->v[i].key);
		free(facts->v[i].value);
	}
	free(facts->v);
	free(facts->sorted);
	*facts = (struct trw_facts){0};
}

static bool
is_single(const char *key)
{
	return strcmp(key, "id") == 0 || strcmp(key, "name") == 0 || strcmp(key, "version") == 0 ||
	       strcmp(key, "block-size") == 0;
}

static int
fact_order(const struct trw_fact *f, const char *key, const char *value)
{
	int c = strcmp(f->key, key);

	return c != 0 || is_single(key) ? c : strcmp(f->value, value);
}

/* Where in sorted the fact is, or belongs: a feed of MISP has one for each of its files. */
static size_t
fact_place(const struct trw_facts *facts, const char *key, const char *value)
{
	size_t low = 0, high = facts->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (fact_order(&facts->v[facts->sorted[mid]], key, value) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* NULL: it is not there. Of a single one whatever its value. */
static struct trw_fact *
fact_find(const struct trw_facts *facts, const char *key, const char *value)
{
	size_t at = fact_place(facts, key, value);
	struct trw_fact *f = at < facts->n ? &facts->v[facts->sorted[at]] : NULL;

	return f != NULL && fact_order(f, key, value) == 0 ? f : NULL;
}

/* The value as text that any reader can show: other bytes than UTF-8 become U+FFFD. */
static char *
value_clean(const char *value, size_t n, struct trw_err *err)
{
	return n == 0 ? trw_strdup("", err) : trw_utf8_display((const uint8_t *)value, n, err);
}

static enum trw_status
fact_add(struct trw_facts *facts, const char *key, char *value, struct trw_err *err)
{
	size_t n = strlen(value), room = 8 + strlen(key) + n, at = fact_place(facts, key, value);
	struct trw_fact *grown;
	uint32_t *sorted;
	char *copy;

	if (strlen(key) > TRW_TSET_KEY_MAX || facts->n_bytes + room > TRW_TSET_META_MAX)
		return trw_fail(err, TRW_ELIMIT,
			"what the list says of itself is longer than %zu bytes", TRW_TSET_META_MAX);
	grown = trw_grow(
		facts->v, facts->n, &facts->cap, sizeof(*facts->v), TRW_TSET_FACTS_MAX, err);
	if (grown == NULL)
		return trw_fail_in(err, "facts about the list");
	facts->v = grown;
	sorted = trw_grow(facts->sorted, facts->n, &facts->cap_sorted, sizeof(*sorted),
		TRW_TSET_FACTS_MAX, err);
	if (sorted == NULL)
		return trw_fail_in(err, "facts about the list");
	facts->sorted = sorted;
	copy = trw_strdup(key, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	memmove(sorted + at + 1, sorted + at, (facts->n - at) * sizeof(*sorted));
	sorted[at] = (uint32_t)facts->n;
	facts->v[facts->n++] = (struct trw_fact){copy, value, n};
	facts->n_bytes += room;
	return TRW_OK;
}

enum trw_status
trw_facts_add(struct trw_facts *facts, const char *key, const char *value, size_t value_len,
	struct trw_err *err)
{
	char *clean = value_clean(value, value_len, err);
	enum trw_status st = TRW_OK;

	if (clean == NULL)
		return TRW_ENOMEM;
	struct trw_fact *f = fact_find(facts, key, clean);
	if (f == NULL) {
		st = fact_add(facts, key, clean, err);
		if (st < 0)
			free(clean);
		return st;
	}
	if (strcmp(key, "block-size") == 0 && strcmp(f->value, clean) != 0)
		st = trw_fail(err, TRW_EUSAGE,
			"block hashes of %s and of %s bytes do not go into one set", f->value,
			clean);
	if (st < 0 || !is_single(key)) {
		free(clean);
		return st;
	}
	facts->n_bytes += strlen(clean) - f->value_len;
	free(f->value);
	f->value = clean;
	f->value_len = strlen(clean);
	return facts->n_bytes <= TRW_TSET_META_MAX
		       ? TRW_OK
		       : trw_fail(err, TRW_ELIMIT, "the %s of the list is too long", key);
}

enum trw_status
trw_facts_encode(const struct trw_facts *facts, struct trw_buf *out, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < facts->n; i++) {
		const struct trw_fact *f = &facts->v[i];
		st = trw_buf_u32(out, (uint32_t)strlen(f->key), err);
		if (st == TRW_OK)
			st = trw_buf_put(out, f->key, strlen(f->key), err);
		if (st == TRW_OK)
			st = trw_buf_u32(out, (uint32_t)f->value_len, err);
		if (st == TRW_OK)
			st = trw_buf_put(out, f->value, f->value_len, err);
	}
	return st;
}

enum trw_status
trw_facts_identify(const struct trw_facts *facts, struct trw_tset_header *h, struct trw_err *err)
{
	struct trw_identity x = {0};
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && i < facts->n; i++) {
		const struct trw_fact *f = &facts->v[i];
		const struct trw_identity_text key = {f->key, strlen(f->key)};
		const struct trw_identity_text value = {f->value, f->value_len};
		st = trw_identity_fact(&x, &key, &value, err);
	}
	if (st == TRW_OK)
		trw_identity_digest(&x, h, h->identity);
	trw_identity_clear(&x);
	return st;
}
