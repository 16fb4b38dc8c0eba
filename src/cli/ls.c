/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "evidence/evidence.h"

#include <string.h>

struct ls_values {
	const char *path, *state, *digest_state;
	uint64_t image;
	bool hits, is_long, is_null, is_json, no_sandbox;
};

#define AT(field) offsetof(struct ls_values, field)
static const struct trw_option options[] = {
	{"path", 'p', TRW_OPTION_TEXT, "GLOB", AT(path), "paths that match; * and ? match / too"},
	{"state", 's', TRW_OPTION_TEXT, "STATE", AT(state),
		"allocated, deleted, orphan, carved or member"},
	{"digest-state", 'd', TRW_OPTION_TEXT, "STATE", AT(digest_state),
		"complete, partial, substituted or none"},
	{"image", 'i', TRW_OPTION_NUMBER, "N", AT(image), "files of image N of 'trowel info'"},
	{"hits", 'H', TRW_OPTION_FLAG, NULL, AT(hits),
		"only files that a hash set has, with their hits; those with alerts come first"},
	{"long", 'l', TRW_OPTION_FLAG, NULL, AT(is_long),
		"also image, kind, SHA-256, time of change"},
	{"null", '0', TRW_OPTION_FLAG, NULL, AT(is_null),
		"lines end in NUL and names are as they are"},
	{"json", 0, TRW_OPTION_FLAG, NULL, AT(is_json), "one JSON object a line"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

struct column {
	const char *name;
	bool is_number, is_long; /* is_long: only with --long or --json */
};

/* In the order of the queries below; the path is last because it may hold what separates. */
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
#define COLUMNS                                                                                    \
	"f.file_id, f.state, f.size, f.digest_state, f.image_id, f.kind, f.sha256,"                \
	" f.modified_utc, f.path"
#define FILTERS                                                                                    \
	" WHERE (?1 = '' OR f.path GLOB ?1) AND (?2 = '' OR f.state = ?2)"                         \
	" AND (?3 = '' OR f.digest_state = ?3) AND (?4 = 0 OR f.image_id = ?4)"

static const char files_sql[] =
	"SELECT " COLUMNS " FROM report_files AS f" FILTERS " ORDER BY f.file_id";

/* The columns behind the file's in hits_sql. */
enum {
	HIT_SET = N_COLUMNS,
	HIT_VERSION,
	HIT_ENTRY,
	HIT_VERDICT,
	HIT_AGREED,
	HIT_SCHEME,
	HIT_CATEGORY,
	HIT_MARKS,
	HIT_ALERT,
	HIT_KNOWN
};

/* CROSS JOIN keeps the hits the outer loop: the files are found by their keys, however many there are. */
static const char hits_sql[] =
	"SELECT " COLUMNS ", coalesce(nullif(h.set_name, ''), s.file), h.set_version, h.entry,"
	" h.verdict, h.agreed, h.scheme, h.category, h.marks, h.alert, h.excluded FROM report_hits AS h"
	" CROSS JOIN report_sets AS s USING (set_id) CROSS JOIN report_files AS f USING (file_id)" FILTERS
	" GROUP BY f.file_id, h.set_id, h.entry_row, h.verdict, h.agreed, h.alert, h.excluded"
	" ORDER BY f.alerts > 0 DESC, f.file_id, h.alert DESC, h.set_id, h.entry_row";

/* The list on its way out. A file with hits is as many rows, one after the other, and one line. */
struct lister {
	const struct ls_values *v;
	bool is_open; /* a line has begun */
	int64_t file_id;
	size_t n_hits; /* of the line */
};

static void
cell_json(const struct trw_evidence_cell *cell, const char *name, bool is_number)
{
	printf("\"%s\":", name);
	if (cell->text == NULL)
		fputs("null", stdout);
	else if (is_number)
		printf("%" PRId64, cell->number);
	else
		trw_say_json(stdout, cell->text, cell->len);
}

static void
file_json(const struct trw_evidence_cell *cells)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		putchar(i == 0 ? '{' : ',');
		cell_json(&cells[i], columns[i].name, columns[i].is_number);
	}
}

static void
file_text(const struct trw_evidence_cell *cells, const struct ls_values *v)
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
}

static void
hit_json(const struct trw_evidence_cell *cells)
{
	static const char *const names[] = {
		"set", "version", "entry", "verdict", "agreed", "scheme", "category", "marks"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		putchar(i == 0 ? '{' : ',');
		cell_json(&cells[HIT_SET + i], names[i], false);
	}
	printf(",\"alert\":%s,\"known\":%s}", cells[HIT_ALERT].number != 0 ? "true" : "false",
		cells[HIT_KNOWN].number != 0 ? "true" : "false");
}

/* Lists name their entries as they like: what separates is shown as any byte that could deceive. */
static void
part_text(const struct trw_evidence_cell *cell)
{
	const char *s = cell->text;

	if (s == NULL) {
		putchar('-');
		return;
	}
	for (size_t i = 0; i < cell->len; i++) {
		size_t start = i;
		while (i < cell->len && s[i] != ':' && s[i] != ';')
			i++;
		trw_say_name(stdout, s + start, i - start);
		if (i < cell->len)
			printf("\\x%02x", (unsigned char)s[i]);
	}
}

static void
hit_text(const struct trw_evidence_cell *cells)
{
	fputs(cells[HIT_ALERT].number != 0     ? "alert"
		: cells[HIT_KNOWN].number != 0 ? "known"
					       : cells[HIT_VERDICT].text,
		stdout);
	for (int i = HIT_SET; i <= HIT_ENTRY; i++) {
		putchar(':');
		part_text(&cells[i]);
	}
}

static void
line_end(struct lister *l)
{
	if (!l->is_open)
		return;
	l->is_open = false;
	if (l->v->is_json)
		fputs(l->v->hits ? "]}\n" : "}\n", stdout);
	else
		putchar(l->v->is_null ? '\0' : '\n');
}

static void
line_begin(struct lister *l, const struct trw_evidence_cell *cells)
{
	line_end(l);
	l->is_open = true;
	l->file_id = cells[0].number;
	l->n_hits = 0;
	if (l->v->is_json)
		file_json(cells);
	else
		file_text(cells, l->v);
}

static void
hit_show(struct lister *l, const struct trw_evidence_cell *cells)
{
	bool is_first = l->n_hits++ == 0;

	if (l->v->is_json) {
		fputs(is_first ? ",\"hits\":[" : ",", stdout);
		hit_json(cells);
	} else {
		putchar(is_first ? '\t' : ';');
		hit_text(cells);
	}
}

static enum trw_status
row_show(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	struct lister *l = ctx;

	(void)n;
	(void)err;
	if (!l->is_open || cells[0].number != l->file_id)
		line_begin(l, cells);
	if (l->v->hits)
		hit_show(l, cells);
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
list(const char *db, const struct ls_values *v)
{
	struct trw_evidence_cell args[] = {
		text_cell(v->path),
		text_cell(v->state),
		text_cell(v->digest_state),
		{.number = (int64_t)v->image},
	};
	struct lister lister = {.v = v};
	struct trw_evidence *ev = NULL;
	struct trw_err err = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, &err) < 0 ||
		trw_evidence_query(
			ev, v->hits ? hits_sql : files_sql, args, 4, row_show, &lister, &err) < 0)
		over = trw_say_failure(&err);
	line_end(&lister);
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
	.first = TRW_USE_DATABASE,
	.run = ls_run,
};
