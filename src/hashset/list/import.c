/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/import.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "base/text.h"
#include "hashset/list/contract/draft.h"
#include "hashset/list/detect.h"
#include "hashset/list/feed.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/keyed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX ((size_t)1 << 16)
#define LOOK_EVERY 1024 /* calls between two looks at trw_cancelled and the clock */

struct import {
	struct trw_draft draft; /* of the record that is read */
	const struct trw_import_options *o;
	struct trw_import_result *r;
	struct trw_list_options list;
	struct trw_set_builder *builder; /* owned */
	struct trw_keyed *keyed;         /* owned; NULL until it is needed */
	struct trw_input *input;         /* owned; the one that is read */
	struct trw_input *base;          /* owned; the last NSRL database */
	char *folder;                    /* owned; for temporary files */
	size_t cap_files;
	bool has_id, has_name, has_version, has_blocks; /* id ...: said by the user, or by a file */
	uint64_t n_calls;
};

void
trw_import_result_clear(struct trw_import_result *r)
{
	for (size_t i = 0; i < r->n_files; i++)
		free(r->files[i].path);
	free(r->files);
	*r = (struct trw_import_result){0};
}

/* ---- the sink of the readers ---- */

static enum trw_status
look(struct import *m, struct trw_err *err)
{
	if (m->n_calls++ % LOOK_EVERY != 0)
		return TRW_OK;
	if (trw_is_cancelled())
		return trw_fail(err, TRW_ECANCEL, "interrupted: the set is as it was");
	if (m->o->progress != NULL && m->input != NULL)
		m->o->progress(m->o->ctx, trw_input_done(m->input), trw_input_size(m->input),
			m->r->report.n_records);
	return TRW_OK;
}

static enum trw_status
take_entry(void *ctx, const struct trw_entry *entry, struct trw_err *err)
{
	struct import *m = ctx;
	enum trw_status st = look(m, err);

	if ((entry->kinds & TRW_HASH_BIT(TRW_HASH_BLOCK_MD5)) != 0)
		m->has_blocks = true;
	return st < 0 ? st : trw_set_builder_add(m->builder, entry, err);
}

static enum trw_status
take_digests(
	void *ctx, enum trw_hash_kind kind, const uint8_t *digests, size_t n, struct trw_err *err)
{
	struct import *m = ctx;
	enum trw_status st = look(m, err);

	return st < 0 ? st : trw_set_builder_add_digests(m->builder, kind, digests, n, err);
}

static enum trw_status
take_subtract(void *ctx, const struct trw_entry *entry, struct trw_err *err)
{
	struct import *m = ctx;
	enum trw_status st = look(m, err);

	return st < 0 ? st : trw_set_builder_subtract(m->builder, entry, err);
}

static enum trw_status
take_keyed(void *ctx, const void *key, size_t key_len, int64_t rank, const struct trw_entry *entry,
	struct trw_err *err)
{
	struct import *m = ctx;
	enum trw_status st = look(m, err);

	if (st == TRW_OK && m->keyed == NULL)
		st = trw_keyed_new(&m->keyed, err);
	return st < 0 ? st : trw_keyed_put(m->keyed, key, key_len, rank, entry, err);
}

/*
 * What the user says counts; else the first name and id, and the last version, which is a delta's.
 */
static enum trw_status
take_fact(void *ctx, const char *key, const char *value, size_t n, struct trw_err *err)
{
	struct import *m = ctx;
	bool is_id = strcmp(key, "id") == 0, is_name = strcmp(key, "name") == 0;

	if (n == 0 || (is_id && m->has_id) || (is_name && m->has_name) ||
		(strcmp(key, "version") == 0 && m->o->version != NULL))
		return TRW_OK;
	m->has_id = m->has_id || is_id;
	m->has_name = m->has_name || is_name;
	return trw_set_builder_fact(m->builder, key, value, n, err);
}

/* ---- one file ---- */

/* The path before an error that does not name the file yet. */
static enum trw_status
fail_in_file(const char *path, struct trw_err *err)
{
	const char *base = trw_base_name(path);

	if (err == NULL)
		return TRW_ECORRUPT;
	if (strncmp(err->text, path, strlen(path)) == 0)
		return err->status;
	if (strncmp(err->text, base, strlen(base)) == 0 && err->status != TRW_EUSAGE)
		return err->status;
	return trw_fail_in(err, "%s", path);
}

static enum trw_status
file_record(struct import *m, const char *path, const char *format, struct trw_err *err)
{
	struct trw_import_result *r = m->r;
	void *files =
		trw_grow(r->files, r->n_files, &m->cap_files, sizeof(*r->files), FILES_MAX, err);

	if (files == NULL)
		return trw_fail_in(err, "files of the import");
	r->files = files;
	char *copy = trw_strdup(path, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	memset(&r->files[r->n_files], 0, sizeof(*r->files));
	r->files[r->n_files].path = copy;
	r->files[r->n_files++].format = format;
	return TRW_OK;
}

/* wanted: what the file must have; NULL. */
static enum trw_status
source_fact(struct import *m, const uint8_t *wanted, struct trw_err *err)
{
	size_t last = m->r->n_files - 1;
	uint8_t sha256[32];
	char hex[65];
	enum trw_status st = trw_input_sha256(m->input, sha256, err);

	if (st == TRW_OK && wanted != NULL && memcmp(wanted, sha256, sizeof(sha256)) != 0)
		st = trw_fail(err, TRW_ECORRUPT,
			"not the file whose SHA-256 the manifest of the feed has: get the feed again");
	if (st < 0)
		return st;
	trw_hex(sha256, 32, hex);
	char *text = trw_format(err,
		"%s sha256=%s format=%s accepted=%" PRIu64 " rejected=%" PRIu64
		" withdrawn=%" PRIu64,
		trw_input_name(m->input), hex, m->r->files[last].format,
		m->r->files[last].n_accepted, m->r->files[last].n_rejected,
		m->r->files[last].n_withdrawn);
	st = text == NULL ? TRW_ENOMEM
			  : trw_set_builder_fact(m->builder, "source", text, strlen(text), err);
	free(text);
	return st;
}

static enum trw_status
file_read(struct import *m, const struct trw_format *format, struct trw_err *err)
{
	static const struct trw_list_sink calls = {
		NULL, take_entry, take_digests, take_subtract, take_keyed, take_fact};
	struct trw_list_sink sink = calls;
	struct trw_list_report *report = &m->r->report, before = *report;
	struct trw_list list = {.input = m->input,
		.base = m->base,
		.options = &m->list,
		.sink = &sink,
		.report = report,
		.draft = &m->draft};
	size_t last = m->r->n_files - 1;
	enum trw_status st;

	sink.ctx = m;
	st = format->read(&list, err);
	m->r->files[last].n_accepted = report->n_accepted - before.n_accepted;
	m->r->files[last].n_rejected = report->n_rejected - before.n_rejected;
	m->r->files[last].n_withdrawn = report->n_withdrawn - before.n_withdrawn;
	for (uint64_t i = before.n_rejected; i < report->n_rejected && i < TRW_REJECTS_SHOWN; i++)
		report->rejects[i].file = trw_base_name(m->r->files[last].path);
	return st;
}

static enum trw_status
format_choose(struct import *m, const struct trw_format **out, struct trw_err *err)
{
	if (m->o->format == NULL)
		return trw_format_detect(m->input, out, err);
	*out = trw_format_named(m->o->format);
	if (*out == NULL)
		return trw_fail(err, TRW_EUSAGE, "no format '%s'", m->o->format);
	if ((*out)->refusal != NULL)
		return trw_fail(err, TRW_EUSAGE, "%s", (*out)->refusal);
	return (*out)->read != NULL ? TRW_OK
				    : trw_fail(err, TRW_EUSAGE,
					      "format %s is only written, not read", m->o->format);
}

/* What a delta has changed is no base for the next: each belongs to a full release, too. */
static void
base_follow(struct import *m, enum trw_format_chain chain)
{
	if (chain == TRW_CHAIN_NONE)
		return;
	trw_input_close(m->base);
	m->base = NULL;
	if (chain == TRW_CHAIN_BASE) {
		m->base = m->input;
		m->input = NULL;
	}
}

static enum trw_status
file_import(void *ctx, const char *path, const uint8_t *sha256, struct trw_err *err)
{
	struct import *m = ctx;
	const struct trw_format *format = NULL;
	enum trw_status st = trw_input_open(path, m->o->member, m->folder, &m->input, err);

	if (st == TRW_OK)
		st = format_choose(m, &format, err);
	if (st == TRW_OK)
		st = file_record(m, path, format->name, err);
	if (st == TRW_OK)
		st = file_read(m, format, err);
	if (st == TRW_OK)
		st = source_fact(m, sha256, err);
	if (st == TRW_OK)
		base_follow(m, format->chain);
	trw_input_close(m->input);
	m->input = NULL;
	return st < 0 ? fail_in_file(path, err) : TRW_OK;
}

/* ---- the whole ---- */

static enum trw_status
user_fact(struct import *m, const char *key, const char *value, struct trw_err *err)
{
	return value == NULL ? TRW_OK
			     : trw_set_builder_fact(m->builder, key, value, strlen(value), err);
}

static enum trw_status
user_facts(struct import *m, struct trw_err *err)
{
	const struct trw_import_options *o = m->o;
	enum trw_status st;

	m->has_id = o->id != NULL;
	m->has_name = o->name != NULL;
	if ((st = user_fact(m, "id", o->id, err)) < 0 ||
		(st = user_fact(m, "name", o->name, err)) < 0 ||
		(st = user_fact(m, "version", o->version, err)) < 0 ||
		(st = user_fact(m, "importer", "trowel " TROWEL_VERSION, err)) < 0)
		return st;
	for (size_t i = 0; st == TRW_OK && i < o->n_marks; i++)
		st = user_fact(m, "mark", o->marks[i], err);
	return st;
}

/* A list must have an id and a name: hits are told by them. */
static enum trw_status
missing_facts(struct import *m, struct trw_err *err)
{
	const char *first = m->o->paths[0];
	const char *name = m->o->name != NULL        ? m->o->name
			   : strcmp(first, "-") == 0 ? TRW_INPUT_STANDARD
						     : trw_base_name(first);
	enum trw_status st = TRW_OK;

	if (!m->has_name)
		st = user_fact(m, "name", name, err);
	if (st == TRW_OK && !m->has_id)
		st = user_fact(m, "id", name, err);
	if (st < 0 || !m->has_blocks || m->list.block_size == 0)
		return st;
	char *text = trw_format(err, "%" PRIu32, m->list.block_size);
	st = text == NULL ? TRW_ENOMEM : user_fact(m, "block-size", text, err);
	free(text);
	return st;
}

static enum trw_status
rejects_judge(const struct import *m, struct trw_err *err)
{
	const struct trw_list_report *r = &m->r->report;

	if ((double)r->n_rejected <= m->o->reject_max * (double)r->n_records)
		return TRW_OK;
	return trw_fail(err, TRW_ECORRUPT,
		"%" PRIu64 " of %" PRIu64
		" records were rejected, more than --max-rejected allows: the set is as it was",
		r->n_rejected, r->n_records);
}

static enum trw_status
feed_import(struct import *m, const char *folder, struct trw_err *err)
{
	struct trw_list report_only = {.report = &m->r->report};
	uint64_t n_unlisted;
	enum trw_status st = trw_feed_each(folder, file_import, m, &n_unlisted, err);

	if (n_unlisted > 0)
		trw_list_leave(&report_only, "files that the manifest of the feed does not list",
			n_unlisted);
	return st;
}

static enum trw_status
paths_import(struct import *m, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	struct stat about;

	for (size_t i = 0; st == TRW_OK && i < m->o->n_paths; i++) {
		const char *path = m->o->paths[i];
		if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
			st = feed_import(m, path, err);
		else
			st = file_import(m, path, NULL, err);
	}
	return st;
}

static enum trw_status
run(struct import *m, struct trw_err *err)
{
	enum trw_status st = trw_set_builder_new(&m->o->set, &m->builder, err);

	if (st < 0)
		return st;
	m->folder = trw_folder_of(m->o->set.target.path, err);
	if (m->folder == NULL)
		return TRW_ENOMEM;
	if ((st = user_facts(m, err)) < 0 || (st = paths_import(m, err)) < 0 ||
		(st = rejects_judge(m, err)) < 0)
		return st;
	if (m->keyed != NULL)
		st = trw_keyed_each(m->keyed, take_entry, m, err);
	if (st == TRW_OK)
		st = missing_facts(m, err);
	return st < 0 ? st : trw_set_builder_finish(m->builder, &m->r->built, err);
}

enum trw_status
trw_import_run(const struct trw_import_options *options, struct trw_import_result *out,
	struct trw_err *err)
{
	struct import m = {.o = options, .r = out, .list = options->list};
	enum trw_status st;

	m.list.keep_names = options->set.keep_names;
	st = run(&m, err);
	trw_input_close(m.input);
	trw_input_close(m.base);
	trw_keyed_free(m.keyed);
	trw_draft_clear(&m.draft);
	trw_set_builder_free(m.builder);
	free(m.folder);
	return st;
}
