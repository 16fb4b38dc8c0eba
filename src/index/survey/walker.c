/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each volume that may hold a file system is first given to libtsk's own detection. Where that finds two
 * types plausible, or dies, or finds nothing although the probe does, each type is tried by name in a process
 * of its own, and all that open are walked: the examiner gets "A or B", never nothing.
 */
#include "index/survey/walker.h"

#include "base/alloc.h"
#include "index/survey/fswalk.h"
#include "index/survey/trial.h"
#include "index/survey/volumes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORCED_QUIET_NS ((uint64_t)10 * 1000000000)

struct walker {
	struct trw_feed feed;
	struct trw_talk talk; /* with walk workers */
	struct trw_volumes volumes;
};

/* The outcome of trying every type by name. */
struct forced {
	bool opens[TRW_FAMILY_N], has_files[TRW_FAMILY_N];
	unsigned n_open, n_with_files;
	bool is_ambiguous;
	bool is_walked; /* at least one of them opened a second time */
	char tried[256], found[256];
};

/* inode: 0 when the problem is about none. */
static enum trw_status
post_problem(struct walker *w, const struct trw_volume *v, enum trw_code code, uint64_t inode,
	const char *text, struct trw_err *err)
{
	struct trw_problem p = {.image_id = w->feed.pass->image_id,
		.volume_id = v->volume_id,
		.stage = TRW_STAGE_VOLUMES,
		.code = code,
		.inode = inode,
		.has_range = true,
		.off = v->space.off,
		.len = v->space.len,
		.text = trw_bytes_of(text)};

	return trw_outbox_problem(&w->feed.outbox, &p, err);
}

/* Behind the list in text: ", name". */
static void
append(char *text, size_t max, const char *name)
{
	size_t n = strlen(text);

	(void)snprintf(text + n, max - n, "%s%s", n > 0 ? ", " : "", name);
}

static bool
is_to_try(const struct trw_volume *v, enum trw_family family)
{
	return v->plausible == 0 || (TRW_FAMILY_BIT(family) & v->plausible) != 0;
}

static struct trw_fs_where
place(const struct trw_volume *v, enum trw_family family)
{
	return (struct trw_fs_where){v->space, family};
}

static uint64_t
forced_quiet(const struct walker *w)
{
	uint64_t item = w->feed.pass->options->item_timeout_ns;

	return item < FORCED_QUIET_NS ? item : FORCED_QUIET_NS;
}

/* A type that opens is walked, and the walk tells its deaths; of the others the trial is all there is. */
static enum trw_status
post_death(struct walker *w, const struct trw_volume *v, const char *type,
	const struct trw_trial *t, struct trw_err *err)
{
	char text[TRW_ERR_TEXT_MAX + 64];

	(void)snprintf(text, sizeof(text), "tried by name as %s: %s", type, t->text);
	return post_problem(w, v, t->code, t->inode, text, err);
}

/* That a trial took two workers, whatever the second one found: for the record only. */
static enum trw_status
note_retry(struct walker *w, const struct trw_volume *v, const char *type,
	const struct trw_trial *t, struct trw_err *err)
{
	char text[TRW_ERR_TEXT_MAX + 128];

	(void)snprintf(text, sizeof(text),
		"volume=%" PRId64 " tried by name as %s: %.400s; a fresh worker tried again",
		v->volume_id, type, t->text);
	return trw_outbox_audit(&w->feed.outbox, "retry", text, err);
}

static enum trw_status
run_trials(struct walker *w, const struct trw_volume *v, struct forced *f, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (enum trw_family i = TRW_FAMILY_NONE + 1; s == TRW_OK && i < TRW_FAMILY_N; i++) {
		struct trw_trial t;
		struct trw_fs_where where = place(v, i);
		if (!is_to_try(v, i))
			continue;
		if (trw_first_error_stops(w->feed.pass->first_error))
			return trw_fail(err, TRW_ECANCEL, "the run is ending");
		append(f->tried, sizeof(f->tried), trw_family_text(i));
		s = trw_trial_run(w->feed.pass, &where, forced_quiet(w), &t, err);
		if (s == TRW_OK && t.n_deaths > 0)
			s = note_retry(w, v, trw_family_text(i), &t, err);
		f->opens[i] = t.is_open;
		f->has_files[i] = t.has_file;
		f->n_open += t.is_open;
		f->n_with_files += t.has_file;
		if (t.is_open)
			append(f->found, sizeof(f->found), trw_family_text(i));
		else if (s == TRW_OK && t.has_died)
			s = post_death(w, v, trw_family_text(i), &t, err);
	}
	return s;
}

static enum trw_status
walk_forced(struct walker *w, const struct trw_volume *v, struct forced *f, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (enum trw_family i = TRW_FAMILY_NONE + 1; s == TRW_OK && i < TRW_FAMILY_N; i++) {
		struct trw_talk talk = trw_pass_talk(w->feed.pass, "walk");
		struct trw_fswalk_result r;
		struct trw_fswalk_spec spec = {.volume_id = v->volume_id,
			.where = place(v, i),
			.is_forced = true,
			.is_ambiguous = f->is_ambiguous};
		if (!f->opens[i])
			continue;
		talk.spec.quiet_max_ns = forced_quiet(w);
		s = trw_fswalk_run(&w->feed, &spec, &talk, &r, err);
		trw_talk_close(&talk);
		f->is_walked |= r.is_open;
		if (s == TRW_OK && !r.is_open)
			s = post_problem(w, v, TRW_CODE_WALK_FAILED, 0, r.text, err);
	}
	return s;
}

/* why: what detection said. *is_found: something was walked. */
static enum trw_status
try_types(struct walker *w, const struct trw_volume *v, const char *why, bool *is_found,
	struct trw_err *err)
{
	struct forced f = {0};
	char text[1200];
	enum trw_status s = run_trials(w, v, &f, err);

	if (s < 0)
		return s;
	f.is_ambiguous = f.n_with_files > 1;
	if (f.is_ambiguous)
		(void)snprintf(text, sizeof(text),
			"more than one file system is plausible at byte %" PRIu64
			": %s; each is indexed, decide by their content (detection: %s)",
			v->space.off, f.found, why);
	else
		(void)snprintf(text, sizeof(text),
			"detection failed at byte %" PRIu64 " (%s); tried by name: %s; found: %s",
			v->space.off, why, f.tried, f.n_open > 0 ? f.found : "none");
	s = post_problem(w, v,
		f.is_ambiguous ? TRW_CODE_AMBIGUOUS_FILESYSTEM : TRW_CODE_DETECTION_FAILED, 0, text,
		err);
	if (s == TRW_OK)
		s = walk_forced(w, v, &f, err);
	*is_found = f.is_walked;
	return s;
}

/* A volume in which nothing could be indexed: say why, unless there is nothing to index. */
static enum trw_status
post_unindexed(struct walker *w, const struct trw_volume *v, const char *why, struct trw_err *err)
{
	struct trw_bytes content =
		v->content.n > 0 ? v->content : trw_bytes_of("no known file system");
	bool is_encrypted = (v->holds & TRW_HOLDS_ENCRYPTION) != 0;
	enum trw_code code = TRW_CODE_UNSUPPORTED_FILESYSTEM;
	char text[TRW_ERR_TEXT_MAX + 512];

	if (is_encrypted)
		code = TRW_CODE_ENCRYPTED_VOLUME;
	else if ((v->holds & TRW_HOLDS_ZEROS) != 0)
		return TRW_OK;
	else if (v->content.n == 0 || (v->holds & TRW_HOLDS_UNKNOWN) != 0)
		code = TRW_CODE_UNKNOWN_FILESYSTEM;
	(void)snprintf(text, sizeof(text),
		"%.*s at byte %" PRIu64 ", %" PRIu64
		" bytes: its files are not indexed%s%.400s; %s",
		(int)content.n, (const char *)content.p, v->space.off, v->space.len,
		why[0] != '\0' ? ": " : "", why,
		is_encrypted ? "decrypt it and index the result"
			     : "look at it with a tool for this format");
	return post_problem(w, v, code, 0, text, err);
}

/*
 * libtsk took one type and the probe knows of more: a file system that was made over another one. What opens
 * by name and has files is walked too, and all are on record as ambiguous, the one that was walked first too.
 */
static enum trw_status
try_others(struct walker *w, const struct trw_volume *v, const struct trw_fswalk_result *detected,
	struct trw_err *err)
{
	struct trw_volume others = *v;
	struct forced f = {0};
	char text[1200];
	enum trw_status s;

	others.plausible &= ~TRW_FAMILY_BIT(detected->family);
	if (others.plausible == 0)
		return TRW_OK;
	s = run_trials(w, &others, &f, err);
	f.found[0] = '\0';
	for (enum trw_family i = TRW_FAMILY_NONE + 1; i < TRW_FAMILY_N; i++) {
		f.opens[i] = f.has_files[i];
		if (f.opens[i])
			append(f.found, sizeof(f.found), trw_family_text(i));
	}
	if (s < 0 || f.n_with_files == 0)
		return s;
	(void)snprintf(text, sizeof(text),
		"more than one file system is plausible at byte %" PRIu64
		": %s as detected, and %s; each is indexed, decide by their content",
		v->space.off, detected->type, f.found);
	f.is_ambiguous = true;
	s = trw_outbox_put(&w->feed.outbox,
		&(struct trw_row){.kind = TRW_ROW_FILESYSTEM_AMBIGUOUS,
			.u.filesystem = {.filesystem_id = detected->filesystem_id}},
		err);
	if (s == TRW_OK)
		s = post_problem(w, v, TRW_CODE_AMBIGUOUS_FILESYSTEM, 0, text, err);
	return s == TRW_OK ? walk_forced(w, v, &f, err) : s;
}

static enum trw_status
walk_volume(struct walker *w, const struct trw_volume *v, struct trw_err *err)
{
	struct trw_fswalk_result r;
	struct trw_fswalk_spec spec = {
		.volume_id = v->volume_id, .where = place(v, TRW_FAMILY_NONE)};
	enum trw_status s = trw_fswalk_run(&w->feed, &spec, &w->talk, &r, err);
	bool is_found = r.is_open;

	if (s == TRW_OK && is_found)
		s = try_others(w, v, &r, err);
	if (s < 0 || is_found)
		return s;
	if (r.has_died || r.failed != TRW_EUNSUPPORTED || v->plausible != 0)
		s = try_types(w, v, r.text, &is_found, err);
	if (s == TRW_OK && !is_found)
		s = post_unindexed(w, v, r.text, err);
	return s;
}

/* Partitions that are not worth a walk, but whose content is missing from the index all the same. */
static bool
is_unindexed(const struct trw_listed_volume *listed)
{
	const struct trw_volume *v = &listed->row;
	bool holds_files = v->kind == TRW_VOLUME_PARTITION || v->kind == TRW_VOLUME_WHOLE ||
			   v->kind == TRW_VOLUME_POOL_VOLUME;

	if (v->may_hold_fs || listed->has_children)
		return false;
	return (v->holds & TRW_HOLDS_ENCRYPTION) != 0 ||
	       (holds_files && v->content.n > 0 && (v->holds & TRW_HOLDS_SWAP) == 0);
}

static enum trw_status
walk_image(struct walker *w, struct trw_err *err)
{
	enum trw_status s = trw_volumes_list(&w->feed, &w->talk, &w->volumes, err);

	for (size_t i = 0; s == TRW_OK && i < w->volumes.n; i++) {
		const struct trw_listed_volume *listed = &w->volumes.v[i];
		const struct trw_volume *v = &listed->row;
		if (trw_first_error_stops(w->feed.pass->first_error))
			return trw_fail(err, TRW_ECANCEL, "the run is ending");
		if (v->may_hold_fs)
			s = walk_volume(w, v, err);
		else if (is_unindexed(listed))
			s = post_unindexed(w, v, "", err);
	}
	return s < 0 ? s : trw_feed_end(&w->feed, err);
}

enum trw_status
trw_walker_run(struct trw_pass *pass, struct trw_err *err)
{
	struct walker w = {.feed = {.pass = pass, .outbox = {.writer = pass->writer}},
		.talk = trw_pass_talk(pass, "walk")};
	enum trw_status s = walk_image(&w, err);

	trw_talk_close(&w.talk);
	trw_feed_clear(&w.feed);
	trw_volumes_clear(&w.volumes);
	return s;
}
