/* SPDX-License-Identifier: Apache-2.0 */
/** The index job over a worker that plays scripts (fake_worker.c): what it records, whatever the worker does. */
#include "index/index.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "unit/evidence/evidence_fixture.h"
#include "unit/fixture/clock.h"
#include "unit/sweep/listener.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#define IMAGE_SIZE 65536
#define QUIET_NS (600 * (uint64_t)1000000000)

struct job {
	struct fixture *f;
	char images[2][64];
	struct trw_index_options options;
	struct trw_index_result result;
	char rows[65536]; /* of the last query: cells with '|' between, rows with ' ' between */
};

static void
make_image(const char *path, int fill)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	for (int i = 0; i < IMAGE_SIZE; i++)
		(void)fputc(fill, file);
	assert_int_equal(fclose(file), 0);
}

static char hung_path[80]; /* where a fake worker that hangs leaves its number */

/* While a worker that said that it hangs is there. */
static bool
is_one_hung(void)
{
	FILE *file = fopen(hung_path, "r");
	int pid = 0, n = file != NULL ? fscanf(file, "%d", &pid) : 0;

	if (file != NULL)
		(void)fclose(file);
	return n == 1 && pid > 0 && kill(pid, 0) == 0;
}

static int
setup(void **state)
{
	struct job *j = calloc(1, sizeof(*j));
	void *f = NULL;
	char size[24];

	if (j == NULL || fixture_setup(&f) != 0)
		return -1;
	j->f = f;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(j->images[i], sizeof(j->images[i]), "%s/disk%d.dd", j->f->dir, i);
		make_image(j->images[i], 'a' + i);
	}
	(void)snprintf(size, sizeof(size), "%d", IMAGE_SIZE);
	(void)setenv("FAKE_SIZE", size, 1);
	(void)snprintf(hung_path, sizeof(hung_path), "%s/hung", j->f->dir);
	(void)setenv("FAKE_HUNG", hung_path, 1);
	clock_leaps = is_one_hung;
	(void)setenv("TROWEL_WORKER", WORKERS "/fake_worker", 1);
	j->options = (struct trw_index_options){.output = j->f->path, .jobs = 2};
	atomic_store(&trw_cancelled, false);
	trw_alloc_fail_at(0);
	*state = j;
	return 0;
}

static int
teardown(void **state)
{
	struct job *j = *state;
	void *f = j->f;

	for (int i = 0; i < 2; i++)
		(void)unlink(j->images[i]);
	clock_leaps = NULL;
	(void)unlink(hung_path);
	free(j);
	return fixture_teardown(&f);
}

static enum trw_status
index_image(struct job *j, int number, const char *script)
{
	const char *image = j->images[number];

	(void)setenv("FAKE_SCRIPT", script, 1);
	j->options.images = &image;
	j->options.n_images = 1;
	return trw_index_run(&j->options, &j->result, &j->f->err);
}

static enum trw_status
add_row(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	struct job *j = ctx;
	size_t at = strlen(j->rows);

	(void)err;
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(j->rows + at, sizeof(j->rows) - at, "%s%s",
			i > 0 ? "|" : (at > 0 ? " " : ""),
			cells[i].text != NULL ? cells[i].text : "-");
	assert_true(at < sizeof(j->rows));
	return TRW_OK;
}

static const char *
rows(struct job *j, const char *sql)
{
	struct trw_evidence *ev = NULL;

	j->rows[0] = '\0';
	assert_true(
		went_well(j->f, trw_evidence_open(j->f->path, TRW_EVIDENCE_READ, &ev, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_query(ev, sql, NULL, 0, add_row, j, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_close(ev, &j->f->err)));
	return j->rows;
}

static void
print_finding(void *ctx, const char *line)
{
	(void)ctx;
	print_error("%s\n", line);
}

static size_t
count_findings(struct job *j, void (*report)(void *ctx, const char *line))
{
	struct trw_evidence *ev = NULL;
	size_t n = 1;

	assert_true(
		went_well(j->f, trw_evidence_open(j->f->path, TRW_EVIDENCE_READ, &ev, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_verify(ev, report, NULL, &n, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_close(ev, &j->f->err)));
	return n;
}

#define FILES "SELECT file_id, path, digest_state FROM report_files ORDER BY file_id"
#define PROBLEMS "SELECT code, inode FROM report_problems ORDER BY problem_id"
#define FILESYSTEMS                                                                                \
	"SELECT fs_type, forced, ambiguous, fs_status FROM report_volumes"                         \
	" WHERE filesystem_id IS NOT NULL ORDER BY filesystem_id"

/* Index by the script; the database must be sound and hold these rows. NULL: not asked. */
static void
expect(struct job *j, const char *script, const char *files, const char *problems,
	const char *filesystems)
{
	assert_true(went_well(j->f, index_image(j, 0, script)));
	if (problems != NULL)
		assert_string_equal(rows(j, PROBLEMS), problems);
	if (files != NULL)
		assert_string_equal(rows(j, FILES), files);
	if (filesystems != NULL)
		assert_string_equal(rows(j, FILESYSTEMS), filesystems);
	assert_int_equal(count_findings(j, print_finding), 0);
	assert_string_equal(rows(j, "SELECT status FROM report_runs"), "complete");
}

#define COMPLETE "fake|0|0|complete"
#define BUT_FOR(what) "fake|0|0|complete but for what " what " passed over"
#define THREE_FILES "1|/|- 2|/5|complete 3|/6|complete"

static void
undisturbed_walk_is_complete_and_without_problems(void **state)
{
	expect(*state, "file 2 0\nfile 5 100 0\nfile 6 200 4096\nblocks 0 512 1\n", THREE_FILES, "",
		COMPLETE);
}

static void
problems_between_files_keep_their_file_and_come_once(void **state)
{
	struct job *j = *state;

	expect(j,
		"file 2 0\nproblem content-layout 0\nfile 5 100 0\nproblem iso-record 1\n"
		"die m 9\nfile 6 200 4096\nproblem names-limit 2\n",
		THREE_FILES, NULL, BUT_FOR("1 worker death"));
	assert_string_equal(rows(j, "SELECT code, file_id FROM report_problems ORDER BY code"),
		"content-layout|1 iso-record|2 item-skipped|- names-limit|3 worker-crash|-");
}

static void
death_in_a_directory_costs_the_directory_only(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\nfile 5 100 0\ndie d 77\nfile 6 200 4096\n", THREE_FILES, NULL,
		BUT_FOR("1 worker death"));
	assert_string_equal(rows(j, "SELECT code, inode FROM report_problems ORDER BY code"),
		"item-skipped|77 worker-crash|77");
}

static void
each_kind_of_end_has_its_code_and_inode(void **state)
{
	struct job *j = *state;

	j->options.item_timeout_ns = QUIET_NS;
	expect(j, "file 2 0\ndie m 11\nfile 5 100 0\nhang m 12\nviolate m 13\nfile 6 200 4096\n",
		THREE_FILES, NULL, BUT_FOR("3 worker deaths"));
	assert_string_equal(rows(j, "SELECT code, inode FROM report_problems"
				    " WHERE code <> 'item-skipped' ORDER BY inode"),
		"worker-crash|11 worker-hang|12 worker-violation|13");
}

static void
death_in_the_orphan_hunt_costs_the_orphans_only(void **state)
{
	expect(*state, "file 2 0\nfile 5 100 0\nfile 6 200 4096\ndie o 9\nblocks 0 512 1\n",
		THREE_FILES, "worker-crash|9", BUT_FOR("1 worker death"));
}

static void
death_over_the_block_map_leaves_bytes_unclassified(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\nfile 5 100 0\nfile 6 200 4096\ndie b 0\n", THREE_FILES, NULL,
		BUT_FOR("1 worker death"));
	assert_string_equal(rows(j, "SELECT bytes FROM report_ledger WHERE outcome ="
				    " 'file system, unclassified'"),
		"65236");
}

static void
death_between_block_runs_does_not_count_a_run_twice(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\nblocks 0 512 1\ndie b 0\nblocks 512 512 1\n", "1|/|-", NULL,
		BUT_FOR("1 worker death"));
	assert_string_equal(rows(j, "SELECT count, bytes FROM report_ledger WHERE outcome ="
				    " 'file system metadata'"),
		"1|512");
}

static void
item_that_kills_even_when_passed_over_ends_the_walk(void **state)
{
	expect(*state, "file 2 0\nfile 5 100 0\ndie m 9 always\nfile 6 200 4096\n",
		"1|/|- 2|/5|complete", NULL,
		"fake|0|0|given up: the same item ended worker after worker");
}

static void
script_repeat(char *script, size_t max, const char *verb, int n)
{
	size_t at = (size_t)snprintf(script, max, "file 2 0\n");

	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(script + at, max - at, "%s m %d\n", verb, 100 + i);
	assert_true(at + 16 < max);
	(void)snprintf(script + at, max - at, "file 5 100 0\n");
}

static void
deaths_past_the_limit_end_the_walk(void **state)
{
	struct job *j = *state;
	char script[2048];

	script_repeat(script, sizeof(script), "die", 64);
	expect(j, script, "1|/|-", NULL, "fake|0|0|given up: too many worker deaths");
	assert_string_equal(rows(j, "SELECT code, count(*) FROM report_problems GROUP BY code"),
		"item-skipped|63 walk-given-up|1 worker-crash|64");
}

static void
deaths_below_the_limit_do_not(void **state)
{
	char script[2048];

	script_repeat(script, sizeof(script), "die", 63);
	expect(*state, script, "1|/|- 2|/5|complete", NULL, BUT_FOR("63 worker deaths"));
}

static void
eight_hangs_end_the_walk(void **state)
{
	struct job *j = *state;
	char script[2048];

	j->options.item_timeout_ns = QUIET_NS;
	script_repeat(script, sizeof(script), "hang", 8);
	expect(j, script, "1|/|-", NULL, "fake|0|0|given up: too many worker hangs");
}

static void
walk_that_fails_says_so(void **state)
{
	expect(*state, "file 2 0\nfile 5 100 0\nfailed 4\nfile 6 200 4096\n", "1|/|- 2|/5|complete",
		"walk-failed|-", "fake|0|0|ended early: failed as scripted");
}

/* A worker says FAILED and ends: the next volume must get a worker of its own. */
static void
worker_that_failed_is_not_used_for_the_next_volume(void **state)
{
	expect(*state, "volume 512 4096 1 0\nvolume 8192 4096 1 0\nfile 2 0\nfailed 4\n",
		"1|/|- 2|/|-", "walk-failed|- walk-failed|-",
		"fake|0|0|ended early: failed as scripted fake|0|0|ended early: failed as scripted");
}

static void
broken_frames_end_the_worker_and_are_a_problem(void **state)
{
	static const char *const names[] = {
		"garbage", "volume", "twice", "done", "far", "type", "ordinal"};
	struct job *j = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char script[128];
		(void)snprintf(
			script, sizeof(script), "file 2 0\nframe %s\nfile 5 100 0\n", names[i]);
		expect(j, script, "1|/|-", "walk-given-up|- worker-protocol|2",
			"fake|0|0|given up: the same item ended worker after worker");
		assert_int_equal(unlink(j->f->path), 0);
	}
}

static void
broken_frame_is_not_blamed_on_the_next_item(void **state)
{
	expect(*state, "file 2 0\nblocks 0 512 1\nblocks 65536 1 2\nfile 5 100 0\n",
		"1|/|- 2|/5|complete", NULL, BUT_FOR("1 worker death"));
}

static void
absurd_numbers_do_no_harm(void **state)
{
	expect(*state, "file 2 0\nframe numbers\nblocks 65535 1 2\n", "1|/|- 2|/wild|none",
		"content-unreadable|-1", COMPLETE);
}

static void
blocks_past_the_image_are_refused(void **state)
{
	expect(*state, "file 2 0\nblocks 65536 1 2\n", "1|/|-", "worker-protocol|2",
		BUT_FOR("1 worker death"));
}

static void
frames_before_the_filesystem_cannot_break_the_database(void **state)
{
	struct job *j = *state;

	expect(j, "open 0 early\nopen 1 ok\nfile 2 0\nfile 5 100 0\n", "1|/|- 2|/5|complete",
		"detection-failed|-", "fake|1|0|complete");
}

static void
death_at_detection_leads_to_trials_by_name(void **state)
{
	expect(*state, "open 0 die\nfile 2 0\nfile 5 100 0\n", "1|/|- 2|/5|complete",
		"detection-failed|-", "fake|1|0|complete");
}

static void
hang_at_detection_and_death_in_a_trial_are_on_record(void **state)
{
	struct job *j = *state;

	j->options.item_timeout_ns = QUIET_NS;
	expect(j, "open 0 hang\nopen 2 die\nfile 2 0\nfile 5 100 0\n", "1|/|- 2|/5|complete",
		"detection-failed|- worker-crash|-", "fake|1|0|complete");
}

static void
type_that_opens_in_the_trial_only_is_not_lost_in_silence(void **state)
{
	expect(*state, "open 0 die\nopen 1 trial\nfile 2 0\n", "",
		"detection-failed|- unknown-filesystem|- walk-failed|-", "");
}

static void
failed_detection_tries_only_what_is_plausible(void **state)
{
	struct job *j = *state;

	expect(j, "volume 0 65536 1 4\nopen 0 corrupt\nopen 2 ok\nfile 2 0\nfile 5 100 0\n",
		"1|/|- 2|/5|complete", "detection-failed|-", "fake|1|0|complete");
	assert_non_null(strstr(
		rows(j, "SELECT message FROM report_problems"), "tried by name: FAT; found: FAT"));
}

static void
two_plausible_types_are_both_walked_and_ambiguous(void **state)
{
	struct job *j = *state;

	expect(j,
		"volume 0 65536 1 6\nopen 0 unsupported\nopen 2 ok\nfile 2 0\nfile 5 100 0\n"
		"on 2\nfile 6 200 0\n",
		"1|/|- 2|/5|complete 3|/|- 4|/5|complete 5|/6|complete", "ambiguous-filesystem|-",
		"fake|1|1|complete fake|1|1|complete");
}

static void
file_system_that_was_detected_is_ambiguous_too_when_another_has_files(void **state)
{
	struct job *j = *state;

	expect(j, "volume 0 65536 1 6\nopen 2 ok\nfile 2 0\nfile 5 100 0\n",
		"1|/|- 2|/5|complete 3|/|- 4|/5|complete", "ambiguous-filesystem|-",
		"fake|0|1|complete fake|1|1|complete");
}

static void
unsupported_volume_without_a_hint_is_unknown(void **state)
{
	expect(*state, "open 0 unsupported\n", "", "unknown-filesystem|-", "");
}

static void
volumes_that_cannot_be_listed_make_the_image_one_volume(void **state)
{
	static const char *const scripts[] = {"volumes die\nfile 2 0\n", "volumes hang\nfile 2 0\n",
		"volumes fail\nfile 2 0\n", "volumes bad\nfile 2 0\n"};
	static const char *const problems[] = {
		"worker-crash|-", "worker-hang|-", "volumes-failed|-", "worker-protocol|-"};
	struct job *j = *state;

	j->options.item_timeout_ns = QUIET_NS;
	for (size_t i = 0; i < 4; i++) {
		expect(j, scripts[i], "1|/|-", problems[i], COMPLETE);
		assert_int_equal(unlink(j->f->path), 0);
	}
}

static void
hole_past_the_sparse_limit_is_not_digested(void **state)
{
	struct job *j = *state;

	j->options.sparse_max = 1000;
	expect(j, "file 2 0\nhole 5 1000\nhole 6 1001\n", "1|/|- 2|/5|complete 3|/6|none",
		"sparse-limit|6", COMPLETE);
}

static void
streams_over_the_same_bytes_have_a_limit(void **state)
{
	struct job *j = *state;

	j->options.overlap_max = 3000;
	expect(j,
		"file 2 0\nfile 5 1000 0\nfile 6 1000 0\nfile 7 1001 0\ndecode 8 900\nfile 9 101 0\n"
		"file 10 100 0\n",
		"1|/|- 2|/5|complete 3|/6|complete 4|/7|none 5|/8|complete 6|/9|none 7|/10|complete",
		"overlap-limit|7 overlap-limit|9", COMPLETE);
}

static void
canonical_digest(struct job *j, uint8_t out[TRW_CANONICAL_SIZE])
{
	struct trw_evidence *ev = NULL;

	assert_true(
		went_well(j->f, trw_evidence_open(j->f->path, TRW_EVIDENCE_READ, &ev, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_digest(ev, out, &j->f->err)));
	assert_true(went_well(j->f, trw_evidence_close(ev, &j->f->err)));
}

static void
death_that_does_not_repeat_changes_nothing_but_the_audit_chain(void **state)
{
	static const char *const deaths[] = {"", "die m 6 once", "die d 5 once", "hang m 6 once",
		"die b 0 once", "read die once", "die o 9 once", "read hang once",
		"volumes die once", "open 0 die once", "frame garbage once", "open 2 die once"};
	struct job *j = *state;
	uint8_t digests[2][TRW_CANONICAL_SIZE];
	char once[96];

	j->options.item_timeout_ns = QUIET_NS;
	(void)snprintf(once, sizeof(once), "%s/once", j->f->dir);
	(void)setenv("FAKE_ONCE", once, 1);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		char script[512];
		(void)snprintf(script, sizeof(script),
			"volume 0 65536 1 6\nfile 2 0\nproblem content-layout 0\nfile 5 100 0\n%s\n"
			"file 6 200 4096\nproblem iso-record\ndecode 7 9000\nblocks 0 512 1\n"
			"%s\nblocks 512 512 2\n",
			i % 2 != 0 ? deaths[i] : "", i % 2 != 0 ? "" : deaths[i]);
		expect(j, script, "1|/|- 2|/5|complete 3|/6|complete 4|/7|complete",
			"iso-record|7 content-layout|7", COMPLETE);
		canonical_digest(j, digests[i > 0]);
		assert_memory_equal(digests[0], digests[i > 0], TRW_CANONICAL_SIZE);
		assert_string_equal(rows(j, "SELECT count(*) FROM audit WHERE action = 'retry'"),
			i == 0 ? "0" : "1");
		assert_int_equal(unlink(j->f->path), 0);
		assert_int_equal(unlink(once), i == 0 ? -1 : 0);
	}
}

static void
stream_over_which_two_workers_die_is_a_problem(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\ndecode 5 9000\nfile 6 200 0\nread die\n",
		"1|/|- 2|/5|partial 3|/6|complete", NULL, COMPLETE);
	assert_string_equal(rows(j, "SELECT code, file_id FROM report_problems ORDER BY code"),
		"content-missing|2 worker-crash|2");
	assert_string_equal(rows(j, "SELECT count(*) FROM audit WHERE action = 'retry'"), "1");
}

static void
number_of_hashers_changes_nothing(void **state)
{
	static const unsigned jobs[] = {1, 8};
	struct job *j = *state;
	uint8_t digests[2][TRW_CANONICAL_SIZE];
	char script[8192] = "file 2 0\n";
	size_t at = strlen(script);

	for (int i = 0; i < 200; i++)
		at += (size_t)snprintf(script + at, sizeof(script) - at, "%s %d %d %d\n",
			i % 7 == 0 ? "decode" : "file", 100 + i, 300 + i / 2, 100 * i);
	(void)snprintf(script + at, sizeof(script) - at, "die m 9\nhole 6 70\nblocks 0 512 1\n");
	j->options.sparse_max = 100;
	j->options.overlap_max = 60000;
	for (size_t i = 0; i < 2; i++) {
		j->options.jobs = jobs[i];
		expect(j, script, NULL, NULL, BUT_FOR("1 worker death"));
		canonical_digest(j, digests[i]);
		assert_int_equal(unlink(j->f->path), 0);
	}
	assert_memory_equal(digests[0], digests[1], TRW_CANONICAL_SIZE);
}

static void
second_image_goes_on_behind_the_first(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\nfile 5 100 0\n", "1|/|- 2|/5|complete", "", COMPLETE);
	j->options.add = true;
	assert_true(went_well(j->f, index_image(j, 1, "file 2 0\ndie m 9\nfile 5 100 0\n")));
	assert_string_equal(rows(j, "SELECT file_id, image_id, path FROM report_files"),
		"1|1|/ 2|1|/5 3|2|/ 4|2|/5");
	assert_string_equal(rows(j, "SELECT count(DISTINCT sha256) FROM report_files"), "2");
	assert_int_equal(count_findings(j, print_finding), 0);
}

static void *
cancel_when_seen(void *arg)
{
	struct trw_progress *p = arg;

	while (atomic_load(&p->files) < 2)
		(void)sched_yield();
	atomic_store(&trw_cancelled, true);
	return NULL;
}

static void
cancelled_run_leaves_a_consistent_database(void **state)
{
	struct job *j = *state;
	struct trw_progress progress = {0};
	pthread_t thread;

	j->options.progress = &progress;
	assert_int_equal(pthread_create(&thread, NULL, cancel_when_seen, &progress), 0);
	assert_true(went_well(j->f, index_image(j, 0, "file 2 0\nfile 5 100 0\nspin\n")));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(j->result.cancelled);
	atomic_store(&trw_cancelled, false);
	assert_string_equal(rows(j, "SELECT status FROM report_runs"), "cancelled");
	assert_string_equal(rows(j, "PRAGMA integrity_check"), "ok");
	assert_string_equal(rows(j, "PRAGMA foreign_key_check"), "");
	j->options.progress = NULL;
	j->options.add = true;
	assert_true(went_well(j->f, index_image(j, 0, "file 2 0\nfile 5 100 0\n")));
	assert_string_equal(rows(j, "SELECT status FROM report_runs"), "cancelled complete");
}

/* In a process of its own, as the path of the worker is looked up once. */
static int
index_with_worker(struct job *j, const char *worker)
{
	int how = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setenv("TROWEL_WORKER", worker, 1);
		enum trw_status s = index_image(j, 0, "file 2 0\n");
		_exit((s == TRW_EWORKER || s == TRW_ESANDBOX) &&
					strstr(j->f->err.text, worker) != NULL
				? 0
				: 1);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return how;
}

static void
worker_that_cannot_work_fails_the_run_before_there_is_a_database(void **state)
{
	struct job *j = *state;

	assert_int_equal(index_with_worker(j, "/bin/false"), 0);
	assert_int_not_equal(access(j->f->path, F_OK), 0);
	assert_int_equal(index_with_worker(j, "/nowhere/trowel-worker"), 0);
	assert_int_not_equal(access(j->f->path, F_OK), 0);
}

/* Either nothing is left, or a database that says that its run failed; never a run that looks complete. */
static void
lack_of_memory_is_a_clean_failure(void **state)
{
	struct job *j = *state;
	unsigned n_failed = 0;

	for (uint64_t nth = 1; nth < 400; nth += nth < 40 ? 1 : 17) {
		trw_alloc_fail_at(nth);
		enum trw_status s = index_image(j, 0,
			"file 2 0\nproblem iso-record 0\nfile 5 100 0\ndie m 9\nblocks 0 512 1\n");
		trw_alloc_fail_at(0);
		if (s == TRW_OK) { /* the allocation was one too many, or can be done without */
			assert_int_equal(count_findings(j, print_finding), 0);
			assert_string_equal(rows(j, "SELECT status FROM report_runs"), "complete");
			assert_string_equal(rows(j, FILES), "1|/|- 2|/5|complete");
		} else {
			n_failed++;
			assert_int_equal(s, TRW_ENOMEM);
			if (access(j->f->path, F_OK) == 0)
				assert_string_equal(
					rows(j, "SELECT status FROM report_runs"), "failed");
		}
		(void)unlink(j->f->path);
	}
	assert_true(n_failed > 40);
}

static void
lack_of_memory_while_adding_leaves_a_database_to_add_to(void **state)
{
	struct job *j = *state;

	expect(j, "file 2 0\n", "1|/|-", "", COMPLETE);
	j->options.add = true;
	for (uint64_t nth = 1; nth < 300; nth += 7) {
		trw_alloc_fail_at(nth);
		enum trw_status s = index_image(j, 1, "file 2 0\nfile 5 100 0\n");
		trw_alloc_fail_at(0);
		assert_true(s == TRW_OK || s == TRW_ENOMEM);
		assert_string_equal(rows(j, "SELECT status FROM report_runs WHERE status NOT IN"
					    " ('complete', 'failed')"),
			"");
	}
	assert_true(went_well(j->f, index_image(j, 1, "file 2 0\n")));
}

/* The stream of n bytes, all of them c, of which the last n_missing are not there. */
static void
expect_heard(const struct listener *l, int64_t id, uint64_t n, uint64_t n_missing, char c)
{
	const struct heard *h = &l->v[id - l->base];
	uint64_t there = n - n_missing;

	assert_int_equal(h->n_ends, 1);
	assert_int_equal(h->size, n);
	assert_int_equal(h->missing, n_missing);
	assert_int_equal(h->sum, there * (there + 1) / 2 * (uint64_t)c);
	if (there > 0)
		assert_int_equal(h->first[0], c);
}

/* In the sweep, as a leftover (decoded, twice where the first worker dies; zeros), and as resident content. */
static void
second_consumer_hears_every_stream_wherever_it_is_read(void **state)
{
	struct job *j = *state;
	const char *script = "file 2 0\nfile 3 1000 512\nfile 4 1000 65036\nhole 5 3000000\n"
			     "decode 6 9000\ninline 7 700 700\ninline 8 700 600\ninline 9 0 0\n"
			     "many 500\nread die once\n";
	char once[80];

	(void)snprintf(once, sizeof(once), "%s/once", j->f->dir);
	(void)setenv("FAKE_ONCE", once, 1);
	for (unsigned jobs = 1; jobs <= 8; jobs += 7) {
		struct listener l;
		struct trw_consumer row;

		listener_init(&l, 1200, 1);
		row = listener_consumer(&l);
		j->options.listeners = (struct trw_consumers){&row, 1};
		j->options.jobs = jobs;
		assert_true(went_well(j->f, index_image(j, 0, script)));
		assert_null(listener_finding(&l));
		assert_int_equal(l.n_abandoned, 1); /* by the read that died */
		expect_heard(&l, 2, 1000, 0, 'a');
		expect_heard(&l, 3, 1000, 500, 'a');
		expect_heard(&l, 4, 3000000, 0, '\0');
		expect_heard(&l, 5, 9000, 0, 'z');
		expect_heard(&l, 6, 700, 0, 'i');
		expect_heard(&l, 7, 700, 100, 'i');
		expect_heard(&l, 8, 0, 0, 'i');
		assert_string_equal(rows(j, "SELECT count(*) FROM content"), "507");
		assert_int_equal(l.n_over - l.n_abandoned, 507);
		listener_clear(&l);
		assert_int_equal(unlink(once), 0);
		assert_int_equal(unlink(j->f->path), 0);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(worker_that_cannot_work_fails_the_run_before_there_is_a_database), /* first: it forks */
		TEST(second_consumer_hears_every_stream_wherever_it_is_read),
		TEST(undisturbed_walk_is_complete_and_without_problems),
		TEST(problems_between_files_keep_their_file_and_come_once),
		TEST(death_in_a_directory_costs_the_directory_only),
		TEST(each_kind_of_end_has_its_code_and_inode),
		TEST(death_in_the_orphan_hunt_costs_the_orphans_only),
		TEST(death_over_the_block_map_leaves_bytes_unclassified),
		TEST(death_between_block_runs_does_not_count_a_run_twice),
		TEST(item_that_kills_even_when_passed_over_ends_the_walk),
		TEST(deaths_past_the_limit_end_the_walk),
		TEST(deaths_below_the_limit_do_not),
		TEST(eight_hangs_end_the_walk),
		TEST(walk_that_fails_says_so),
		TEST(worker_that_failed_is_not_used_for_the_next_volume),
		TEST(broken_frames_end_the_worker_and_are_a_problem),
		TEST(broken_frame_is_not_blamed_on_the_next_item),
		TEST(absurd_numbers_do_no_harm),
		TEST(blocks_past_the_image_are_refused),
		TEST(frames_before_the_filesystem_cannot_break_the_database),
		TEST(death_at_detection_leads_to_trials_by_name),
		TEST(hang_at_detection_and_death_in_a_trial_are_on_record),
		TEST(type_that_opens_in_the_trial_only_is_not_lost_in_silence),
		TEST(failed_detection_tries_only_what_is_plausible),
		TEST(two_plausible_types_are_both_walked_and_ambiguous),
		TEST(file_system_that_was_detected_is_ambiguous_too_when_another_has_files),
		TEST(unsupported_volume_without_a_hint_is_unknown),
		TEST(volumes_that_cannot_be_listed_make_the_image_one_volume),
		TEST(hole_past_the_sparse_limit_is_not_digested),
		TEST(streams_over_the_same_bytes_have_a_limit),
		TEST(death_that_does_not_repeat_changes_nothing_but_the_audit_chain),
		TEST(stream_over_which_two_workers_die_is_a_problem),
		TEST(number_of_hashers_changes_nothing),
		TEST(second_image_goes_on_behind_the_first),
		TEST(cancelled_run_leaves_a_consistent_database),
		TEST(lack_of_memory_is_a_clean_failure),
		TEST(lack_of_memory_while_adding_leaves_a_database_to_add_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
