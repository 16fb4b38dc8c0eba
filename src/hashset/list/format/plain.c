/* SPDX-License-Identifier: Apache-2.0 */
/* Formats "plain" and "md5sum": lists in which every line stands for itself. */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/sums.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define GATHER 512      /* digests that are handed over together */
#define SAMPLE 64       /* lines that a probe looks at */
#define DIGITS_LEAST 32 /* of a digest that a list may have */

struct reader {
	struct trw_list *list;
	bool with_names;              /* lines may be other than a digest alone */
	enum trw_hash_kind file_kind; /* what the first line says that all are; TRW_HASH_N */
	/* digests that are nothing else */
	enum trw_hash_kind kind;
	size_t n;
	uint8_t digests[GATHER * TRW_HASH_SIZE_MAX];
	char name[TRW_ENTRY_NAME_MAX]; /* without its escapes */
};

static enum trw_status
flush(struct reader *r, struct trw_err *err)
{
	size_t n = r->n;

	r->n = 0;
	return n == 0 ? TRW_OK : trw_list_digests(r->list, r->kind, r->digests, n, err);
}

static enum trw_status
reject(struct reader *r, const char *reason, struct trw_err *err)
{
	enum trw_status st = flush(r, err); /* what came before counts before */

	return st < 0 ? st
		      : trw_list_reject(r->list, "line", trw_input_line_number(r->list->input),
				reason, err);
}

/* A digest and nothing else, the usual line. NULL when it was taken, else why not. */
static const char *
digest_take(struct reader *r, const struct trw_sum *s, struct trw_err *err, enum trw_status *st)
{
	enum trw_hash_kind by_digits = trw_hash_of_digits(s->n_digits);
	enum trw_hash_kind named = s->kind != TRW_HASH_N ? s->kind : r->file_kind;
	enum trw_hash_kind kind = named != TRW_HASH_N ? named : by_digits;

	if (named != TRW_HASH_N && by_digits != TRW_HASH_N &&
		s->n_digits != 2 * trw_hash_size(named))
		return "another kind of digest than was named";
	if (kind == TRW_HASH_N || s->n_digits != 2 * trw_hash_size(kind)) {
		return trw_draft_try_digest(
			trw_draft_begin(r->list, err), kind, s->digits, s->n_digits);
	}
	if (kind != r->kind || r->n == GATHER) {
		*st = flush(r, err);
		r->kind = kind;
	}
	if (!trw_hash_unhex(s->digits, s->n_digits, r->digests + r->n * trw_hash_size(kind)))
		return "not hexadecimal";
	r->n++;
	return NULL;
}

static bool
is_digest(const struct trw_sum *s)
{
	return trw_hash_is_hex(s->kind, s->digits, s->n_digits);
}

/*
 * A line with the end of another system inside, and behind it another digest: not to be taken for a
 * long name.
 */
static bool
has_several(const char *line, size_t n, size_t name_len)
{
	struct trw_sum s;

	/* Most have neither room nor such an end, and there are many. */
	if (name_len < DIGITS_LEAST ||
		(memchr(line, '\r', n) == NULL && memchr(line, '\0', n) == NULL &&
			memchr(line, '\n', n) == NULL))
		return false;
	for (size_t i = 0, from = 0; i <= n; i++) {
		if (i < n && line[i] != '\n' && line[i] != '\r' && line[i] != '\0')
			continue;
		if (from > 0 && trw_sum_parse(line + from, i - from, &s) >= TRW_SUM_BARE &&
			is_digest(&s))
			return true;
		from = i + 1;
	}
	return false;
}

/* \\ \n \r back to what they stand for. */
static void
name_take(struct reader *r, const struct trw_sum *s)
{
	size_t n = 0;

	if (!s->is_escaped) {
		trw_draft_name(r->list->draft, s->name, s->name_len);
		return;
	}
	for (size_t i = 0; i < s->name_len && n < sizeof(r->name); i++) {
		char c = s->name[i];
		if (c == '\\' && i + 1 < s->name_len) {
			c = s->name[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		}
		r->name[n++] = c;
	}
	trw_draft_name(r->list->draft, r->name, n);
}

static enum trw_status
entry_take(struct reader *r, const struct trw_sum *s, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(r->list, err);
	enum trw_status st = flush(r, err); /* what came before counts before */

	trw_draft_digest(d, s->kind, s->digits, s->n_digits);
	trw_draft_size(d, s->size, s->size_len);
	if (r->list->options->keep_names)
		name_take(r, s);
	return st < 0 ? st : trw_text_give(r->list);
}

static enum trw_status
line_take(struct reader *r, const char *line, size_t n, struct trw_err *err)
{
	struct trw_sum s;
	enum trw_sum_shape shape = trw_sum_parse(line, n, &s);
	enum trw_status st = TRW_OK;

	if (shape == TRW_SUM_SKIP) {
		trw_list_skip(r->list, 1);
		return TRW_OK;
	}
	if (shape == TRW_SUM_NAMED && !r->with_names)
		return reject(r, "more than a digest on a line", err);
	if (shape == TRW_SUM_NONE)
		return reject(r, s.reason, err);
	if (shape == TRW_SUM_NAMED && has_several(line, n, s.name_len))
		return reject(r, "several digests with foreign line ends between them", err);
	if (s.size_len > 0 || (s.name_len > 0 && r->list->options->keep_names))
		return entry_take(r, &s, err);
	const char *reason = digest_take(r, &s, err, &st);
	return st < 0 ? st : reason != NULL ? reject(r, reason, err) : TRW_OK;
}

/* Algorithms whose digests have as many digits as one that sets hold. */
static bool
is_foreign(const struct trw_field *line)
{
	static const char *const names[] = {"MD2", "MD4", "NTLM", "NT", "LM", "ed2k", "eDonkey",
		"RIPEMD-128", "RIPEMD-160", "Tiger-128", "Tiger-160", "BLAKE2b", "BLAKE2s",
		"BLAKE3", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "SHA-512/224",
		"SHA-512/256", "SM3", "Whirlpool", "GOST", "TLSH"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (trw_field_is(line, names[i]))
			return true;
	return false;
}

/* X-Ways writes the algorithm on a line before the digests. */
static enum trw_status
first_take(struct reader *r, const char *line, size_t n, struct trw_err *err)
{
	const struct trw_field field = {line, n};

	if (is_foreign(&field))
		return trw_fail(err, TRW_EUNSUPPORTED,
			"its first line names an algorithm that sets do not hold: ask for the list with another one");
	r->file_kind = trw_hash_named(line, n);
	if (r->file_kind == TRW_HASH_N)
		return line_take(r, line, n, err);
	trw_list_skip(r->list, 1);
	return TRW_OK;
}

/* md5sum -z ends its lines in NUL: the first does, and is one. */
static bool
is_nul_ended(const uint8_t *p, size_t n)
{
	const uint8_t *end = n > 0 ? memchr(p, '\0', n) : NULL;
	size_t len = end != NULL ? (size_t)(end - p) : 0;
	struct trw_sum s;

	return end != NULL && trw_text_first(p, len).n == len &&
	       trw_sum_parse((const char *)p, len, &s) >= TRW_SUM_BARE && is_digest(&s);
}

static enum trw_status
lines_read(struct trw_list *l, bool with_names, struct trw_err *err)
{
	struct reader r = {.list = l, .with_names = with_names, .file_kind = TRW_HASH_N};
	const uint8_t *head = NULL;
	const char *line;
	size_t n = 0;
	bool is_cut;
	enum trw_status st = trw_input_head(l->input, &head, &n, &is_cut, err);

	if (st < 0)
		return st;
	if (is_nul_ended(head, n))
		trw_input_lines_end_in(l->input, '\0');
	while ((st = trw_input_line(l->input, &line, &n, &is_cut, err)) == TRW_OK) {
		if (is_cut)
			st = reject(&r, "longer than 1 MiB", err);
		else if (!with_names && trw_input_line_number(l->input) == 1)
			st = first_take(&r, line, n, err);
		else
			st = line_take(&r, line, n, err);
		if (st < 0)
			break;
	}
	if (st == TRW_END)
		st = flush(&r, err);
	return st;
}

static enum trw_status
plain_read(struct trw_list *l, struct trw_err *err)
{
	return lines_read(l, false, err);
}

static enum trw_status
md5sum_read(struct trw_list *l, struct trw_err *err)
{
	return lines_read(l, true, err);
}

struct counts {
	size_t n, n_bare, n_named;
};

static void
line_count(const char *line, size_t n, struct counts *c)
{
	struct trw_sum s;
	enum trw_sum_shape shape = trw_sum_parse(line, n, &s);

	if (shape == TRW_SUM_SKIP)
		return;
	c->n++;
	if (shape == TRW_SUM_NONE || !is_digest(&s))
		return;
	c->n_bare += shape == TRW_SUM_BARE;
	c->n_named += shape == TRW_SUM_NAMED;
}

static char
line_end_of(const struct trw_head *head)
{
	if (is_nul_ended(head->p, head->n))
		return '\0';
	return memchr(head->p, '\n', head->n) == NULL && memchr(head->p, '\r', head->n) != NULL
		       ? '\r'
		       : '\n';
}

/* The first whole lines; a line that has the algorithm's name counts for nothing. */
static struct counts
lines_count(const struct trw_head *head)
{
	const char *p = (const char *)head->p, *end = p + head->n;
	char line_end = line_end_of(head);
	struct counts c = {0};

	for (size_t i = 0; c.n < SAMPLE && p < end; i++) {
		const char *stop = memchr(p, line_end, (size_t)(end - p));
		size_t n;
		if (stop == NULL && !head->is_all)
			break;
		n = stop == NULL ? (size_t)(end - p) : (size_t)(stop - p);
		if (n > 0 && p[n - 1] == '\r')
			n--;
		if (i > 0 || trw_hash_named(p, n) == TRW_HASH_N)
			line_count(p, n, &c);
		p = stop == NULL ? end : stop + 1;
	}
	return c;
}

static enum trw_claim
plain_probe(const struct trw_head *head)
{
	struct counts c = lines_count(head);

	return c.n_named == 0 && c.n_bare > 0 && 2 * c.n_bare >= c.n ? TRW_CLAIM_SHAPE
								     : TRW_CLAIM_NO;
}

static enum trw_claim
md5sum_probe(const struct trw_head *head)
{
	struct counts c = lines_count(head);

	return c.n_named > 0 && 2 * (c.n_named + c.n_bare) >= c.n ? TRW_CLAIM_SHAPE : TRW_CLAIM_NO;
}

const struct trw_format trw_format_plain = {
	.name = "plain",
	.summary = "one digest a line; VirusShare, X-Ways text",
	.probe = plain_probe,
	.read = plain_read,
	.write = trw_plain_write,
};

const struct trw_format trw_format_md5sum = {
	.name = "md5sum",
	.summary = "checksum files: md5sum and its kin, BSD, openssl dgst, md5deep",
	.probe = md5sum_probe,
	.read = md5sum_read,
	.write = trw_md5sum_write,
};
