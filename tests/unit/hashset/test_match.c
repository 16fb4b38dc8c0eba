/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/match.h"

#include "unit/fixture/draw.h"
#include "unit/fixture/folder.h"
#include "hashset/builder.h"

#include <string.h>

#define N_FILES 60

/* Digests of a made-up file. */
static void
content_make(uint64_t number, struct trw_match_content *c)
{
	uint64_t before = rng;

	draw_from(number + 1);
	for (size_t i = 0; i < 16; i++)
		c->md5[i] = (uint8_t)below(256);
	for (size_t i = 0; i < 20; i++)
		c->sha1[i] = (uint8_t)below(256);
	for (size_t i = 0; i < 32; i++)
		c->sha256[i] = (uint8_t)below(256);
	rng = before;
	c->size = 1000 + number;
	c->is_complete = true;
}

static void
entry_make(const struct trw_match_content *c, uint32_t kinds, struct trw_entry *e)
{
	trw_entry_reset(e);
	e->kinds = kinds;
	memcpy(e->digest[TRW_HASH_MD5], c->md5, 16);
	memcpy(e->digest[TRW_HASH_SHA1], c->sha1, 20);
	memcpy(e->digest[TRW_HASH_SHA256], c->sha256, 32);
	memset(e->digest[TRW_HASH_SHA512], 7, 64);
	memcpy(e->digest[TRW_HASH_PDQ], c->sha256, 32);
	memcpy(e->digest[TRW_HASH_BLOCK_MD5], c->md5, 16);
}

static struct trw_set *
set_of(const struct trw_entry *entries, size_t n)
{
	char path[96];
	struct trw_set_builder *b = NULL;
	struct trw_set_built built;
	struct trw_set *set = NULL;

	path_of("m.tset", path);
	const struct trw_set_builder_options o = {.target = trw_target_look(path)};
	assert_int_equal(trw_set_builder_new(&o, &b, NULL), TRW_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(trw_set_builder_add(b, &entries[i], NULL), TRW_OK);
	assert_int_equal(trw_set_builder_finish(b, &built, NULL), TRW_OK);
	trw_set_builder_free(b);
	assert_int_equal(trw_set_open(path, &set, NULL), TRW_OK);
	return set;
}

struct hits {
	struct trw_match_hit v[4096];
	size_t n;
};

static enum trw_status
hit_keep(void *ctx, const struct trw_match_hit *hit, struct trw_err *err)
{
	struct hits *hits = ctx;

	(void)err;
	assert_true(hits->n < 4096);
	hits->v[hits->n++] = *hit;
	return TRW_OK;
}

/* The verdict on one content against one entry; "none" for no hit. */
static const char *
verdict_of(const struct trw_match_content *c, const struct trw_entry *e, uint32_t *agreed)
{
	static const char *const names[] = {"match", "conflict", "damaged"};
	struct trw_set *set = set_of(e, 1);
	struct hits hits = {.n = 0};

	assert_int_equal(trw_set_match(set, c, 1, hit_keep, &hits, NULL), TRW_OK);
	trw_set_close(set);
	assert_true(hits.n <= 1);
	*agreed = hits.n == 0 ? 0 : hits.v[0].agreed;
	return hits.n == 0 ? "none" : names[hits.v[0].verdict];
}

#define MD5 TRW_HASH_BIT(TRW_HASH_MD5)
#define SHA1 TRW_HASH_BIT(TRW_HASH_SHA1)
#define SHA256 TRW_HASH_BIT(TRW_HASH_SHA256)

static void
everything_that_the_entry_has_must_agree_for_a_match(void **state)
{
	struct trw_match_content c;
	struct trw_entry e;
	uint32_t agreed;
	(void)state;

	content_make(1, &c);
	for (uint32_t kinds = 1; kinds < 8; kinds++) {
		entry_make(&c, kinds, &e);
		assert_string_equal(verdict_of(&c, &e, &agreed), "match");
		assert_int_equal(agreed, kinds);
	}
	entry_make(&c, MD5 | SHA1 | SHA256, &e);
	e.size = c.size;
	assert_string_equal(verdict_of(&c, &e, &agreed), "match");
	e.size = c.size + 1;
	assert_string_equal(verdict_of(&c, &e, &agreed), "conflict");
	assert_int_equal(agreed, MD5 | SHA1 | SHA256);
}

static void
an_md5_twin_is_a_conflict_and_names_what_agreed(void **state)
{
	struct trw_match_content c;
	struct trw_entry e;
	uint32_t agreed;
	(void)state;

	content_make(2, &c);
	entry_make(&c, MD5 | SHA256, &e);
	e.digest[TRW_HASH_SHA256][31] ^= 1;
	assert_string_equal(verdict_of(&c, &e, &agreed), "conflict");
	assert_int_equal(agreed, MD5);
	entry_make(&c, MD5 | SHA1 | SHA256, &e);
	e.digest[TRW_HASH_MD5][0] ^= 0x80;
	assert_string_equal(verdict_of(&c, &e, &agreed), "conflict");
	assert_int_equal(agreed, SHA1 | SHA256);
}

static void
a_damaged_content_never_matches(void **state)
{
	struct trw_match_content c;
	struct trw_entry e;
	uint32_t agreed;
	(void)state;

	content_make(3, &c);
	c.is_complete = false;
	entry_make(&c, MD5 | SHA256, &e);
	assert_string_equal(verdict_of(&c, &e, &agreed), "damaged");
	e.digest[TRW_HASH_SHA256][5] ^= 1;
	assert_string_equal(verdict_of(&c, &e, &agreed), "damaged");
	assert_int_equal(agreed, MD5);
}

static void
kinds_that_a_content_does_not_have_say_nothing(void **state)
{
	struct trw_match_content c;
	struct trw_entry e;
	uint32_t agreed;
	(void)state;

	content_make(4, &c);
	entry_make(&c, MD5 | TRW_HASH_BIT(TRW_HASH_SHA512), &e);
	assert_string_equal(verdict_of(&c, &e, &agreed), "match");
	assert_int_equal(agreed, MD5);
	entry_make(&c, TRW_HASH_BIT(TRW_HASH_SHA512), &e);
	assert_string_equal(verdict_of(&c, &e, &agreed), "none");
	/* A PDQ with the digits of a SHA-256 and the MD5 of a block are of no file. */
	entry_make(&c, TRW_HASH_BIT(TRW_HASH_PDQ) | TRW_HASH_BIT(TRW_HASH_BLOCK_MD5), &e);
	assert_string_equal(verdict_of(&c, &e, &agreed), "none");
}

/* Any digest in common, the slow way. */
static uint32_t
agreement(const struct trw_set *set, uint32_t row, const struct trw_match_content *c)
{
	const struct {
		enum trw_hash_kind kind;
		const uint8_t *p;
	} all[] = {{TRW_HASH_MD5, c->md5}, {TRW_HASH_SHA1, c->sha1}, {TRW_HASH_SHA256, c->sha256}};
	uint32_t agreed = 0;

	for (size_t i = 0; i < 3; i++) {
		const uint8_t *digest = trw_set_row_digest(set, row, all[i].kind);
		if (digest != NULL && memcmp(digest, all[i].p, trw_hash_size(all[i].kind)) == 0)
			agreed |= TRW_HASH_BIT(all[i].kind);
	}
	return agreed;
}

static void
hits_are_those_of_a_walk_over_all_entries_each_once_and_in_order(void **state)
{
	static struct trw_match_content contents[N_FILES * 5];
	static struct trw_entry entries[N_FILES * 4];
	static struct hits hits;
	(void)state;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		draw_from(seed);
		for (size_t i = 0; i < N_FILES * 5; i++)
			content_make(below(N_FILES * 2), &contents[i]);
		for (size_t i = 0; i < N_FILES * 4; i++) {
			struct trw_match_content a, b;
			content_make(below(N_FILES), &a);
			content_make(below(N_FILES), &b);
			entry_make(&a, (uint32_t)below(7) + 1, &entries[i]);
			if (one_in(4)) /* a twin: the MD5 of another file */
				memcpy(entries[i].digest[TRW_HASH_MD5], b.md5, 16);
			if (one_in(3))
				entries[i].size = a.size + below(2);
		}
		struct trw_set *set = set_of(entries, N_FILES * 4);
		hits.n = 0;
		assert_int_equal(
			trw_set_match(set, contents, N_FILES * 5, hit_keep, &hits, NULL), TRW_OK);
		size_t at = 0;
		for (size_t i = 0; i < N_FILES * 5; i++)
			for (uint32_t row = 0; row < trw_set_info(set)->n_entries; row++) {
				uint32_t agreed = agreement(set, row, &contents[i]);
				if (agreed == 0)
					continue;
				assert_true(at < hits.n);
				assert_int_equal(hits.v[at].content, i);
				assert_int_equal(hits.v[at].row, row);
				assert_int_equal(hits.v[at].agreed, agreed);
				uint64_t size = trw_set_row_size(set, row);
				bool is_match =
					(agreed & 7) == (trw_set_row_kinds(set, row) & 7) &&
					(size == TRW_SIZE_ABSENT || size == contents[i].size);
				assert_int_equal(hits.v[at].verdict,
					is_match ? TRW_VERDICT_MATCH : TRW_VERDICT_CONFLICT);
				at++;
			}
		assert_int_equal(at, hits.n);
		trw_set_close(set);
	}
}

static enum trw_status
hit_refuse(void *ctx, const struct trw_match_hit *hit, struct trw_err *err)
{
	(void)ctx;
	(void)hit;
	return trw_fail(err, TRW_ELIMIT, "enough");
}

static void
a_failure_of_the_taker_ends_the_match(void **state)
{
	struct trw_match_content c;
	struct trw_entry e;
	struct trw_err err = {0};
	(void)state;

	content_make(9, &c);
	entry_make(&c, MD5, &e);
	struct trw_set *set = set_of(&e, 1);
	assert_int_equal(trw_set_match(set, &c, 1, hit_refuse, NULL, &err), TRW_ELIMIT);
	trw_set_close(set);
}

static void
what_agreed_reads_as_the_database_has_it(void **state)
{
	char text[TRW_AGREED_SIZE];
	(void)state;

	trw_match_agreed_text(MD5 | SHA1 | SHA256, text);
	assert_string_equal(text, "md5+sha1+sha256");
	trw_match_agreed_text(SHA256, text);
	assert_string_equal(text, "sha256");
	trw_match_agreed_text(0, text);
	assert_string_equal(text, "");
	trw_match_agreed_text(0xFF, text);
	assert_string_equal(text, "md5+sha1+sha256+sha512+sha224+sha384+pdq+block-md5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_the_entry_has_must_agree_for_a_match),
		cmocka_unit_test(an_md5_twin_is_a_conflict_and_names_what_agreed),
		cmocka_unit_test(a_damaged_content_never_matches),
		cmocka_unit_test(kinds_that_a_content_does_not_have_say_nothing),
		cmocka_unit_test(hits_are_those_of_a_walk_over_all_entries_each_once_and_in_order),
		cmocka_unit_test(a_failure_of_the_taker_ends_the_match),
		cmocka_unit_test(what_agreed_reads_as_the_database_has_it),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
