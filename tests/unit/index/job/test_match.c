/* SPDX-License-Identifier: Apache-2.0 */
/* The job of trowel match on a small database, whose contents have digests of one repeated byte. */
#include "index/job/match.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "unit/evidence/evidence_fixture.h"
#include "hashset/builder.h"
#include "index/sets/hits.h"

#include <fcntl.h>
#include <sys/stat.h>

#define SETS_MAX 4

struct told {
	size_t n;
	char name[SETS_MAX][32];
	uint64_t n_usable[SETS_MAX];
	uint64_t n_undigested, n_damaged; /* as of the last set */
	struct trw_evidence_counts counts[SETS_MAX];
};

static void
keep_told(void *ctx, const struct trw_index_matched *set)
{
	struct told *t = ctx;

	assert_true(t->n < SETS_MAX);
	(void)snprintf(t->name[t->n], sizeof(t->name[0]), "%s %s", set->name, set->version);
	t->n_usable[t->n] = set->n_usable;
	t->n_undigested = set->n_undigested;
	t->n_damaged = set->n_damaged;
	t->counts[t->n++] = set->counts;
}

/* What one entry of a set has: digests of the byte fill, as many as kinds says; the SHA-256 of other when that is not 0. */
struct planted {
	uint32_t kinds;
	uint8_t fill, other;
	const char *category;
};

static void
set_path(const struct fixture *f, const char *name, char out[96])
{
	(void)snprintf(out, 96, "%s/%s", f->dir, name);
}

static void
make_set(struct fixture *f, const char *name, const char *version, enum trw_set_class class,
	const struct planted *planted, size_t n)
{
	char path[96];
	struct trw_set_builder_options o = {.memory = TRW_SET_MEMORY_MIN,
		.n_threads = 1,
		.class = class,
		.keep_names = true,
		.keep_properties = true};
	struct trw_set_builder *b = NULL;
	struct trw_set_built built;

	set_path(f, name, path);
	o.target = trw_target_look(path);
	assert_true(went_well(f, trw_set_builder_new(&o, &b, &f->err)));
	assert_true(went_well(f, trw_set_builder_fact(b, "name", name, strlen(name), &f->err)));
	assert_true(went_well(
		f, trw_set_builder_fact(b, "version", version, strlen(version), &f->err)));
	for (size_t i = 0; i < n; i++) {
		const struct planted *p = &planted[i];
		struct trw_entry e;
		trw_entry_reset(&e);
		e.kinds = p->kinds;
		for (int k = 0; k < TRW_HASH_N; k++)
			memset(e.digest[k], p->fill, sizeof(e.digest[k]));
		if (p->other != 0)
			memset(e.digest[TRW_HASH_SHA256], p->other, 32);
		if (p->category != NULL) {
			e.scheme = "TEST";
			e.scheme_len = 4;
			e.category = p->category;
			e.category_len = strlen(p->category);
		}
		assert_true(went_well(f, trw_set_builder_add(b, &e, &f->err)));
	}
	assert_true(went_well(f, trw_set_builder_finish(b, &built, &f->err)));
	trw_set_builder_free(b);
}

/* Match against sets of these names; the policy may be NULL. */
static enum trw_status
match(struct fixture *f, const char *const *names, size_t n, const char *alert, struct told *told)
{
	char paths[SETS_MAX][96];
	const char *sets[SETS_MAX];
	struct trw_index_match_options o = {.db = f->path,
		.sets = sets,
		.n_sets = n,
		.alerts = &alert,
		.n_alerts = alert != NULL};

	*told = (struct told){0};
	for (size_t i = 0; i < n; i++) {
		set_path(f, names[i], paths[i]);
		sets[i] = paths[i];
	}
	return trw_index_match(&o, keep_told, told, &f->err);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"a.tset", "b.tset", "c.tset"};
	char path[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_path(f, names[i], path);
		(void)unlink(path);
	}
	return fixture_teardown(state);
}

#define ALL TRW_HASH_OF_CONTENT
#define MD5 TRW_HASH_BIT(TRW_HASH_MD5)
#define SHA512 TRW_HASH_BIT(TRW_HASH_SHA512)
#define SHA256 TRW_HASH_BIT(TRW_HASH_SHA256)

/* Of the fixture's files 2 and 3 are complete, of byte 2; 1 is partial, of byte 1; 4 has no digests. */
static void
each_verdict_is_told_of_its_set(void **state)
{
	static const struct planted a[] = {{ALL, 2, 0, "1"}, {MD5 | SHA256, 2, 9, "2"},
		{ALL, 1, 0, "1"}, {ALL, 7, 0, "1"}},
				    b[] = {{MD5, 2, 0, NULL}};
	static const char *const names[] = {"b.tset", "a.tset"};
	struct fixture *f = *state;
	struct told told;
	char last[512];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, a, 4);
	make_set(f, "b.tset", "2", TRW_SET_KNOWN_GOOD, b, 1);
	assert_true(went_well(f, match(f, names, 2, "TEST:1,2", &told)));
	assert_int_equal(told.n, 2);
	assert_string_equal(told.name[0], "a.tset 1");
	assert_string_equal(told.name[1], "b.tset 2");
	assert_int_equal(told.counts[0].n_contents, 3);
	assert_int_equal(told.n_undigested, 1);
	assert_int_equal(told.n_damaged, 1);
	assert_int_equal(told.counts[0].n_match, 2);
	assert_int_equal(told.counts[0].n_alert, 2);
	assert_int_equal(told.counts[0].n_conflict, 2);
	assert_int_equal(told.counts[0].n_damaged, 1);
	assert_int_equal(told.counts[0].n_excluded, 0);
	assert_int_equal(told.counts[1].n_match, 2);
	assert_int_equal(told.counts[1].n_excluded, 2);
	assert_int_equal(told.counts[1].n_alert, 0);
	assert_int_equal(verify_path(f, last), 0);
	assert_string_equal(ask(f->path, "SELECT count(*) FROM set_entry"), "4");
}

static void
a_set_with_sha256_excludes_by_nothing_less(void **state)
{
	static const struct planted a[] = {{MD5, 2, 0, NULL}, {ALL, 7, 0, NULL}};
	static const char *const names[] = {"a.tset"};
	struct fixture *f = *state;
	struct told told;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_KNOWN_GOOD, a, 2);
	assert_true(went_well(f, match(f, names, 1, NULL, &told)));
	assert_int_equal(told.counts[0].n_match, 2);
	assert_int_equal(told.counts[0].n_excluded, 0);
}

static void
what_is_an_alert_excludes_nothing(void **state)
{
	static const struct planted a[] = {{ALL, 2, 0, "1"}};
	static const char *const names[] = {"a.tset"};
	struct fixture *f = *state;
	struct told told;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_KNOWN_GOOD, a, 1);
	assert_true(went_well(f, match(f, names, 1, "TEST:1", &told)));
	assert_int_equal(told.counts[0].n_alert, 2);
	assert_int_equal(told.counts[0].n_excluded, 0);
}

static void
an_alert_set_alerts_by_itself_only_without_categories(void **state)
{
	static const struct planted plain[] = {{ALL, 2, 0, NULL}},
				    mixed[] = {{ALL, 2, 0, NULL}, {ALL, 7, 0, "1"}};
	static const char *const names[] = {"a.tset", "b.tset", "c.tset"};
	struct fixture *f = *state;
	struct told told;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_ALERT, plain, 1);
	make_set(f, "b.tset", "1", TRW_SET_ALERT, mixed, 2);
	make_set(f, "c.tset", "1", TRW_SET_TRIAGE, plain, 1);
	assert_true(went_well(f, match(f, names, 3, NULL, &told)));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(told.counts[i].n_match, 2);
		assert_int_equal(told.counts[i].n_alert, i == 0 ? 2 : 0);
	}
}

static void
entries_that_can_not_hit_are_counted_and_a_set_of_them_refused(void **state)
{
	static const struct planted none[] = {{SHA512, 2, 0, NULL}, {SHA512, 7, 0, NULL}},
				    some[] = {{SHA512, 2, 0, NULL}, {SHA512 | MD5, 2, 0, NULL}};
	static const char *const names[] = {"a.tset", "b.tset"};
	struct fixture *f = *state;
	struct told told;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, none, 2);
	make_set(f, "b.tset", "1", TRW_SET_TRIAGE, some, 2);
	assert_int_equal(match(f, names, 2, NULL, &told), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "no file can match"));
	assert_true(went_well(f, match(f, names + 1, 1, NULL, &told)));
	assert_int_equal(told.n_usable[0], 1);
	assert_int_equal(told.counts[0].n_match, 2);
	assert_non_null(strstr(
		ask(f->path, "SELECT DISTINCT properties FROM report_hits"), "{\"sha512\":\"0202"));
	assert_string_equal(ask(f->path, "SELECT usable FROM report_sets"), "1");
}

static void
a_failing_allocation_changes_nothing(void **state)
{
	static const struct planted a[] = {{ALL, 2, 0, "1"}, {ALL, 1, 0, "1"}},
				    b[] = {{ALL, 2, 0, NULL}};
	static const char *const names[] = {"a.tset", "b.tset"};
	struct fixture *f = *state;
	enum trw_status s = TRW_ENOMEM;
	struct told told;
	char last[512];
	bool balanced;
	uint64_t n;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, a, 2);
	make_set(f, "b.tset", "1", TRW_SET_KNOWN_GOOD, b, 1);
	for (n = 1; s != TRW_OK; n++) {
		trw_alloc_fail_at(n);
		s = match(f, names, 2, "TEST:1", &told);
		trw_alloc_fail_at(0);
		assert_true(s == TRW_OK || s == TRW_ENOMEM);
		assert_string_equal(ask(f->path, "SELECT count(*) FROM match_session"),
			s == TRW_OK ? "1" : "0");
	}
	assert_true(n > 20);
	assert_int_equal(verify_path(f, last), 0);
}

static void
an_interrupt_leaves_the_database_as_it_was(void **state)
{
	static const struct planted a[] = {{ALL, 2, 0, "1"}};
	static const char *const names[] = {"a.tset"};
	struct fixture *f = *state;
	struct told told;
	char last[512];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, a, 1);
	atomic_store(&trw_cancelled, true);
	assert_int_equal(match(f, names, 1, NULL, &told), TRW_ECANCEL);
	atomic_store(&trw_cancelled, false);
	assert_int_equal(told.n, 0);
	assert_string_equal(ask(f->path, "SELECT count(*) FROM match_session"), "0");
	assert_int_equal(verify_path(f, last), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, teardown)

/* The other file has room for the digest elsewhere: what was checked would find it, what is there now would not. */
static void
a_set_that_is_written_to_gives_no_answer(void **state)
{
	static const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
	static const struct planted a[] = {{MD5, 2, 0, NULL}}, b[] = {{MD5, 7, 0, NULL}};
	struct fixture *f = *state;
	struct trw_setlist list = {0};
	struct trw_match_content content = {.is_complete = true};
	struct trw_hits hits = {0};
	const int64_t file_id = 1;
	char path[96], command[256];

	memset(content.md5, 2, sizeof(content.md5));
	make_set(f, "a.tset", "1", TRW_SET_ALERT, a, 1);
	make_set(f, "b.tset", "1", TRW_SET_ALERT, b, 1);
	set_path(f, "a.tset", path);
	assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
	const char *const paths[] = {path};
	assert_true(went_well(f, trw_setlist_open(&list, paths, 1, NULL, 0, &f->err)));
	assert_true(went_well(f, trw_hits_find(&hits, &list, &content, &file_id, 1, &f->err)));
	assert_int_equal(hits.n, 1);
	(void)snprintf(command, sizeof(command), "cp '%s/b.tset' '%s'", f->dir, path);
	assert_int_equal(system(command), 0);
	assert_int_equal(trw_hits_find(&hits, &list, &content, &file_id, 1, &f->err), TRW_ECORRUPT);
	trw_hits_clear(&hits);
	trw_setlist_close(&list);
}

static void
categories_that_no_entry_has_are_told_within_bounds(void **state)
{
	struct fixture *f = *state;
	static const struct planted a[] = {{ALL, 2, 0, " 1"}, {ALL, 3, 0, "2"}};
	struct trw_setlist list = {0};
	char path[96], unmet[TRW_UNMET_SIZE], many[4 * 300 + 8] = "TEST:";
	const char *alerts[] = {"TEST:*,1,11,2", many};
	const char *const paths[] = {path};

	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, a, 2);
	set_path(f, "a.tset", path);
	assert_true(went_well(f, trw_setlist_open(&list, paths, 1, alerts, 1, &f->err)));
	trw_setlist_unmet(&list, unmet);
	assert_string_equal(unmet, "TEST:11");
	trw_setlist_close(&list);
	for (int i = 0; i < 300; i++)
		(void)snprintf(many + strlen(many), 5, "%s%d", i == 0 ? "" : ",", 100 + i);
	assert_true(went_well(f, trw_setlist_open(&list, paths, 1, alerts, 2, &f->err)));
	trw_setlist_unmet(&list, unmet);
	assert_memory_equal(unmet, "TEST:100, TEST:101, ", 20);
	assert_non_null(strstr(unmet, "TEST:134, TEST:135 and 264 more"));
	trw_setlist_close(&list);
}

/* Both files with digests of byte 2 hit 300 entries that agree and 300 that do not, each in categories 0 to 299; the row of 99 is
 * the last of its kind. */
static void
a_list_that_names_a_file_too_often_costs_its_own_hits_and_no_alert(void **state)
{
	struct fixture *f = *state;
	static struct planted a[600];
	static char categories[300][4];
	const char *const names[] = {"a.tset"};
	struct told told;
	char last[512];
	bool balanced;

	for (size_t i = 0; i < 300; i++) {
		(void)snprintf(categories[i], sizeof(categories[i]), "%zu", i);
		a[2 * i] = (struct planted){ALL, 2, 0, categories[i]};
		a[2 * i + 1] = (struct planted){ALL, 2, 3, categories[i]};
	}
	assert_true(went_well(f, make_database(f, false, &balanced)));
	make_set(f, "a.tset", "1", TRW_SET_TRIAGE, a, 600);
	assert_true(went_well(f, match(f, names, 1, "TEST:0,99", &told)));
	assert_int_equal(told.counts[0].n_match, 2 * 257);
	assert_int_equal(told.counts[0].n_alert, 2 * 2);
	assert_int_equal(told.counts[0].n_conflict, 2 * 256);
	assert_int_equal(told.counts[0].n_unrecorded, 2 * (43 + 44));
	assert_string_equal(ask(f->path, "SELECT unrecorded FROM report_sessions"), "174");
	assert_string_equal(
		ask(f->path, "SELECT group_concat(x) FROM (SELECT verdict || unrecorded AS x FROM"
			     " report_hits WHERE unrecorded > 0 ORDER BY file_id, verdict)"),
		"conflict44,match43,conflict44,match43");
	assert_int_equal(verify_path(f, last), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_verdict_is_told_of_its_set),
		TEST(a_set_with_sha256_excludes_by_nothing_less),
		TEST(what_is_an_alert_excludes_nothing),
		TEST(an_alert_set_alerts_by_itself_only_without_categories),
		TEST(entries_that_can_not_hit_are_counted_and_a_set_of_them_refused),
		TEST(a_set_that_is_written_to_gives_no_answer),
		TEST(a_list_that_names_a_file_too_often_costs_its_own_hits_and_no_alert),
		TEST(categories_that_no_entry_has_are_told_within_bounds),
		TEST(a_failing_allocation_changes_nothing),
		TEST(an_interrupt_leaves_the_database_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
