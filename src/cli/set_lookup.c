/* SPDX-License-Identifier: Apache-2.0 */
/* An answer a digest, in the order of the questions. A Bloom filter can only say "no" or "perhaps", and so says this. */
#include "hashset/list/syntax/filter.h"

#include "base/alloc.h"
#include "base/temp.h"
#include "base/text.h"
#include "cli/entry.h"
#include "cli/set.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lookup_values {
	struct trw_texts sets;
	const char *kind;
	bool is_json, no_sandbox;
};

#define AT(field) offsetof(struct lookup_values, field)
static const struct trw_option options[] = {
	{"set", 's', TRW_OPTION_INPUTS, "SET", AT(sets),
		"a set or a Bloom filter to ask; may be given again"},
	{"kind", 'k', TRW_OPTION_TEXT, "KIND", AT(kind),
		"what the digests are, where their length does not say: pdq, block-md5"},
	{"json", 0, TRW_OPTION_FLAG, NULL, AT(is_json), "an object a digest"},
	TRW_OPTION_NO_SANDBOX_ROW(AT(no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

/* One of the two is not NULL. */
struct source {
	const char *path;
	struct trw_set *set;
	struct trw_filter *filter;
};

struct lookup {
	struct source *sources;
	size_t n;
	enum trw_hash_kind kind; /* TRW_HASH_N: by the number of digits */
	bool is_json;
	uint64_t n_wrong;
};

struct question {
	const char *digits; /* as asked */
	size_t n;
	enum trw_hash_kind kind;
	uint8_t digest[TRW_HASH_SIZE_MAX];
};

static enum trw_status
source_open(struct source *s, const char *path, struct trw_err *err)
{
	struct trw_err no_set = {0};

	s->path = path;
	if (trw_cli_set_open(path, &s->set, &no_set) == TRW_OK)
		return TRW_OK;
	if (trw_filter_open(path, trw_temp_folder(), &s->filter, err) == TRW_OK)
		return TRW_OK;
	*err = no_set;
	return no_set.status;
}

static void
sources_close(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++) {
		trw_set_close(l->sources[i].set);
		trw_filter_close(l->sources[i].filter);
	}
	free(l->sources);
}

/* Filters hold the text of a digest, in capitals. */
static enum trw_status
filter_has(
	const struct trw_filter *filter, const struct question *q, bool *maybe, struct trw_err *err)
{
	char capitals[2 * TRW_HASH_SIZE_MAX];

	for (size_t i = 0; i < q->n; i++)
		capitals[i] = (char)toupper((unsigned char)q->digits[i]);
	return trw_filter_test(filter, capitals, q->n, maybe, err);
}

static void
hit_start(const struct lookup *l, const struct question *q, size_t n_hits)
{
	if (l->is_json) {
		fputs(n_hits == 0 ? "" : ", ", stdout);
		return;
	}
	(void)fwrite(q->digits, 1, q->n, stdout);
	putchar('\t');
}

static void
name_show(const char *path, bool is_json)
{
	if (is_json) {
		fputs("{\"set\": ", stdout);
		trw_say_json(stdout, path, strlen(path));
	} else {
		trw_say_name(stdout, path, strlen(path));
	}
}

static void
entry_show(
	const struct lookup *l, const struct source *s, uint32_t row, const struct trw_entry *entry)
{
	const struct trw_set_info *info = trw_set_info(s->set);

	name_show(s->path, l->is_json);
	if (l->is_json) {
		fputs(", \"list\": ", stdout);
		trw_say_json(stdout, info->id, strlen(info->id));
		fputs(", \"version\": ", stdout);
		trw_say_json(stdout, info->version, strlen(info->version));
		printf(", \"class\": \"%s\", \"entry\": %" PRIu32 ", ",
			trw_set_class_name(info->class), row);
		trw_entry_json(entry);
		putchar('}');
	} else {
		printf("\t%s\tentry=%" PRIu32, trw_set_class_name(info->class), row);
		trw_entry_text(entry);
		putchar('\n');
	}
}

static enum trw_status
set_ask(const struct lookup *l, const struct source *s, const struct question *q, size_t *n_hits,
	struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_set_found found;
	struct trw_entry entry;

	trw_set_lookup(s->set, q->kind, q->digest, 1, &found);
	for (uint32_t i = 0; i < found.n; i++) {
		uint32_t row = trw_set_row(s->set, q->kind, found.at + i);
		enum trw_status st = trw_set_entry(s->set, row, &entry, room, err);
		if (st < 0)
			return trw_fail_in(err, "%s", s->path);
		hit_start(l, q, (*n_hits)++);
		entry_show(l, s, row, &entry);
	}
	return TRW_OK;
}

static enum trw_status
filter_ask(const struct lookup *l, const struct source *s, const struct question *q, size_t *n_hits,
	struct trw_err *err)
{
	bool maybe = false;
	enum trw_status st = filter_has(s->filter, q, &maybe, err);

	if (st < 0 || !maybe)
		return st;
	hit_start(l, q, (*n_hits)++);
	name_show(s->path, l->is_json);
	fputs(l->is_json ? ", \"perhaps\": true}" : "\tperhaps\t(a Bloom filter is no proof)\n",
		stdout);
	return TRW_OK;
}

static enum trw_status
question_answer(struct lookup *l, const struct question *q, struct trw_err *err)
{
	size_t n_hits = 0;

	if (l->is_json) {
		fputs("{\"digest\": ", stdout);
		trw_say_json(stdout, q->digits, q->n);
		printf(", \"kind\": \"%s\", \"hits\": [", trw_hash_name(q->kind));
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct source *s = &l->sources[i];
		enum trw_status st = s->set != NULL ? set_ask(l, s, q, &n_hits, err)
						    : filter_ask(l, s, q, &n_hits, err);
		if (st < 0)
			return st;
	}
	if (l->is_json)
		fputs("]}\n", stdout);
	else if (n_hits == 0)
		printf("%.*s\t-\n", (int)q->n, q->digits);
	return ferror(stdout) != 0 ? TRW_END : TRW_OK;
}

static bool
question_parse(const struct lookup *l, const char *s, size_t n, struct question *q)
{
	q->digits = s;
	q->n = n;
	q->kind = l->kind != TRW_HASH_N ? l->kind : trw_hash_of_digits(n);
	return q->kind != TRW_HASH_N && n == 2 * trw_hash_size(q->kind) &&
	       trw_hash_unhex(s, n, q->digest);
}

/* place: a line of standard input from 1, or 0 for an argument. */
static enum trw_status
ask(struct lookup *l, const char *s, size_t n, uint64_t place, struct trw_err *err)
{
	struct question q;

	if (question_parse(l, s, n, &q))
		return question_answer(l, &q, err);
	if (l->n_wrong++ > 0)
		return TRW_OK;
	if (place == 0)
		trw_say("'%s' is no digest: give 32, 40, 56, 64, 96 or 128 hex digits", s);
	else
		trw_say("line %" PRIu64 " is no digest (only the first such line is named)", place);
	return TRW_OK;
}

static enum trw_status
ask_lines(struct lookup *l, struct trw_err *err)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	uint64_t number = 0;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && (n = getline(&line, &room, stdin)) >= 0) {
		char *start = line;
		number++;
		while (n > 0 && isspace((unsigned char)start[n - 1]))
			n--;
		while (n > 0 && isspace((unsigned char)*start)) {
			start++;
			n--;
		}
		if (n > 0 && *start != '#')
			st = ask(l, start, (size_t)n, number, err);
	}
	/* A line that memory does not hold ends the loop without an error of the stream. */
	if (st == TRW_OK && feof(stdin) == 0)
		st = trw_fail_errno(err, errno, "standard input: line %" PRIu64, number + 1);
	free(line);
	return st;
}

static enum trw_exit
lookup(struct lookup_values *v, const struct trw_texts *digests)
{
	struct trw_err err = {0};
	struct lookup l = {.is_json = v->is_json};
	enum trw_status st = trw_cli_hash_kind(v->kind, &l.kind, &err);

	if (st == TRW_OK && (l.sources = trw_alloc(v->sets.n, sizeof(*l.sources), &err)) == NULL)
		st = TRW_ENOMEM;
	for (; st == TRW_OK && l.n < v->sets.n; l.n += st == TRW_OK)
		st = source_open(&l.sources[l.n], v->sets.v[l.n], &err);
	for (size_t i = 0; st == TRW_OK && i < digests->n; i++)
		st = ask(&l, digests->v[i], strlen(digests->v[i]), 0, &err);
	if (st == TRW_OK && digests->n == 0)
		st = ask_lines(&l, &err);
	sources_close(&l);
	if (st < 0)
		return trw_say_failure(&err);
	return l.n_wrong > 0 ? TRW_EXIT_USAGE : TRW_EXIT_DONE;
}

static enum trw_exit
lookup_run(const struct trw_command *self, int argc, char **argv)
{
	struct lookup_values values = {0};
	struct trw_texts digests = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (trw_command_parse(self, argc, argv, &values, &digests, 0, SIZE_MAX, &over))
		over = values.sets.n == 0 ? trw_say_usage("no set named: use -s SET")
					  : lookup(&values, &digests);
	trw_texts_clear(&values.sets);
	trw_texts_clear(&digests);
	return over;
}

const struct trw_command trw_command_set_lookup = {
	.name = "set lookup",
	.operands = "-s SET... [DIGEST...]",
	.summary = "Ask sets about digests, from arguments or standard input.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.first = TRW_USE_NONE,
	.others = TRW_USE_NONE,
	.run = lookup_run,
};
