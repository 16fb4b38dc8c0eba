/* SPDX-License-Identifier: Apache-2.0 */
/* What a database holds, as sections of lines that SQL lays out and C makes safe for a terminal. */
#include "cli/command.h"
#include "evidence/evidence.h"

static const struct trw_option options[] = {
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct trw_plain_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

struct section {
	const char *title;
	const char *sql; /* one text a row */
};

#define OR_DASH(column) "coalesce(" column ", '-')"

static const struct section sections[] = {
	{"Runs",
		"SELECT printf('%d: %s, trowel %s, %s to %s, %d images', run_id, status, tool_version,"
		" substr(started_utc, 1, 19), " OR_DASH(
			"substr(ended_utc, 1, 19)") ", images)"
						    " || coalesce(', case ' || case_number, '') || coalesce(', examiner ' || examiner, '')"
						    " || coalesce(', host ' || nullif(host, ''), '')"
						    " || coalesce(', options ' || nullif(options, ''), '') FROM report_runs ORDER BY run_id"},
	{"Images",
		"SELECT printf('%d: %s, %s, %,d bytes, %d segments%s%s: %s', image_id, image, format, size,"
		" segments, CASE WHEN segments_missing > 0 THEN printf(' (%d missing)', segments_missing) ELSE '' END,"
		" coalesce(', evidence ' || evidence_id, ''), " OR_DASH(
			"verdict") ") FROM report_images"
				   " ORDER BY image_id"},
	{"Image digests",
		"SELECT printf('%d: %-16s %s', image_id, what, value) FROM ("
		"SELECT image_id, 1 AS n, 'MD5 stored' AS what, stored_md5 AS value FROM report_images"
		" UNION ALL SELECT image_id, 2, 'MD5 computed', md5 FROM report_images"
		" UNION ALL SELECT image_id, 3, 'SHA-1 stored', stored_sha1 FROM report_images"
		" UNION ALL SELECT image_id, 4, 'SHA-1 computed', sha1 FROM report_images"
		" UNION ALL SELECT image_id, 5, 'SHA-256 computed', sha256 FROM report_images)"
		" WHERE value IS NOT NULL ORDER BY image_id, n"},
	{"Image damage",
		"SELECT printf('%d: %,d bytes substituted, %,d bytes missing', image_id, bytes_substituted,"
		" bytes_missing) FROM report_images WHERE bytes_substituted + bytes_missing > 0 ORDER BY image_id"},
	{"Volumes",
		"SELECT printf('%d: %s%s at %,d, %,d bytes: %s', image_id, kind, coalesce(' (' || scheme || ')', ''),"
		" offset, length, coalesce(content, description, '-')) FROM report_volumes"
		" GROUP BY volume_id ORDER BY image_id, volume_id"},
	{"File systems",
		"SELECT printf('%d: %s at %,d, %,d bytes%s%s%s: %s', image_id, fs_type, fs_offset, fs_length,"
		" coalesce(', label ' || label, ''), CASE WHEN ambiguous THEN ', ambiguous' ELSE '' END,"
		" CASE WHEN forced THEN ', tried by name' ELSE '' END, " OR_DASH(
			"fs_status") ")"
				     " FROM report_volumes WHERE filesystem_id IS NOT NULL ORDER BY image_id, filesystem_id"},
	{"Hash sets by session",
		"SELECT printf('%d: %s%s (%s%s), %s, %,d contents: %,d matches (%,d alerts, %,d known), %,d conflicts,"
		" %,d damaged', session_id, set_name, coalesce(' ' || nullif(set_version, ''), ''), class,"
		" coalesce(', ' || nullif(marks, ''), ''), r.status, contents, matches, alerts, excluded, conflicts, damaged)"
		" || CASE WHEN usable < entries THEN printf('; %,d of %,d entries never looked up', entries - usable, entries)"
		" ELSE '' END || CASE WHEN unrecorded > 0 THEN printf('; %,d more hits of the same files not recorded', unrecorded)"
		" ELSE '' END FROM report_sessions AS r JOIN report_sets USING (set_id) ORDER BY session_id, set_id"},
	{"Sessions of match",
		"SELECT printf('%d: %s, trowel %s, %s to %s', session_id, status, tool_version,"
		" substr(started_utc, 1, 19), " OR_DASH(
			"substr(ended_utc, 1, 19)") ")"
						    " || coalesce(', examiner ' || examiner, '') || coalesce(', host ' || nullif(host, ''), '')"
						    " || coalesce(', options ' || nullif(options, ''), '') FROM report_sessions"
						    " WHERE run_id IS NULL GROUP BY session_id ORDER BY session_id"},
	{"Files by state and digest state",
		"SELECT printf('%d: %-10s %-12s %,d files, %,d bytes', image_id, state,"
		" coalesce(digest_state, 'no content'), count(*), total(size)) FROM report_files"
		" GROUP BY image_id, state, digest_state ORDER BY image_id, state, digest_state"},
	{"Ledger",
		"SELECT printf('%d: %-10s %-28s %,d%s', image_id, item, outcome, count,"
		" CASE WHEN bytes IS NOT NULL THEN printf(', %,d bytes', bytes) ELSE '' END) FROM report_ledger"
		" WHERE count > 0 OR bytes > 0"
		" ORDER BY image_id, item, outcome"},
	{"Problems by kind",
		"SELECT printf('%s: %-8s %-28s %,d', " OR_DASH(
			"image_id") ", stage, code, count(*))"
				    " FROM report_problems GROUP BY image_id, stage, code ORDER BY image_id, stage, code"},
};

/* The title waits for the first row: a section without rows isn't shown. */
struct printer {
	const char *title;
	bool any; /* something was printed before this section */
};

static enum trw_status
line_show(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	struct printer *p = ctx;

	(void)n;
	(void)err;
	if (p->title != NULL) {
		printf("%s%s\n", p->any ? "\n" : "", p->title);
		p->title = NULL;
		p->any = true;
	}
	fputs("  ", stdout);
	if (cells[0].text != NULL)
		trw_say_name(stdout, cells[0].text, cells[0].len);
	putchar('\n');
	return TRW_OK;
}

static enum trw_exit
info_show(const char *db)
{
	struct printer printer = {0};
	struct trw_evidence *ev = NULL;
	struct trw_err err = {0};
	enum trw_status status = trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, &err);
	enum trw_exit over = TRW_EXIT_DONE;

	for (size_t i = 0; status == TRW_OK && i < sizeof(sections) / sizeof(sections[0]); i++) {
		printer.title = sections[i].title;
		status =
			trw_evidence_query(ev, sections[i].sql, NULL, 0, line_show, &printer, &err);
	}
	if (status < 0)
		over = trw_say_failure(&err);
	if (trw_evidence_close(ev, &err) < 0 && over == TRW_EXIT_DONE)
		over = trw_say_failure(&err);
	return over;
}

static enum trw_exit
info_run(const struct trw_command *self, int argc, char **argv)
{
	struct trw_plain_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &operands, 1, 1, &over))
		over = info_show(operands.v[0]);
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_info = {
	.name = "info",
	.operands = "DB",
	.summary = "Show images, volumes, counts, verdicts and problems of a database.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_DATABASE,
	.run = info_run,
};
