/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/evidence/evidence_fixture.h"

static void
digest_of(struct fixture *f, uint8_t out[TRW_CANONICAL_SIZE])
{
	struct trw_evidence *ev = NULL;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_digest(ev, out, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

static void
ledger_gives_every_byte_one_outcome(void **state)
{
	struct fixture *f = *state;
	bool balanced = false;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(balanced);
	/* file 3 (deleted) overlaps the stream of file 2; the first 30 bytes of file 1 are damaged */
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(outcome || ' ' || bytes || '/' || count, ';') FROM"
			" (SELECT * FROM report_ledger WHERE item = 'bytes' ORDER BY outcome)"),
		"allocated, no file 1024/1;deleted file content 512/1;file content 2018/3;"
		"file system metadata 1024/1;file system, unclassified 10752/2;outside partitions 24064/3;"
		"partition table 512/1;substituted 20/1;unallocated 1024/1;unreadable 10/1;"
		"volume without file system 24576/2");
	assert_string_equal(ask(f->path, "SELECT sum(bytes) FROM report_ledger"), "65536");
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(outcome || ' ' || count, ';') FROM (SELECT * FROM report_ledger"
			" WHERE item <> 'bytes' ORDER BY item, outcome)"),
		"complete 2;dot entry 2;extra stream 1;none 1;partial 1;seen 5");
	assert_string_equal(ask(f->path, "SELECT count(*) FROM block_run"), "0");
}

static void
a_name_that_is_not_accounted_for_is_a_problem(void **state)
{
	struct trw_evidence_run run = {.tool_version = "0.1.0"};
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	int64_t run_id;
	bool balanced;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_run_begin(ev, &run, &run_id, &f->err)));
	assert_true(went_well(f, fill_database(ev, run_id, false, &balanced, &f->err)));
	assert_true(balanced);
	assert_true(went_well(f, put_items(ev, 1, TRW_ITEM_SEEN, 1, &f->err)));
	assert_true(went_well(f, trw_evidence_close_books(ev, 1, &balanced, &f->err)));
	assert_false(balanced);
	assert_true(went_well(f, trw_evidence_run_end(ev, run_id, "complete", &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(
		ask(f->path,
			"SELECT message FROM report_problems WHERE code = 'ledger-unbalanced'"),
		"6 names seen, 5 accounted for");
}

static void
order_of_arrival_changes_neither_digest_nor_problem_ids(void **state)
{
	struct fixture *f = *state;
	uint8_t forwards[TRW_CANONICAL_SIZE], backwards[TRW_CANONICAL_SIZE];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	digest_of(f, forwards);
	(void)unlink(f->path);
	assert_true(went_well(f, make_database(f, true, &balanced)));
	digest_of(f, backwards);
	assert_memory_equal(forwards, backwards, TRW_CANONICAL_SIZE);
	assert_string_equal(ask(f->path, "SELECT group_concat(problem_id || code) FROM problem"),
		"1content-layout,2iso-record");
}

static void
who_and_where_are_outside_the_canonical_digest(void **state)
{
	struct fixture *f = *state;
	uint8_t before[TRW_CANONICAL_SIZE], after[TRW_CANONICAL_SIZE];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	digest_of(f, before);
	tamper(f->path,
		"UPDATE run SET host = 'there', started_ns = 5, examiner = 'X', arguments = 'y'");
	tamper(f->path, "UPDATE image SET path = '/elsewhere/disk.E01'");
	digest_of(f, after);
	assert_memory_equal(before, after, TRW_CANONICAL_SIZE);
	tamper(f->path, "UPDATE run SET options = 'verify=no'");
	digest_of(f, after);
	assert_memory_not_equal(before, after, TRW_CANONICAL_SIZE);
}

/* File ids on both sides of the borders of slices, and far away. */
static enum trw_status
fill_slices(struct trw_evidence *ev, int64_t run_id, struct trw_err *err)
{
	static const int64_t ids[] = {
		1, 2, 16383, 16384, 16385, 32767, 32768, 100000, INT64_C(1) << 40, INT64_MAX};
	size_t n = sizeof(ids) / sizeof(ids[0]);
	enum trw_status status = add_frame(ev, run_id, err);

	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = add_file(ev, ids[i], "/a", NULL, TRW_STATE_ALLOCATED, 4096, 100 + i, err);
	for (size_t i = n; i-- > 0 && status == TRW_OK;)
		status = set_content(
			ev, ids[i], TRW_DIGEST_COMPLETE, (uint8_t)i, 100 + i, NULL, err);
	return status < 0 ? status : put_items(ev, 1, TRW_ITEM_SEEN, n, err);
}

static void
number_of_threads_changes_no_digest(void **state)
{
	struct trw_evidence_run run = {.tool_version = "0.1.0"};
	uint8_t one[TRW_CANONICAL_SIZE], many[TRW_CANONICAL_SIZE];
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	int64_t run_id;
	bool balanced;
	char last[512];

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err)));
	trw_evidence_set_threads(ev, 3);
	assert_true(went_well(f, trw_evidence_run_begin(ev, &run, &run_id, &f->err)));
	assert_true(went_well(f, fill_slices(ev, run_id, &f->err)));
	assert_true(went_well(f, trw_evidence_close_books(ev, 1, &balanced, &f->err)));
	assert_true(went_well(f, trw_evidence_run_end(ev, run_id, "complete", &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	trw_evidence_set_threads(ev, 1);
	assert_true(went_well(f, trw_evidence_digest(ev, one, &f->err)));
	trw_evidence_set_threads(ev, 99);
	assert_true(went_well(f, trw_evidence_digest(ev, many, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_memory_equal(one, many, TRW_CANONICAL_SIZE);
	assert_int_equal(verify_path(f, last), 0);
}

/* Somebody's tool has turned the database into one with a log, which other connections might not see. */
static void
a_database_in_wal_mode_is_read_as_it_is(void **state)
{
	struct fixture *f = *state;
	uint8_t before[TRW_CANONICAL_SIZE], after[TRW_CANONICAL_SIZE];
	sqlite3 *db = NULL;
	char side[96];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	digest_of(f, before);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"PRAGMA journal_mode = WAL; UPDATE file SET size = 1 WHERE file_id = 1",
			NULL, NULL, NULL),
		SQLITE_OK);
	(void)snprintf(side, sizeof(side), "%s-wal", f->path);
	assert_int_equal(access(side, F_OK), 0);
	digest_of(f, after);
	assert_memory_not_equal(before, after, TRW_CANONICAL_SIZE);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
an_untouched_database_verifies_clean(void **state)
{
	struct fixture *f = *state;
	char last[512];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_int_equal(verify_path(f, last), 0);
}

static void
every_tampering_is_found(void **state)
{
	static const char *const edits[] = {
		"UPDATE content SET md5 = x'00010101010101010101010101010101' WHERE state = 1",
		"UPDATE content SET mime = 'text/plain'", "DELETE FROM content_damage",
		"DELETE FROM file WHERE file_id = 3",
		"UPDATE file SET path = '/x' WHERE file_id = 2",
		"UPDATE file SET parent_id = 77 WHERE file_id = 2",
		"DELETE FROM extent WHERE file_id = 1",
		"UPDATE ledger SET bytes = bytes + 1 WHERE outcome = 'unreadable'",
		"UPDATE ledger SET count = 3 WHERE outcome = 'complete'", "DELETE FROM ledger",
		"UPDATE audit SET detail = 'x' WHERE seq = 1", "DELETE FROM audit WHERE seq = 2",
		"DELETE FROM audit WHERE action = 'run end'", "DELETE FROM audit",
		"UPDATE run SET examiner = 'somebody'", "UPDATE run SET status = 'failed'",
		"UPDATE run SET status = 'running'", "UPDATE image SET path = 'y'",
		"UPDATE image SET verdict = 'match'", "UPDATE image SET evidence_id = '7'",
		"UPDATE problem SET text = 'nothing'",
		"DELETE FROM problem WHERE code = 'content-layout'",
		"UPDATE problem SET problem_id = 9 WHERE problem_id = 1",
		"DELETE FROM image_damage", "UPDATE segment SET size = 1",
		"UPDATE image_fact SET value = 'B'", "UPDATE volume SET content = 'NTFS'",
		"UPDATE filesystem SET status = 'complete'",
		"INSERT INTO hashset VALUES (1, 'i', 'n', '1', 'alert', '', 1, 1, zeroblob(32), NULL)",
		"DELETE FROM content WHERE file_id = 2",
		"UPDATE content SET content_id = content_id + 1 WHERE file_id = 2",
		"UPDATE content SET file_id = 77 WHERE file_id = 2",
		"UPDATE extent SET file_id = 77 WHERE file_id = 2",
		"INSERT INTO block_run VALUES (1, 0, 1, 1)", "UPDATE item_count SET count = 9",
		"DROP VIEW report_problems"};
	struct fixture *f = *state;
	char last[512];
	bool balanced;

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		(void)unlink(f->path);
		assert_true(went_well(f, make_database(f, false, &balanced)));
		tamper(f->path, edits[i]);
		if (verify_path(f, last) == 0)
			fail_msg("not found: %s", edits[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			ledger_gives_every_byte_one_outcome, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_name_that_is_not_accounted_for_is_a_problem,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			order_of_arrival_changes_neither_digest_nor_problem_ids, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(who_and_where_are_outside_the_canonical_digest,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			number_of_threads_changes_no_digest, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_database_in_wal_mode_is_read_as_it_is, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			an_untouched_database_verifies_clean, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			every_tampering_is_found, fixture_setup, fixture_teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
