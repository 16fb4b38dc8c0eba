/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "unit/evidence/evidence_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static enum trw_status
try_open(struct fixture *f, const char *path, enum trw_evidence_mode mode)
{
	struct trw_evidence *ev = NULL;
	enum trw_status status = trw_evidence_open(path, mode, &ev, &f->err);

	if (status == TRW_OK)
		(void)!trw_evidence_close(ev, &f->err);
	return status;
}

static void
wrong_use_of_open_is_told_apart(void **state)
{
	struct fixture *f = *state;
	char other[128];
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_CREATE), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "exists"));
	(void)snprintf(other, sizeof(other), "%s/no/case.db", f->dir);
	assert_int_equal(try_open(f, other, TRW_EVIDENCE_CREATE), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "no such directory"));
	assert_int_equal(try_open(f, other, TRW_EVIDENCE_READ), TRW_EUSAGE);
	tamper(f->path, "UPDATE run SET host = 'h'; PRAGMA user_version = 99");
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_READ), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "newer"));
	tamper(f->path, "UPDATE run SET host = 'h'; PRAGMA user_version = 1");
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_READ), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "earlier"));
	tamper(f->path, "UPDATE run SET host = 'i'; PRAGMA application_id = 5");
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_ADD), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "not an evidence database"));
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_READ), TRW_EUSAGE);
}

static void
one_plain_file_remains_and_names_may_be_odd(void **state)
{
	struct fixture *f = *state;
	char side[96];
	bool balanced;

	(void)snprintf(f->path, sizeof(f->path), "%s/a?b%%20#c.db", f->dir);
	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_int_equal(access(f->path, F_OK), 0);
	(void)snprintf(side, sizeof(side), "%s-journal", f->path);
	assert_int_not_equal(access(side, F_OK), 0);
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_READ), TRW_OK);
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_ADD), TRW_OK);
	assert_string_equal(ask(f->path, "PRAGMA journal_mode"), "delete");
}

static void
a_second_writer_is_refused(void **state)
{
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_ADD, &ev, &f->err)));
	assert_int_equal(try_open(f, f->path, TRW_EVIDENCE_ADD), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "another program"));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

/* ---- a writer that is killed where it writes for the nth time ---- */

static unsigned writes_left;
static ssize_t (*plain_write)(int fd, const void *p, size_t n, off_t off);
static int (*plain_remove)(const char *path);

static void
count_down(void)
{
	if (--writes_left == 0)
		(void)raise(SIGKILL);
}

static ssize_t
counted_write(int fd, const void *p, size_t n, off_t off)
{
	count_down();
	return plain_write(fd, p, n, off);
}

static int
counted_remove(const char *path)
{
	count_down();
	return plain_remove(path);
}

/* At SQLite's nth write to a file or removal of one, by its own hooks. */
static void
be_killed_at(unsigned n)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	writes_left = n;
	plain_write =
		(ssize_t(*)(int, const void *, size_t, off_t))vfs->xGetSystemCall(vfs, "pwrite64");
	plain_remove = (int (*)(const char *))vfs->xGetSystemCall(vfs, "unlink");
	if (plain_write == NULL || plain_remove == NULL ||
		vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)counted_write) !=
			SQLITE_OK ||
		vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)counted_remove) !=
			SQLITE_OK)
		_exit(1);
}

/* Writes until it is killed. */
static void
write_for_ever(struct fixture *f)
{
	struct trw_evidence_run run = {.tool_version = "0.1.0"};
	struct trw_evidence *ev = NULL;
	int64_t run_id;
	char path[32];

	if (trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err) < 0 ||
		trw_evidence_run_begin(ev, &run, &run_id, &f->err) < 0 ||
		add_frame(ev, run_id, &f->err) < 0)
		_exit(1);
	for (int64_t id = 1;; id++) {
		(void)snprintf(path, sizeof(path), "/%" PRId64, id);
		if (add_file(ev, id, path, NULL, TRW_STATE_ALLOCATED, 4096, 512, &f->err) < 0 ||
			set_content(ev, id, TRW_DIGEST_COMPLETE, (uint8_t)id, (uint64_t)id, NULL,
				&f->err) < 0 ||
			(id % 200 == 0 && trw_evidence_commit(ev, &f->err) < 0))
			_exit(1);
	}
}

static void
a_killed_writer_leaves_a_sound_incomplete_database(void **state)
{
	struct fixture *f = *state;
	char name[96], last[512];

	for (unsigned i = 0; i < 20; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			be_killed_at(1 + i * i);
			write_for_ever(f);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		if (try_open(f, f->path, TRW_EVIDENCE_READ) == TRW_OK) {
			assert_true(verify_path(f, last) > 0);
			assert_string_equal(ask(f->path, "PRAGMA integrity_check"), "ok");
			if (strcmp(ask(f->path, "SELECT count(*) FROM run"), "0") != 0) {
				assert_string_equal(ask(f->path, "SELECT status FROM report_runs"),
					"incomplete");
				assert_int_equal(
					try_open(f, f->path, TRW_EVIDENCE_ADD), TRW_EUSAGE);
				assert_non_null(strstr(f->err.text, "did not finish"));
			}
		} else {
			assert_non_null(strstr(f->err.text, "empty"));
		}
		(void)unlink(f->path);
		(void)snprintf(name, sizeof(name), "%s-journal", f->path);
		(void)unlink(name);
	}
}

static void
a_full_disk_is_named_and_the_database_stays_sound(void **state)
{
	struct rlimit old, small;
	struct fixture *f = *state;
	bool balanced, is_named = false;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	for (rlim_t limit = 4096; limit < 300000; limit += 20480) {
		enum trw_status status;
		small.rlim_cur = limit;
		(void)setrlimit(RLIMIT_FSIZE, &small);
		status = make_database(f, false, &balanced);
		(void)setrlimit(RLIMIT_FSIZE, &old);
		if (status < 0) {
			assert_int_equal(status, TRW_EDB);
			if (strstr(f->err.text, "disk full") == NULL &&
				strstr(f->err.text, "cannot be written") == NULL)
				fail_msg("limit %ju: %s", (uintmax_t)limit, f->err.text);
			is_named = true;
		}
		if (access(f->path, F_OK) == 0 && status < 0)
			assert_string_not_equal(
				ask(f->path, "SELECT status FROM report_runs"), "complete");
		(void)fixture_teardown(state);
		assert_int_equal(fixture_setup(state), 0);
		f = *state;
	}
	assert_true(is_named);
}

static void
a_failing_allocation_is_reported_wherever_it_strikes(void **state)
{
	struct fixture *f = *state;
	enum trw_status status = TRW_ENOMEM;
	bool balanced;

	for (uint64_t n = 1; n < 200 && status < 0; n++) {
		trw_alloc_fail_at(n);
		status = make_database(f, false, &balanced);
		trw_alloc_fail_at(0);
		if (status < 0) {
			assert_int_equal(status, TRW_ENOMEM);
			if (access(f->path, F_OK) == 0)
				assert_string_equal(ask(f->path, "PRAGMA integrity_check"), "ok");
			(void)unlink(f->path);
		}
	}
	assert_int_equal(status, TRW_OK);
}

static enum trw_status
keep_text(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	(void)err;
	assert_int_equal(n, 2);
	assert_null(cells[1].text);
	(void)snprintf(ctx, 64, "%s %" PRId64, cells[0].text, cells[0].number);
	return TRW_END;
}

static void
queries_bind_arguments_and_refuse_to_write(void **state)
{
	struct trw_evidence_cell args[] = {{.text = "/c", .len = 2}, {.number = 4}};
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	char got[64] = "";
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(
		f, trw_evidence_query(ev,
			   "SELECT file_id, md5 FROM report_files WHERE path = ? AND file_id = ?",
			   args, 2, keep_text, got, &f->err)));
	assert_string_equal(got, "4 4");
	assert_int_equal(
		trw_evidence_query(ev, "DELETE FROM file", NULL, 0, keep_text, got, &f->err),
		TRW_EUSAGE);
	assert_int_equal(trw_evidence_audit(ev, "x", "y", &f->err), TRW_EUSAGE);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

static void
a_stream_gets_its_content_once(void **state)
{
	struct trw_evidence_run run = {.tool_version = "0.1.0"};
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	int64_t run_id;
	bool balanced;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_run_begin(ev, &run, &run_id, &f->err)));
	assert_true(went_well(f, fill_database(ev, run_id, false, &balanced, &f->err)));
	assert_true(went_well(f, trw_evidence_commit(ev, &f->err)));
	/* a row is written at the commit at the latest: there it fails, and the handle with it */
	(void)!set_content(ev, 2, TRW_DIGEST_COMPLETE, 9, 1024, NULL, &f->err);
	assert_int_equal(trw_evidence_commit(ev, &f->err), TRW_EDB);
	assert_int_equal(trw_evidence_run_end(ev, run_id, "complete", &f->err), TRW_EDB);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(ask(f->path, "SELECT hex(md5) FROM content WHERE file_id = 2"),
		"02020202020202020202020202020202");
	assert_string_equal(ask(f->path, "SELECT status FROM report_runs"), "incomplete");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			wrong_use_of_open_is_told_apart, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(one_plain_file_remains_and_names_may_be_odd,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_second_writer_is_refused, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_killed_writer_leaves_a_sound_incomplete_database,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_is_named_and_the_database_stays_sound,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_failing_allocation_is_reported_wherever_it_strikes, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(queries_bind_arguments_and_refuse_to_write,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_stream_gets_its_content_once, fixture_setup, fixture_teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
