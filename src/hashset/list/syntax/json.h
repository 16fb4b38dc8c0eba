/* SPDX-License-Identifier: Apache-2.0 */
/**
 * JSON of any size, one record at a time: what is read is handed over as a small tree for each
 * record, and forgotten. Parsing is yajl's. Everything is bounded: TRW_JSON_DEPTH_MAX levels,
 * TRW_JSON_RECORD_MAX bytes and nodes of a record.
 */
#pragma once

#include "hashset/list/contract/list.h"
#include "hashset/list/syntax/json_tree.h"

#define TRW_JSON_DEPTH_MAX 64
#define TRW_JSON_RECORD_MAX ((size_t)16 << 20) /* bytes of a tree */
#define TRW_JSON_STRING_MAX ((size_t)64 << 20) /* bytes of one string, kept or not */

/**
 * What a reader wants of a file. Paths name members; '*' is any element of an array: "value.*",
 * "value.*.Media.*", "*".
 */
struct trw_json_plan {
	/*
	 * NULL-ended: each value there is handed over as a tree, and is no part of what lies around
	 * it; of nested ones the inner come first
	 */
	const char *const *records;
	/* NULL-ended, may be NULL: keys, anywhere, whose values are not kept; they are counted */
	const char *const *skips;
	/*
	 * one JSON value a line ('#' lines and empty ones are skipped): a line that is wrong is
	 * rejected, the rest goes on
	 */
	bool is_lines;
};

/** which: the number of the path in records; number: of the record, or the line, from 1. */
typedef enum trw_status (*trw_json_take)(
	void *ctx, size_t which, uint64_t number, const struct trw_json *tree, struct trw_err *err);

struct trw_json_calls {
	void *ctx;
	trw_json_take record;
	/*
	 * What lies outside all records, at the end, as one tree; its own bounds. NULL = not
	 * wanted. With is_lines: never.
	 */
	enum trw_status (*rest)(void *ctx, const struct trw_json *tree, struct trw_err *err);
};

/**
 * Read all of l->input. A record past the bounds is rejected and passed over; values of skips are
 * told with trw_list_leave by key. Errors: TRW_ECORRUPT with the byte where it is no JSON, too deep
 * or ends early; those of the calls and of the input.
 */
TRW_NODISCARD enum trw_status trw_json_read(struct trw_list *l, const struct trw_json_plan *plan,
	const struct trw_json_calls *calls, struct trw_err *err);

/** The same for the values at one path and nothing else; "" is a value on each line. */
TRW_NODISCARD enum trw_status trw_json_each(
	struct trw_list *l, const char *path, trw_json_take take, void *ctx, struct trw_err *err);

/**
 * For probes: does the JSON in these first bytes (which may be cut anywhere) have this key in its
 * outermost object, or in the objects of its outermost array? *value, when not NULL: the text of
 * its value, if a string, borrowed from `room`.
 */
bool trw_json_head_has(
	const uint8_t *p, size_t n, const char *key, char *room, size_t n_room, const char **value);
