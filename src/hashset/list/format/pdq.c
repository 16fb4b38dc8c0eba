/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats "pdq" and "vpdq": perceptual hashes of pictures and of frames of videos (pdq and vpdq of
 * github.com/facebook/ThreatExchange). A PDQ has the digits of a SHA-256, so a plain list of them
 * must be named as such: it cannot be told from one. What the quality says is left to who uses it.
 */
#include "hashset/list/contract/draft.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/syntax/json.h"
#include "hashset/list/syntax/text_lines.h"

#include <string.h>

#define DIGITS 64

static bool
is_value(const struct trw_field *f)
{
	return trw_hash_is_hex(TRW_HASH_PDQ, f->p, f->n);
}

static bool
is_number(const struct trw_field *f, size_t max)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->p[i] < '0' || f->p[i] > '9')
			return false;
	return f->n > 0 && f->n <= max;
}

static enum trw_status
value_take(struct trw_list *l, const char *what, uint64_t place, const struct trw_field *value,
	const struct trw_field *quality, const struct trw_field *name, struct trw_err *err)
{
	struct trw_draft *d = trw_draft_begin(l, err);

	trw_draft_digest(d, TRW_HASH_PDQ, value->p, value->n);
	if (quality != NULL && !is_number(quality, 3))
		trw_draft_refuse(d, "a quality that is no number");
	if (quality != NULL)
		trw_draft_property(d, "quality", quality->p, quality->n);
	if (name != NULL && l->options->keep_names)
		trw_draft_name(d, name->p, name->n);
	return trw_draft_give(d, what, place);
}

/*
 * "hash=...,norm=...,delta=...,quality=...,filename=..."; the field behind this name, up to the
 * next comma.
 */
static bool
detail_find(const char *line, size_t n, const char *name, struct trw_field *out)
{
	struct trw_field v[8];
	size_t n_fields = trw_text_split(line, n, ',', v, 8), len = strlen(name);

	for (size_t i = 0; i < n_fields; i++)
		if (v[i].n > len && v[i].p[len] == '=' && memcmp(v[i].p, name, len) == 0) {
			*out = (struct trw_field){v[i].p + len + 1, v[i].n - len - 1};
			return true;
		}
	return false;
}

static enum trw_status
pdq_line(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct trw_list *l = ctx;
	uint64_t place = trw_input_line_number(l->input);
	struct trw_field v[3], quality, name;

	if (detail_find(line, n, "hash", &v[0])) {
		bool has_quality = detail_find(line, n, "quality", &quality);
		bool has_name = detail_find(line, n, "filename", &name);
		return value_take(l, "line", place, &v[0], has_quality ? &quality : NULL,
			has_name ? &name : NULL, err);
	}
	size_t n_fields = trw_text_split(line, n, ',', v, 3);
	return value_take(l, "line", place, &v[0], n_fields > 1 ? &v[1] : NULL,
		n_fields > 2 ? &v[2] : NULL, err);
}

static enum trw_status
pdq_read(struct trw_list *l, struct trw_err *err)
{
	return trw_text_lines(l, '#', pdq_line, l, err);
}

static enum trw_claim
pdq_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first_record(head->p, head->n, '#'), v[3];

	if (first.n > 5 && memcmp(first.p, "hash=", 5) == 0 &&
		detail_find(first.p, first.n, "norm", &v[0]) &&
		detail_find(first.p, first.n, "hash", &v[0]) && is_value(&v[0]))
		return TRW_CLAIM_HEADER;
	return trw_text_split(first.p, first.n, ',', v, 3) == 3 && is_value(&v[0]) &&
			       is_number(&v[1], 3)
		       ? TRW_CLAIM_SHAPE
		       : TRW_CLAIM_NO;
}

/* "frame,quality,hex,timestamp" */
static enum trw_status
frame_line(void *ctx, const char *line, size_t n, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_field v[4];

	if (trw_text_split(line, n, ',', v, 4) < 4)
		return trw_text_reject(l, "not frame,quality,hash,time", err);
	return value_take(l, "line", trw_input_line_number(l->input), &v[2], &v[1], NULL, err);
}

/* "hex,quality,timestamp" in a JSON array. */
static enum trw_status
signal_take(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err)
{
	struct trw_list *l = ctx;
	struct trw_field v[3];

	(void)which;
	if (tree->type != TRW_JSON_STRING || trw_text_split(tree->text, tree->len, ',', v, 3) < 3)
		return trw_list_reject(l, "record", number, "not a text of hash,quality,time", err);
	return value_take(l, "record", number, &v[0], &v[1], NULL, err);
}

static enum trw_status
vpdq_read(struct trw_list *l, struct trw_err *err)
{
	const uint8_t *p = NULL;
	size_t n = 0;
	bool is_all;
	enum trw_status st = trw_input_head(l->input, &p, &n, &is_all, err);

	if (st == TRW_OK)
		st = p[0] == '[' ? trw_json_each(l, "*", signal_take, l, err)
				 : trw_text_lines(l, '#', frame_line, l, err);
	return st == TRW_END ? TRW_OK : st;
}

static enum trw_claim
vpdq_probe(const struct trw_head *head)
{
	struct trw_field first = trw_text_first_record(head->p, head->n, '#'), v[4];
	const uint8_t *quote = memchr(head->p, '"', head->n < 256 ? head->n : 256);

	if (head->n > 0 && head->p[0] == '[' && quote != NULL &&
		head->n - (size_t)(quote - head->p) > DIGITS + 2) {
		struct trw_field value = {(const char *)quote + 1, DIGITS};
		return is_value(&value) && quote[DIGITS + 1] == ',' ? TRW_CLAIM_HEADER
								    : TRW_CLAIM_NO;
	}
	return trw_text_split(first.p, first.n, ',', v, 4) == 4 && is_number(&v[0], 9) &&
			       is_number(&v[1], 3) && is_value(&v[2])
		       ? TRW_CLAIM_HEADER
		       : TRW_CLAIM_NO;
}

const struct trw_format trw_format_pdq = {
	.name = "pdq",
	.summary = "PDQ of pictures; a plain list of them must be named",
	.probe = pdq_probe,
	.read = pdq_read,
};

const struct trw_format trw_format_vpdq = {
	.name = "vpdq",
	.summary = "PDQ of the frames of a video, text or JSON",
	.probe = vpdq_probe,
	.read = vpdq_read,
};
