/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "evidence/evidence.h"

#include <string.h>

struct ls_values {
	const char *path, *state, *digest_state;
	uint64_t image;
	bool is_long, is_null, is_json;
};

#define AT(field) offsetof(struct ls_values, field)
static const struct trw_option options[] = {
	{"path", 'p', TRW_OPTION_TEXT, "GLOB", AT(path), "paths that match; * and ? match / too"},
	{"state", 's', TRW_OPTION_TEXT, "STATE", AT(state),
		"allocated, deleted, orphan, carved or member"},
	{"digest-state", 'd', TRW_OPTION_TEXT, "STATE", AT(digest_state),
		"complete, partial, substituted or none"},
	{"image", 'i', TRW_OPTION_NUMBER, "N", AT(image), "files of image N of 'trowel info'"},
	{"long", 'l', TRW_OPTION_FLAG, NULL, AT(is_long),
		"also image, kind, SHA-256, time of change"},
	{"null", '0', TRW_OPTION_FLAG, NULL, AT(is_null),
		"lines end in NUL and names are as they are"},
	{"json", 0, TRW_OPTION_FLAG, NULL, AT(is_json), "one JSON object a line"},
	TRW_OPTION_HELP_ROW,
};

struct column {
	const char *name;
	bool is_number, is_long; /* is_long: only with --long or --json */
};

/* In the order of the query below; the path is last because it may hold what separates. */
static const struct column columns[] = {
	{"file_id", true, false},
	{"state", false, false},
	{"size", true, false},
	{"digest_state", false, false},
	{"image_id", true, true},
	{"kind", false, true},
	{"sha256", false, true},
	{"modified_utc", false, true},
	{"path", false, false},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char query[] =
	"SELECT file_id, state, size, digest_state, image_id, kind, sha256, modified_utc, path FROM report_files"
	" WHERE (?1 = '' OR path GLOB ?1) AND (?2 = '' OR state = ?2) AND (?3 = '' OR digest_state = ?3)"
	" AND (?4 = 0 OR image_id = ?4) ORDER BY file_id";

static void
row_json(const struct trw_evidence_cell *cells)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		printf("%s\"%s\":", i == 0 ? "{" : ",", columns[i].name);
		if (cells[i].text == NULL)
			fputs("null", stdout);
		else if (columns[i].is_number)
			printf("%" PRId64, cells[i].number);
		else
			trw_say_json(stdout, cells[i].text, cells[i].len);
	}
	fputs("}\n", stdout);
}

static void
row_text(const struct trw_evidence_cell *cells, const struct ls_values *v)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		const struct trw_evidence_cell *cell = &cells[i];

		if (columns[i].is_long && !v->is_long)
			continue;
		if (i > 0)
			putchar('\t');
		if (cell->text == NULL)
			putchar('-');
		else if (v->is_null)
			(void)fwrite(cell->text, 1, cell->len, stdout);
		else
			trw_say_name(stdout, cell->text, cell->len);
	}
	putchar(v->is_null ? '\0' : '\n');
}

static enum trw_status
row_show(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	const struct ls_values *v = ctx;

	(void)n;
	(void)err;
	if (v->is_json)
		row_json(cells);
	else
		row_text(cells, v);
	return ferror(stdout) != 0 ? TRW_END : TRW_OK; /* main says why */
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static enum trw_status
values_check(const struct ls_values *v, struct trw_err *err)
{
	static const char *const states[] = {
		"allocated", "deleted", "orphan", "carved", "member", NULL};
	static const char *const digest_states[] = {
		"complete", "partial", "substituted", "none", NULL};

	if (v->state != NULL && !is_one_of(v->state, states))
		return trw_fail(err, TRW_EUSAGE,
			"--state is allocated, deleted, orphan, carved or member, not '%s'",
			v->state);
	if (v->digest_state != NULL && !is_one_of(v->digest_state, digest_states))
		return trw_fail(err, TRW_EUSAGE,
			"--digest-state is complete, partial, substituted or none, not '%s'",
			v->digest_state);
	if (v->is_json && (v->is_null || v->is_long))
		return trw_fail(err, TRW_EUSAGE, "--json goes with neither --long nor --null");
	if (v->image > INT64_MAX)
		return trw_fail(err, TRW_EUSAGE, "--image: no such number");
	return TRW_OK;
}

static struct trw_evidence_cell
text_cell(const char *s)
{
	return (struct trw_evidence_cell){
		.text = s != NULL ? s : "", .len = s != NULL ? strlen(s) : 0};
}

static enum trw_exit
list(const char *db, struct ls_values *v)
{
	struct trw_evidence_cell args[] = {
		text_cell(v->path),
		text_cell(v->state),
		text_cell(v->digest_state),
		{.number = (int64_t)v->image},
	};
	struct trw_evidence *ev = NULL;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, &err) < 0 ||
		trw_evidence_query(ev, query, args, 4, row_show, v, &err) < 0)
		over = trw_say_failure(&err);
	if (trw_evidence_close(ev, &err) < 0 && over == TRW_EXIT_DONE)
		over = trw_say_failure(&err);
	return over;
}

static enum trw_exit
ls_run(const struct trw_command *self, int argc, char **argv)
{
	struct ls_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;
	struct trw_err err = {0};

	if (trw_command_parse(self, argc, argv, &values, &operands, 1, 1, &over)) {
		if (values_check(&values, &err) < 0)
			over = trw_say_usage("%s", err.text);
		else
			over = list(operands.v[0], &values);
	}
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_ls = {
	.name = "ls",
	.operands = "DB",
	.summary = "List the files of an evidence database.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = ls_run,
};
