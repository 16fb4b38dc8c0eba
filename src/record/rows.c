/* SPDX-License-Identifier: Apache-2.0 */
/* A copy is the row with its pointers moved into the arena: a table says where a row of each kind has some. */
#include "record/rows.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct trw_row, u.member)
#define AT_number(name)
#define AT_maybe(name)
#define AT_length(name)
#define AT_time(name)
#define AT_text(name) AT(file.name),
#define AT_optional(name) AT(file.name),
#define FILE_BYTES_AT(how, type, name, max) AT_##how(name)

#define BYTES_MAX 8

/* Offsets of the bytes of a row; 0, which is that of its kind, ends a list. */
static const size_t bytes_at[TRW_ROW_N][BYTES_MAX] = {
	[TRW_ROW_VOLUME] = {AT(volume.scheme), AT(volume.description), AT(volume.content)},
	[TRW_ROW_FILESYSTEM] = {AT(filesystem.type), AT(filesystem.label), AT(filesystem.uuid),
		AT(filesystem.status)},
	[TRW_ROW_FILESYSTEM_STATUS] = {AT(filesystem.status)},
	[TRW_ROW_FILE] = {TRW_FILE_FIELDS(FILE_BYTES_AT)},
	[TRW_ROW_PROBLEM] = {AT(problem.path), AT(problem.text)},
	[TRW_ROW_AUDIT] = {AT(audit.detail)},
	[TRW_ROW_CHECKPOINT] = {AT(checkpoint.media_state)},
};

static bool
copy_bytes(struct trw_arena *arena, struct trw_bytes *bytes, struct trw_err *err)
{
	if (bytes->p == NULL)
		return true;
	bytes->p = trw_arena_copy(arena, bytes->p, bytes->n, err);
	return bytes->p != NULL;
}

static bool
copy_ranges(struct trw_arena *arena, struct trw_ranges *rs, struct trw_err *err)
{
	rs->cap = rs->n;
	if (rs->n == 0)
		rs->v = NULL;
	else
		rs->v = trw_arena_copy(arena, rs->v, rs->n * sizeof(*rs->v), err);
	return rs->v != NULL || rs->n == 0;
}

static bool
copy_extents(struct trw_arena *arena, struct trw_extents *xs, struct trw_err *err)
{
	xs->cap = xs->n;
	if (xs->n == 0)
		xs->v = NULL;
	else
		xs->v = trw_arena_copy(arena, xs->v, xs->n * sizeof(*xs->v), err);
	return xs->v != NULL || xs->n == 0;
}

enum trw_status
trw_row_copy(struct trw_arena *arena, const struct trw_row *row, struct trw_row *out,
	struct trw_err *err)
{
	bool ok = true;

	*out = *row;
	for (const size_t *at = bytes_at[row->kind]; ok && *at != 0; at++)
		ok = copy_bytes(arena, (void *)((char *)out + *at), err);
	if (ok && row->kind == TRW_ROW_FILE) {
		out->u.file.bytes = (struct trw_bytes){0}; /* not stored */
		ok = copy_extents(arena, &out->u.file.extents, err);
	}
	if (ok && row->kind == TRW_ROW_CONTENT)
		ok = copy_ranges(arena, &out->u.content.damage, err);
	if (ok && row->kind == TRW_ROW_CHECKPOINT)
		ok = copy_ranges(arena, &out->u.checkpoint.damage, err);
	return ok ? TRW_OK : TRW_ENOMEM;
}

struct trw_bytes
trw_bytes_of(const char *s)
{
	return (struct trw_bytes){(const uint8_t *)s, s == NULL ? 0 : strlen(s)};
}
