/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/json_tree.h"

#include "base/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 << 10)
#define ALIGN ((size_t)16)

struct trw_json_chunk {
	struct trw_json_chunk *below;
	size_t n, cap;
	_Alignas(16) uint8_t bytes[];
};

struct trw_json_mark
trw_json_arena_mark(const struct trw_json_arena *a)
{
	return (struct trw_json_mark){a->top, a->top == NULL ? 0 : a->top->n, a->used};
}

void
trw_json_arena_release(struct trw_json_arena *a, struct trw_json_mark mark)
{
	/* The last chunk stays for the next record. */
	while (a->top != mark.chunk && a->top != NULL &&
		(a->top->below != NULL || a->top->cap > CHUNK)) {
		struct trw_json_chunk *below = a->top->below;
		free(a->top);
		a->top = below;
	}
	if (a->top != NULL)
		a->top->n = a->top == mark.chunk ? mark.at : 0;
	a->used = mark.used;
}

void
trw_json_arena_clear(struct trw_json_arena *a)
{
	while (a->top != NULL) {
		struct trw_json_chunk *below = a->top->below;
		free(a->top);
		a->top = below;
	}
	a->used = 0;
}

static void *
take(struct trw_json_arena *a, size_t n, struct trw_err *err)
{
	struct trw_json_chunk *c = a->top;

	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (c == NULL || n > c->cap - c->n) {
		size_t cap = n > CHUNK ? n : CHUNK;
		c = malloc(sizeof(*c) + cap);
		if (c == NULL) {
			(void)trw_fail(err, TRW_ENOMEM, "out of memory for a record");
			return NULL;
		}
		c->below = a->top;
		c->n = 0;
		c->cap = cap;
		a->top = c;
	}
	void *p = c->bytes + c->n;
	c->n += n;
	a->used += n;
	return p;
}

static const char *
copy(char **at, const char *s, size_t n)
{
	char *to = *at;

	if (s == NULL)
		return NULL;
	if (n > 0)
		memcpy(to, s, n);
	to[n] = '\0';
	*at += n + 1;
	return to;
}

struct trw_json *
trw_json_node(struct trw_json_arena *a, enum trw_json_type type, const char *key, size_t key_len,
	const char *text, size_t len, struct trw_err *err)
{
	struct trw_json *node = take(a, sizeof(*node) + key_len + len + 2, err);

	if (node == NULL)
		return NULL;
	char *at = (char *)(node + 1);
	*node = (struct trw_json){.type = type, .key_len = key_len, .len = len};
	node->key = copy(&at, key, key_len);
	node->text = copy(&at, text, len);
	return node;
}

static bool
is_text(const char *a, size_t a_len, const char *b, size_t b_len, bool nocase)
{
	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++)
		if (a[i] != b[i] &&
			(!nocase || tolower((unsigned char)a[i]) != tolower((unsigned char)b[i])))
			return false;
	return true;
}

static const struct trw_json *
get(const struct trw_json *o, const char *key, bool nocase)
{
	const struct trw_json *found = NULL;
	size_t n = strlen(key);

	if (o == NULL || o->type != TRW_JSON_OBJECT)
		return NULL;
	for (const struct trw_json *v = o->child; v != NULL; v = v->next)
		if (is_text(v->key, v->key_len, key, n, nocase))
			found = v;
	return found;
}

const struct trw_json *
trw_json_get(const struct trw_json *o, const char *key)
{
	return get(o, key, false);
}

const struct trw_json *
trw_json_get_nocase(const struct trw_json *o, const char *key)
{
	return get(o, key, true);
}

bool
trw_json_is(const struct trw_json *v, const char *text)
{
	return v != NULL && v->type == TRW_JSON_STRING &&
	       is_text(v->text, v->len, text, strlen(text), false);
}

int
trw_json_claim(const struct trw_json *v)
{
	static const char *const yes[] = {"true", "yes", "y", "1"}, *const no[] = {"false", "no",
									    "n", "0"};

	if (v == NULL)
		return -1;
	if (v->type == TRW_JSON_TRUE || v->type == TRW_JSON_FALSE)
		return v->type == TRW_JSON_TRUE;
	if (v->type != TRW_JSON_STRING && v->type != TRW_JSON_NUMBER)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		if (is_text(v->text, v->len, yes[i], strlen(yes[i]), true))
			return 1;
		if (is_text(v->text, v->len, no[i], strlen(no[i]), true))
			return 0;
	}
	return -1;
}

bool
trw_json_text(const struct trw_json *v, const char **p, size_t *n)
{
	if (v == NULL || (v->type != TRW_JSON_STRING && v->type != TRW_JSON_NUMBER))
		return false;
	*p = v->text;
	*n = v->len;
	return true;
}
