/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/builder.h"

#include "base/alloc.h"
#include "base/text.h"
#include "unit/fixture/draw.h"
#include "unit/fixture/folder.h"
#include "hashset/merge.h"

#include <string.h>

#define LINE 512

/* Entries that a test makes, and the same as text, which is what sets are compared by. */
struct made {
	struct trw_entry entry;
	struct trw_property properties[2];
};

static const char *const schemes[] = {"", "VICS-US", "VICS-UK", "NSRL"};
static const char *const categories[] = {"", "1", "2", "M"};
static const char *const names[] = {"", "a.bin", "b.bin", "caf\xe9"};
static const char *const values[] = {"true", "false", "a longer text, with; signs"};

/* The digest of a file with this number. */
static void
digest_fill(uint64_t number, uint8_t *out, size_t n)
{
	uint64_t before = rng;

	draw_from(number + 1);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)below(256);
	rng = before;
}

static void
draw_digests(struct trw_entry *e, uint64_t n_files)
{
	uint64_t file = below(n_files);

	do
		e->kinds = (uint32_t)below(256);
	while (e->kinds == 0);
	for (int k = 0; k < TRW_HASH_N; k++) {
		digest_fill(file * TRW_HASH_N + (uint64_t)k, e->digest[k], TRW_HASH_SIZE_MAX);
	}
}

static void
draw_entry(struct made *m, uint64_t n_files)
{
	struct trw_entry *e = &m->entry;
	size_t category = below(4), name = below(4);

	trw_entry_reset(e);
	draw_digests(e, n_files);
	if (below(2) == 0)
		e->size = 100 + below(2);
	e->scheme = schemes[category];
	e->scheme_len = strlen(e->scheme);
	e->category = categories[category];
	e->category_len = strlen(e->category);
	e->name = names[name];
	e->name_len = strlen(e->name);
	e->properties = m->properties;
	e->n_properties = below(3);
	for (size_t i = 0; i < e->n_properties; i++) {
		const char *value = values[below(3)];
		m->properties[i] = (struct trw_property){
			i == 0 ? "tags" : "aaa", value, i == 0 ? 4 : 3, strlen(value)};
	}
}

/* Everything but the size and the name: what makes two entries one. */
static int
key_text(const struct trw_entry *e, char *out)
{
	char hex[2 * TRW_HASH_SIZE_MAX + 1];
	int n = 0;

	for (int k = 0; k < TRW_HASH_N; k++)
		if ((e->kinds & TRW_HASH_BIT(k)) != 0) {
			trw_hex(e->digest[k], 4, hex); /* files differ in the first bytes */
			n += snprintf(out + n, LINE - (size_t)n, "%s=%s ",
				trw_hash_name((enum trw_hash_kind)k), hex);
		}
	n += snprintf(out + n, LINE - (size_t)n, "%.*s:%.*s ", (int)e->scheme_len, e->scheme,
		(int)e->category_len, e->category);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < e->n_properties; i++)
			if ((e->properties[i].name[0] == 'a') == (pass == 0))
				n += snprintf(out + n, LINE - (size_t)n, "%.*s=%.*s ",
					(int)e->properties[i].name_len, e->properties[i].name,
					(int)e->properties[i].value_len, e->properties[i].value);
	return n;
}

/* Of a test's folder; good for the test. */
static const char *
in_folder(const char *name)
{
	static char paths[4][96];
	static size_t next;
	char *path = paths[next++ % 4];

	path_of(name, path);
	return path;
}

struct line {
	char key[LINE];
	uint64_t size;
	const char *name;
	size_t name_len;
	char text[LINE];
};

static int
by_key_and_size(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : (x->size > y->size) - (x->size < y->size);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static void
line_end(struct line *l)
{
	(void)snprintf(l->text, LINE, "%.400s size=%" PRIu64 " name=%.*s", l->key, l->size,
		(int)l->name_len, l->name);
}

/* The rules of builder.h, the slow way. */
static size_t
model_merge(struct line *lines, size_t n)
{
	size_t out = 0;

	qsort(lines, n, sizeof(*lines), by_key_and_size);
	for (size_t i = 0; i < n; i++) {
		struct line *last = out > 0 ? &lines[out - 1] : NULL;
		if (last != NULL && strcmp(last->key, lines[i].key) == 0 &&
			(last->size == lines[i].size || lines[i].size == TRW_SIZE_ABSENT)) {
			bool is_less =
				last->name_len == 0 ||
				(lines[i].name_len > 0 && strcmp(lines[i].name, last->name) < 0);
			if (lines[i].name_len > 0 && is_less) {
				last->name = lines[i].name;
				last->name_len = lines[i].name_len;
			}
			continue;
		}
		lines[out++] = lines[i];
	}
	for (size_t i = 0; i < out; i++)
		line_end(&lines[i]);
	qsort(lines, out, sizeof(*lines), by_text);
	return out;
}

static void
line_make(const struct trw_entry *e, struct line *l)
{
	(void)key_text(e, l->key);
	l->size = e->size;
	l->name = e->name;
	l->name_len = e->name_len;
}

static struct trw_set_builder *
builder_begin(const char *path, uint64_t memory, unsigned n_threads)
{
	const struct trw_set_builder_options o = {.target = trw_target_look(path),
		.memory = memory,
		.n_threads = n_threads,
		.keep_names = true,
		.keep_properties = true};
	struct trw_set_builder *b = NULL;
	struct trw_err err = {0};

	assert_int_equal(trw_set_builder_new(&o, &b, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "id", "made up", 7, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "mark", "tlp:red", 7, &err), TRW_OK);
	return b;
}

static struct trw_set_built
builder_end(struct trw_set_builder *b)
{
	struct trw_set_built built;
	struct trw_err err = {0};

	if (trw_set_builder_finish(b, &built, &err) != TRW_OK)
		fail_msg("%s", err.text);
	trw_set_builder_free(b);
	return built;
}

static void
build(const char *path, const struct made *made, size_t n, uint64_t memory, unsigned n_threads)
{
	struct trw_set_builder *b = builder_begin(path, memory, n_threads);
	struct trw_err err = {0};

	for (size_t i = 0; i < n; i++)
		assert_int_equal(trw_set_builder_add(b, &made[i].entry, &err), TRW_OK);
	assert_int_equal(builder_end(b).n_added, n);
}

static struct trw_set *
open_verified(const char *path)
{
	struct trw_set *set = NULL;
	struct trw_err err = {0};

	if (trw_set_open(path, &set, &err) < 0 || trw_set_verify(set, &err) < 0)
		fail_msg("%s", err.text);
	return set;
}

static void
compare_with_model(const char *path, const struct made *made, size_t n)
{
	struct trw_set *set = open_verified(path);
	uint64_t n_rows = trw_set_info(set)->n_entries;
	struct line *wanted = calloc(n, sizeof(*wanted)), *got = calloc(n, sizeof(*got));
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_err err = {0};

	assert_true(wanted != NULL && got != NULL);
	for (size_t i = 0; i < n; i++)
		line_make(&made[i].entry, &wanted[i]);
	assert_int_equal(model_merge(wanted, n), n_rows);
	for (uint32_t row = 0; row < n_rows; row++) {
		struct trw_entry e;
		assert_int_equal(trw_set_entry(set, row, &e, room, &err), TRW_OK);
		line_make(&e, &got[row]);
		line_end(&got[row]);
	}
	qsort(got, n_rows, sizeof(*got), by_text);
	for (size_t i = 0; i < n_rows; i++)
		assert_string_equal(got[i].text, wanted[i].text);
	free(wanted);
	free(got);
	trw_set_close(set);
}

static void
a_set_has_just_the_entries_that_a_naive_model_has(void **state)
{
	const char *path = in_folder("model.tset");
	(void)state;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		draw_from(seed);
		size_t n = 1 + below(600);
		struct made *made = calloc(n, sizeof(*made));
		assert_non_null(made);
		for (size_t i = 0; i < n; i++)
			draw_entry(&made[i], 1 + n / 6);
		build(path, made, n, 0, 1 + (unsigned)below(3));
		compare_with_model(path, made, n);
		free(made);
	}
}

static void
shuffle(struct made *made, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = below(i);
		struct made held = made[i - 1];
		made[i - 1] = made[j];
		made[j] = held;
	}
	for (size_t i = 0; i < n; i++)
		made[i].entry.properties = made[i].properties;
}

static void
assert_same_bytes(const char *a, const char *b)
{
	char command[1024];

	(void)snprintf(command, sizeof(command), "cmp '%s' '%s'", a, b);
	assert_int_equal(system(command), 0);
}

static void
order_memory_and_threads_do_not_change_a_byte(void **state)
{
	size_t n = 60000; /* more than the least memory holds */
	draw_from(7);
	struct made *made = calloc(n, sizeof(*made));
	const char *one = in_folder("one.tset"), *two = in_folder("two.tset");
	(void)state;

	assert_non_null(made);
	for (size_t i = 0; i < n; i++)
		draw_entry(&made[i], n / 2);
	build(one, made, n, 0, 1);
	shuffle(made, n);
	build(two, made, n, 1, 3);
	assert_same_bytes(one, two);
	free(made);
}

static void
digests_build(const char *path, uint64_t n, uint64_t memory, unsigned n_threads, bool backward)
{
	struct trw_set_builder *b = builder_begin(path, memory, n_threads);
	struct trw_err err = {0};

	for (uint64_t i = 0; i < n; i++) {
		uint8_t digest[20];
		digest_fill((backward ? n - 1 - i : i) % (n - n / 10), digest, sizeof(digest));
		assert_int_equal(
			trw_set_builder_add_digests(b, TRW_HASH_SHA1, digest, 1, &err), TRW_OK);
	}
	struct trw_set_built built = builder_end(b);
	assert_int_equal(built.n_entries, n - n / 10);
	assert_int_equal(built.n_duplicates, n / 10);
}

static void
digests_alone_take_less_than_27_and_a_half_bytes_each(void **state)
{
	const char *one = in_folder("one.tset"), *two = in_folder("two.tset");
	struct stat about;
	(void)state;

	digests_build(one, 500000, 0, 2, false);
	digests_build(two, 500000, 1, 1, true); /* spills */
	assert_same_bytes(one, two);
	trw_set_close(open_verified(one));
	assert_int_equal(stat(one, &about), 0);
	assert_true((double)about.st_size / 450000 <= 27.5);
}

static void
equal_first_bytes_make_no_difference_but_time(void **state)
{
	struct trw_set_builder *b = builder_begin(in_folder("same.tset"), 0, 2);
	struct trw_err err = {0};
	uint8_t digest[16] = {1, 2, 3, 4, 5, 6, 7, 8};
	(void)state;

	for (uint32_t i = 0; i < 5000; i++) {
		digest[14] = (uint8_t)(i >> 8);
		digest[15] = (uint8_t)i;
		assert_int_equal(
			trw_set_builder_add_digests(b, TRW_HASH_MD5, digest, 1, &err), TRW_OK);
	}
	assert_int_equal(builder_end(b).n_entries, 5000);
	trw_set_close(open_verified(in_folder("same.tset")));
}

#define FACT 80
#define N_FACTS UINT32_C(60000)

static size_t
fact_text(uint32_t i, char out[FACT])
{
	return (size_t)snprintf(out, FACT, "the same first half, which takes its time, %" PRIu32,
		i * 7919 % N_FACTS);
}

/* A feed has a fact for each of its files. */
static void
many_facts_are_told_apart_and_keep_their_order(void **state)
{
	const char *path = in_folder("facts.tset"), *key, *value;
	struct trw_set_builder *b = builder_begin(path, 0, 1);
	const uint32_t n = N_FACTS;
	size_t key_len, value_len;
	(void)state;

	for (uint32_t i = 0; i < 2 * n; i++) { /* each of them twice */
		char text[FACT];
		size_t len = fact_text(i % n, text);
		assert_int_equal(trw_set_builder_fact(b, "source", text, len, NULL), TRW_OK);
	}
	const uint8_t digest[16] = {1, 2, 3};
	assert_int_equal(trw_set_builder_add_digests(b, TRW_HASH_MD5, digest, 1, NULL), TRW_OK);
	(void)builder_end(b);
	struct trw_set *set = open_verified(path);
	for (uint32_t i = 0; i < n; i++) {
		char text[FACT];
		size_t len = fact_text(i, text);
		assert_true(trw_set_fact(set, i + 2, &key, &key_len, &value, &value_len));
		assert_int_equal(value_len, len);
		assert_memory_equal(value, text, len);
	}
	assert_false(trw_set_fact(set, n + 2, &key, &key_len, &value, &value_len));
	trw_set_close(set);
}

static void
what_is_taken_away_as_often_as_it_came_leaves_no_row(void **state)
{
	struct trw_set_builder *b = builder_begin(in_folder("less.tset"), 0, 1);
	draw_from(3);
	struct made made[3];
	struct trw_err err = {0};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		draw_entry(&made[i], 1000000);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(trw_set_builder_add(b, &made[i].entry, &err), TRW_OK);
	}
	assert_int_equal(trw_set_builder_subtract(b, &made[0].entry, &err), TRW_OK);
	assert_int_equal(trw_set_builder_subtract(b, &made[0].entry, &err), TRW_OK);
	assert_int_equal(trw_set_builder_subtract(b, &made[1].entry, &err), TRW_OK);
	struct trw_set_built built = builder_end(b);
	assert_int_equal(built.n_entries, 2);
	assert_int_equal(built.n_subtracted, 3);
}

static void
trivial_and_suspect_entries_and_those_without_a_digest_are_counted_and_dropped(void **state)
{
	const struct trw_set_builder_options o = {
		.target = trw_target_look(in_folder("good.tset")), .class = TRW_SET_KNOWN_GOOD};
	struct trw_set_builder *b = NULL;
	draw_from(5);
	struct made made = {0};
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(trw_set_builder_new(&o, &b, &err), TRW_OK);
	draw_entry(&made, 100);
	assert_int_equal(trw_set_builder_add(b, &made.entry, &err), TRW_OK);
	made.entry.is_suspect = true;
	assert_int_equal(trw_set_builder_add(b, &made.entry, &err), TRW_OK);
	made.entry.kinds = TRW_HASH_BIT(TRW_HASH_MD5);
	memset(made.entry.digest[TRW_HASH_MD5], 0, 16);
	assert_int_equal(trw_set_builder_add(b, &made.entry, &err), TRW_OK);
	made.entry.kinds = 0;
	assert_int_equal(trw_set_builder_add(b, &made.entry, &err), TRW_OK);
	struct trw_set_built built = builder_end(b);
	assert_int_equal(built.n_entries, 1);
	assert_int_equal(built.n_suspect, 1);
	assert_int_equal(built.n_trivial, 1);
	assert_int_equal(built.n_empty, 1);
}

/* Zeros often stand for a digest that the list does not know: the file must still be found by what it does know. */
static void
a_trivial_digest_does_not_cost_the_entry_its_others(void **state)
{
	const char *path = in_folder("zeros.tset");
	struct trw_set_builder *b = builder_begin(path, 0, 1);
	struct trw_entry entries[2];
	struct trw_err err = {0};
	struct trw_set_found found;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		trw_entry_reset(&entries[i]);
		entries[i].kinds = TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1);
		memset(entries[i].digest[TRW_HASH_MD5], 0, 16);
		digest_fill(i, entries[i].digest[TRW_HASH_SHA1], 20);
		assert_int_equal(trw_set_builder_add(b, &entries[i], &err), TRW_OK);
	}
	assert_int_equal(trw_set_builder_subtract(b, &entries[1], &err), TRW_OK);
	struct trw_set_built built = builder_end(b);
	assert_int_equal(built.n_entries, 1);
	assert_int_equal(built.n_subtracted, 1);
	assert_int_equal(built.n_stripped, 2);
	assert_int_equal(built.n_trivial, 0);
	struct trw_set *set = open_verified(path);
	trw_set_lookup(set, TRW_HASH_SHA1, entries[0].digest[TRW_HASH_SHA1], 1, &found);
	assert_int_equal(found.n, 1);
	assert_int_equal(trw_set_row_kinds(set, 0), TRW_HASH_BIT(TRW_HASH_SHA1));
	trw_set_close(set);
}

static void
an_empty_set_is_refused_and_the_old_one_stays(void **state)
{
	const char *path = in_folder("old.tset");
	struct trw_set_built built;
	struct trw_err err = {0};
	(void)state;

	digests_build(path, 100, 0, 1, false);
	struct trw_set_builder *b = builder_begin(path, 0, 1);
	assert_int_equal(trw_set_builder_finish(b, &built, &err), TRW_EUSAGE);
	trw_set_builder_free(b);
	struct trw_set *set = open_verified(path);
	assert_int_equal(trw_set_info(set)->n_entries, 90);
	trw_set_close(set);
}

static void
a_reader_keeps_what_it_has_open_when_a_new_version_takes_its_place(void **state)
{
	const char *path = in_folder("live.tset");
	struct trw_err err = {0};
	(void)state;

	digests_build(path, 100, 0, 1, false);
	struct trw_set *old = open_verified(path);
	digests_build(path, 200, 0, 1, false);
	assert_int_equal(trw_set_verify(old, &err), TRW_OK);
	assert_int_equal(trw_set_info(old)->n_entries, 90);
	struct trw_set *new = open_verified(path);
	assert_int_equal(trw_set_info(new)->n_entries, 180);
	trw_set_close(old);
	trw_set_close(new);
}

static void
a_merged_set_has_the_entries_of_both_once(void **state)
{
	size_t n = 400;
	draw_from(11);
	struct made *made = calloc(n, sizeof(*made));
	const char *paths[3] = {in_folder("0.tset"), in_folder("1.tset"), in_folder("2.tset")};
	struct trw_err err = {0};
	(void)state;

	assert_non_null(made);
	for (size_t i = 0; i < n; i++) {
		draw_entry(&made[i], 100);
		if (made[i].entry.size == TRW_SIZE_ABSENT)
			made[i].entry.size =
				7; /* which of two sizes an unknown one joins depends on what is there */
	}
	build(paths[0], made, 250, 0, 1);
	build(paths[1], made + 200, 200, 0, 1);
	struct trw_set_builder *b = builder_begin(paths[2], 0, 1);
	for (size_t i = 0; i < 2; i++) {
		struct trw_set *set = open_verified(paths[i]);
		assert_int_equal(trw_set_merge_into(b, set, &err), TRW_OK);
		trw_set_close(set);
	}
	(void)builder_end(b);
	compare_with_model(paths[2], made, n);
	free(made);
}

static enum trw_status
build_with_faults(const char *path, const struct made *made, size_t n, struct trw_err *err)
{
	const struct trw_set_builder_options o = {.target = trw_target_look(path),
		.keep_names = true,
		.keep_properties = true,
		.n_threads = 1};
	struct trw_set_builder *b = NULL;
	struct trw_set_built built;
	struct trw_set *set = NULL;
	enum trw_status st = trw_set_builder_new(&o, &b, err);

	if (st == TRW_OK)
		st = trw_set_builder_fact(b, "name", "x", 1, err);
	for (size_t i = 0; st == TRW_OK && i < n; i++)
		st = trw_set_builder_add(b, &made[i].entry, err);
	if (st == TRW_OK)
		st = trw_set_builder_finish(b, &built, err);
	trw_set_builder_free(b);
	if (st == TRW_OK && (st = trw_set_open(path, &set, err)) == TRW_OK)
		st = trw_set_verify(set, err);
	trw_set_close(set);
	return st;
}

static void
every_failing_allocation_is_an_error_that_leaves_nothing_behind(void **state)
{
	draw_from(13);
	struct made made[20];
	enum trw_status st = TRW_ENOMEM;
	(void)state;

	for (size_t i = 0; i < 20; i++)
		draw_entry(&made[i], 10);
	for (uint64_t nth = 1; st != TRW_OK && nth < 1000; nth++) {
		struct trw_err err = {0};
		trw_alloc_fail_at(nth);
		st = build_with_faults(in_folder("fault.tset"), made, 20, &err);
		trw_alloc_fail_at(0);
		assert_true(st == TRW_OK || st == TRW_ENOMEM);
	}
	assert_int_equal(st, TRW_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_has_just_the_entries_that_a_naive_model_has),
		cmocka_unit_test(order_memory_and_threads_do_not_change_a_byte),
		cmocka_unit_test(digests_alone_take_less_than_27_and_a_half_bytes_each),
		cmocka_unit_test(equal_first_bytes_make_no_difference_but_time),
		cmocka_unit_test(many_facts_are_told_apart_and_keep_their_order),
		cmocka_unit_test(what_is_taken_away_as_often_as_it_came_leaves_no_row),
		cmocka_unit_test(
			trivial_and_suspect_entries_and_those_without_a_digest_are_counted_and_dropped),
		cmocka_unit_test(a_trivial_digest_does_not_cost_the_entry_its_others),
		cmocka_unit_test(an_empty_set_is_refused_and_the_old_one_stays),
		cmocka_unit_test(
			a_reader_keeps_what_it_has_open_when_a_new_version_takes_its_place),
		cmocka_unit_test(a_merged_set_has_the_entries_of_both_once),
		cmocka_unit_test(every_failing_allocation_is_an_error_that_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
