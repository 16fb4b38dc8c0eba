/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/json.h"

#include <string.h>
#include <yajl/yajl_parse.h>

struct search {
	const char *key;
	char *room;
	size_t n_room, depth;
	bool is_array[TRW_JSON_DEPTH_MAX];
	bool is_next, is_found, has_value;
};

/* In the outermost object, or in one of the outermost array. */
static bool
is_outer(const struct search *s)
{
	return s->depth == 1 || (s->depth == 2 && s->is_array[0]);
}

static int
on_key(void *ctx, const unsigned char *p, size_t n)
{
	struct search *s = ctx;

	s->is_next =
		!s->is_found && is_outer(s) && n == strlen(s->key) && memcmp(p, s->key, n) == 0;
	s->is_found = s->is_found || s->is_next;
	return 1;
}

static int
on_string(void *ctx, const unsigned char *p, size_t n)
{
	struct search *s = ctx;

	if (s->is_next && s->room != NULL && n < s->n_room) {
		memcpy(s->room, p, n);
		s->room[n] = '\0';
		s->has_value = true;
	}
	s->is_next = false;
	return 1;
}

static int
on_open(struct search *s, bool is_array)
{
	s->is_next = false;
	if (s->depth == TRW_JSON_DEPTH_MAX)
		return 0;
	s->is_array[s->depth++] = is_array;
	return 1;
}

static int
on_map(void *ctx)
{
	return on_open(ctx, false);
}

static int
on_array(void *ctx)
{
	return on_open(ctx, true);
}

static int
on_close(void *ctx)
{
	((struct search *)ctx)->depth--;
	return 1;
}

bool
trw_json_head_has(
	const uint8_t *p, size_t n, const char *key, char *room, size_t n_room, const char **value)
{
	static const yajl_callbacks callbacks = {
		.yajl_string = on_string,
		.yajl_start_map = on_map,
		.yajl_map_key = on_key,
		.yajl_end_map = on_close,
		.yajl_start_array = on_array,
		.yajl_end_array = on_close,
	};
	struct search s = {.key = key, .room = room, .n_room = n_room};
	size_t start = 0;
	yajl_handle y;

	if (value != NULL)
		*value = NULL;
	while (start < n &&
		(p[start] == ' ' || p[start] == '\t' || p[start] == '\r' || p[start] == '\n'))
		start++;
	if (start == n || (p[start] != '{' && p[start] != '['))
		return false;
	y = yajl_alloc(&callbacks, NULL, &s);
	if (y == NULL)
		return false;
	(void)yajl_config(y, yajl_dont_validate_strings, 1);
	(void)yajl_config(y, yajl_allow_multiple_values, 1); /* one a line */
	(void)yajl_parse(y, p, n);
	yajl_free(y);
	if (value != NULL && s.has_value)
		*value = room;
	return s.is_found;
}
