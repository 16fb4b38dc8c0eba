/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/diff.h"

#include "unit/fixture/draw.h"
#include "unit/fixture/folder.h"
#include "hashset/builder.h"

#include <string.h>

#define N_MAX 300
#define MANY 40000

static const char *const words[] = {"", "A", "AB", "B"};

/* Few digests, so that many entries share one, some or all of theirs. */
static void
entry_draw(struct trw_entry *e)
{
	const char *scheme = words[below(4)], *category = words[below(4)];

	trw_entry_reset(e);
	e->kinds = 1 + (uint32_t)below(7);
	for (int k = 0; k < TRW_HASH_N; k++) {
		memset(e->digest[k], 0x5A, sizeof(e->digest[k]));
		e->digest[k][one_in(2) ? 0 : 15] = (uint8_t)below(3);
	}
	e->size = one_in(3) ? TRW_SIZE_ABSENT : below(3);
	e->scheme = scheme;
	e->category = category;
	e->category_len = strlen(category);
	e->scheme_len = e->category_len > 0 ? strlen(scheme) : 0;
}

static struct trw_set *
set_of(const char *name, const struct trw_entry *entries, size_t n)
{
	char path[96];
	struct trw_set_builder *b = NULL;
	struct trw_set_built built;
	struct trw_set *set = NULL;
	struct trw_err err = {0};

	path_of(name, path);
	const struct trw_set_builder_options o = {.target = trw_target_look(path), .n_threads = 1};
	assert_int_equal(trw_set_builder_new(&o, &b, NULL), TRW_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(trw_set_builder_add(b, &entries[i], NULL), TRW_OK);
	assert_int_equal(trw_set_builder_finish(b, &built, NULL), TRW_OK);
	trw_set_builder_free(b);
	if (trw_set_open(path, &set, &err) < 0 || trw_set_verify(set, &err) < 0)
		fail_msg("%s", err.text);
	return set;
}

static bool
is_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* 0: other digests; 1: the same digests, another category or size; 2: the same. */
static int
likeness(const struct trw_entry *a, const struct trw_entry *b)
{
	if (a->kinds != b->kinds)
		return 0;
	for (int k = 0; k < TRW_HASH_N; k++)
		if ((a->kinds & TRW_HASH_BIT(k)) != 0 &&
			memcmp(a->digest[k], b->digest[k], trw_hash_size((enum trw_hash_kind)k)) !=
				0)
			return 0;
	return a->size == b->size && is_text(a->scheme, a->scheme_len, b->scheme, b->scheme_len) &&
			       is_text(a->category, a->category_len, b->category, b->category_len)
		       ? 2
		       : 1;
}

/* Entries of set by their likeness to what is most alike in the other, the slow way. */
static void
model_count(const struct trw_set *set, const struct trw_set *other, uint64_t n[3])
{
	struct trw_entry a, b;
	struct trw_property room[TRW_PROPERTIES_MAX];

	for (uint32_t i = 0; i < trw_set_info(set)->n_entries; i++) {
		int most = 0;
		assert_int_equal(trw_set_entry(set, i, &a, room, NULL), TRW_OK);
		for (uint32_t j = 0; j < trw_set_info(other)->n_entries; j++) {
			assert_int_equal(trw_set_entry(other, j, &b, room, NULL), TRW_OK);
			if (likeness(&a, &b) > most)
				most = likeness(&a, &b);
		}
		n[most]++;
	}
}

static void
differences_are_those_of_a_walk_over_all_pairs(void **state)
{
	static struct trw_entry entries[2 * N_MAX];
	(void)state;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct trw_set_difference_counts counts;
		uint64_t gone[3] = {0}, new[3] = {0};
		draw_from(seed);
		size_t n = 2 + below(N_MAX), first = 1 + below(n - 1);
		for (size_t i = 0; i < n; i++)
			entry_draw(&entries[i]);
		struct trw_set *older = set_of("a.tset", entries, n - first / 2);
		struct trw_set *newer = set_of("b.tset", entries + first / 3, n - first / 3);
		model_count(older, newer, gone);
		model_count(newer, older, new);
		assert_int_equal(trw_set_diff(older, newer, NULL, NULL, &counts, NULL), TRW_OK);
		assert_int_equal(counts.n_same, gone[2]);
		assert_int_equal(counts.n_removed, gone[0] + gone[1]);
		assert_int_equal(counts.n_removed_altered, gone[1]);
		assert_int_equal(counts.n_added, new[0] + new[1]);
		assert_int_equal(counts.n_added_altered, new[1]);
		trw_set_close(older);
		trw_set_close(newer);
	}
}

/* Of each entry only a few others are looked at: all of them would be 1,600,000,000. */
static void
one_digest_in_very_many_entries_takes_no_longer_than_many_digests(void **state)
{
	static struct trw_entry entries[MANY + 1];
	struct trw_set_difference_counts counts;
	(void)state;

	for (uint64_t i = 0; i <= MANY; i++) {
		trw_entry_reset(&entries[i]);
		entries[i].kinds = TRW_HASH_BIT(TRW_HASH_MD5);
		memset(entries[i].digest[TRW_HASH_MD5], 7, 16);
		entries[i].size = i;
	}
	struct trw_set *older = set_of("a.tset", entries, MANY);
	struct trw_set *newer = set_of("b.tset", entries + 1, MANY);
	assert_int_equal(trw_set_diff(older, newer, NULL, NULL, &counts, NULL), TRW_OK);
	assert_int_equal(counts.n_same, MANY - 1);
	assert_int_equal(counts.n_removed_altered, 1);
	assert_int_equal(counts.n_added_altered, 1);
	trw_set_close(older);
	trw_set_close(newer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_those_of_a_walk_over_all_pairs),
		cmocka_unit_test(one_digest_in_very_many_entries_takes_no_longer_than_many_digests),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
