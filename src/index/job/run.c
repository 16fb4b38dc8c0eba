/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of things. Everything that can be wrong with the call shows before there is a database: options,
 * images, a worker that cannot be locked down. Then the run's row is committed as "running" - what a killed
 * run leaves, and a resumed one takes up again - and each image is set up, worked on (work.h), and closed.
 */
#include "index/index.h"

#include "base/alloc.h"
#include "base/cpus.h"
#include "index/job/items.h"
#include "index/job/resume.h"
#include "index/job/work.h"
#include "index/media/mediasum.h"
#include "index/media/verdict.h"
#include "index/pass/pass.h"
#include "index/sets/hits.h"
#include "index/sets/setlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define JOBS_MAX 256

struct run {
	struct trw_index_options options; /* defaults filled in */
	struct trw_progress progress;     /* when the caller gave none */
	struct trw_items items;
	struct trw_setlist sets;
	struct trw_evidence *ev;
	struct trw_evidence_ids ids;
	struct trw_first_error first_error;
	int64_t run_id;
	bool is_created;   /* the database file is ours */
	bool is_committed; /* and says so */
	char *libraries;
	struct trw_index_result *result;
};

static enum trw_status
fill_options(struct run *r, const struct trw_index_options *options, struct trw_err *err)
{
	struct trw_index_options *o = &r->options;

	*o = *options;
	if (o->n_images == 0)
		return trw_fail(err, TRW_EUSAGE, "no image given");
	if (o->output == NULL || o->output[0] == '\0')
		return trw_fail(err, TRW_EUSAGE, "no database given: use -o CASE.db");
	if (o->jobs > JOBS_MAX)
		return trw_fail(err, TRW_EUSAGE, "%u jobs: at most %d", o->jobs, JOBS_MAX);
	if (o->jobs == 0)
		o->jobs = trw_cpus(JOBS_MAX);
	if (o->memory == 0)
		o->memory = TRW_INDEX_MEMORY;
	if (o->sparse_max == 0)
		o->sparse_max = TRW_INDEX_SPARSE_MAX;
	if (o->sparse_max > INT64_MAX / 8)
		o->sparse_max = INT64_MAX / 8;
	if (o->item_timeout_ns == 0)
		o->item_timeout_ns = TRW_INDEX_ITEM_TIMEOUT_NS;
	if (o->progress == NULL)
		o->progress = &r->progress;
	return TRW_OK;
}

static enum trw_status
open_items(struct run *r, struct trw_err *err)
{
	struct trw_media_options media = {.sector_size = r->options.sector_size,
		.quiet_max_ns = r->options.item_timeout_ns,
		.no_sandbox = r->options.no_sandbox};

	return trw_items_open(&r->items, r->options.images, r->options.n_images, &media, err);
}

/* The versions that a worker with this image open reports. */
static enum trw_status
ask_libraries(struct run *r, const struct trw_item *item, struct trw_err *err)
{
	struct trw_pass pass = {
		.options = &r->options, .image = item->image, .paths = &item->path, .n_paths = 1};
	struct trw_talk talk = trw_pass_talk(&pass, "walk");
	enum trw_status s = trw_worker_start(&talk.spec, &talk.worker, err);

	if (s == TRW_OK) {
		r->libraries = trw_strdup(trw_worker_versions(talk.worker), err);
		s = r->libraries == NULL ? TRW_ENOMEM : TRW_OK;
	}
	trw_talk_close(&talk);
	return s;
}

/*
 * That workers start and that the sandbox works shows here, before anything is recorded: with the first image
 * that a worker can open. When none can open any, it is not the evidence that is broken.
 */
static enum trw_status
learn_libraries(struct run *r, struct trw_err *err)
{
	struct trw_err first = {0};

	for (size_t i = 0; i < r->items.n && r->libraries == NULL; i++) {
		struct trw_err lost = {0};
		if (trw_image_info(r->items.v[i].image)->format == TRW_IMAGE_UNREADABLE)
			continue;
		enum trw_status s = ask_libraries(r, &r->items.v[i], &lost);
		if (s < 0 && first.status == TRW_OK)
			first = lost;
		if (s < 0 && s != TRW_EWORKER)
			break;
	}
	if (r->libraries == NULL && first.status < 0) {
		if (err != NULL)
			*err = first;
		return first.status == TRW_EWORKER ? trw_fail_in(err, "%s", trw_worker_binary())
						   : first.status;
	}
	if (r->libraries == NULL)
		r->libraries = trw_strdup("unknown: no image can be read", err);
	return r->libraries == NULL ? TRW_ENOMEM : TRW_OK;
}

/* A wrong output is told before anything is started. Until the run is committed a new file is taken back. */
static enum trw_status
open_output(struct run *r, struct trw_err *err)
{
	const struct trw_index_options *o = &r->options;
	enum trw_evidence_mode mode = o->resume ? TRW_EVIDENCE_RESUME
				      : o->add  ? TRW_EVIDENCE_ADD
						: TRW_EVIDENCE_CREATE;
	enum trw_status s = trw_evidence_open(o->output, mode, &r->ev, err);

	if (s != TRW_OK)
		return s;
	trw_evidence_set_threads(r->ev, o->jobs);
	r->is_created = mode == TRW_EVIDENCE_CREATE;
	return trw_evidence_next_ids(r->ev, &r->ids, err);
}

/* What the images are, so that a resumed run can tell whether it has got the same. */
static enum trw_status
fill_record(const struct run *r, struct trw_evidence_item *record, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < r->items.n; i++) {
		const struct trw_image_info *info = trw_image_info(r->items.v[i].image);
		record[i].name = info->n_segments > 0 ? info->segments[0].path : r->items.v[i].path;
		record[i].size = info->size;
		s = trw_resume_fingerprint(r->items.v[i].image, record[i].fingerprint, err);
	}
	return s;
}

static enum trw_status
record_run(struct run *r, const char *text, const struct trw_evidence_item *record,
	struct trw_err *err)
{
	const struct trw_index_options *o = &r->options;
	struct trw_evidence_run run = {
		.tool_version = TROWEL_VERSION,
		.libraries = r->libraries,
		.arguments = o->arguments != NULL ? o->arguments : "",
		.options = text,
		.case_number = o->case_number,
		.examiner = o->examiner,
		.evidence_id = o->evidence_id,
		.host = o->host,
		.items = record,
		.n_items = r->items.n,
	};

	return o->resume ? trw_evidence_run_resume(r->ev, &run, &r->run_id, err)
			 : trw_evidence_run_begin(r->ev, &run, &r->run_id, err);
}

static enum trw_status
begin_run(struct run *r, struct trw_err *err)
{
	const struct trw_index_options *o = &r->options;
	struct trw_evidence_item *record = trw_alloc(r->items.n, sizeof(*record), err);
	char *sets = trw_setlist_text(&r->sets, err);
	char *text = sets == NULL ? NULL
				  : trw_format(err,
					    "verify=%d sparse-max=%" PRIu64 " sector-size=%" PRIu32
					    " item-timeout=%" PRIu64 " sandbox=%d%s",
					    !o->no_verify, o->sparse_max, o->sector_size,
					    o->item_timeout_ns / 1000000000, !o->no_sandbox, sets);
	enum trw_status s = record == NULL || text == NULL ? TRW_ENOMEM : TRW_OK;

	if (s == TRW_OK)
		s = fill_record(r, record, err);
	if (s == TRW_OK)
		s = record_run(r, text, record, err);
	if (s == TRW_OK && o->sandbox != NULL)
		s = trw_evidence_audit(r->ev, "sandbox", o->sandbox, err);
	if (s == TRW_OK && r->sets.n > 0)
		s = trw_setlist_begin(
			&r->sets, r->ev, &(struct trw_evidence_session){.run_id = r->run_id}, err);
	if (s == TRW_OK)
		s = trw_evidence_commit(r->ev, err);
	r->is_committed = s == TRW_OK;
	free(record);
	free(sets);
	free(text);
	return s;
}

static void
add_problems(struct run *r, uint64_t n)
{
	struct trw_progress *p = r->options.progress;

	atomic_fetch_add_explicit(&p->problems, n, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->problems_total, n, memory_order_relaxed);
}

/* Whether the media are to be digested; when they cannot reasonably be, that goes on record. */
static enum trw_status
must_verify(struct run *r, const struct trw_pass *pass, bool *must, struct trw_err *err)
{
	uint64_t zeros = 0;
	char text[256];
	enum trw_status s = TRW_OK;

	*must = !r->options.no_verify;
	if (*must)
		s = trw_mediasum_is_bounded(pass->image, must, &zeros, err);
	if (s < 0 || *must || r->options.no_verify)
		return s;
	(void)snprintf(text, sizeof(text),
		"the image was not digested as a whole: it announces %" PRIu64
		" bytes that its files do not hold; acquire it again, or look for lost segments",
		zeros);
	struct trw_problem p = {.image_id = pass->image_id,
		.code = TRW_CODE_VERIFY_LIMIT,
		.text = trw_bytes_of(text)};
	add_problems(r, 1);
	return trw_evidence_put(
		r->ev, &(struct trw_row){.kind = TRW_ROW_PROBLEM, .u.problem = p}, err);
}

static void
begin_progress(struct run *r, size_t number)
{
	struct trw_progress *p = r->options.progress;

	atomic_store_explicit(&p->image, number + 1, memory_order_relaxed);
	atomic_store_explicit(&p->files, 0, memory_order_relaxed);
	atomic_store_explicit(&p->files_done, 0, memory_order_relaxed);
	atomic_store_explicit(&p->bytes_done, 0, memory_order_relaxed);
	atomic_store_explicit(&p->bytes_total, 0, memory_order_relaxed);
	atomic_store_explicit(&p->content_done, 0, memory_order_relaxed);
	atomic_store_explicit(&p->content_total, 0, memory_order_relaxed);
	atomic_store_explicit(&p->problems, 0, memory_order_relaxed);
	trw_progress_phase(r->options.progress, TRW_PHASE_WALK);
}

/* Verdict, books, audit line. */
static enum trw_status
close_image(struct run *r, const struct trw_pass *pass, const char *path,
	const struct trw_digests *digests, struct trw_err *err)
{
	uint64_t n_problems = 0;
	bool balanced = true;

	trw_progress_phase(r->options.progress, TRW_PHASE_BOOKS);
	enum trw_status s =
		trw_verdict_end(r->ev, pass->image, pass->image_id, digests, &n_problems, err);
	if (s == TRW_OK)
		s = trw_evidence_close_books(r->ev, pass->image_id, &balanced, err);
	add_problems(r, n_problems + !balanced);
	char *detail = s < 0 ? NULL
			     : trw_format(err, "image %" PRId64 " (%s): %" PRIu64 " files",
				       pass->image_id, path, pass->n_files);
	if (s == TRW_OK)
		s = detail == NULL ? TRW_ENOMEM
				   : trw_evidence_audit(r->ev, "image indexed", detail, err);
	free(detail);
	return s < 0 ? s : trw_evidence_commit(r->ev, err);
}

/* The rows that say what the image is; *verifies: it is to be digested as a whole. */
static enum trw_status
begin_image(struct run *r, const struct trw_pass *pass, const char *path, bool *verifies,
	struct trw_err *err)
{
	uint64_t n_problems = 0;
	struct trw_evidence_image row = {.image_id = pass->image_id,
		.run_id = r->run_id,
		.path = path,
		.evidence_id = r->options.evidence_id};
	enum trw_status s = trw_verdict_begin(r->ev, pass->image, &row, &n_problems, err);

	add_problems(r, n_problems);
	if (s == TRW_OK)
		s = must_verify(r, pass, verifies, err);
	return s == TRW_OK ? trw_evidence_commit(r->ev, err) : s;
}

/* From where an earlier run left it, or from the start. */
static enum trw_status
go_on(struct run *r, struct trw_pass *pass, const char *path,
	const struct trw_evidence_state *state, struct trw_err *err)
{
	struct trw_work work = {.ev = r->ev};
	struct trw_digests digests;
	bool verifies = false;
	enum trw_status s = TRW_OK;

	if (state->is_walked) {
		work.state = state;
		pass->n_files = state->n_files;
		s = must_verify(r, pass, &verifies, err);
	} else {
		s = begin_image(r, pass, path, &verifies, err);
	}
	if (s == TRW_OK && verifies)
		trw_sweep_media_start(&work.media, r->options.jobs);
	if (s == TRW_OK && verifies && state->n_media_state > 0)
		s = trw_sweep_media_load(
			&work.media, state->media_state, state->n_media_state, err);
	if (s == TRW_OK && trw_image_info(pass->image)->format != TRW_IMAGE_UNREADABLE)
		s = trw_work_run(pass, &work, err);
	else
		verifies = false;
	r->result->n_files += pass->n_files;
	if (s < 0)
		return s;
	if (verifies)
		trw_sweep_media_finish(&work.media, &digests);
	return close_image(r, pass, path, verifies ? &digests : NULL, err);
}

static enum trw_status
index_item(struct run *r, size_t number, struct trw_err *err)
{
	const struct trw_item *item = &r->items.v[number];
	struct trw_evidence_state state = {0};
	struct trw_pass pass = {.options = &r->options,
		.image = item->image,
		.paths = &item->path,
		.n_paths = 1,
		.sets = &r->sets,
		.first_error = &r->first_error,
		.progress = r->options.progress,
		.ids = &r->ids};
	enum trw_status s = TRW_OK;

	begin_progress(r, number);
	if (r->options.resume) {
		s = trw_resume_image(r->ev, number, &state, err);
		if (s == TRW_OK)
			s = trw_evidence_next_ids(r->ev, &r->ids, err);
	}
	if (s == TRW_OK && state.is_closed) {
		r->result->n_files += state.n_files;
		add_problems(r, state.n_problems);
	} else if (s == TRW_OK) {
		pass.image_id = state.is_begun ? state.image_id : r->ids.image++;
		if (state.is_walked)
			add_problems(r, state.n_problems);
		s = go_on(r, &pass, item->path, &state, err);
	}
	trw_evidence_state_clear(&state);
	return s;
}

/* Ends the run's row with what came of it, closes, and takes away a file that never got that far. */
static enum trw_status
end_run(struct run *r, enum trw_status s, struct trw_err *err)
{
	const char *status = s == TRW_OK ? "complete" : s == TRW_ECANCEL ? "cancelled" : "failed";
	struct trw_err late = {0};
	enum trw_status e = TRW_OK;

	r->result->cancelled = s == TRW_ECANCEL;
	if (r->is_committed)
		e = trw_hits_finish(&r->sets, r->ev, &late);
	if (r->is_committed && e == TRW_OK)
		e = trw_evidence_run_end(r->ev, r->run_id, status, &late);
	if (r->is_committed && e == TRW_OK && r->sets.n > 0)
		e = trw_evidence_session_counts(
			r->ev, r->sets.session_id, 0, &r->result->counts, &late);
	if (e < 0 && s != TRW_EDB) /* not ended as it should be: it must not look as if */
		(void)!trw_evidence_run_end(r->ev, r->run_id, "failed", NULL);
	if (r->ev != NULL) {
		struct trw_err closing = {0};
		enum trw_status c = trw_evidence_close(r->ev, &closing);
		if (e == TRW_OK && c < 0) {
			e = c;
			late = closing;
		}
	}
	if (r->is_created && !r->is_committed)
		(void)unlink(r->options.output);
	if (s == TRW_ECANCEL && r->is_committed)
		s = TRW_OK; /* told in result->cancelled */
	if (s < 0 || e == TRW_OK)
		return s;
	if (err != NULL)
		*err = late;
	return e;
}

enum trw_status
trw_index_run(const struct trw_index_options *options, struct trw_index_result *result,
	struct trw_err *err)
{
	struct run *r = trw_alloc(1, sizeof(*r), err);

	*result = (struct trw_index_result){0};
	if (r == NULL)
		return TRW_ENOMEM;
	r->result = result;
	trw_first_error_init(&r->first_error);
	enum trw_status s = fill_options(r, options, err);
	if (s == TRW_OK) {
		trw_progress_phase(r->options.progress, TRW_PHASE_OPEN);
		s = trw_setlist_open(&r->sets, options->sets, options->n_sets, options->alerts,
			options->n_alerts, err);
	}
	if (s == TRW_OK) {
		result->n_unusable = trw_setlist_unusable(&r->sets);
		trw_setlist_unmet(&r->sets, result->unmet);
		s = open_items(r, err);
	}
	if (s == TRW_OK)
		s = open_output(r, err);
	if (s == TRW_OK)
		s = learn_libraries(r, err);
	if (s == TRW_OK)
		s = begin_run(r, err);
	if (s == TRW_OK)
		atomic_store_explicit(
			&r->options.progress->n_images, r->items.n, memory_order_relaxed);
	for (size_t i = 0; s == TRW_OK && i < r->items.n; i++)
		s = index_item(r, i, err);
	s = end_run(r, s, err);
	if (r->options.progress != NULL) {
		result->n_problems = atomic_load(&r->options.progress->problems_total);
		trw_progress_phase(r->options.progress, TRW_PHASE_DONE);
	}
	trw_items_close(&r->items);
	trw_setlist_close(&r->sets);
	trw_first_error_destroy(&r->first_error);
	free(r->libraries);
	free(r);
	return s;
}
