/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/bytes.h"
#include "digest/digest.h"
#include "unit/fixture/draw.h"
#include "unit/fixture/folder.h"
#include "hashset/builder.h"
#include "hashset/identity.h"
#include "hashset/quicksum.h"
#include "hashset/tags.h"

#include <string.h>

#define N_MAX 4000

static struct trw_entry entries[N_MAX];

/* Digests from few beginnings: many share a line, a tag, or the whole value. */
static void
digest_draw(enum trw_hash_kind kind, uint8_t *out)
{
	size_t size = trw_hash_size(kind);

	memset(out, 0x5A, size);
	trw_put_le64(out, one_in(2) ? draw() : below(3) << 8 | 1);
	out[size - 1] = (uint8_t)below(one_in(2) ? 4 : 256);
	out[size - 2] = (uint8_t)below(8);
}

static void
entries_draw(size_t n, uint32_t kinds)
{
	for (size_t i = 0; i < n; i++) {
		struct trw_entry *e = &entries[i];
		trw_entry_reset(e);
		while (e->kinds == 0)
			e->kinds = one_in(4) ? (uint32_t)draw() & kinds : kinds;
		for (int k = 0; k < TRW_HASH_N; k++)
			if ((e->kinds & TRW_HASH_BIT(k)) != 0)
				digest_draw((enum trw_hash_kind)k, e->digest[k]);
		if (one_in(3))
			e->size = below(100);
	}
}

static struct trw_set *
built(size_t n)
{
	char path[96];
	struct trw_err err = {0};
	struct trw_set_builder *b = NULL;
	struct trw_set_built counts;
	struct trw_set *set = NULL;

	path_of("a.tset", path);
	const struct trw_set_builder_options options = {
		.target = trw_target_look(path), .n_threads = 1, .class = TRW_SET_ALERT};
	assert_int_equal(trw_set_builder_new(&options, &b, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "id", "list", 4, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "mark", "tlp:red", 7, &err), TRW_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(trw_set_builder_add(b, &entries[i], &err), TRW_OK);
	assert_int_equal(trw_set_builder_finish(b, &counts, &err), TRW_OK);
	trw_set_builder_free(b);
	assert_int_equal(trw_set_open(path, &set, &err), TRW_OK);
	return set;
}

/* What lookup says of one digest, against a walk over all rows. */
static void
answer_is_true(const struct trw_set *set, enum trw_hash_kind kind, const uint8_t *digest,
	struct trw_set_found found)
{
	uint32_t n = 0;

	for (uint32_t row = 0; row < trw_set_info(set)->n_entries; row++) {
		const uint8_t *there = trw_set_row_digest(set, row, kind);
		if (there == NULL || memcmp(there, digest, trw_hash_size(kind)) != 0)
			continue;
		assert_true(n < found.n);
		assert_int_equal(trw_set_row(set, kind, found.at + n), row);
		n++;
	}
	assert_int_equal(found.n, n);
}

static void
lookups_are_true(const struct trw_set *set, size_t n, enum trw_hash_kind kind)
{
	static uint8_t digests[2 * N_MAX * TRW_HASH_SIZE_MAX];
	static struct trw_set_found found[2 * N_MAX];
	size_t size = trw_hash_size(kind), count = 0;

	for (size_t i = 0; i < n; i += 1 + n / 150) {
		if ((entries[i].kinds & TRW_HASH_BIT(kind)) != 0)
			memcpy(digests + count++ * size, entries[i].digest[kind], size);
		digest_draw(kind, digests + count++ * size);
	}
	trw_set_lookup(set, kind, digests, count, found);
	for (size_t i = 0; i < count; i++) {
		struct trw_set_found alone;
		answer_is_true(set, kind, digests + i * size, found[i]);
		trw_set_lookup(set, kind, digests + i * size, 1, &alone);
		assert_memory_equal(&alone, &found[i], sizeof(alone));
	}
	for (size_t i = 0; i < n; i++) {
		if ((entries[i].kinds & TRW_HASH_BIT(kind)) == 0)
			continue;
		trw_set_lookup(set, kind, entries[i].digest[kind], 1, &found[0]);
		assert_true(found[0].n > 0);
	}
}

static void
lookup_agrees_with_a_walk_over_all_rows(void **state)
{
	static const size_t sizes[] = {1, 2, 9, 10, 16, 100, 1000, N_MAX};
	static const uint32_t kinds[] = {1, 2, 4, 7, 0xFF};
	struct trw_err err = {0};
	(void)state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (size_t j = 0; j < sizeof(kinds) / sizeof(*kinds); j++) {
			entries_draw(sizes[i], kinds[j]);
			struct trw_set *set = built(sizes[i]);
			for (int k = 0; k < TRW_HASH_N; k++)
				lookups_are_true(set, sizes[i], (enum trw_hash_kind)k);
			if (trw_set_verify(set, &err) != TRW_OK)
				fail_msg("%s", err.text);
			trw_set_close(set);
		}
	}
}

static void
every_variant_finds_the_same_tags(void **state)
{
	trw_tags_match all[TRW_TAGS_VARIANTS + 1];
	(void)state;

	trw_tags_variants(all);
	for (int i = 0; i < 20000; i++) {
		uint8_t line[TRW_TSET_LINE];
		for (size_t k = 0; k < TRW_TSET_LINE; k += 4)
			trw_put_le32(line + k, below(4) ? (uint32_t)below(3) : UINT32_MAX);
		for (size_t v = 1; all[v] != NULL; v++)
			for (uint32_t tag = 0; tag < 3; tag++)
				assert_int_equal(all[v](line, tag), all[0](line, tag));
	}
}

#define SLURP_MAX ((size_t)1 << 24)

static uint8_t *
slurp(size_t *n)
{
	char path[96];

	path_of("a.tset", path);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	uint8_t *p = malloc(SLURP_MAX);
	assert_non_null(p);
	*n = fread(p, 1, SLURP_MAX, f);
	assert_int_equal(fclose(f), 0);
	return p;
}

/* look: what is done with it once it is open; NULL: nothing. */
static enum trw_status
opened(const uint8_t *p, size_t n,
	enum trw_status (*look)(const struct trw_set *set, struct trw_err *err))
{
	char path[96];
	struct trw_err err = {0};
	struct trw_set *set = NULL;

	write_file("b.tset", p, n);
	path_of("b.tset", path);
	enum trw_status st = trw_set_open(path, &set, &err);
	if (st == TRW_OK && look != NULL)
		st = look(set, &err);
	trw_set_close(set);
	return st;
}

static void
damage_is_refused(void **state)
{
	size_t n;
	(void)state;

	entries_draw(1000, TRW_HASH_OF_CONTENT);
	trw_set_close(built(1000));
	uint8_t *p = slurp(&n);
	for (size_t at = 0; at < TRW_TSET_HEADER; at++) {
		p[at] ^= 1;
		assert_true(opened(p, n, NULL) < 0);
		p[at] ^= 1;
	}
	for (size_t cut = 0; cut < n; cut += TRW_TSET_ALIGN)
		assert_true(opened(p, cut, NULL) < 0);
	assert_true(opened(p, n - 1, NULL) < 0);
	struct trw_tset_header h;
	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	for (int s = 0; s < TRW_TSET_SECTIONS; s++) {
		if (h.sections[s].len == 0)
			continue;
		for (int i = 0; i < 20; i++) {
			uint64_t at = h.sections[s].off + below(h.sections[s].len);
			p[at] ^= 1;
			assert_true(opened(p, n, trw_set_check) < 0);
			p[at] ^= 1;
		}
	}
	assert_int_equal(opened(p, n, trw_set_check), TRW_OK);
	free(p);
}

/* Its threads take several pieces each. */
static void
damage_in_any_part_of_a_large_section_is_refused(void **state)
{
	enum { N = 300000, PART = 1 << 19 };
	char path[96];
	struct trw_set_builder *b = NULL;
	struct trw_set_built counts;
	struct trw_err err = {0};
	uint8_t *digests = trw_alloc(N, 32, &err);
	size_t n;
	(void)state;

	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < 4; k++)
			trw_put_le64(digests + 32 * i + 8 * k, draw());
	path_of("a.tset", path);
	const struct trw_set_builder_options options = {.target = trw_target_look(path)};
	assert_int_equal(trw_set_builder_new(&options, &b, &err), TRW_OK);
	assert_int_equal(trw_set_builder_add_digests(b, TRW_HASH_SHA256, digests, N, &err), TRW_OK);
	assert_int_equal(trw_set_builder_finish(b, &counts, &err), TRW_OK);
	trw_set_builder_free(b);
	free(digests);
	uint8_t *p = slurp(&n);
	assert_int_equal(opened(p, n, trw_set_check), TRW_OK);
	assert_true(n > 20 * PART);
	for (size_t part = TRW_TSET_ALIGN; part + PART <= n; part += PART) {
		size_t at = part + below(PART);
		p[at] ^= 1;
		assert_int_equal(opened(p, n, trw_set_check), TRW_ECORRUPT);
		p[at] ^= 1;
	}
	free(p);
}

static void
a_file_that_is_written_to_is_noticed_and_one_that_is_replaced_is_fine(void **state)
{
	static const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
	char path[96], other[96];
	struct trw_err err = {0};
	size_t n;
	(void)state;

	entries_draw(10, 1);
	trw_set_close(built(10));
	uint8_t *p = slurp(&n);
	path_of("a.tset", path);
	path_of("b.tset", other);
	for (int turn = 0; turn < 2; turn++) {
		struct trw_set *set = NULL;
		assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
		assert_int_equal(trw_set_open(path, &set, &err), TRW_OK);
		assert_int_equal(trw_set_confirm(set, &err), TRW_OK);
		write_file(turn == 0 ? "b.tset" : "a.tset", p, n);
		if (turn == 0)
			assert_int_equal(rename(other, path), 0);
		assert_int_equal(trw_set_confirm(set, &err), turn == 0 ? TRW_OK : TRW_ECORRUPT);
		trw_set_close(set);
	}
	free(p);
}

/* Bytes that no checksum covers and no column holds would be a place for anything. */
static void
bytes_outside_of_sections_and_columns_are_refused(void **state)
{
	struct trw_tset_header h, wide;
	size_t n;
	(void)state;

	entries_draw(10, 1);
	trw_set_close(built(10));
	uint8_t *p = slurp(&n);
	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	for (int s = 0; s <= TRW_TSET_META; s++) {
		uint64_t behind = h.sections[s].off + h.sections[s].len;
		p[behind] = 1;
		assert_int_equal(opened(p, n, trw_set_check), TRW_OK);
		assert_int_equal(opened(p, n, trw_set_verify), TRW_ECORRUPT);
		p[behind] = 0;
	}
	wide = h;
	wide.row_width++;
	wide.sections[TRW_TSET_ROWS].len += h.n_rows;
	trw_tset_encode(&wide, p);
	assert_int_equal(trw_tset_decode(p, n, &wide, NULL), TRW_ECORRUPT);
	wide = h;
	wide.file_size += TRW_TSET_ALIGN;
	for (int s = 1; s < TRW_TSET_SECTIONS; s++)
		if (wide.sections[s].len > 0)
			wide.sections[s].off += TRW_TSET_ALIGN;
	trw_tset_encode(&wide, p);
	assert_int_equal(trw_tset_decode(p, n + TRW_TSET_ALIGN, &wide, NULL), TRW_ECORRUPT);
	free(p);
}

/* All checksums and the identity, as whoever made the file could make them. */
static void
sums_renew(uint8_t *p, size_t n)
{
	struct trw_identity_text mark = {"tlp:red", 7};
	struct trw_identity x = {.id = {"list", 4}, .marks = &mark, .n_marks = 1};
	struct trw_tset_header h;

	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	for (int s = 0; s < TRW_TSET_SECTIONS; s++) {
		struct trw_tset_place *place = &h.sections[s];
		struct trw_digester d;
		struct trw_digests digests;
		if (place->len == 0)
			continue;
		trw_digest_start(&d, TRW_SHA256);
		trw_digest_update(&d, p + place->off, place->len);
		trw_digest_finish(&d, &digests);
		memcpy(place->sha256, digests.sha256, 32);
		trw_quicksum(p + place->off, place->len, place->quick); /* of its only piece */
		trw_quicksum(place->quick, sizeof(place->quick), place->quick);
	}
	trw_identity_digest(&x, &h, h.identity);
	trw_tset_encode(&h, p);
}

static void
rows_that_are_out_of_order_or_there_twice_are_told_by_verify(void **state)
{
	struct trw_tset_header h;
	size_t n;
	(void)state;

	entries_draw(2, 1);
	entries[1] = entries[0];
	entries[0].size = 1;
	entries[1].size = 2;
	trw_set_close(built(2));
	uint8_t *p = slurp(&n);
	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	sums_renew(p, n);
	assert_int_equal(opened(p, n, trw_set_verify), TRW_OK);
	for (uint64_t size = 2; size <= 3; size++) {
		trw_put_le64(p + h.sections[TRW_TSET_ROWS].off + h.size_at, size);
		sums_renew(p, n);
		assert_int_equal(opened(p, n, trw_set_check), TRW_OK);
		assert_int_equal(opened(p, n, trw_set_verify), TRW_ECORRUPT);
	}
	free(p);
}

static enum trw_status
first_entry(const struct trw_set *set, struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;

	return trw_set_entry(set, 0, &e, room, err);
}

static void
an_entry_without_a_digest_is_refused(void **state)
{
	struct trw_tset_header h;
	size_t n;
	(void)state;

	entries_draw(100, TRW_HASH_OF_CONTENT);
	trw_set_close(built(100));
	uint8_t *p = slurp(&n);
	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	assert_int_not_equal(h.mask_at, TRW_TSET_NO_COLUMN);
	assert_int_equal(opened(p, n, first_entry), TRW_OK);
	p[h.sections[TRW_TSET_ROWS].off + h.mask_at] = 0;
	assert_int_equal(opened(p, n, first_entry), TRW_ECORRUPT);
	free(p);
}

/* Whoever made the file can make its checksums right; keys are shown and copied as C strings. */
static void
facts_with_controls_in_keys_or_zero_bytes_are_refused(void **state)
{
	static const struct {
		size_t at; /* in: u32 2, "id", u32 4, "list" */
		uint8_t byte;
	} changes[] = {{4, 0x1B}, {5, 0}, {5, ' '}, {4, 0xC2}, {11, 0}};
	struct trw_tset_header h;
	size_t n;
	(void)state;

	entries_draw(10, 1);
	trw_set_close(built(10));
	uint8_t *p = slurp(&n);
	assert_int_equal(trw_tset_decode(p, n, &h, NULL), TRW_OK);
	uint8_t *fact = p + h.sections[TRW_TSET_META].off;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		uint8_t before = fact[changes[i].at];
		fact[changes[i].at] = changes[i].byte;
		assert_int_equal(opened(p, n, NULL), TRW_ECORRUPT);
		fact[changes[i].at] = before;
	}
	assert_int_equal(opened(p, n, trw_set_check), TRW_OK);
	free(p);
}

static void
a_set_with_as_many_marks_as_a_list_may_have_verifies(void **state)
{
	const size_t n_marks = TRW_TSET_FACTS_MAX - 1; /* the id is a fact, too */
	struct trw_err err = {0};
	struct trw_set_builder *b = NULL;
	struct trw_set_built counts;
	struct trw_set *set = NULL;
	char path[96], text[16];
	const char *mark;
	size_t at = 0, n, n_found = 0;
	(void)state;

	path_of("a.tset", path);
	const struct trw_set_builder_options options = {
		.target = trw_target_look(path), .n_threads = 1};
	assert_int_equal(trw_set_builder_new(&options, &b, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "id", "list", 4, &err), TRW_OK);
	for (size_t i = 0; i < n_marks; i++) {
		int len = snprintf(text, sizeof(text), "x:%zu", (i * 40507) % n_marks);
		assert_int_equal(trw_set_builder_fact(b, "mark", text, (size_t)len, &err), TRW_OK);
	}
	assert_int_equal(trw_set_builder_fact(b, "mark", "y", 1, &err), TRW_ELIMIT);
	entries_draw(1, 1);
	assert_int_equal(trw_set_builder_add(b, &entries[0], &err), TRW_OK);
	assert_int_equal(trw_set_builder_finish(b, &counts, &err), TRW_OK);
	trw_set_builder_free(b);
	assert_int_equal(trw_set_open(path, &set, &err), TRW_OK);
	while (trw_set_mark(set, &at, &mark, &n))
		n_found++;
	assert_int_equal(n_found, n_marks);
	assert_int_equal(trw_set_verify(set, &err), TRW_OK);
	trw_set_close(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_agrees_with_a_walk_over_all_rows),
		cmocka_unit_test(every_variant_finds_the_same_tags),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(damage_in_any_part_of_a_large_section_is_refused),
		cmocka_unit_test(
			a_file_that_is_written_to_is_noticed_and_one_that_is_replaced_is_fine),
		cmocka_unit_test(bytes_outside_of_sections_and_columns_are_refused),
		cmocka_unit_test(rows_that_are_out_of_order_or_there_twice_are_told_by_verify),
		cmocka_unit_test(an_entry_without_a_digest_is_refused),
		cmocka_unit_test(facts_with_controls_in_keys_or_zero_bytes_are_refused),
		cmocka_unit_test(a_set_with_as_many_marks_as_a_list_may_have_verifies),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
