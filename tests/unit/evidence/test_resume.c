/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job of two images in small steps, that can be ended at any of them: by a kill (the process is gone, what was
 * not committed is lost), or in order as cancelled or failed. What a resumed job makes must equal what one makes that
 * was left alone.
 */
#include "base/alloc.h"
#include "unit/evidence/evidence_fixture.h"

#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define N_IMAGES 2
#define N_FILES 8 /* of each image */
#define PIECE 4096
#define N_PIECES 4
#define IMAGE_SIZE ((uint64_t)PIECE * N_PIECES)

enum ending { END_KILLED, END_CANCELLED, END_FAILED };

struct job {
	struct trw_evidence *ev;
	struct trw_err *err;
	int64_t run_id, session_id, hashset_ids[2];
	unsigned n_ticks, commit_every, end_at; /* end_at 0: go to the end */
	enum ending ending;
	bool is_backwards; /* streams come in another order */
	/* of the image at hand */
	int64_t image_id, first_file, left[N_FILES];
	size_t n_left;
	uint64_t media_off;
	uint8_t media_sum;
	struct trw_ranges damage;
};

static const struct trw_evidence_item items[N_IMAGES] = {
	{.name = "dir/one.E01", .size = IMAGE_SIZE, .fingerprint = {1}},
	{.name = "dir/two.E01", .size = IMAGE_SIZE, .fingerprint = {2}}};

static const struct trw_evidence_run the_run = {.tool_version = "0.1.0",
	.libraries = "libtsk 4.11.1",
	.options = "verify=yes",
	.arguments = "trowel index",
	.case_number = "7",
	.evidence_id = "E-1",
	.host = "here",
	.items = items,
	.n_items = N_IMAGES};

/* After each row. TRW_ECANCEL: this is where the job ends in order. */
static enum trw_status
tick(struct job *j)
{
	if (++j->n_ticks == j->end_at) {
		if (j->ending == END_KILLED)
			_exit(9);
		return trw_fail(j->err, TRW_ECANCEL, "interrupted");
	}
	return j->n_ticks % j->commit_every == 0 ? trw_evidence_commit(j->ev, j->err) : TRW_OK;
}

#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum trw_status s_ = (call);                                                       \
		if (s_ == TRW_OK)                                                                  \
			s_ = tick(j);                                                              \
		if (s_ < 0)                                                                        \
			return s_;                                                                 \
	} while (0)

struct model {
	const char *path, *stream;
	enum trw_content_source source;
	enum trw_digest_state state;
	bool has_problem;
};
static const struct model models[N_FILES] = {
	{"/", NULL, TRW_CONTENT_NONE, TRW_DIGEST_COMPLETE, false},
	{"/a", NULL, TRW_CONTENT_EXTENTS, TRW_DIGEST_COMPLETE, false},
	{"/a", "ads", TRW_CONTENT_EXTENTS, TRW_DIGEST_PARTIAL, true},
	{"/b", NULL, TRW_CONTENT_DECODE, TRW_DIGEST_COMPLETE, false},
	{"/c", NULL, TRW_CONTENT_INLINE, TRW_DIGEST_COMPLETE, false},
	{"/d", NULL, TRW_CONTENT_UNKNOWN, TRW_DIGEST_NONE, true},
	{"/e", NULL, TRW_CONTENT_EXTENTS, TRW_DIGEST_SUBSTITUTED, true},
	{"/f", NULL, TRW_CONTENT_EXTENTS, TRW_DIGEST_NONE, true},
};

static enum trw_status
put_file(struct job *j, size_t k)
{
	const struct model *m = &models[k];
	struct trw_extent v[] = {{.off = 4096 + 512 * k, .len = 256, .kind = TRW_EXTENT_DATA},
		{.len = 128, .kind = TRW_EXTENT_HOLE},
		{.off = 8192 + 512 * k, .len = 128, .kind = TRW_EXTENT_DATA}};
	struct trw_extents extents = {.v = v, .n = 3, .cap = 3, .total = 512};
	struct trw_file file = {.file_id = j->first_file + (int64_t)k,
		.filesystem_id = j->image_id,
		.image_id = j->image_id,
		.parent_id = k == 0 ? 0 : j->first_file,
		.path = trw_bytes_of(m->path),
		.name = trw_bytes_of(m->path + 1),
		.stream = trw_bytes_of(m->stream),
		.inode = 100 + k,
		.attr_type = 128,
		.attr_id = (uint32_t)k,
		.kind = k == 0 ? TRW_FILE_DIRECTORY : TRW_FILE_REGULAR,
		.size = 512,
		.content_source = m->source,
		.extents = m->source == TRW_CONTENT_EXTENTS ? extents : (struct trw_extents){0}};

	return PUT(j->ev, FILE, file, file, j->err);
}

static enum trw_status
put_problem(struct job *j, enum trw_code code, int64_t file_id)
{
	struct trw_problem problem = {.image_id = j->image_id,
		.filesystem_id = file_id == 0 ? 0 : j->image_id,
		.file_id = file_id,
		.code = code,
		.text = trw_bytes_of("a text")};

	return PUT(j->ev, PROBLEM, problem, problem, j->err);
}

static enum trw_status
put_entry(void *ctx, uint32_t row, struct trw_err *err)
{
	struct job *j = ctx;

	return trw_evidence_entry_add(j->ev,
		&(struct trw_evidence_entry){
			.hashset_id = j->hashset_ids[row >> 31], .row = row, .entry = "e"},
		err);
}

/* In the first set, which has its entry with it, and in the second, whose entries wait for the end. */
static enum trw_status
put_hits(struct job *j, int64_t file_id, enum trw_digest_state state)
{
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t row = i << 31 | (uint32_t)(7 * file_id % 5);
		struct trw_evidence_hit hit = {.file_id = file_id,
			.session_id = j->session_id,
			.entry_id = trw_evidence_entry_id(j->hashset_ids[i], row),
			.verdict = state == TRW_DIGEST_COMPLETE ? TRW_VERDICT_MATCH
								: TRW_VERDICT_DAMAGED,
			.agreed = "md5",
			.is_alert = state == TRW_DIGEST_COMPLETE && i == 0};
		bool is_known = i == 1;
		if (i == 0)
			TRY(trw_evidence_entry_known(j->ev, hit.entry_id, &is_known, j->err));
		if (!is_known)
			TRY(put_entry(j, row, j->err));
		TRY(trw_evidence_hit_add(j->ev, &hit, j->err));
	}
	return TRW_OK;
}

/* The problem, if it has one, hits, then the content: in this order, with a step between them. */
static enum trw_status
put_content(struct job *j, int64_t file_id)
{
	size_t k = (size_t)(file_id - j->first_file);
	const struct model *m = &models[k];
	struct trw_range bad = {.off = 10,
		.len = 20,
		.why = m->state == TRW_DIGEST_PARTIAL ? TRW_DAMAGE_MISSING
						      : TRW_DAMAGE_SUBSTITUTED};
	struct trw_ranges damage = {.v = &bad, .n = 1, .cap = 1};
	bool is_damaged = m->state == TRW_DIGEST_PARTIAL || m->state == TRW_DIGEST_SUBSTITUTED;
	/* "/a" and "/c" are the same in both images */
	uint8_t fill = (uint8_t)(k == 1 || k == 4 ? 1 : 16 * j->image_id + (int64_t)k);

	if (m->has_problem)
		TRY(put_problem(j, TRW_CODE_CONTENT_MISSING, file_id));
	if (k % 2 == 0 && m->state != TRW_DIGEST_NONE)
		TRY(put_hits(j, file_id, m->state));
	TRY(set_content(j->ev, file_id, m->state, fill, 512, is_damaged ? &damage : NULL, j->err));
	return TRW_OK;
}

static enum trw_status
begin_image(struct job *j, const struct trw_evidence_item *item)
{
	struct trw_evidence_image image = {.image_id = j->image_id,
		.run_id = j->run_id,
		.name = item->name,
		.path = item->name,
		.format = "EWF-E01",
		.size = item->size,
		.sector_size = 512};

	TRY(trw_evidence_image_add(j->ev, &image, j->err));
	TRY(trw_evidence_segment_add(j->ev, j->image_id, 1, item->name, 4096, false, j->err));
	TRY(trw_evidence_fact_add(j->ev, j->image_id, "examiner", "A. N. Other", j->err));
	TRY(put_problem(j, TRW_CODE_TABLE_LOST, 0));
	return TRW_OK;
}

static enum trw_status
walk(struct job *j)
{
	struct trw_volume whole = {.volume_id = 2 * j->image_id - 1,
		.image_id = j->image_id,
		.kind = TRW_VOLUME_TABLE,
		.space = trw_space_at(0, 512, 0),
		.declared_len = 512};
	struct trw_volume part = {.volume_id = 2 * j->image_id,
		.image_id = j->image_id,
		.parent_id = 2 * j->image_id - 1,
		.kind = TRW_VOLUME_PARTITION,
		.scheme = trw_bytes_of("DOS"),
		.space = trw_space_at(1024, 12288, 0),
		.declared_len = 12288};
	struct trw_filesystem fs = {.filesystem_id = j->image_id,
		.volume_id = 2 * j->image_id,
		.image_id = j->image_id,
		.family = TRW_FAMILY_FAT,
		.type = trw_bytes_of("FAT16"),
		.off = 1024,
		.len = 8192,
		.pool_block = 5,
		.is_forced = true,
		.status = trw_bytes_of("incomplete")};
	struct trw_checkpoint walked = {.image_id = j->image_id, .is_walked = true};

	TRY(PUT(j->ev, VOLUME, volume, whole, j->err));
	TRY(PUT(j->ev, VOLUME, volume, part, j->err));
	TRY(PUT(j->ev, FILESYSTEM, filesystem, fs, j->err));
	for (size_t k = 0; k < N_FILES; k++) {
		enum trw_content_source source = models[k].source;
		enum trw_status s;
		TRY(put_file(j, k));
		if ((source == TRW_CONTENT_INLINE || source == TRW_CONTENT_UNKNOWN) &&
			(s = put_content(j, j->first_file + (int64_t)k)) < 0)
			return s;
	}
	TRY(put_problem(j, TRW_CODE_CONTENT_LAYOUT, j->first_file + 1));
	TRY(put_blocks(j->ev, j->image_id, 2048, 1024, TRW_BLOCK_METADATA, j->err));
	TRY(put_items(j->ev, j->image_id, TRW_ITEM_SEEN, 7, j->err));
	TRY(put_items(j->ev, j->image_id, TRW_ITEM_EXTRA, 1, j->err));
	TRY(put_status(j->ev, j->image_id, "complete", j->err));
	TRY(PUT(j->ev, CHECKPOINT, checkpoint, walked, j->err));
	return TRW_OK;
}

static enum trw_status
take_stream(void *ctx, const struct trw_evidence_stream *stream, struct trw_err *err)
{
	struct job *j = ctx;

	if (j->n_left == N_FILES || (j->n_left > 0 && stream->file_id <= j->left[j->n_left - 1]))
		return trw_fail(err, TRW_ECORRUPT, "streams out of order");
	j->left[j->n_left++] = stream->file_id;
	return TRW_OK;
}

/* The next piece of the media: its digest is a sum; the second and the third are damaged. */
static enum trw_status
read_piece(struct job *j)
{
	struct trw_range bad = {.off = j->media_off + 7, .len = 9, .why = TRW_DAMAGE_MISSING};
	struct trw_ranges met = {.v = &bad, .n = 1, .cap = 1};
	struct trw_checkpoint at = {.image_id = j->image_id, .media_state = {&j->media_sum, 1}};

	if (j->media_off == IMAGE_SIZE)
		return TRW_OK;
	if (j->media_off == PIECE || j->media_off == 2 * PIECE) {
		at.damage = met; /* only what is new */
		if (trw_ranges_add(&j->damage, bad.off, bad.len, bad.why, j->err) < 0)
			return TRW_ENOMEM;
	}
	j->media_sum = (uint8_t)(j->media_sum * 3 + j->media_off / PIECE + (uint64_t)j->image_id);
	j->media_off += PIECE;
	at.media_off = j->media_off;
	TRY(PUT(j->ev, CHECKPOINT, checkpoint, at, j->err));
	return TRW_OK;
}

static enum trw_status
sweep(struct job *j)
{
	enum trw_status s;

	j->n_left = 0;
	if ((s = trw_evidence_streams_left(j->ev, j->image_id, take_stream, j, j->err)) < 0)
		return s;
	for (size_t i = 0; i < j->n_left; i++)
		if ((s = put_content(j, j->left[j->is_backwards ? j->n_left - 1 - i : i])) < 0 ||
			(i % 2 == 0 && (s = read_piece(j)) < 0))
			return s;
	while (j->media_off < IMAGE_SIZE)
		if ((s = read_piece(j)) < 0)
			return s;
	return TRW_OK;
}

static enum trw_status
close_image(struct job *j)
{
	struct trw_digests digests;
	struct trw_evidence_verdict verdict = {
		.digests = &digests, .verdict = TRW_MEDIA_MISMATCH, .damage = &j->damage};
	bool balanced;

	memset(&digests, j->media_sum, sizeof(digests));
	TRY(trw_evidence_image_verdict(j->ev, j->image_id, &verdict, j->err));
	TRY(put_problem(j, TRW_CODE_DIGEST_MISMATCH, 0));
	TRY(trw_evidence_close_books(j->ev, j->image_id, &balanced, j->err));
	TRY(trw_evidence_audit(j->ev, "image indexed", "x", j->err));
	return balanced ? TRW_OK : trw_fail(j->err, TRW_ECORRUPT, "the books do not balance");
}

static enum trw_status
do_image(struct job *j, size_t number)
{
	struct trw_evidence_state state;
	struct trw_evidence_ids ids;
	enum trw_status s = trw_evidence_image_state(j->ev, number, &state, j->err);

	if (s < 0 || state.is_closed)
		return s;
	j->image_id = state.image_id;
	if (state.is_begun && !state.is_walked)
		s = trw_evidence_image_forget(j->ev, j->image_id, j->err);
	else if (state.is_walked)
		s = trw_evidence_image_rewind(j->ev, j->image_id, j->err);
	trw_ranges_clear(&j->damage);
	j->damage = state.damage;
	j->media_off = state.media_off;
	j->media_sum = state.n_media_state > 0 ? state.media_state[0] : 0;
	if (s == TRW_OK && !state.is_walked) {
		j->media_off = j->media_sum = 0;
		trw_ranges_clear(&j->damage);
		s = trw_evidence_next_ids(j->ev, &ids, j->err);
		if (s == TRW_OK && (ids.image != j->image_id || ids.volume != 2 * ids.image - 1 ||
					   ids.filesystem != ids.image ||
					   ids.file != N_FILES * (ids.image - 1) + 1))
			s = trw_fail(j->err, TRW_ECORRUPT, "ids begin elsewhere");
	}
	j->first_file = N_FILES * (j->image_id - 1) + 1;
	if (s == TRW_OK && !state.is_walked && (s = begin_image(j, &items[number])) == TRW_OK)
		s = walk(j);
	if (s == TRW_OK)
		s = sweep(j);
	return s < 0 ? s : close_image(j);
}

static enum trw_status
begin_session(struct job *j)
{
	static const uint8_t identities[2][32] = {{1}, {2}};
	static const struct trw_evidence_set sets[2] = {{.list_id = "a",
								.name = "A",
								.version = "1",
								.class = "triage",
								.marks = "",
								.n_entries = 9,
								.identity = identities[0]},
		{.list_id = "b",
			.name = "B",
			.version = "1",
			.class = "known-good",
			.marks = "",
			.n_entries = 9,
			.identity = identities[1]}};
	struct trw_evidence_session session = {.run_id = j->run_id,
		.tool_version = "0.1.0",
		.options = "",
		.sets = sets,
		.n_sets = 2};

	return trw_evidence_session_begin(j->ev, &session, &j->session_id, j->hashset_ids, j->err);
}

/* Begin or take up, and go as far as it is to. */
static enum trw_status
do_job(struct job *j, const char *path, bool resumes)
{
	enum trw_status s = trw_evidence_open(
		path, resumes ? TRW_EVIDENCE_RESUME : TRW_EVIDENCE_CREATE, &j->ev, j->err);
	struct trw_err lost;

	if (s < 0)
		return s;
	s = resumes ? trw_evidence_run_resume(j->ev, &the_run, &j->run_id, j->err)
		    : trw_evidence_run_begin(j->ev, &the_run, &j->run_id, j->err);
	if (s == TRW_OK)
		s = begin_session(j);
	for (size_t i = 0; s == TRW_OK && i < N_IMAGES; i++)
		s = do_image(j, i);
	if ((s == TRW_OK || s == TRW_ECANCEL) &&
		trw_evidence_entries_missing(
			j->ev, j->session_id, j->hashset_ids[1], put_entry, j, j->err) < 0)
		s = TRW_EDB;
	if (s == TRW_OK || s == TRW_ECANCEL) {
		const char *status = s == TRW_OK                  ? "complete"
				     : j->ending == END_CANCELLED ? "cancelled"
								  : "failed";
		s = trw_evidence_run_end(j->ev, j->run_id, status, j->err);
	}
	trw_ranges_clear(&j->damage);
	return trw_evidence_close(j->ev, s < 0 ? &lost : j->err) < 0 && s == TRW_OK ? TRW_EDB : s;
}

/* The same in a process of its own, which may die. Returns the steps it made, 0 when it was killed. */
static unsigned
run_job(struct fixture *f, const struct job *plan, bool resumes)
{
	int channel[2], status;
	unsigned n_ticks = 0;

	assert_int_equal(pipe(channel), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct job j = *plan;
		j.err = &f->err;
		if (do_job(&j, f->path, resumes) < 0) {
			print_error("%s\n", f->err.text);
			_exit(1);
		}
		_exit(write(channel[1], &j.n_ticks, sizeof(j.n_ticks)) == (ssize_t)sizeof(j.n_ticks)
				? 0
				: 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	if (WEXITSTATUS(status) == 0)
		assert_int_equal(read(channel[0], &n_ticks, sizeof(n_ticks)), sizeof(n_ticks));
	(void)close(channel[0]);
	(void)close(channel[1]);
	return n_ticks;
}

static void
remove_database(const struct fixture *f)
{
	static const char *const suffixes[] = {"", "-wal", "-journal"};
	char name[96];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", f->path, suffixes[i]);
		(void)unlink(name);
	}
}

static void
digest_of(struct fixture *f, uint8_t out[TRW_CANONICAL_SIZE])
{
	struct trw_evidence *ev = NULL;
	char last[512];
	size_t n = 9;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_digest(ev, out, &f->err)));
	assert_true(went_well(f, trw_evidence_verify(ev, print_line, last, &n, &f->err)));
	if (n > 0)
		fail_msg("%s", last);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

/* The job without interruption: how many steps it has, and what it makes. */
static unsigned
uninterrupted(struct fixture *f, uint8_t out[TRW_CANONICAL_SIZE])
{
	struct job plan = {.commit_every = 5};
	unsigned n = run_job(f, &plan, false);

	assert_true(n > 50);
	digest_of(f, out);
	assert_string_equal(ask(f->path, "SELECT count(*) FROM checkpoint"), "0");
	remove_database(f);
	return n;
}

/* Which steps of a job are ended, one in so many: sanitizers see the same code at each, and are slow. */
#ifdef SANITIZED
#define STRIDE 5
#else
#define STRIDE 1
#endif

/* End the job at each of its steps in turn, and the resumed job again at some step, until one comes to its end. */
static void
end_everywhere(struct fixture *f, enum ending ending, unsigned commit_every, unsigned step)
{
	uint8_t expected[TRW_CANONICAL_SIZE], got[TRW_CANONICAL_SIZE];
	unsigned n = uninterrupted(f, expected);

	for (unsigned at = 1; at <= n; at += step * STRIDE) {
		struct job plan = {.commit_every = commit_every, .ending = ending, .end_at = at};
		(void)run_job(f, &plan, false);
		assert_string_equal(ask(f->path, "SELECT status FROM run"),
			ending == END_KILLED      ? "running"
			: ending == END_CANCELLED ? "cancelled"
						  : "failed");
		plan.is_backwards = true;
		plan.end_at = 1 + at * 7 % 23;
		(void)run_job(f, &plan, true);
		plan.end_at = 0;
		if (strcmp(ask(f->path, "SELECT status FROM run"), "complete") != 0)
			(void)run_job(f, &plan, true);
		digest_of(f, got);
		if (memcmp(expected, got, sizeof(got)) != 0)
			fail_msg("ended at step %u: another database", at);
		assert_string_equal(ask(f->path, "SELECT count(*) FROM checkpoint"), "0");
		assert_string_equal(ask(f->path, "SELECT count(*) FROM block_run"), "0");
		remove_database(f);
	}
}

static void
a_run_killed_at_any_step_resumes_to_the_same_database(void **state)
{
	end_everywhere(*state, END_KILLED, 1, 1);
	end_everywhere(*state, END_KILLED, 7, 3);
}

static void
a_cancelled_or_failed_run_resumes_to_the_same_database(void **state)
{
	end_everywhere(*state, END_CANCELLED, 4, 3);
	end_everywhere(*state, END_FAILED, 4, 5);
}

static void
what_a_failed_write_left_half_done_is_cleared(void **state)
{
	struct fixture *f = *state;
	uint8_t expected[TRW_CANONICAL_SIZE], got[TRW_CANONICAL_SIZE];
	unsigned n = uninterrupted(f, expected);
	struct job plan = {.commit_every = 1, .ending = END_KILLED, .end_at = n / 2 - 8};

	(void)run_job(f, &plan, false);
	assert_string_equal(ask(f->path, "SELECT group_concat(is_walked || is_closed) FROM"
					 " (SELECT * FROM checkpoint ORDER BY image_id)"),
		"10,00");
	tamper(f->path,
		"INSERT INTO content_damage VALUES (8, 0, 1, 'missing');"
		"INSERT INTO ledger VALUES (1, 'bytes', 'unallocated', 1, 1);"
		"INSERT INTO image_damage VALUES (1, 0, 1, 'missing');"
		"INSERT INTO problem (image_id, stage, code, text) VALUES (1, 'ledger', 'c', 't');"
		"UPDATE image SET verdict = 'match', md5 = x'00'");
	plan.end_at = 0;
	(void)run_job(f, &plan, true);
	digest_of(f, got);
	assert_memory_equal(expected, got, sizeof(got));
}

static void
a_failing_allocation_costs_nothing_but_another_try(void **state)
{
	struct fixture *f = *state;
	uint8_t expected[TRW_CANONICAL_SIZE], got[TRW_CANONICAL_SIZE];
	struct job plan = {.commit_every = 3,
		.ending = END_CANCELLED,
		.end_at = uninterrupted(f, expected) / 2 - 9};
	enum trw_status s = TRW_ENOMEM;

	(void)run_job(f, &plan, false);
	for (uint64_t n = 1; s == TRW_ENOMEM; n++) {
		struct job j = {.commit_every = 3, .err = &f->err};
		trw_alloc_fail_at(n);
		s = do_job(&j, f->path, true);
		trw_alloc_fail_at(0);
	}
	assert_true(went_well(f, s));
	digest_of(f, got);
	assert_memory_equal(expected, got, sizeof(got));
}

/* Every row of every table that a run fills, but for the audit chain. Owned by the caller. */
static char *
dump(const char *path)
{
	static const char *const tables[] = {"run", "image", "segment", "image_fact",
		"image_damage", "volume", "filesystem", "block_run", "file", "extent", "content",
		"content_damage", "hashset", "set_entry", "match_session", "session_set", "hit",
		"problem", "item_count", "ledger", "checkpoint", "checkpoint_damage"};
	sqlite3 *db = NULL;
	sqlite3_str *out;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	out = sqlite3_str_new(db);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		sqlite3_stmt *stmt = NULL;
		char sql[96];
		(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2, 3", tables[i]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			sqlite3_str_appendf(out, "\n%s", tables[i]);
			for (int k = 0; k < sqlite3_column_count(stmt); k++)
				if (strstr(sqlite3_column_name(stmt, k), "ed_ns") == NULL)
					sqlite3_str_appendf(
						out, " %Q", sqlite3_column_text(stmt, k));
		}
		(void)sqlite3_finalize(stmt);
	}
	(void)sqlite3_close(db);
	return sqlite3_str_finish(out);
}

static void
a_forgotten_image_leaves_no_row_behind(void **state)
{
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	struct job plan = {.commit_every = 1};
	uint8_t ignored[TRW_CANONICAL_SIZE];
	unsigned n = uninterrupted(f, ignored), half = n / 2;
	char *without, *with;
	int64_t run_id;

	plan.end_at = half + 1; /* nothing of image 2 yet */
	(void)run_job(f, &plan, false);
	without = dump(f->path);
	assert_non_null(strstr(without, "\ncheckpoint '2'"));
	assert_null(strstr(without, "\nimage '2'"));
	remove_database(f);

	plan.end_at = half + 36; /* it is walked, and contents of it are written */
	(void)run_job(f, &plan, false);
	assert_string_equal(
		ask(f->path, "SELECT is_walked FROM checkpoint WHERE image_id = 2"), "1");
	assert_string_equal(
		ask(f->path, "SELECT count(*) > 2 FROM content WHERE file_id > 8"), "1");
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_run_resume(ev, &the_run, &run_id, &f->err)));
	assert_int_equal(trw_evidence_image_forget(ev, 1, &f->err), TRW_EUSAGE);
	assert_true(went_well(f, trw_evidence_image_forget(ev, 2, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(ask(f->path, "SELECT count(*) FROM pragma_foreign_key_check"), "0");
	with = dump(f->path);
	assert_string_equal(without, with);
	sqlite3_free(without);
	sqlite3_free(with);
}

static enum trw_status
keep_streams(void *ctx, const struct trw_evidence_stream *s, struct trw_err *err)
{
	const struct trw_read_request *d = &s->decode;
	char *text = ctx;
	size_t n = strlen(text);

	(void)err;
	(void)snprintf(text + n, 1024 - n,
		"%" PRId64 " fs %" PRId64 " in %" PRId64 " %s at %" PRIu64 "+%" PRIu64 "/%" PRIu64
		": %d, inode %" PRIu64 "-%u-%u, %" PRIu64 " bytes in %zu, last %" PRIu64 "\n",
		s->file_id, s->filesystem_id, s->volume_id, trw_family_text(d->where.family),
		d->where.space.off, d->where.space.len, d->where.space.pool_block, s->source,
		d->inode, d->attr_type, d->attr_id, d->size, s->extents->n,
		s->extents->n > 0 ? s->extents->v[s->extents->n - 1].off : 0);
	return TRW_OK;
}

static enum trw_status
refuse_stream(void *ctx, const struct trw_evidence_stream *s, struct trw_err *err)
{
	(void)ctx;
	return trw_fail(err, TRW_ELIMIT, "file %" PRId64, s->file_id);
}

static void
streams_left_say_all_that_reading_them_takes(void **state)
{
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	struct job plan = {.commit_every = 1};
	uint8_t ignored[TRW_CANONICAL_SIZE];
	unsigned half = uninterrupted(f, ignored) / 2;
	struct trw_evidence_state at;
	char text[1024] = "";

	plan.end_at = half - 15; /* of image 1 three streams are left */
	(void)run_job(f, &plan, false);
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_streams_left(ev, 1, keep_streams, text, &f->err)));
	assert_string_equal(text,
		"4 fs 1 in 2 FAT at 1024+12288/5: 3, inode 103-128-3, 512 bytes in 0, last 0\n"
		"7 fs 1 in 2 FAT at 1024+12288/5: 1, inode 106-128-6, 512 bytes in 3, last 11264\n"
		"8 fs 1 in 2 FAT at 1024+12288/5: 1, inode 107-128-7, 512 bytes in 3, last 11776\n");
	assert_int_equal(
		trw_evidence_streams_left(ev, 1, refuse_stream, NULL, &f->err), TRW_ELIMIT);
	assert_int_equal(trw_evidence_streams_left(ev, 2, keep_streams, text, &f->err), TRW_EUSAGE);
	assert_true(went_well(f, trw_evidence_image_state(ev, 0, &at, &f->err)));
	assert_true(at.is_begun && at.is_walked && !at.is_closed);
	assert_int_equal(at.n_files, N_FILES);
	assert_int_equal(at.n_media_state, 1);
	assert_true(at.media_off == PIECE);
	trw_evidence_state_clear(&at);
	assert_true(went_well(f, trw_evidence_image_state(ev, 1, &at, &f->err)));
	assert_true(at.image_id == 2 && !at.is_begun && at.n_files == 0 && at.n_problems == 0);
	assert_int_equal(trw_evidence_image_state(ev, 2, &at, &f->err), TRW_EUSAGE);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

static void
damaged_checkpoints_are_refused(void **state)
{
	static const char *const edits[] = {
		"INSERT INTO checkpoint_damage VALUES (1, -1, 1, 'missing')",
		"INSERT INTO checkpoint_damage VALUES (1, 0, 0, 'missing')",
		"UPDATE checkpoint SET media_state = x'00', media_off = size + 1",
		"UPDATE checkpoint SET media_state = zeroblob(1025), media_off = 0"};
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	struct trw_evidence_state at;
	struct job plan = {.commit_every = 1, .end_at = 10};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		(void)run_job(f, &plan, false);
		tamper(f->path, edits[i]);
		assert_true(went_well(
			f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
		assert_int_equal(trw_evidence_image_state(ev, 0, &at, &f->err), TRW_ECORRUPT);
		assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
		remove_database(f);
	}
}

/* Resuming with this run is refused, says why, and changes nothing. */
static void
expect_refusal(struct fixture *f, const struct trw_evidence_run *run, const char *why)
{
	struct trw_evidence *ev = NULL;
	int64_t run_id;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_int_equal(trw_evidence_run_resume(ev, run, &run_id, &f->err), TRW_EUSAGE);
	if (strstr(f->err.text, why) == NULL)
		fail_msg("not '%s': %s", why, f->err.text);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(ask(f->path, "SELECT status FROM run"), "cancelled");
	assert_string_equal(
		ask(f->path, "SELECT count(*) FROM audit WHERE action = 'resume'"), "0");
}

static void
what_was_changed_after_a_run_ended_does_not_become_right_by_resuming_it(void **state)
{
	static const char *const changes[] = {"UPDATE file SET size = size + 1 WHERE file_id = 1",
		"UPDATE run SET status = 'running'", "UPDATE run SET host = 'elsewhere'",
		"DELETE FROM extent"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct job plan = {.commit_every = 1, .ending = END_CANCELLED, .end_at = 10};
		struct trw_evidence *ev = NULL;
		int64_t run_id;
		(void)run_job(f, &plan, false);
		tamper(f->path, changes[i]);
		assert_true(went_well(
			f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
		assert_int_equal(
			trw_evidence_run_resume(ev, &the_run, &run_id, &f->err), TRW_ECORRUPT);
		assert_non_null(strstr(f->err.text, "not what the audit chain says"));
		assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
		assert_string_equal(
			ask(f->path, "SELECT count(*) FROM audit WHERE action = 'resume'"), "0");
		remove_database(f);
	}
}

static void
another_program_or_person_cannot_resume(void **state)
{
	struct fixture *f = *state;
	struct job plan = {.commit_every = 1, .ending = END_CANCELLED, .end_at = 10};
	struct trw_evidence *ev = NULL;
	struct trw_evidence_run run = the_run;
	int64_t run_id;

	(void)run_job(f, &plan, false);
	run.tool_version = "0.2.0";
	expect_refusal(f, &run,
		"the run was begun with trowel '0.1.0', this is '0.2.0': use that version, or index into"
		" a new database");
	run = the_run;
	run.libraries = "libtsk 4.12.0";
	expect_refusal(f, &run, "the libraries 'libtsk 4.11.1', this is 'libtsk 4.12.0'");
	run = the_run;
	run.options = "verify=no";
	expect_refusal(f, &run, "the options 'verify=yes', this is 'verify=no'");
	run = the_run;
	run.case_number = "8";
	expect_refusal(f, &run, "case number '7', this is '8': leave --case-number out");
	run = the_run;
	run.examiner = "X";
	expect_refusal(f, &run, "examiner '', this is 'X'");
	run = the_run;
	run.evidence_id = "E-2";
	expect_refusal(f, &run, "evidence id 'E-1', this is 'E-2'");
	run = the_run;
	run.case_number = run.evidence_id = NULL; /* kept */
	run.host = "there";
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_run_resume(ev, &run, &run_id, &f->err)));
	assert_int_equal(run_id, 1);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(
		ask(f->path, "SELECT status || case_number || evidence_id || host FROM run"),
		"running7E-1here");
	assert_string_equal(ask(f->path, "SELECT detail FROM audit WHERE action = 'resume'"),
		"run=1 was=cancelled host=there arguments=trowel index");
	assert_string_equal(
		ask(f->path, "SELECT evidence_id FROM image WHERE image_id = 1"), "E-1");
}

static void
other_images_cannot_be_resumed(void **state)
{
	struct fixture *f = *state;
	struct job plan = {.commit_every = 1, .ending = END_CANCELLED, .end_at = 10};
	struct trw_evidence_item other[3] = {items[0], items[1], items[1]};
	struct trw_evidence_run run = the_run;

	(void)run_job(f, &plan, false);
	run.items = other;
	run.n_items = 1;
	expect_refusal(f, &run, "the run was begun with 2 images, 1 is given");
	run.n_items = 3;
	expect_refusal(f, &run, "2 images, 3 are given");
	run.n_items = 2;
	other[1].fingerprint[31] = 1;
	other[1].name = "/x/three.E01";
	expect_refusal(f, &run,
		"three.E01 is not the image that the run was begun with, two.E01: its content");
	other[1] = items[1];
	other[0].size++;
	expect_refusal(f, &run,
		"one.E01 is not the image that the run was begun with: it has 16385 bytes, one.E01 had"
		" 16384");
	other[0] = items[1];
	other[1] = items[0];
	expect_refusal(f, &run, "in the same order");
}

static enum trw_status
try_open(struct fixture *f, enum trw_evidence_mode mode)
{
	struct trw_evidence *ev = NULL;
	enum trw_status status = trw_evidence_open(f->path, mode, &ev, &f->err);

	if (status == TRW_OK)
		(void)!trw_evidence_close(ev, &f->err);
	return status;
}

/* f->path, or beside it: n bytes of c. */
static void
make_file(const struct fixture *f, const char *suffix, char c, size_t n)
{
	char path[PATH_MAX + 16];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s%s", f->path, suffix);
	file = fopen(path, "w");
	assert_non_null(file);
	while (n-- > 0)
		assert_int_equal(fputc(c, file), c);
	assert_int_equal(fclose(file), 0);
}

/* As a kill leaves it while the tables are being committed: some of their pages, and the journal that takes them back. */
static void
tear_tables(struct fixture *f)
{
	sqlite3 *db = NULL;
	pid_t pid = fork();
	int how = 0;

	if (pid == 0) {
		if (sqlite3_open(f->path, &db) != SQLITE_OK ||
			sqlite3_exec(db,
				"PRAGMA page_size = 8192; PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 1;"
				" PRAGMA cache_spill = 1; BEGIN EXCLUSIVE; CREATE TABLE t (b);"
				" WITH n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
				" INSERT INTO t SELECT randomblob(4000) FROM n",
				NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		(void)raise(SIGKILL);
	}
	assert_true(pid > 0 && waitpid(pid, &how, 0) == pid);
	assert_true(WIFSIGNALED(how));
}

static void
a_run_killed_before_it_was_on_record_is_begun(void **state)
{
	enum { EMPTY, EMPTY_WITH_JOURNAL, TORN, TABLES, TABLES_WITH_JOURNAL, N_STATES };
	struct fixture *f = *state;
	struct trw_evidence *ev = NULL;
	struct stat st;
	int64_t run_id;

	for (int i = 0; i < N_STATES; i++) {
		run_id = 0;
		if (i == EMPTY || i == EMPTY_WITH_JOURNAL) {
			make_file(f, "", 0, 0);
		} else if (i == TORN) {
			tear_tables(f);
			assert_true(stat(f->path, &st) == 0 && st.st_size > 0);
		} else {
			assert_int_equal(try_open(f, TRW_EVIDENCE_CREATE), TRW_OK);
		}
		if (i == EMPTY_WITH_JOURNAL || i == TABLES_WITH_JOURNAL)
			make_file(f, "-journal", '\0', 512);
		assert_true(went_well(
			f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
		assert_true(went_well(f, trw_evidence_run_resume(ev, &the_run, &run_id, &f->err)));
		assert_int_equal(run_id, 1);
		assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
		assert_string_equal(ask(f->path, "SELECT group_concat(action, ';') FROM audit"),
			"create;run begin");
		assert_string_equal(ask(f->path, "SELECT count(*) FROM checkpoint"), "2");
		assert_string_equal(ask(f->path, "PRAGMA page_size"), "8192");
		remove_database(f);
	}
}

static void
resuming_never_writes_into_what_is_not_ours(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db = NULL;
	struct stat st;

	make_file(f, "", 'x', 5000);
	assert_int_equal(try_open(f, TRW_EVIDENCE_RESUME), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "not an evidence database"));
	assert_true(stat(f->path, &st) == 0 && st.st_size == 5000);
	remove_database(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE run (a)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(try_open(f, TRW_EVIDENCE_RESUME), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "but not an evidence database"));
	assert_string_equal(ask(f->path, "SELECT count(*) FROM sqlite_schema"), "1");
	remove_database(f);
	make_file(f, "", 0, 0);
	make_file(f, "-wal", 'x', 100);
	assert_int_equal(try_open(f, TRW_EVIDENCE_RESUME), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "-wal is not: not a run to resume"));
	assert_true(stat(f->path, &st) == 0 && st.st_size == 0);
	remove_database(f);
}

static void
only_an_unfinished_run_is_resumed(void **state)
{
	struct fixture *f = *state;
	struct job plan = {.commit_every = 1};

	assert_int_equal(try_open(f, TRW_EVIDENCE_RESUME), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "no such evidence database"));
	(void)run_job(f, &plan, false);
	assert_int_equal(try_open(f, TRW_EVIDENCE_RESUME), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "is complete: there is nothing to resume"));
	remove_database(f);
	plan.end_at = 20;
	(void)run_job(f, &plan, false);
	assert_int_equal(try_open(f, TRW_EVIDENCE_ADD), TRW_EUSAGE);
	assert_non_null(strstr(f->err.text, "did not finish: go on with --resume"));
}

static void
a_problem_takes_path_and_inode_from_its_file(void **state)
{
	struct fixture *f = *state;
	struct job plan = {.commit_every = 5};

	(void)run_job(f, &plan, false);
	assert_string_equal(
		ask(f->path,
			"SELECT group_concat(path || ' ' || inode, ';') FROM (SELECT * FROM report_problems"
			" WHERE file_id <= 8 ORDER BY problem_id)"),
		"/a 101;/a:ads 102;/d 105;/e 106;/f 107");
	assert_string_equal(
		ask(f->path, "SELECT count(*) FROM problem WHERE path IS NULL AND inode IS NULL"),
		"4");
}

/* Hundreds of databases with a commit after each row: where there are memory files, on those. */
static int
memory_setup(void **state)
{
	if (fixture_setup(state) != 0)
		return -1;
	struct fixture *f = *state;
	char dir[] = "/dev/shm/trowel-XXXXXX";
	if (mkdtemp(dir) == NULL)
		return 0;
	(void)rmdir(f->dir);
	(void)strcpy(f->dir, dir);
	(void)snprintf(f->path, sizeof(f->path), "%s/case.db", f->dir);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, memory_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_killed_at_any_step_resumes_to_the_same_database),
		TEST(what_was_changed_after_a_run_ended_does_not_become_right_by_resuming_it),
		TEST(a_cancelled_or_failed_run_resumes_to_the_same_database),
		TEST(what_a_failed_write_left_half_done_is_cleared),
		TEST(a_failing_allocation_costs_nothing_but_another_try),
		TEST(a_forgotten_image_leaves_no_row_behind),
		TEST(streams_left_say_all_that_reading_them_takes),
		TEST(damaged_checkpoints_are_refused),
		TEST(another_program_or_person_cannot_resume),
		TEST(other_images_cannot_be_resumed),
		TEST(a_run_killed_before_it_was_on_record_is_begun),
		TEST(resuming_never_writes_into_what_is_not_ours),
		TEST(only_an_unfinished_run_is_resumed),
		TEST(a_problem_takes_path_and_inode_from_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
