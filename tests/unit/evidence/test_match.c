/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/evidence/evidence_fixture.h"

#include <sys/wait.h>

#define FINDINGS_MAX 8192 /* chars */

static const uint8_t identities[2][32] = {{1, 1, 1}, {2, 2, 2}};

static const struct trw_evidence_set sets[2] = {{.list_id = "list-a",
							.name = "A",
							.version = "1",
							.class = "alert",
							.marks = "tlp:red",
							.n_entries = 10,
							.identity = identities[0],
							.file = "a.tset"},
	{.list_id = "list-b",
		.name = "B",
		.version = "7",
		.class = "known-good",
		.marks = "",
		.n_entries = 20,
		.identity = identities[1],
		.file = "b.tset"}};

/* A hit of the file, of the entry in this row of the set. */
static enum trw_status
hit(struct trw_evidence *ev, int64_t session_id, int64_t hashset_id, uint32_t row, int64_t file_id,
	enum trw_verdict verdict, bool is_alert, struct trw_err *err)
{
	int64_t entry_id = trw_evidence_entry_id(hashset_id, row);
	static const uint8_t md5[16] = {9};
	bool is_known = true;
	enum trw_status status = trw_evidence_entry_known(ev, entry_id, &is_known, err);

	if (status == TRW_OK && !is_known)
		status = trw_evidence_entry_add(ev,
			&(struct trw_evidence_entry){.hashset_id = hashset_id,
				.row = row,
				.entry = "some name",
				.scheme = "VICS-US",
				.category = "1",
				.size = 512,
				.has_size = true,
				.md5 = md5,
				.properties = "{\"marks\":\"pap:red\"}",
				.marks = "pap:red"},
			err);
	if (status < 0)
		return status;
	return trw_evidence_hit_add(ev,
		&(struct trw_evidence_hit){.file_id = file_id,
			.session_id = session_id,
			.entry_id = entry_id,
			.verdict = verdict,
			.agreed = "md5",
			.is_alert = is_alert},
		err);
}

static enum trw_status
begin(struct trw_evidence *ev, const struct trw_evidence_set *of, size_t n, int64_t *session_id,
	int64_t ids[2], struct trw_err *err)
{
	struct trw_evidence_session session = {
		.tool_version = "0.1.0", .options = "alert=VICS-US:1", .sets = of, .n_sets = n};

	return trw_evidence_match_begin(ev, &session, session_id, ids, err);
}

/* A session of its own with one match of file 2, and with two sets a match of file 3 in the second. */
static enum trw_status
match(struct fixture *f, const struct trw_evidence_set *of, size_t n, bool is_ended)
{
	struct trw_evidence *ev = NULL;
	int64_t session_id = 0, ids[2] = {0};
	enum trw_status status = trw_evidence_open(f->path, TRW_EVIDENCE_ADD, &ev, &f->err);

	if (status == TRW_OK)
		status = begin(ev, of, n, &session_id, ids, &f->err);
	if (status == TRW_OK)
		status = hit(ev, session_id, ids[0], 3, 2, TRW_VERDICT_MATCH, true, &f->err);
	if (status == TRW_OK && n > 1)
		status = hit(ev, session_id, ids[1], 0, 3, TRW_VERDICT_MATCH, false, &f->err);
	if (status == TRW_OK && is_ended)
		status = trw_evidence_match_end(ev, session_id, &f->err);
	else if (status == TRW_OK)
		trw_evidence_abandon(ev);
	(void)!trw_evidence_close(ev, NULL);
	return status;
}

static void
digest_hex(struct fixture *f, char hex[65])
{
	struct trw_evidence *ev = NULL;
	uint8_t digest[TRW_CANONICAL_SIZE];

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_digest(ev, digest, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void
a_session_leaves_a_database_that_verifies(void **state)
{
	struct fixture *f = *state;
	char last[512], before[65], after[65];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	digest_hex(f, before);
	assert_true(went_well(f, match(f, sets, 2, true)));
	digest_hex(f, after);
	assert_string_not_equal(before, after);
	assert_int_equal(verify_path(f, last), 0);
	assert_string_equal(
		ask(f->path, "SELECT group_concat(action) FROM (SELECT action FROM audit"
			     " WHERE action LIKE '%match%' ORDER BY seq)"),
		"match begin,match end");
	assert_string_equal(
		ask(f->path, "SELECT instr(detail, 'canonical=' || (SELECT substr(detail,"
			     " instr(detail, 'canonical=') + 10, 64) FROM audit WHERE action ="
			     " 'match end')) > 0 FROM audit WHERE action = 'match end'"),
		"1");
	assert_non_null(
		strstr(ask(f->path, "SELECT detail FROM audit WHERE action = 'match end'"), after));
	assert_string_equal(
		ask(f->path, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'report_%'"),
		"11");
}

static void
reports_say_what_hit_and_of_which_list(void **state)
{
	struct fixture *f = *state;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(went_well(f, match(f, sets, 2, true)));
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(path || '|' || set_name || '|' || set_version || '|' ||"
			" set_class || '|' || list_id || '|' || scheme || '|' || category || '|' || marks ||"
			" '|' || verdict || '|' || agreed || '|' || alert || excluded || '|' || entry || '|' ||"
			" entry_row || '|' || entry_md5 || '|' || entry_size || '|' || properties)"
			" FROM report_hits WHERE set_id = 1"),
		"/a:ads|A|1|alert|list-a|VICS-US|1|tlp:red, pap:red|match|md5|10|some name|3|"
		"09000000000000000000000000000000|512|{\"marks\":\"pap:red\"}");
	assert_string_equal(
		ask(f->path, "SELECT marks FROM report_hits WHERE set_id = 2"), "pap:red");
	assert_string_equal(
		ask(f->path, "SELECT group_concat(hits || alerts || known) FROM (SELECT * FROM"
			     " report_files ORDER BY file_id)"),
		"000,110,100,000");
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(set_name || ':' || matches || conflicts || damaged ||"
			" alerts || excluded || status || contents || first_file || last_file) FROM"
			" (SELECT * FROM report_sessions ORDER BY set_id)"),
		"A:10010complete314,B:10000complete314");
	assert_string_equal(
		ask(f->path, "SELECT group_concat(name || version || class || entries || file) FROM"
			     " (SELECT * FROM report_sets ORDER BY set_id)"),
		"A1alert10a.tset,B7known-good20b.tset");
}

static void
an_abandoned_session_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	char last[512], before[65], after[65];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	digest_hex(f, before);
	assert_true(went_well(f, match(f, sets, 2, false)));
	digest_hex(f, after);
	assert_string_equal(before, after);
	assert_int_equal(verify_path(f, last), 0);
	assert_string_equal(ask(f->path, "SELECT (SELECT count(*) FROM hit) + (SELECT count(*) FROM"
					 " hashset) + (SELECT count(*) FROM match_session)"),
		"0");
}

static void
a_killed_session_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	char last[512];
	bool balanced;
	int how = 0;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	pid_t child = fork();
	if (child == 0) {
		struct trw_evidence *ev = NULL;
		int64_t session_id = 0, ids[2];
		if (trw_evidence_open(f->path, TRW_EVIDENCE_ADD, &ev, NULL) < 0 ||
			begin(ev, sets, 1, &session_id, ids, NULL) < 0)
			_exit(1);
		for (uint32_t row = 0; row < 200000; row++) /* more than the cache holds */
			if (hit(ev, session_id, ids[0], row, 2, TRW_VERDICT_MATCH, false, NULL) < 0)
				_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
	assert_int_equal(verify_path(f, last), 0);
	assert_string_equal(ask(f->path, "SELECT count(*) FROM match_session"), "0");
	assert_true(went_well(f, match(f, sets, 2, true)));
	assert_int_equal(verify_path(f, last), 0);
}

static void
an_earlier_session_stays_and_a_set_is_recorded_once(void **state)
{
	struct fixture *f = *state;
	char last[512];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(went_well(f, match(f, sets, 1, true)));
	assert_true(went_well(f, match(f, sets, 2, true)));
	assert_int_equal(verify_path(f, last), 0);
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(session_id || ':' || set_name) FROM (SELECT * FROM"
			" report_hits ORDER BY session_id, set_id)"),
		"1:A,2:A,2:B");
	assert_string_equal(ask(f->path, "SELECT count(*) FROM hashset"), "2");
	assert_string_equal(ask(f->path, "SELECT count(*) FROM set_entry"), "2");
}

static void
what_was_changed_before_a_session_is_found_after_it(void **state)
{
	struct fixture *f = *state;
	char last[512];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	tamper(f->path, "UPDATE file SET size = size + 1 WHERE file_id = 3");
	assert_true(went_well(f, match(f, sets, 2, true)));
	assert_true(verify_path(f, last) > 0);
}

static void
changed_hits_refuse_the_next_session(void **state)
{
	struct fixture *f = *state;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(went_well(f, match(f, sets, 1, true)));
	tamper(f->path, "DELETE FROM hit");
	assert_int_equal(match(f, sets, 2, true), TRW_ECORRUPT);
	assert_non_null(strstr(f->err.text, "table hit is not what the audit chain says"));
	assert_string_equal(ask(f->path, "SELECT count(*) FROM match_session"), "1");
}

/* All lines of verify, one behind the other. */
static void
gather_line(void *ctx, const char *line)
{
	char *all = ctx;
	size_t n = strlen(all);

	(void)snprintf(all + n, FINDINGS_MAX - n, "%s\n", line);
}

static void
verify_finds_changes_of_sessions(void **state)
{
	static const char *const changes[][2] = {
		{"UPDATE session_set SET n_match = 5 WHERE hashset_id = 1", "its counts are not"},
		{"UPDATE hit SET verdict = 'damaged', is_alert = 0 WHERE file_id = 2",
			"damaged of a content that is complete"},
		{"DELETE FROM session_set WHERE hashset_id = 2", "by a set that the session"},
		{"DELETE FROM hit WHERE file_id = 3", "nothing hit it"},
		{"UPDATE match_session SET last_file = 2", "a file that the session did not look"},
		{"UPDATE match_session SET status = 'failed'", "ended as failed"},
		{"UPDATE hashset SET version = '2' WHERE hashset_id = 1", "canonical.hashset"},
		{"UPDATE set_entry SET category = '3' WHERE row = 3", "canonical.set_entry"}};
	struct fixture *f = *state;
	bool balanced;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct trw_evidence *ev = NULL;
		char all[FINDINGS_MAX] = "";
		size_t n = 0;
		(void)unlink(f->path);
		assert_true(went_well(f, make_database(f, false, &balanced)));
		assert_true(went_well(f, match(f, sets, 2, true)));
		tamper(f->path, changes[i][0]);
		assert_true(
			went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
		assert_true(went_well(f, trw_evidence_verify(ev, gather_line, all, &n, &f->err)));
		assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
		if (n == 0 || strstr(all, changes[i][1]) == NULL)
			fail_msg("%s: %zu findings: %s", changes[i][0], n, all);
	}
}

/* A database whose run has a session, and ends with status. */
static enum trw_status
make_with_session(struct fixture *f, const char *how)
{
	struct trw_evidence_run run = {.tool_version = "0.1.0", .options = "sets=x"};
	struct trw_evidence_session session = {
		.tool_version = "0.1.0", .options = "", .sets = sets, .n_sets = 2};
	struct trw_evidence *ev = NULL;
	int64_t session_id = 0, again = 0, ids[2], ids_again[2];
	bool balanced;
	enum trw_status status = trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err);

	if (status == TRW_OK)
		status = trw_evidence_run_begin(ev, &run, &session.run_id, &f->err);
	if (status == TRW_OK)
		status = trw_evidence_session_begin(ev, &session, &session_id, ids, &f->err);
	if (status == TRW_OK)
		status = trw_evidence_session_begin(ev, &session, &again, ids_again, &f->err);
	assert_int_equal(session_id, again);
	assert_memory_equal(ids, ids_again, sizeof(ids));
	if (status == TRW_OK)
		status = hit(ev, session_id, ids[0], 3, 1, TRW_VERDICT_DAMAGED, false, &f->err);
	if (status == TRW_OK)
		status = hit(ev, session_id, ids[0], 4, 3, TRW_VERDICT_CONFLICT, false, &f->err);
	if (status == TRW_OK)
		status = fill_database(ev, session.run_id, false, &balanced, &f->err);
	if (status == TRW_OK)
		status = trw_evidence_run_end(ev, session.run_id, how, &f->err);
	if (status == TRW_OK)
		return trw_evidence_close(ev, &f->err);
	(void)!trw_evidence_close(ev, NULL);
	return status;
}

static void
the_session_of_a_run_ends_with_it(void **state)
{
	struct trw_evidence_counts all = {0}, one = {0};
	struct trw_evidence *ev = NULL;
	struct fixture *f = *state;
	char last[512];

	assert_true(went_well(f, make_with_session(f, "complete")));
	assert_int_equal(verify_path(f, last), 0);
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_session_counts(ev, 1, 0, &all, &f->err)));
	assert_true(went_well(f, trw_evidence_session_counts(ev, 1, 2, &one, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_int_equal(all.n_contents, 3);
	assert_int_equal(all.n_match, 0);
	assert_int_equal(all.n_conflict, 1);
	assert_int_equal(all.n_damaged, 1);
	assert_int_equal(one.n_conflict, 0);
	assert_string_equal(
		ask(f->path, "SELECT DISTINCT run_id || status FROM report_sessions"), "1complete");
}

static void
a_run_that_is_not_complete_is_not_matched(void **state)
{
	struct fixture *f = *state;

	assert_true(went_well(f, make_with_session(f, "cancelled")));
	assert_string_equal(
		ask(f->path, "SELECT DISTINCT status FROM report_sessions"), "cancelled");
	assert_int_equal(match(f, sets, 1, true), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "did not complete"));
}

static enum trw_status
count_content(void *ctx, const struct trw_content_row *content, struct trw_err *err)
{
	int64_t *sum = ctx;

	(void)err;
	*sum = *sum * 10 + content->file_id;
	return TRW_OK;
}

static void
contents_come_in_order_without_those_that_have_no_digest(void **state)
{
	struct trw_evidence *ev = NULL;
	struct fixture *f = *state;
	int64_t sum = 0;
	bool balanced;

	assert_true(went_well(f, make_database(f, true, &balanced)));
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_contents(ev, count_content, &sum, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_int_equal(sum, 123);
	tamper(f->path, "UPDATE content SET md5 = x'00' WHERE file_id = 2");
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_int_equal(trw_evidence_contents(ev, count_content, &sum, &f->err), TRW_ECORRUPT);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_leaves_a_database_that_verifies),
		TEST(reports_say_what_hit_and_of_which_list),
		TEST(an_abandoned_session_leaves_no_trace),
		TEST(a_killed_session_leaves_no_trace),
		TEST(an_earlier_session_stays_and_a_set_is_recorded_once),
		TEST(what_was_changed_before_a_session_is_found_after_it),
		TEST(changed_hits_refuse_the_next_session),
		TEST(verify_finds_changes_of_sessions),
		TEST(the_session_of_a_run_ends_with_it),
		TEST(a_run_that_is_not_complete_is_not_matched),
		TEST(contents_come_in_order_without_those_that_have_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
