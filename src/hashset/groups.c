/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record: u8 kinds, digests, u8 1 for an entry or 0 for one that is taken away, u16 profile, u32
 * length of extra, extra, u64 size, name; numbers big endian, so that memcmp brings together what
 * is equal up to the size, smaller sizes first, an unknown one (all ones) last, and what is taken
 * away before what is there. What is left goes to a spool, without the sixth field: u32 length,
 * record.
 */
#include "hashset/groups.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/cancel.h"
#include "hashset/order.h"

#include <stdlib.h>
#include <string.h>

#define CANCEL_EVERY 65536 /* records between two looks at trw_cancelled */
#define PIECE ((size_t)256 << 10)

struct trw_groups {
	struct trw_profiles *profiles;
	struct trw_extsort *sorter; /* owned; NULL once sealed */
	struct trw_spool spool;     /* owned */
	struct trw_buf record;      /* scratch */
	/* the entry that may still grow, while records are taken from the sorter */
	struct trw_buf key, name; /* key: up to the size */
	uint64_t size;
	bool is_open;
	struct trw_groups_sum sum;
	/* reading the spool */
	uint64_t at;
	struct trw_buf window;
	size_t window_at;
};

size_t
trw_groups_digests_len(uint32_t kinds)
{
	size_t n = 0;

	for (int k = 0; k < TRW_HASH_N; k++)
		if ((kinds & TRW_HASH_BIT(k)) != 0)
			n += trw_hash_size((enum trw_hash_kind)k);
	return n;
}

enum trw_status
trw_groups_new(struct trw_profiles *profiles, uint64_t memory, unsigned n_threads,
	const char *folder, struct trw_groups **out, struct trw_err *err)
{
	struct trw_groups *g = trw_alloc(1, sizeof(*g), err);
	const struct trw_extsort_options sort = {
		.memory = memory / 5 * 4, .n_threads = n_threads, .folder = folder};

	if (g == NULL)
		return TRW_ENOMEM;
	g->profiles = profiles;
	g->spool = trw_spool_begin(memory / 5, folder);
	if (trw_extsort_new(&sort, &g->sorter, err) < 0) {
		trw_groups_free(g);
		return TRW_ENOMEM;
	}
	*out = g;
	return TRW_OK;
}

void
trw_groups_free(struct trw_groups *g)
{
	if (g == NULL)
		return;
	trw_extsort_free(g->sorter);
	trw_spool_clear(&g->spool);
	trw_buf_clear(&g->record);
	trw_buf_clear(&g->key);
	trw_buf_clear(&g->name);
	trw_buf_clear(&g->window);
	free(g);
}

/* ---- adding ---- */

static enum trw_status
put_number(struct trw_buf *b, uint64_t v, unsigned n, struct trw_err *err)
{
	uint8_t bytes[8];

	trw_put_be64(bytes, v);
	return trw_buf_put(b, bytes + sizeof(bytes) - n, n, err);
}

static int
properties_compare(const struct trw_property *a, const struct trw_property *b)
{
	int c = trw_order_texts(a->name, a->name_len, b->name, b->name_len);

	return c != 0 ? c : trw_order_texts(a->value, a->value_len, b->value, b->value_len);
}

static enum trw_status
property_put(struct trw_buf *b, const struct trw_property *p, struct trw_err *err)
{
	uint8_t head[4];
	enum trw_status st;

	if (p->name_len > TRW_PROPERTY_NAME_MAX || p->value_len > TRW_PROPERTY_VALUE_MAX)
		return trw_fail(err, TRW_ELIMIT, "a property of an entry is too long");
	head[0] = (uint8_t)p->name_len;
	head[1] = (uint8_t)(p->name_len >> 8);
	if ((st = trw_buf_put(b, head, 2, err)) < 0 ||
		(st = trw_buf_put(b, p->name, p->name_len, err)) < 0)
		return st;
	trw_put_le32(head, (uint32_t)p->value_len);
	st = trw_buf_put(b, head, 4, err);
	return st < 0 ? st : trw_buf_put(b, p->value, p->value_len, err);
}

/* u32 length and the items, sorted. */
static enum trw_status
extra_put(struct trw_buf *b, const struct trw_entry *e, struct trw_err *err)
{
	const struct trw_property *sorted[TRW_PROPERTIES_MAX];
	size_t start = b->n, n = 0;
	enum trw_status st = put_number(b, 0, 4, err);

	if (e->n_properties > TRW_PROPERTIES_MAX)
		return trw_fail(err, TRW_ELIMIT, "an entry has more than %d properties",
			TRW_PROPERTIES_MAX);
	for (; n < e->n_properties; n++) {
		size_t i = n;
		while (i > 0 && properties_compare(sorted[i - 1], &e->properties[n]) > 0) {
			sorted[i] = sorted[i - 1];
			i--;
		}
		sorted[i] = &e->properties[n];
	}
	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = property_put(b, sorted[i], err);
	if (st == TRW_OK)
		trw_put_be32(b->v + start, (uint32_t)(b->n - start - 4));
	return st;
}

static enum trw_status
digests_put(struct trw_buf *b, const struct trw_entry *e, uint64_t *prefix, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	bool is_first = true;

	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++) {
		if ((e->kinds & TRW_HASH_BIT(k)) == 0)
			continue;
		if (is_first)
			*prefix = trw_be64(e->digest[k]);
		is_first = false;
		st = trw_buf_put(b, e->digest[k], trw_hash_size((enum trw_hash_kind)k), err);
	}
	return st;
}

enum trw_status
trw_groups_add(
	struct trw_groups *g, const struct trw_entry *e, bool is_subtracted, struct trw_err *err)
{
	struct trw_buf *b = &g->record;
	uint64_t prefix = 0;
	uint16_t profile = 0;
	enum trw_status st = TRW_OK;

	if (e->name_len > TRW_ENTRY_NAME_MAX || e->scheme_len > TRW_CATEGORY_MAX ||
		e->category_len > TRW_CATEGORY_MAX)
		return trw_fail(err, TRW_ELIMIT, "the name or category of an entry is too long");
	if (!is_subtracted)
		st = trw_profiles_number(g->profiles, e->scheme, e->scheme_len, e->category,
			e->category_len, &profile, err);
	b->n = 0;
	if (st < 0 || (st = trw_buf_u8(b, (uint8_t)e->kinds, err)) < 0 ||
		(st = digests_put(b, e, &prefix, err)) < 0 ||
		(st = trw_buf_u8(b, !is_subtracted, err)) < 0)
		return st;
	if (!is_subtracted &&
		((st = put_number(b, profile, 2, err)) < 0 || (st = extra_put(b, e, err)) < 0 ||
			(st = put_number(b, e->size, 8, err)) < 0 ||
			(st = trw_buf_put(b, e->name, e->name_len, err)) < 0))
		return st;
	return trw_extsort_put(g->sorter, prefix, b->v, b->n, err);
}

/* ---- making one of equal ones ---- */

static void
count(struct trw_groups *g, const uint8_t *key, size_t extra_len)
{
	struct trw_groups_sum *sum = &g->sum;
	uint32_t kinds = key[0];

	sum->all_kinds = sum->n == 0 ? kinds : sum->all_kinds & kinds;
	sum->any_kinds |= kinds;
	sum->n++;
	for (int k = 0; k < TRW_HASH_N; k++)
		sum->n_by_kind[k] += (kinds & TRW_HASH_BIT(k)) != 0;
	sum->has_size = sum->has_size || g->size != TRW_SIZE_ABSENT;
	sum->has_extra = sum->has_extra || extra_len > 0 || g->name.n > 0;
}

static enum trw_status
close_group(struct trw_groups *g, struct trw_err *err)
{
	const uint8_t *key = g->key.v;
	size_t flag = 1 + trw_groups_digests_len(key[0]);
	uint8_t length[4], size[8];
	enum trw_status st;

	count(g, key, g->key.n - flag - 7);
	g->profiles->v[(size_t)key[flag + 1] << 8 | key[flag + 2]].is_used = true;
	trw_put_le32(length, (uint32_t)(g->key.n - 1 + sizeof(size) + g->name.n));
	trw_put_be64(size, g->size);
	if ((st = trw_spool_put(&g->spool, length, 4, err)) < 0 ||
		(st = trw_spool_put(&g->spool, key, flag, err)) < 0 ||
		(st = trw_spool_put(&g->spool, key + flag + 1, g->key.n - flag - 1, err)) < 0 ||
		(st = trw_spool_put(&g->spool, size, sizeof(size), err)) < 0)
		return st;
	g->is_open = false;
	return trw_spool_put(&g->spool, g->name.v, g->name.n, err);
}

static enum trw_status
name_set(struct trw_groups *g, const uint8_t *name, size_t n, struct trw_err *err)
{
	g->name.n = 0;
	return trw_buf_put(&g->name, name, n, err);
}

/* Of two names the lesser stays; none is no name. */
static enum trw_status
name_merge(struct trw_groups *g, const uint8_t *name, size_t n, struct trw_err *err)
{
	size_t common = n < g->name.n ? n : g->name.n;
	int c = common == 0 ? 0 : memcmp(name, g->name.v, common);

	if (n == 0 || (g->name.n > 0 && (c > 0 || (c == 0 && n >= g->name.n))))
		return TRW_OK;
	return name_set(g, name, n, err);
}

static enum trw_status
entry_take(struct trw_groups *g, const uint8_t *p, size_t n, size_t key_len, struct trw_err *err)
{
	uint64_t size = trw_be64(p + key_len);
	const uint8_t *name = p + key_len + 8;
	size_t name_len = n - key_len - 8;
	enum trw_status st = TRW_OK;

	if (g->is_open && g->key.n == key_len && memcmp(g->key.v, p, key_len) == 0 &&
		(size == g->size || size == TRW_SIZE_ABSENT)) {
		g->sum.n_duplicates++;
		return name_merge(g, name, name_len, err);
	}
	if (g->is_open)
		st = close_group(g, err);
	g->key.n = 0;
	if (st == TRW_OK)
		st = trw_buf_put(&g->key, p, key_len, err);
	if (st == TRW_OK)
		st = name_set(g, name, name_len, err);
	g->size = size;
	g->is_open = st == TRW_OK;
	return st;
}

/* How often the digests that are at hand were taken away, as far as it is not used up. */
struct taken {
	struct trw_buf digests; /* u8 kinds, digests */
	uint64_t n;
};

static enum trw_status
record_take(struct trw_groups *g, struct taken *t, const uint8_t *p, size_t n, struct trw_err *err)
{
	size_t flag = 1 + trw_groups_digests_len(p[0]);
	bool is_same = t->n > 0 && t->digests.n == flag && memcmp(t->digests.v, p, flag) == 0;

	if (p[flag] == 0) {
		t->n = is_same ? t->n + 1 : 1;
		t->digests.n = 0;
		return trw_buf_put(&t->digests, p, flag, err);
	}
	if (is_same) {
		t->n--;
		g->sum.n_subtracted++;
		return TRW_OK;
	}
	return entry_take(g, p, n, flag + 7 + trw_be32(p + flag + 3), err);
}

enum trw_status
trw_groups_seal(struct trw_groups *g, struct trw_groups_sum *out, struct trw_err *err)
{
	struct taken taken = {0};
	const uint8_t *p;
	size_t n;
	uint64_t number = 0;
	enum trw_status st = trw_extsort_seal(g->sorter, err);

	while (st == TRW_OK && (st = trw_extsort_next(g->sorter, &p, &n, err)) == TRW_OK) {
		if (number++ % CANCEL_EVERY == 0 && trw_is_cancelled())
			st = trw_fail(err, TRW_ECANCEL, "interrupted");
		else
			st = record_take(g, &taken, p, n, err);
	}
	if (st == TRW_END)
		st = g->is_open ? close_group(g, err) : TRW_OK;
	trw_buf_clear(&taken.digests);
	trw_extsort_free(g->sorter);
	g->sorter = NULL;
	*out = g->sum;
	return st;
}

/* ---- taking ---- */

/* n bytes of the spool from where reading is, borrowed until the next call. */
static enum trw_status
window_take(struct trw_groups *g, size_t n, const uint8_t **out, struct trw_err *err)
{
	size_t have = g->window.n - g->window_at;

	if (have < n) {
		uint64_t left = g->spool.n - g->at;
		size_t more = n - have > PIECE ? n - have : PIECE;
		more = left < more ? (size_t)left : more;
		if (have > 0)
			memmove(g->window.v, g->window.v + g->window_at, have);
		g->window.n = have;
		g->window_at = 0;
		if (have + more > g->window.cap) {
			void *v = realloc(g->window.v, have + more);
			if (v == NULL)
				return trw_fail(err, TRW_ENOMEM, "out of memory for sorting");
			g->window.v = v;
			g->window.cap = have + more;
		}
		enum trw_status st = trw_spool_get(&g->spool, g->at, g->window.v + have, more, err);
		if (st < 0)
			return st;
		g->at += more;
		g->window.n += more;
	}
	*out = g->window.v + g->window_at;
	g->window_at += n;
	return TRW_OK;
}

enum trw_status
trw_groups_next(struct trw_groups *g, struct trw_group *out, struct trw_err *err)
{
	const uint8_t *p;
	size_t n;
	enum trw_status st;

	if (g->at == g->spool.n && g->window_at == g->window.n)
		return TRW_END;
	if ((st = window_take(g, 4, &p, err)) < 0)
		return st;
	n = trw_le32(p);
	if ((st = window_take(g, n, &p, err)) < 0)
		return st;
	out->kinds = p[0];
	out->digests = p + 1;
	out->digests_len = trw_groups_digests_len(p[0]);
	const uint8_t *q = out->digests + out->digests_len;
	out->profile = trw_be16(q);
	out->extra_len = trw_be32(q + 2);
	out->extra = q + 6;
	out->size = trw_be64(out->extra + out->extra_len);
	out->name = out->extra + out->extra_len + 8;
	out->name_len = n - (size_t)(out->name - p);
	return TRW_OK;
}
