/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A JSON value as a tree: what readers ask of one, and how json.c makes them, one inside another.
 */
#pragma once

#include "base/status.h"

enum trw_json_type {
	TRW_JSON_NULL = 0,
	TRW_JSON_FALSE,
	TRW_JSON_TRUE,
	TRW_JSON_NUMBER, /* text is as it stands in the file */
	TRW_JSON_STRING, /* text, escapes undone; not checked for UTF-8: drafts do */
	TRW_JSON_OBJECT,
	TRW_JSON_ARRAY
};

/** A node; all of a tree is borrowed until the callback that got it returns. */
struct trw_json {
	enum trw_json_type type;
	const char *key; /* in an object, else NULL */
	size_t key_len;
	const char *text;
	size_t len;
	const struct trw_json *child,
		*next; /* the first of an object or array; the next beside it */
};

/**
 * The member of this name, or NULL; also when o is NULL or no object. Of several the last. _nocase:
 * ASCII case does not count.
 */
const struct trw_json *trw_json_get(const struct trw_json *o, const char *key);
const struct trw_json *trw_json_get_nocase(const struct trw_json *o, const char *key);

/** True for TRW_JSON_STRING with these bytes. */
bool trw_json_is(const struct trw_json *v, const char *text);

/**
 * 1 for true, "true", "True", "yes", "y", 1; 0 for false and its like; -1 for anything else, null
 * and absent.
 */
int trw_json_claim(const struct trw_json *v);

/** The text of a string or number; false for anything else and absent. */
bool trw_json_text(const struct trw_json *v, const char **p, size_t *n);

/* ---- making them ---- */

struct trw_json_chunk;

/** Memory for nodes and texts that is given back as a stack is. All-zero is empty. */
struct trw_json_arena {
	struct trw_json_chunk *top; /* owned */
	size_t used;                /* bytes in all */
};

struct trw_json_mark {
	struct trw_json_chunk *chunk;
	size_t at, used;
};

struct trw_json_mark trw_json_arena_mark(const struct trw_json_arena *a);
/** Everything that was taken since the mark is free again. */
void trw_json_arena_release(struct trw_json_arena *a, struct trw_json_mark mark);
void trw_json_arena_clear(struct trw_json_arena *a);

/**
 * A node with copies of key and text (NULL: none), each with a NUL behind it. NULL with err filled:
 * TRW_ENOMEM.
 */
TRW_NODISCARD struct trw_json *trw_json_node(struct trw_json_arena *a, enum trw_json_type type,
	const char *key, size_t key_len, const char *text, size_t len, struct trw_err *err);
