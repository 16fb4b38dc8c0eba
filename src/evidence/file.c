/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/text.h"
#include "evidence/store.h"

#include <stdlib.h>
#include <string.h>

/* Raw bytes of evidence as they go into a TEXT column and, where they are not UTF-8, a BLOB beside it. */
struct shown {
	const char *text; /* NULL when there were no bytes */
	size_t text_len;
	const uint8_t *raw; /* NULL when text has the same bytes */
	size_t raw_len;
	char *owned;
};

static enum trw_status
show(const uint8_t *p, size_t n, struct shown *out, struct trw_err *err)
{
	*out = (struct shown){0};
	if (p == NULL)
		return TRW_OK;
	if (trw_utf8_valid(p, n)) {
		out->text = (const char *)p;
		out->text_len = n;
		return TRW_OK;
	}
	out->owned = trw_utf8_display(p, n, err);
	if (out->owned == NULL)
		return TRW_ENOMEM;
	out->text = out->owned;
	out->text_len = strlen(out->owned);
	out->raw = p;
	out->raw_len = n;
	return TRW_OK;
}

static void
row_shown(struct trw_row *row, const struct shown *s)
{
	trw_row_text_n(row, s->text, s->text_len);
	trw_row_blob(row, s->raw, s->raw_len);
}

/* Every path in the database starts with '/': out is the path itself, or a heap copy in *owned. */
static enum trw_status
rooted(const struct trw_evidence_file *file, const uint8_t **path, size_t *len, uint8_t **owned,
	struct trw_err *err)
{
	*path = file->path;
	*len = file->path_len;
	*owned = NULL;
	if (file->path_len > 0 && file->path[0] == '/')
		return TRW_OK;
	*owned = trw_alloc(file->path_len + 1, 1, err);
	if (*owned == NULL)
		return TRW_ENOMEM;
	(*owned)[0] = '/';
	if (file->path_len > 0)
		memcpy(*owned + 1, file->path, file->path_len);
	*path = *owned;
	*len = file->path_len + 1;
	return TRW_OK;
}

static enum trw_status
extents_add(
	struct trw_evidence *ev, int64_t file_id, const struct trw_extents *xs, struct trw_err *err)
{
	uint64_t stream_off = 0;

	for (size_t i = 0; i < xs->n; i++) {
		struct trw_row row;
		enum trw_status status = trw_row_start(ev, TRW_STMT_EXTENT,
			"INSERT INTO extent (file_id, stream_off, len, kind, off) VALUES (?, ?, ?, ?, ?)",
			&row, err);
		if (status < 0)
			return status;
		trw_row_int(&row, file_id);
		trw_row_length(&row, stream_off);
		trw_row_length(&row, xs->v[i].len);
		trw_row_int(&row, xs->v[i].kind);
		if (xs->v[i].kind == TRW_EXTENT_DATA)
			trw_row_length(&row, xs->v[i].off);
		else
			trw_row_null(&row);
		if ((status = trw_row_end(&row, err)) < 0)
			return status;
		stream_off += xs->v[i].len;
	}
	return TRW_OK;
}

static enum trw_status
file_row_add(struct trw_evidence *ev, const struct trw_evidence_file *file,
	const struct shown *path, const struct shown *name, const struct shown *stream,
	const struct shown *target, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_FILE,
		"INSERT INTO file (file_id, filesystem_id, image_id, parent_id, kind, state, flags, content_source,"
		" inode, sequence, attr_type, attr_id, size, created_ns, modified_ns, accessed_ns, changed_ns,"
		" mode, n_links, uid, gid, path, raw_path, name, raw_name, stream, raw_stream, target,"
		" raw_target) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_row_int(&row, file->file_id);
	trw_row_int(&row, file->filesystem_id);
	trw_row_int(&row, file->image_id);
	trw_row_id(&row, file->parent_id);
	trw_row_int(&row, file->kind);
	trw_row_int(&row, file->state);
	trw_row_int(&row, file->flags);
	trw_row_int(&row, file->source);
	trw_row_bits(&row, file->inode);
	trw_row_bits(&row, file->sequence);
	trw_row_int(&row, file->attr_type);
	trw_row_int(&row, file->attr_id);
	trw_row_length(&row, file->size);
	trw_row_time(&row, file->created_ns);
	trw_row_time(&row, file->modified_ns);
	trw_row_time(&row, file->accessed_ns);
	trw_row_time(&row, file->changed_ns);
	trw_row_int(&row, file->mode);
	trw_row_int(&row, file->n_links);
	trw_row_bits(&row, file->uid);
	trw_row_bits(&row, file->gid);
	row_shown(&row, path);
	row_shown(&row, name);
	row_shown(&row, stream);
	row_shown(&row, target);
	return trw_row_end(&row, err);
}

enum trw_status
trw_evidence_file_add(
	struct trw_evidence *ev, const struct trw_evidence_file *file, struct trw_err *err)
{
	struct shown path = {0}, name = {0}, stream = {0}, target = {0};
	const uint8_t *empty = (const uint8_t *)"", *path_bytes;
	uint8_t *path_owned = NULL;
	size_t path_len;
	enum trw_status status;

	if ((status = rooted(file, &path_bytes, &path_len, &path_owned, err)) < 0 ||
		(status = show(path_bytes, path_len, &path, err)) < 0 ||
		(status = show(file->name == NULL ? empty : file->name, file->name_len, &name,
			 err)) < 0 ||
		(status = show(file->stream, file->stream_len, &stream, err)) < 0 ||
		(status = show(file->target, file->target_len, &target, err)) < 0 ||
		(status = file_row_add(ev, file, &path, &name, &stream, &target, err)) < 0)
		goto out;
	if (file->extents != NULL)
		status = extents_add(ev, file->file_id, file->extents, err);
out:
	free(path.owned);
	free(name.owned);
	free(stream.owned);
	free(target.owned);
	free(path_owned);
	return status < 0 ? trw_fail_in(err, "file %" PRId64, file->file_id) : status;
}
