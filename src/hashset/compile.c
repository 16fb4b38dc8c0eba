/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows are written in the order of the primary digest; their extras and, for every other kind,
 * (digest, row) go to temporary files meanwhile, sorted for the latter. Then the sections follow
 * one another; the index of the primary kind is made of the rows as they are read back.
 *
 * The record that the rows are sorted by: u8 0 and the primary digest, or u8 1; u8 kinds, digests,
 * u16 profile, u64 size, items of the extras with the name among them; numbers big endian.
 */
#include "hashset/compile.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cancel.h"
#include "hashset/lines.h"

#include <stdlib.h>
#include <string.h>

#define CANCEL_EVERY 65536 /* rows between two looks at trw_cancelled */
#define PIECE ((size_t)1 << 20)
#define ORDER_SPOOL ((uint64_t)4 << 20) /* bytes of an order that are held in memory */

static enum trw_status
rows_limit(uint64_t n, struct trw_err *err)
{
	if (n == 0)
		return trw_fail(err, TRW_EUSAGE,
			"nothing is left of the list: an empty set would make everything look clean");
	return n <= TRW_TSET_ROWS_MAX
		       ? TRW_OK
		       : trw_fail(err, TRW_ELIMIT,
				 "%" PRIu64
				 " entries: a set has at most %u; import the list in parts",
				 n, TRW_TSET_ROWS_MAX);
}

static enum trw_status
look_up(uint64_t n, struct trw_err *err)
{
	return n % CANCEL_EVERY == 0 && trw_is_cancelled()
		       ? trw_fail(err, TRW_ECANCEL, "interrupted")
		       : TRW_OK;
}

static void
columns_none(struct trw_tset_header *h)
{
	for (int k = 0; k < TRW_HASH_N; k++)
		h->digest_at[k] = TRW_TSET_NO_COLUMN;
	h->mask_at = h->profile_at = h->size_at = h->extra_at = TRW_TSET_NO_COLUMN;
}

/* ---- sections that need nothing but bytes ---- */

static enum trw_status
text_put(struct trw_setfile *f, const char *p, size_t n, struct trw_err *err)
{
	uint8_t length[4];
	enum trw_status st;

	trw_put_le32(length, (uint32_t)n);
	st = trw_setfile_put(f, length, 4, err);
	return st < 0 ? st : trw_setfile_put(f, p, n, err);
}

/* In their final order, which is that of `sorted`. profiles NULL: one, of no category. */
static enum trw_status
profiles_write(const struct trw_compile *c, const struct trw_profiles *ps, struct trw_err *err)
{
	enum trw_status st = trw_setfile_begin(c->file, TRW_TSET_PROFILES, err);

	if (ps == NULL && st == TRW_OK && (st = text_put(c->file, "", 0, err)) == TRW_OK)
		st = text_put(c->file, "", 0, err);
	for (size_t i = 0; ps != NULL && st == TRW_OK && i < ps->n; i++) {
		const struct trw_profile *p = &ps->v[ps->sorted[i]];
		if (!p->is_used)
			continue;
		st = text_put(c->file, p->text, p->scheme_len, err);
		if (st == TRW_OK)
			st = text_put(c->file, p->text + p->scheme_len, p->category_len, err);
	}
	return st < 0 ? st : trw_setfile_end(c->file, err);
}

static enum trw_status
meta_write(const struct trw_compile *c, struct trw_err *err)
{
	enum trw_status st = trw_setfile_begin(c->file, TRW_TSET_META, err);

	if (st == TRW_OK)
		st = trw_setfile_put(c->file, c->meta, c->meta_len, err);
	return st < 0 ? st : trw_setfile_end(c->file, err);
}

static enum trw_status
spool_write(const struct trw_compile *c, int section, const struct trw_spool *spool,
	struct trw_err *err)
{
	uint8_t *buf = trw_alloc(PIECE, 1, err);
	enum trw_status st = buf == NULL ? TRW_ENOMEM : trw_setfile_begin(c->file, section, err);

	for (uint64_t at = 0; st == TRW_OK && at < spool->n; at += PIECE) {
		size_t n = spool->n - at < PIECE ? (size_t)(spool->n - at) : PIECE;
		st = trw_spool_get(spool, at, buf, n, err);
		if (st == TRW_OK)
			st = trw_setfile_put(c->file, buf, n, err);
	}
	free(buf);
	return st < 0 ? st : trw_setfile_end(c->file, err);
}

/*
 * The index of the primary kind, from the rows as they were written: all that have it come first.
 */
static enum trw_status
primary_lines_write(const struct trw_compile *c, struct trw_err *err)
{
	const struct trw_tset_header *h = c->header;
	uint64_t left = h->n_by_kind[h->primary], at = 0;
	size_t per_piece = PIECE / h->row_width;
	uint8_t *buf = trw_alloc(per_piece, h->row_width, err);
	struct trw_lines lines;
	enum trw_status st =
		buf == NULL ? TRW_ENOMEM
			    : trw_setfile_begin(c->file, TRW_TSET_LINES + (int)h->primary, err);

	trw_lines_start(&lines, c->file, left);
	while (st == TRW_OK && left > 0) {
		size_t n = left < per_piece ? (size_t)left : per_piece;
		st = trw_setfile_read(c->file, TRW_TSET_ROWS, at, buf, n * h->row_width, err);
		for (size_t i = 0; st == TRW_OK && i < n; i++)
			st = trw_lines_put(
				&lines, buf + i * h->row_width + h->digest_at[h->primary], err);
		at += n * h->row_width;
		left -= n;
	}
	if (st == TRW_OK)
		st = trw_lines_end(&lines, err);
	free(buf);
	return st < 0 ? st : trw_setfile_end(c->file, err);
}

/* ---- digests alone ---- */

static enum trw_status
keys_write(const struct trw_compile *c, size_t size, struct trw_extsort *keys, uint64_t *n_rows,
	uint64_t *n_duplicates, struct trw_err *err)
{
	uint8_t last[TRW_HASH_SIZE_MAX];
	const uint8_t *p;
	size_t n;
	enum trw_status st = trw_setfile_begin(c->file, TRW_TSET_ROWS, err);

	while (st == TRW_OK && (st = trw_extsort_next(keys, &p, &n, err)) == TRW_OK) {
		if (*n_rows > 0 && memcmp(last, p, size) == 0) {
			++*n_duplicates;
			continue;
		}
		memcpy(last, p, size);
		st = look_up(++*n_rows, err);
		if (st == TRW_OK)
			st = trw_setfile_put(c->file, p, size, err);
	}
	return st == TRW_END ? trw_setfile_end(c->file, err) : st;
}

enum trw_status
trw_compile_keys(const struct trw_compile *c, enum trw_hash_kind kind, struct trw_extsort *keys,
	uint64_t *n_duplicates, struct trw_err *err)
{
	struct trw_tset_header *h = c->header;
	size_t size = trw_hash_size(kind);
	enum trw_status st = keys_write(c, size, keys, &h->n_rows, n_duplicates, err);

	if (st == TRW_OK)
		st = rows_limit(h->n_rows, err);
	if (st < 0)
		return st;
	columns_none(h);
	h->row_width = (uint32_t)size;
	h->kinds = TRW_HASH_BIT(kind);
	h->primary = kind;
	h->n_profiles = 1;
	h->digest_at[kind] = 0;
	h->n_by_kind[kind] = h->n_rows;
	h->n_lines[kind] = trw_lines_count(h->n_rows);
	if ((st = profiles_write(c, NULL, err)) < 0 || (st = meta_write(c, err)) < 0)
		return st;
	return primary_lines_write(c, err);
}

/* ---- entries with columns ---- */

struct table {
	const struct trw_compile *c;
	const struct trw_profiles *profiles;
	struct trw_extsort *sorter;             /* owned */
	struct trw_extsort *orders[TRW_HASH_N]; /* owned; of kinds other than the primary one */
	struct trw_spool extras;
	struct trw_buf record;
	uint8_t row[TRW_TSET_ROW_WIDTH_MAX];
	uint32_t n; /* rows written */
};

/* The kind that most entries have; among equals the one that says most. */
static uint32_t
primary_choose(const struct trw_groups_sum *sum)
{
	static const enum trw_hash_kind order[TRW_HASH_N] = {TRW_HASH_SHA256, TRW_HASH_SHA1,
		TRW_HASH_MD5, TRW_HASH_SHA512, TRW_HASH_SHA384, TRW_HASH_SHA224, TRW_HASH_PDQ,
		TRW_HASH_BLOCK_MD5};
	enum trw_hash_kind best = order[0];

	for (size_t i = 1; i < TRW_HASH_N; i++)
		if (sum->n_by_kind[order[i]] > sum->n_by_kind[best])
			best = order[i];
	return best;
}

static uint16_t
column(uint32_t *width, bool is_there, size_t size)
{
	uint16_t at = (uint16_t)*width;

	if (!is_there)
		return TRW_TSET_NO_COLUMN;
	*width += (uint32_t)size;
	return at;
}

static void
columns_choose(struct trw_tset_header *h, const struct trw_groups_sum *sum, size_t n_profiles)
{
	uint32_t width = 0;

	h->n_rows = sum->n;
	h->kinds = sum->any_kinds;
	h->primary = primary_choose(sum);
	h->n_profiles = (uint32_t)n_profiles;
	for (int k = 0; k < TRW_HASH_N; k++) {
		bool has = (sum->any_kinds & TRW_HASH_BIT(k)) != 0;
		h->digest_at[k] = column(&width, has, trw_hash_size((enum trw_hash_kind)k));
		h->n_by_kind[k] = sum->n_by_kind[k];
		h->n_lines[k] = trw_lines_count(sum->n_by_kind[k]);
	}
	h->mask_at = column(&width, sum->any_kinds != sum->all_kinds, 1);
	h->profile_at = column(&width, n_profiles > 1, 2);
	h->size_at = column(&width, sum->has_size, 8);
	h->extra_at = column(&width, sum->has_extra, 8);
	h->row_width = width;
}

/* The items, with the file's name at its place among them. */
static enum trw_status
items_put(struct trw_buf *b, const struct trw_group *g, struct trw_err *err)
{
	const uint8_t *p = g->extra, *end = g->extra + g->extra_len;
	uint8_t head[6] = {4, 0, 'n', 'a', 'm', 'e'}, length[4];
	enum trw_status st;

	while (g->name_len > 0 && p < end) {
		size_t len = trw_le16(p);
		size_t common = len < 4 ? len : 4;
		int c = memcmp(p + 2, "name", common);
		if (c > 0 || (c == 0 && len > 4))
			break;
		p += 2 + len;
		p += 4 + trw_le32(p);
	}
	if (g->name_len == 0)
		p = end;
	st = trw_buf_put(b, g->extra, (size_t)(p - g->extra), err);
	if (st < 0 || g->name_len == 0)
		return st;
	trw_put_le32(length, (uint32_t)g->name_len);
	if ((st = trw_buf_put(b, head, sizeof(head), err)) < 0 ||
		(st = trw_buf_put(b, length, sizeof(length), err)) < 0 ||
		(st = trw_buf_put(b, g->name, g->name_len, err)) < 0)
		return st;
	return trw_buf_put(b, p, (size_t)(end - p), err);
}

static const uint8_t *
group_digest(const struct trw_group *g, uint32_t kind)
{
	return g->digests + trw_groups_digests_len(g->kinds & (TRW_HASH_BIT(kind) - 1));
}

static enum trw_status
group_put(struct table *t, const struct trw_group *g, struct trw_err *err)
{
	uint32_t primary = t->c->header->primary;
	bool has_primary = (g->kinds & TRW_HASH_BIT(primary)) != 0;
	uint16_t profile = t->profiles->v[g->profile].final;
	struct trw_buf *b = &t->record;
	uint8_t tail[10] = {(uint8_t)(profile >> 8), (uint8_t)profile};
	uint64_t prefix = UINT64_MAX;
	enum trw_status st;

	trw_put_be64(tail + 2, g->size);
	b->n = 0;
	st = trw_buf_u8(b, !has_primary, err);
	if (st == TRW_OK && has_primary) {
		prefix = trw_be64(group_digest(g, primary));
		st = trw_buf_put(b, group_digest(g, primary),
			trw_hash_size((enum trw_hash_kind)primary), err);
	}
	if (st < 0 || (st = trw_buf_u8(b, (uint8_t)g->kinds, err)) < 0 ||
		(st = trw_buf_put(b, g->digests, g->digests_len, err)) < 0 ||
		(st = trw_buf_put(b, tail, sizeof(tail), err)) < 0 ||
		(st = items_put(b, g, err)) < 0)
		return st;
	return trw_extsort_put(t->sorter, prefix, b->v, b->n, err);
}

static enum trw_status
order_put(struct table *t, enum trw_hash_kind kind, const uint8_t *digest, struct trw_err *err)
{
	uint8_t record[TRW_HASH_SIZE_MAX + 4];
	size_t size = trw_hash_size(kind);

	memcpy(record, digest, size);
	trw_put_be32(record + size, (uint32_t)t->n);
	return trw_extsort_put(t->orders[kind], trw_be64(digest), record, size + 4, err);
}

static enum trw_status
extra_put(struct table *t, const uint8_t *items, size_t n, uint64_t *at, struct trw_err *err)
{
	uint8_t length[4] = {0};
	enum trw_status st = TRW_OK;

	*at = 0;
	if (n == 0)
		return TRW_OK;
	if (t->extras.n == 0)
		st = trw_spool_put(&t->extras, length, 4, err);
	*at = t->extras.n;
	trw_put_le32(length, (uint32_t)n);
	if (st == TRW_OK)
		st = trw_spool_put(&t->extras, length, 4, err);
	return st < 0 ? st : trw_spool_put(&t->extras, items, n, err);
}

static enum trw_status
row_put(struct table *t, const uint8_t *p, size_t n, struct trw_err *err)
{
	const struct trw_tset_header *h = t->c->header;
	const uint8_t *end = p + n;
	uint64_t extra;
	enum trw_status st = TRW_OK;

	p += p[0] == 0 ? 1 + trw_hash_size((enum trw_hash_kind)h->primary) : 1;
	uint32_t kinds = *p++;
	memset(t->row, 0, h->row_width);
	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++) {
		size_t size = trw_hash_size((enum trw_hash_kind)k);
		if ((kinds & TRW_HASH_BIT(k)) == 0)
			continue;
		memcpy(t->row + h->digest_at[k], p, size);
		if (t->orders[k] != NULL)
			st = order_put(t, (enum trw_hash_kind)k, p, err);
		p += size;
	}
	if (h->mask_at != TRW_TSET_NO_COLUMN)
		t->row[h->mask_at] = (uint8_t)kinds;
	if (h->profile_at != TRW_TSET_NO_COLUMN) {
		t->row[h->profile_at] = p[1];
		t->row[h->profile_at + 1] = p[0];
	}
	if (h->size_at != TRW_TSET_NO_COLUMN)
		trw_put_le64(t->row + h->size_at, trw_be64(p + 2));
	p += 10;
	if (st == TRW_OK && h->extra_at != TRW_TSET_NO_COLUMN) {
		st = extra_put(t, p, (size_t)(end - p), &extra, err);
		trw_put_le64(t->row + h->extra_at, extra);
	}
	t->n++;
	return st < 0 ? st : trw_setfile_put(t->c->file, t->row, h->row_width, err);
}

static enum trw_status
sorters_new(struct table *t, struct trw_err *err)
{
	const struct trw_compile *c = t->c;
	struct trw_extsort_options sort = {
		.memory = c->memory / 8 * 4, .n_threads = c->n_threads, .folder = c->folder};
	unsigned n_kinds = (unsigned)__builtin_popcount(c->header->kinds);
	enum trw_status st = trw_extsort_new(&sort, &t->sorter, err);

	sort.memory = n_kinds > 1 ? c->memory / 8 * 3 / (n_kinds - 1) : 0;
	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++)
		if ((c->header->kinds & TRW_HASH_BIT(k)) != 0 && (uint32_t)k != c->header->primary)
			st = trw_extsort_new(&sort, &t->orders[k], err);
	t->extras = trw_spool_begin(c->memory / 8, c->folder);
	return st;
}

static enum trw_status
rows_write(struct table *t, struct trw_groups *groups, struct trw_err *err)
{
	struct trw_group group;
	const uint8_t *p;
	size_t n;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && (st = trw_groups_next(groups, &group, err)) == TRW_OK)
		st = group_put(t, &group, err);
	if (st == TRW_END)
		st = trw_extsort_seal(t->sorter, err);
	if (st == TRW_OK)
		st = trw_setfile_begin(t->c->file, TRW_TSET_ROWS, err);
	while (st == TRW_OK && (st = trw_extsort_next(t->sorter, &p, &n, err)) == TRW_OK) {
		st = look_up(t->n, err);
		if (st == TRW_OK)
			st = row_put(t, p, n, err);
	}
	trw_extsort_free(t->sorter);
	t->sorter = NULL;
	return st == TRW_END ? trw_setfile_end(t->c->file, err) : st;
}

/* The index of a kind that is not the primary one; its order to a spool for later. */
static enum trw_status
other_lines_write(
	struct table *t, enum trw_hash_kind kind, struct trw_spool *order, struct trw_err *err)
{
	const struct trw_compile *c = t->c;
	size_t size = trw_hash_size(kind), n;
	struct trw_lines lines;
	const uint8_t *p;
	uint8_t row[4];
	enum trw_status st = trw_extsort_seal(t->orders[kind], err);

	if (st == TRW_OK)
		st = trw_setfile_begin(c->file, TRW_TSET_LINES + (int)kind, err);
	trw_lines_start(&lines, c->file, c->header->n_by_kind[kind]);
	while (st == TRW_OK && (st = trw_extsort_next(t->orders[kind], &p, &n, err)) == TRW_OK) {
		trw_put_le32(row, trw_be32(p + size));
		st = trw_lines_put(&lines, p, err);
		if (st == TRW_OK)
			st = trw_spool_put(order, row, sizeof(row), err);
	}
	trw_extsort_free(t->orders[kind]);
	t->orders[kind] = NULL;
	if (st == TRW_END)
		st = trw_lines_end(&lines, err);
	return st < 0 ? st : trw_setfile_end(c->file, err);
}

static enum trw_status
indexes_write(struct table *t, struct trw_err *err)
{
	struct trw_spool orders[TRW_HASH_N];
	uint32_t kinds = t->c->header->kinds, primary = t->c->header->primary;
	enum trw_status st = TRW_OK;

	for (int k = 0; k < TRW_HASH_N; k++)
		orders[k] = trw_spool_begin(ORDER_SPOOL, t->c->folder);
	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++) {
		if ((kinds & TRW_HASH_BIT(k)) == 0)
			continue;
		st = (uint32_t)k == primary
			     ? primary_lines_write(t->c, err)
			     : other_lines_write(t, (enum trw_hash_kind)k, &orders[k], err);
	}
	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++)
		if (orders[k].n > 0)
			st = spool_write(t->c, TRW_TSET_ORDER + k, &orders[k], err);
	for (int k = 0; k < TRW_HASH_N; k++)
		trw_spool_clear(&orders[k]);
	return st;
}

static void
table_clear(struct table *t)
{
	trw_extsort_free(t->sorter);
	for (int k = 0; k < TRW_HASH_N; k++)
		trw_extsort_free(t->orders[k]);
	trw_spool_clear(&t->extras);
	trw_buf_clear(&t->record);
	free(t);
}

enum trw_status
trw_compile_groups(const struct trw_compile *c, struct trw_groups *groups,
	const struct trw_groups_sum *sum, struct trw_profiles *profiles, struct trw_err *err)
{
	struct table *t;
	enum trw_status st = rows_limit(sum->n, err);

	if (st < 0)
		return st;
	t = trw_alloc(1, sizeof(*t), err);
	if (t == NULL)
		return TRW_ENOMEM;
	t->c = c;
	t->profiles = profiles;
	columns_choose(c->header, sum, trw_profiles_settle(profiles));
	st = sorters_new(t, err);
	if (st == TRW_OK)
		st = rows_write(t, groups, err);
	if (st == TRW_OK)
		st = profiles_write(c, profiles, err);
	if (st == TRW_OK)
		st = meta_write(c, err);
	if (st == TRW_OK)
		st = spool_write(c, TRW_TSET_EXTRAS, &t->extras, err);
	if (st == TRW_OK)
		st = indexes_write(t, err);
	table_clear(t);
	return st;
}
