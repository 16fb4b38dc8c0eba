/* SPDX-License-Identifier: Apache-2.0 */
/** Trees of JSON values in the making, one inside another; inside json.c. */
#pragma once

#include "hashset/list/syntax/json.h"

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

/** A node with copies of key and text (NULL: none), each with a NUL behind it. NULL with err filled: TRW_ENOMEM. */
TRW_NODISCARD struct trw_json *trw_json_node(struct trw_json_arena *a, enum trw_json_type type,
	const char *key, size_t key_len, const char *text, size_t len, struct trw_err *err);
