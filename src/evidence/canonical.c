/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each section is the SHA-256 of the encoded rows of one query - of the large tables: of the digests of their
 * slices - and a digest is the SHA-256 of the encoded rows (name, section digest). Ids that are positions are inside;
 * run_id and problem_id, which are numbers of convenience, and content_id, which follows from the rest, are not.
 */
#include "evidence/canonical.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cpus.h"
#include "base/text.h"
#include "evidence/audit.h"
#include "evidence/problem.h"
#include "evidence/put.h"
#include "evidence/schema.h"
#include "evidence/slices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 64

struct section {
	const char *name, *sql; /* sql NULL: the next one of sliced */
};

/* Where the digests come from that are not computed here. */
struct source {
	const struct trw_canonical_slices *slices; /* of the tables in slices */
	const char
		*then; /* NULL, or the detail that those come from which matching does not change */
};

static const struct trw_sliced sliced[TRW_CANONICAL_SLICED] = {
	{"file", "SELECT " TRW_FILE_COLUMNS
		 " FROM file WHERE file_id >= ?1 AND file_id <= ?2 ORDER BY file_id"},
	{"extent",
		"SELECT file_id, stream_off, len, kind, off FROM extent WHERE file_id >= ?1 AND file_id <= ?2"
		" ORDER BY file_id, stream_off"},
	{"content",
		"SELECT file_id, state, size, md5, sha1, sha256, mime FROM content WHERE file_id >= ?1"
		" AND file_id <= ?2 ORDER BY file_id"},
};

static const struct section canonical[] = {
	{"run", "SELECT tool_version, libraries, options, status FROM run ORDER BY run_id"},
	{"image",
		"SELECT image_id, name, format, size, sector_size, chunk_size, stored_md5, stored_sha1, md5, sha1,"
		" sha256, verdict FROM image ORDER BY image_id"},
	{"segment",
		"SELECT image_id, number, name, size, is_missing FROM segment ORDER BY image_id, number"},
	{"image_fact",
		"SELECT image_id, number, key, value FROM image_fact ORDER BY image_id, number"},
	{"image_damage", "SELECT image_id, off, len, why FROM image_damage ORDER BY image_id, off"},
	{"volume",
		"SELECT volume_id, image_id, parent_id, number, kind, scheme, off, len, declared_len, description,"
		" content FROM volume ORDER BY volume_id"},
	{"filesystem",
		"SELECT filesystem_id, volume_id, image_id, family, type, label, uuid, off, len, block_size, block_count,"
		" pool_block, is_ambiguous, is_forced, status FROM filesystem ORDER BY filesystem_id"},
	{"file", NULL},
	{"extent", NULL},
	{"content", NULL},
	{"content_damage",
		"SELECT file_id, off, len, why FROM content_damage ORDER BY file_id, off"},
	{"problem",
		"SELECT image_id, volume_id, filesystem_id, file_id, stage, code, path, inode, off, len, text"
		" FROM problem ORDER BY " TRW_PROBLEM_ORDER},
	{"item_count",
		"SELECT filesystem_id, outcome, count FROM item_count ORDER BY filesystem_id, outcome"},
	{"ledger",
		"SELECT image_id, item, outcome, count, bytes FROM ledger ORDER BY image_id, item, outcome"},
	{"hashset",
		"SELECT hashset_id, list_id, name, version, class, marks, n_entries, n_usable, identity FROM hashset"
		" ORDER BY hashset_id"},
	{"set_entry",
		"SELECT entry_id, hashset_id, row, entry, scheme, category, size, md5, sha1, sha256, properties,"
		" marks FROM set_entry ORDER BY entry_id"},
	{"match_session",
		"SELECT session_id, status, tool_version, options, first_file, last_file, n_contents"
		" FROM match_session ORDER BY session_id"},
	{"session_set",
		"SELECT session_id, hashset_id, n_match, n_conflict, n_damaged, n_alert, n_excluded,"
		" n_unrecorded FROM session_set ORDER BY session_id, hashset_id"},
	{"hit", "SELECT file_id, session_id, entry_id, verdict, agreed, is_alert, is_excluded,"
		" n_unrecorded FROM hit ORDER BY file_id, session_id, entry_id"},
	{"plugin", "SELECT plugin_id, name, version FROM plugin ORDER BY plugin_id"},
	{"artifact",
		"SELECT artifact_id, file_id, plugin_id, kind FROM artifact ORDER BY artifact_id"},
	{"artifact_field",
		"SELECT artifact_id, number, field, value FROM artifact_field ORDER BY artifact_id, number"},
};

static const struct section record[] = {
	{"run", "SELECT run_id, status, tool_version, libraries, arguments, options, case_number, examiner,"
		" evidence_id, host, started_ns, ended_ns FROM run ORDER BY run_id"},
	{"image", "SELECT image_id, run_id, path, evidence_id FROM image ORDER BY image_id"},
	{"problem", "SELECT problem_id FROM problem ORDER BY " TRW_PROBLEM_ORDER ", problem_id"},
	{"block_run", "SELECT filesystem_id, off, len, class FROM block_run ORDER BY rowid"},
	{"hashset", "SELECT hashset_id, file FROM hashset ORDER BY hashset_id"},
	{"match_session",
		"SELECT session_id, run_id, started_ns, ended_ns, examiner, host FROM match_session"
		" ORDER BY session_id"},
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Does a matching session write to the table? */
static bool
is_of_matching(const struct section *s)
{
	static const char *const names[] = {
		"hashset", "set_entry", "match_session", "session_set", "hit"};

	for (size_t i = 0; i < N(names); i++)
		if (strcmp(names[i], s->name) == 0)
			return true;
	return false;
}

static enum trw_status
section_digest(
	struct trw_evidence *ev, const struct section *s, uint8_t out[32], struct trw_err *err)
{
	const char *sql = trw_schema_query(ev->schema, s->name, s->sql);
	struct trw_encoder e;
	sqlite3_stmt *stmt = NULL;
	enum trw_status status = trw_store_prepare(ev, sql, &stmt, err);
	int rc, n;

	if (status < 0)
		return status;
	trw_encode_start(&e);
	n = sqlite3_column_count(stmt);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		trw_encode_columns(&e, stmt, 0, n);
	if (rc != SQLITE_DONE)
		status = trw_store_fail(ev, rc, err);
	(void)sqlite3_finalize(stmt);
	trw_encode_finish(&e, out);
	return status;
}

/* The digest behind " kind.name=" in a detail. */
static enum trw_status
recorded_digest(struct trw_evidence *ev, const char *detail, const char *kind, const char *name,
	uint8_t out[32], struct trw_err *err)
{
	char word[64];
	int n = snprintf(word, sizeof(word), " %s.%s=", kind, name);
	const char *at = strstr(detail, word), *hex = at == NULL ? "" : at + n;
	char digits[65] = {0};

	(void)memcpy(digits, hex, strnlen(hex, 64));
	if (!trw_unhex(digits, out, 32))
		return trw_fail(err, TRW_ECORRUPT,
			"%s: the audit chain has no digest of table %s: run verify", ev->path,
			name);
	return TRW_OK;
}

/* All sections of a kind and the digest over them. each: n digests of 32 bytes. */
static enum trw_status
whole_digest(struct trw_evidence *ev, const char *kind, const struct section *sections, size_t n,
	const struct source *source, uint8_t (*each)[32], uint8_t out[32], struct trw_err *err)
{
	struct trw_encoder e;
	size_t n_sliced = 0;
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < n && status == TRW_OK; i++) {
		const struct section *s = &sections[i];
		if (source->then != NULL && !is_of_matching(s))
			status = recorded_digest(ev, source->then, kind, s->name, each[i], err);
		else if (s->sql == NULL)
			memcpy(each[i], source->slices->digests[n_sliced++], 32);
		else if ((status = section_digest(ev, s, each[i], err)) < 0)
			status = trw_fail_in(err, "digest of table %s", s->name);
	}
	if (status < 0)
		return status;
	trw_encode_start(&e);
	for (size_t i = 0; i < n; i++) {
		trw_encode_row(&e);
		trw_encode_text(&e, sections[i].name, strlen(sections[i].name));
		trw_encode_blob(&e, each[i], 32);
	}
	trw_encode_finish(&e, out);
	return TRW_OK;
}

enum trw_status
trw_canonical_slices(struct trw_evidence *ev, struct trw_canonical_slices *out, struct trw_err *err)
{
	unsigned n_threads = ev->n_threads > 0 ? ev->n_threads : trw_cpus(THREADS_MAX);

	struct trw_sliced tables[TRW_CANONICAL_SLICED];

	for (size_t i = 0; i < TRW_CANONICAL_SLICED; i++) {
		tables[i] = sliced[i];
		tables[i].sql = trw_schema_query(ev->schema, tables[i].name, tables[i].sql);
	}
	return trw_slices_digest(ev, tables, TRW_CANONICAL_SLICED, n_threads, out->digests, err);
}

enum trw_status
trw_evidence_digest(struct trw_evidence *ev, uint8_t out[TRW_CANONICAL_SIZE], struct trw_err *err)
{
	struct trw_canonical_slices slices;
	uint8_t each[N(canonical)][32];
	enum trw_status status = TRW_OK;

	if (ev->mode != TRW_EVIDENCE_READ)
		status = trw_evidence_commit(ev, err);
	if (status == TRW_OK)
		status = trw_canonical_slices(ev, &slices, err);
	return status < 0 ? status
			  : whole_digest(ev, "canonical", canonical, N(canonical),
				    &(struct source){.slices = &slices}, each, out, err);
}

static enum trw_status
put_digest(struct trw_buf *b, const char *kind, const char *name, const uint8_t digest[32],
	struct trw_err *err)
{
	char hex[65], text[160];
	int n;

	trw_hex(digest, 32, hex);
	n = snprintf(text, sizeof(text), " %s%s%s=%s", kind, name == NULL ? "" : ".",
		name == NULL ? "" : name, hex);
	return trw_buf_put(b, text, (size_t)n, err);
}

static enum trw_status
put_digests(struct trw_evidence *ev, struct trw_buf *b, const char *kind,
	const struct section *sections, size_t n, const struct source *source, struct trw_err *err)
{
	uint8_t each[N(canonical) + N(record)][32], whole[32];
	enum trw_status status;

	if ((status = whole_digest(ev, kind, sections, n, source, each, whole, err)) < 0 ||
		(status = put_digest(b, kind, NULL, whole, err)) < 0)
		return status;
	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = put_digest(b, kind, sections[i].name, each[i], err);
	return status;
}

/* head: how the run ended. */
static enum trw_status
detail_make(struct trw_evidence *ev, const char *head, size_t n_head, const struct source *source,
	char **out, struct trw_err *err)
{
	struct trw_buf b = {0};
	enum trw_status status;

	if ((status = trw_buf_put(&b, head, n_head, err)) < 0 ||
		(status = put_digests(ev, &b, "canonical", canonical, N(canonical), source, err)) <
			0 ||
		(status = put_digests(ev, &b, "record", record, N(record), source, err)) < 0 ||
		(status = trw_buf_put(&b, "", 1, err)) < 0) {
		trw_buf_clear(&b);
		return status;
	}
	*out = (char *)b.v;
	return TRW_OK;
}

enum trw_status
trw_canonical_detail(struct trw_evidence *ev, int64_t run_id, const char *run_status,
	const struct trw_canonical_slices *slices, char **out, struct trw_err *err)
{
	char head[96];
	int n = snprintf(head, sizeof(head), "run=%" PRId64 " status=%.32s", run_id, run_status);

	return detail_make(ev, head, (size_t)n, &(struct source){.slices = slices}, out, err);
}

/* The head of a detail with other digests behind it. */
static enum trw_status
detail_renew(struct trw_evidence *ev, const char *detail, const struct source *source, char **out,
	struct trw_err *err)
{
	const char *digests = strstr(detail, " canonical=");

	if (digests == NULL)
		return trw_fail(err, TRW_ECORRUPT,
			"%s: the audit chain has no canonical digest: run verify", ev->path);
	return detail_make(ev, detail, (size_t)(digests - detail), source, out, err);
}

enum trw_status
trw_canonical_renew(struct trw_evidence *ev, const char *detail, char **out, struct trw_err *err)
{
	return detail_renew(ev, detail, &(struct source){.then = detail}, out, err);
}

enum trw_status
trw_canonical_confirm_all(struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_canonical_slices slices;
	char *then = NULL, *now = NULL;
	enum trw_status status = trw_evidence_commit(ev, err);

	if (status == TRW_OK)
		status = trw_audit_last_end(ev, &then, err);
	if (status == TRW_OK)
		status = trw_canonical_slices(ev, &slices, err);
	if (status == TRW_OK)
		status = detail_renew(ev, then, &(struct source){.slices = &slices}, &now, err);
	if (status == TRW_OK && strcmp(now, then) != 0)
		status = trw_fail(err, TRW_ECORRUPT,
			"%s: is not what the audit chain says: run verify", ev->path);
	free(then);
	free(now);
	return status;
}

static enum trw_status
confirm(struct trw_evidence *ev, const char *detail, const char *kind, const struct section *s,
	struct trw_err *err)
{
	uint8_t then[32], now[32];
	enum trw_status status = recorded_digest(ev, detail, kind, s->name, then, err);

	if (status == TRW_OK)
		status = section_digest(ev, s, now, err);
	if (status == TRW_OK && memcmp(then, now, 32) != 0)
		status = trw_fail(err, TRW_ECORRUPT,
			"%s: table %s is not what the audit chain says: run verify", ev->path,
			s->name);
	return status;
}

enum trw_status
trw_canonical_confirm(struct trw_evidence *ev, const char *detail, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	for (size_t i = 0; i < N(canonical) && status == TRW_OK; i++)
		if (is_of_matching(&canonical[i]))
			status = confirm(ev, detail, "canonical", &canonical[i], err);
	for (size_t i = 0; i < N(record) && status == TRW_OK; i++)
		if (is_of_matching(&record[i]))
			status = confirm(ev, detail, "record", &record[i], err);
	return status;
}
