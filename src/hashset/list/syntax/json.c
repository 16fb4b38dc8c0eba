/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yajl tells of one token after the other. A value whose path is that of a record begins a tree;
 * what lies inside goes into it, except for records inside records, which have trees of their own
 * and are handed over first. Memory is a stack: what a record took is given back when it has been
 * handed over.
 */
#include "hashset/list/syntax/json.h"

#include "base/cancel.h"
#include "hashset/list/syntax/json_tree.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#define FEED ((size_t)64 << 10) /* bytes that yajl gets at once */
#define KEY_MAX 256             /* bytes of a key that can be on a path */
#define NO_RECORD SIZE_MAX

/* An object or array that is open, and the place of the value that comes next in it. */
struct level {
	bool is_array;
	char key[KEY_MAX];
	size_t key_len; /* of the whole key; a longer one is on no path */
	/* the tree that this level belongs to */
	struct trw_json *node, *last; /* NULL: nothing is kept here */
	size_t record;                /* that begins with this level; NO_RECORD */
	struct trw_json_mark mark;    /* before it */
};

struct reader {
	struct trw_list *list;
	const struct trw_json_plan *plan;
	const struct trw_json_calls *calls;
	struct level levels[TRW_JSON_DEPTH_MAX + 1]; /* levels[0]: around the outermost value */
	size_t depth;
	size_t skipping; /* depth at which a value that is not kept began; 0 = none */
	struct trw_json_arena arena;
	bool is_too_long; /* the record that is open */
	bool is_too_deep; /* that is why it ended */
	uint64_t number;
	uint64_t n_fed, event_at;    /* bytes */
	const struct trw_json *root; /* what lies outside of all records */
	enum trw_status status;
	struct trw_err err;
};

static int
stop(struct reader *r, enum trw_status status)
{
	r->status = status;
	return 0;
}

static const char *
key_of(const struct level *l)
{
	return l->is_array ? NULL : l->key;
}

static size_t
key_kept(const struct level *l)
{
	return l->is_array ? 0 : l->key_len < KEY_MAX ? l->key_len : KEY_MAX - 1;
}

/* Does the value that comes next have this path: its last part first. */
static bool
path_is(const struct reader *r, const char *path)
{
	size_t at = r->depth, end = strlen(path);

	while (end > 0) {
		size_t start = end;
		while (start > 0 && path[start - 1] != '.')
			start--;
		if (at == 0)
			return false;
		const struct level *l = &r->levels[at--];
		bool any = end - start == 1 && path[start] == '*';
		if (any != l->is_array)
			return false;
		if (!any && (l->key_len != end - start || l->key_len >= KEY_MAX ||
				    memcmp(l->key, path + start, end - start) != 0))
			return false;
		end = start > 0 ? start - 1 : 0;
	}
	return at == 0;
}

static size_t
record_begins(const struct reader *r)
{
	if (r->plan->is_lines)
		return r->depth == 0 ? 0 : NO_RECORD;
	for (size_t i = 0; r->plan->records[i] != NULL; i++)
		if (path_is(r, r->plan->records[i]))
			return i;
	return NO_RECORD;
}

/* One of the objects and arrays that are open is, or lies in, a record. */
static bool
is_in_record(const struct reader *r)
{
	for (size_t i = 1; i <= r->depth; i++)
		if (r->levels[i].record != NO_RECORD)
			return true;
	return false;
}

/* The record has ended. One around it that was too long stays so. */
static enum trw_status
record_end(struct reader *r, enum trw_status st, struct trw_json_mark mark)
{
	r->is_too_long = r->is_too_long && is_in_record(r);
	trw_json_arena_release(&r->arena, mark);
	return st;
}

static enum trw_status
record_give(struct reader *r, size_t record, const struct trw_json *tree)
{
	if (r->is_too_long)
		return trw_list_reject(r->list, "record", r->number, "longer than 16 MiB", &r->err);
	return r->calls->record(r->calls->ctx, record, r->number, tree, &r->err);
}

/* A node for a value below level l, linked to what is there. NULL: not kept, or stopped. */
static struct trw_json *
node_add(struct reader *r, struct level *l, size_t record, enum trw_json_type type,
	const char *text, size_t len)
{
	bool is_kept =
		l->node != NULL || record != NO_RECORD || (r->depth == 0 && r->calls->rest != NULL);
	struct trw_json *node;

	if (!is_kept || r->is_too_long)
		return NULL;
	if (r->arena.used + len > TRW_JSON_RECORD_MAX) {
		r->is_too_long = true;
		if (record == NO_RECORD && !is_in_record(r)) {
			(void)trw_fail(&r->err, TRW_ELIMIT,
				"more than 16 MiB of JSON that is no part of any record");
			(void)stop(r, TRW_ELIMIT);
		}
		return NULL;
	}
	node = trw_json_node(&r->arena, type, key_of(l), key_kept(l), text, len, &r->err);
	if (node == NULL) {
		(void)stop(r, TRW_ENOMEM);
		return NULL;
	}
	if (record == NO_RECORD && l->node != NULL) {
		if (l->last != NULL)
			l->last->next = node;
		else
			l->node->child = node;
		l->last = node;
	}
	if (r->depth == 0)
		r->root = node;
	return node;
}

static int
scalar(struct reader *r, enum trw_json_type type, const char *text, size_t len)
{
	struct level *l = &r->levels[r->depth];
	struct trw_json_mark mark = trw_json_arena_mark(&r->arena);
	size_t record;

	r->event_at = r->n_fed;
	if (r->skipping > 0) {
		if (r->skipping == r->depth)
			r->skipping = 0;
		return 1;
	}
	record = record_begins(r);
	const struct trw_json *node = node_add(r, l, record, type, text, len);
	if (r->status < 0)
		return 0;
	if (record == NO_RECORD)
		return 1;
	r->number++;
	enum trw_status st = record_end(r, record_give(r, record, node), mark);
	return st < 0 ? stop(r, st) : 1;
}

static int
container_open(struct reader *r, bool is_array)
{
	struct level *l = &r->levels[r->depth], *inner;
	struct trw_json_mark mark = trw_json_arena_mark(&r->arena);
	size_t record = NO_RECORD;
	struct trw_json *node = NULL;

	r->event_at = r->n_fed;
	if (r->depth == TRW_JSON_DEPTH_MAX) {
		r->is_too_deep = true;
		(void)trw_fail(
			&r->err, TRW_ECORRUPT, "nested deeper than %d levels", TRW_JSON_DEPTH_MAX);
		return stop(r, TRW_ECORRUPT);
	}
	if (r->skipping == 0) {
		record = record_begins(r);
		if (record != NO_RECORD)
			r->number++;
		node = node_add(r, l, record, is_array ? TRW_JSON_ARRAY : TRW_JSON_OBJECT, NULL, 0);
		if (r->status < 0)
			return 0;
	}
	inner = &r->levels[++r->depth];
	inner->is_array = is_array;
	inner->key_len = 0;
	inner->node = node;
	inner->last = NULL;
	inner->record = record;
	inner->mark = mark;
	return 1;
}

static int
container_close(struct reader *r)
{
	struct level *l = &r->levels[r->depth--];
	enum trw_status st = TRW_OK;

	r->event_at = r->n_fed;
	if (r->skipping > 0) {
		if (r->skipping == r->depth)
			r->skipping = 0;
		return 1;
	}
	if (l->record == NO_RECORD)
		return 1;
	st = record_end(r, record_give(r, l->record, l->node), l->mark);
	return st < 0 ? stop(r, st) : 1;
}

static int
on_null(void *ctx)
{
	return scalar(ctx, TRW_JSON_NULL, NULL, 0);
}

static int
on_boolean(void *ctx, int value)
{
	return scalar(ctx, value ? TRW_JSON_TRUE : TRW_JSON_FALSE, NULL, 0);
}

static int
on_number(void *ctx, const char *p, size_t n)
{
	return scalar(ctx, TRW_JSON_NUMBER, p, n);
}

static int
on_string(void *ctx, const unsigned char *p, size_t n)
{
	return scalar(ctx, TRW_JSON_STRING, (const char *)p, n);
}

static int
on_map_key(void *ctx, const unsigned char *p, size_t n)
{
	struct reader *r = ctx;
	struct level *l = &r->levels[r->depth];

	r->event_at = r->n_fed;
	if (r->skipping > 0)
		return 1;
	l->key_len = n;
	memcpy(l->key, p, n < KEY_MAX ? n : KEY_MAX - 1);
	l->key[n < KEY_MAX ? n : KEY_MAX - 1] = '\0';
	for (size_t i = 0; r->plan->skips != NULL && r->plan->skips[i] != NULL; i++)
		if (n == strlen(r->plan->skips[i]) && memcmp(p, r->plan->skips[i], n) == 0) {
			trw_list_leave(r->list, r->plan->skips[i], 1);
			r->skipping = r->depth;
		}
	return 1;
}

static int
on_start_map(void *ctx)
{
	return container_open(ctx, false);
}

static int
on_start_array(void *ctx)
{
	return container_open(ctx, true);
}

static int
on_end(void *ctx)
{
	return container_close(ctx);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end,
};

static yajl_handle
handle_new(struct reader *r, struct trw_err *err)
{
	yajl_handle y = yajl_alloc(&callbacks, NULL, r);

	if (y == NULL)
		(void)trw_fail(err, TRW_ENOMEM, "out of memory for JSON");
	else /* names in another encoding become ISO 8859-1 later and must not cost the list */
		(void)yajl_config(y, yajl_dont_validate_strings, 1);
	return y;
}

static enum trw_status
syntax(const struct reader *r, yajl_handle y, yajl_status ys, uint64_t before, struct trw_err *err)
{
	if (ys == yajl_status_client_canceled && r->status < 0) {
		if (err != NULL)
			*err = r->err;
		return r->status;
	}
	return trw_fail(err, TRW_ECORRUPT,
		"byte %" PRIu64 ": no JSON from here on; get the file again",
		before + yajl_get_bytes_consumed(y));
}

static enum trw_status
piece_parse(struct reader *r, yajl_handle y, const uint8_t *p, size_t n, struct trw_err *err)
{
	for (size_t at = 0; at < n; at += FEED) {
		size_t part = n - at < FEED ? n - at : FEED;
		uint64_t before = r->n_fed;
		yajl_status ys;
		r->n_fed += part;
		ys = yajl_parse(y, p + at, part);
		if (ys != yajl_status_ok)
			return syntax(r, y, ys, before, err);
		if (r->n_fed - r->event_at > TRW_JSON_STRING_MAX)
			return trw_fail(err, TRW_ELIMIT,
				"byte %" PRIu64 ": a value, or white space, of more than 64 MiB",
				r->event_at);
		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
	}
	return TRW_OK;
}

static enum trw_status
whole_read(struct reader *r, struct trw_err *err)
{
	yajl_handle y = handle_new(r, err);
	const uint8_t *p;
	size_t n;
	enum trw_status st = y == NULL ? TRW_ENOMEM : TRW_OK;

	while (st == TRW_OK && (st = trw_input_piece(r->list->input, &p, &n, err)) == TRW_OK)
		st = piece_parse(r, y, p, n, err);
	if (st == TRW_END) {
		yajl_status ys = yajl_complete_parse(y);
		st = ys == yajl_status_ok ? TRW_OK : syntax(r, y, ys, r->n_fed, err);
	}
	if (st == TRW_OK && r->calls->rest != NULL && r->root != NULL)
		st = r->calls->rest(r->calls->ctx, r->root, err);
	if (y != NULL)
		yajl_free(y);
	return st;
}

static bool
is_blank(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	return n == 0 || *p == '#';
}

/* The whole line is one value: before anything of it is handed over. */
static enum trw_status
line_check(const char *line, size_t n, bool *is_value, struct trw_err *err)
{
	yajl_handle y = yajl_alloc(NULL, NULL, NULL);

	if (y == NULL)
		return trw_fail(err, TRW_ENOMEM, "out of memory for JSON");
	(void)yajl_config(y, yajl_dont_validate_strings, 1);
	*is_value = yajl_parse(y, (const unsigned char *)line, n) == yajl_status_ok &&
		    yajl_complete_parse(y) == yajl_status_ok;
	yajl_free(y);
	return TRW_OK;
}

static enum trw_status
line_parse(struct reader *r, const char *line, size_t n, struct trw_err *err)
{
	yajl_handle y = handle_new(r, err);
	yajl_status ys;
	enum trw_status st = TRW_OK;

	if (y == NULL)
		return TRW_ENOMEM;
	r->depth = r->skipping = 0;
	r->is_too_long = false;
	r->number = trw_input_line_number(r->list->input) - 1;
	ys = yajl_parse(y, (const unsigned char *)line, n);
	if (ys == yajl_status_ok)
		ys = yajl_complete_parse(y);
	if (ys != yajl_status_ok && r->is_too_deep)
		st = trw_list_reject(r->list, "line", r->number + 1, "nested too deep", err);
	else if (ys != yajl_status_ok)
		st = syntax(r, y, ys, 0, err);
	r->status = TRW_OK;
	r->is_too_deep = false;
	trw_json_arena_release(&r->arena, (struct trw_json_mark){0});
	yajl_free(y);
	return st;
}

static enum trw_status
line_read(struct reader *r, const char *line, size_t n, struct trw_err *err)
{
	bool is_value = false;
	enum trw_status st = line_check(line, n, &is_value, err);

	if (st < 0)
		return st;
	return is_value ? line_parse(r, line, n, err)
			: trw_list_reject(r->list, "line", trw_input_line_number(r->list->input),
				  "not a JSON value", err);
}

static enum trw_status
lines_read(struct reader *r, struct trw_err *err)
{
	const char *line;
	size_t n;
	bool is_cut;
	enum trw_status st;

	while ((st = trw_input_line(r->list->input, &line, &n, &is_cut, err)) == TRW_OK) {
		if (is_cut)
			st = trw_list_reject(r->list, "line", trw_input_line_number(r->list->input),
				"longer than 1 MiB", err);
		else if (is_blank(line, n))
			trw_list_skip(r->list, 1);
		else
			st = line_read(r, line, n, err);
		if (st < 0)
			return st;
	}
	return st == TRW_END ? TRW_OK : st;
}

enum trw_status
trw_json_read(struct trw_list *l, const struct trw_json_plan *plan,
	const struct trw_json_calls *calls, struct trw_err *err)
{
	struct reader r = {.list = l, .plan = plan, .calls = calls};
	enum trw_status st;

	r.levels[0].record = NO_RECORD;
	st = plan->is_lines ? lines_read(&r, err) : whole_read(&r, err);
	trw_json_arena_clear(&r.arena);
	return st;
}

enum trw_status
trw_json_each(
	struct trw_list *l, const char *path, trw_json_take take, void *ctx, struct trw_err *err)
{
	const char *const records[] = {path, NULL};
	const struct trw_json_plan plan = {.records = records, .is_lines = path[0] == '\0'};
	const struct trw_json_calls calls = {.ctx = ctx, .record = take};

	return trw_json_read(l, &plan, &calls, err);
}
