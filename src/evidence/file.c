/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "evidence/put.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_number ", ?"
#define PLACES_maybe ", ?"
#define PLACES_length ", ?"
#define PLACES_time ", ?"
#define PLACES_text ", ?, ?"
#define PLACES_optional ", ?, ?"
#define PLACES(how, type, name, max) PLACES_##how

/* How the values of a file's fields are bound, by the list that they stand in. */
#define BIND_number(v) trw_bind_bits(&row, v)
#define BIND_maybe(v) trw_bind_maybe(&row, v)
#define BIND_length(v) trw_bind_length(&row, v)
#define BIND_time(v) trw_bind_time(&row, v)
#define BIND_text(v) trw_bind_raw(&row, v, true)
#define BIND_optional(v) trw_bind_raw(&row, v, false)
#define BIND(how, type, name, max) BIND_##how(file->name);

static enum trw_status
put_row(struct trw_evidence *ev, const struct trw_file *file, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_FILE,
		"INSERT INTO file (" TRW_FILE_COLUMNS
		") VALUES (?, ?, ?, ?" TRW_FILE_FIELDS(PLACES) ")",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, file->file_id);
	trw_bind_int(&row, file->filesystem_id);
	trw_bind_int(&row, file->image_id);
	trw_bind_id(&row, file->parent_id);
	TRW_FILE_FIELDS(BIND)
	return trw_bind_end(&row, err);
}

static enum trw_status
put_extents(
	struct trw_evidence *ev, int64_t file_id, const struct trw_extents *xs, struct trw_err *err)
{
	uint64_t stream_off = 0;

	for (size_t i = 0; i < xs->n; i++) {
		struct trw_bind row;
		enum trw_status status = trw_bind_start(ev, TRW_STMT_EXTENT,
			"INSERT INTO extent (file_id, stream_off, len, kind, off) VALUES (?, ?, ?, ?, ?)",
			&row, err);
		if (status < 0)
			return status;
		trw_bind_int(&row, file_id);
		trw_bind_length(&row, stream_off);
		trw_bind_length(&row, xs->v[i].len);
		trw_bind_int(&row, xs->v[i].kind);
		if (xs->v[i].kind == TRW_EXTENT_DATA)
			trw_bind_length(&row, xs->v[i].off);
		else
			trw_bind_null(&row);
		if ((status = trw_bind_end(&row, err)) < 0)
			return status;
		stream_off += xs->v[i].len;
	}
	return TRW_OK;
}

enum trw_status
trw_put_file(struct trw_evidence *ev, const struct trw_file *file, struct trw_err *err)
{
	struct trw_file rooted = *file;
	uint8_t *path = NULL;
	enum trw_status status;

	/* Every path in the database starts with '/'. */
	if (file->path.n == 0 || file->path.p[0] != '/') {
		path = trw_alloc(file->path.n + 1, 1, err);
		if (path == NULL)
			return TRW_ENOMEM;
		path[0] = '/';
		if (file->path.n > 0)
			memcpy(path + 1, file->path.p, file->path.n);
		rooted.path = (struct trw_bytes){path, file->path.n + 1};
	}
	status = put_row(ev, &rooted, err);
	if (status == TRW_OK)
		status = put_extents(ev, file->file_id, &file->extents, err);
	free(path);
	return status < 0 ? trw_fail_in(err, "file %" PRId64, file->file_id) : status;
}
