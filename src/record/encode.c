/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One encode and one decode function a record, field by field in the same order. An encoder refuses what its
 * decoder would refuse, so a payload that a decoder rejects was not made by an honest worker.
 */
#include "record/encode.h"

#include "record/activity.h"
#include "record/wire.h"

#include <assert.h>
#include <stddef.h>

#define EXTENT_MIN_BYTES 2 /* of an encoded extent: kind, length */

/* ---- requests ---- */

static void
put_where(struct trw_wire *w, const struct trw_fs_where *where)
{
	trw_wire_span(w, where->off, where->len);
	trw_wire_number(w, where->pool_block);
	trw_wire_number(w, where->type);
}

static void
get_where(struct trw_cur *c, struct trw_fs_where *where)
{
	trw_wire_get_span(c, &where->off, &where->len);
	where->pool_block = trw_wire_get_number(c);
	where->type = trw_wire_get_u32(c);
}

enum trw_status
trw_walk_request_encode(const struct trw_walk_request *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	put_where(&w, &r->where);
	trw_wire_number(&w, r->sent);
	trw_wire_number(&w, r->names_max);
	trw_wire_number(&w, r->dir_max);
	trw_wire_number(&w, r->depth_max);
	trw_wire_bool(&w, r->no_orphans);
	trw_wire_bool(&w, r->no_blocks);
	trw_wire_limited(&w, r->n_skips, TRW_SKIP_MAX, "number of skips");
	for (size_t i = 0; i < r->n_skips && i < TRW_SKIP_MAX; i++) {
		trw_wire_number(&w, r->skips[i].inode);
		trw_wire_limited(&w, r->skips[i].step, TRW_STEP_N - 1, "step");
	}
	return trw_wire_finish(&w, "walk request");
}

enum trw_status
trw_walk_request_decode(const uint8_t *p, size_t n, struct trw_walk_request *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};

	*r = (struct trw_walk_request){0};
	get_where(&c, &r->where);
	r->sent = trw_wire_get_number(&c);
	r->names_max = trw_wire_get_number(&c);
	r->dir_max = trw_wire_get_number(&c);
	r->depth_max = trw_wire_get_u32(&c);
	r->no_orphans = trw_wire_get_bool(&c);
	r->no_blocks = trw_wire_get_bool(&c);
	r->n_skips = (size_t)trw_wire_get_limited(&c, TRW_SKIP_MAX);
	for (size_t i = 0; i < r->n_skips && !c.bad; i++) {
		r->skips[i].inode = trw_wire_get_number(&c);
		r->skips[i].step = (uint32_t)trw_wire_get_limited(&c, TRW_STEP_N - 1);
	}
	return trw_wire_end(&c, "walk request", err);
}

enum trw_status
trw_read_request_encode(const struct trw_read_request *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	put_where(&w, &r->where);
	trw_wire_number(&w, r->inode);
	trw_wire_number(&w, r->attr_type);
	trw_wire_number(&w, r->attr_id);
	trw_wire_limited(&w, r->size, INT64_MAX, "size");
	return trw_wire_finish(&w, "read request");
}

enum trw_status
trw_read_request_decode(const uint8_t *p, size_t n, struct trw_read_request *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};

	*r = (struct trw_read_request){0};
	get_where(&c, &r->where);
	r->inode = trw_wire_get_number(&c);
	r->attr_type = trw_wire_get_u32(&c);
	r->attr_id = trw_wire_get_u32(&c);
	r->size = trw_wire_get_limited(&c, INT64_MAX);
	return trw_wire_end(&c, "read request", err);
}

/* ---- volumes and file systems ---- */

enum trw_status
trw_volume_record_encode(const struct trw_volume_record *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);
	/* 0 = none, else one more than the parent's number */
	uint64_t parent = r->parent == UINT32_MAX ? 0 : (uint64_t)r->parent + 1;

	trw_wire_number(&w, r->number);
	trw_wire_limited(&w, parent, r->number, "number of the parent, plus one,");
	trw_wire_limited(&w, r->kind, TRW_VOLUME_N - 1, "volume kind");
	trw_wire_span(&w, r->off, r->len);
	trw_wire_number(&w, r->declared_len);
	trw_wire_number(&w, r->pool_block);
	trw_wire_bool(&w, r->may_hold_fs);
	trw_wire_bool(&w, r->is_encrypted);
	trw_wire_number(&w, r->plausible);
	trw_wire_bytes(&w, r->scheme, TRW_TEXT_MAX_BYTES, "scheme");
	trw_wire_bytes(&w, r->description, TRW_TEXT_MAX_BYTES, "description");
	trw_wire_bytes(&w, r->content, TRW_TEXT_MAX_BYTES, "content");
	return trw_wire_finish(&w, "volume record");
}

enum trw_status
trw_volume_record_decode(
	const uint8_t *p, size_t n, struct trw_volume_record *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};
	uint64_t parent;

	*r = (struct trw_volume_record){0};
	r->number = trw_wire_get_u32(&c);
	parent = trw_wire_get_limited(&c, r->number);
	r->parent = parent == 0 ? UINT32_MAX : (uint32_t)(parent - 1);
	r->kind = (enum trw_volume_kind)trw_wire_get_limited(&c, TRW_VOLUME_N - 1);
	trw_wire_get_span(&c, &r->off, &r->len);
	r->declared_len = trw_wire_get_number(&c);
	r->pool_block = trw_wire_get_number(&c);
	r->may_hold_fs = trw_wire_get_bool(&c);
	r->is_encrypted = trw_wire_get_bool(&c);
	r->plausible = trw_wire_get_u32(&c);
	r->scheme = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	r->description = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	r->content = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	return trw_wire_end(&c, "volume record", err);
}

enum trw_status
trw_fs_record_encode(const struct trw_fs_record *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	trw_wire_number(&w, r->type);
	trw_wire_bytes(&w, r->type_name, TRW_TEXT_MAX_BYTES, "type name");
	trw_wire_bytes(&w, r->label, TRW_TEXT_MAX_BYTES, "label");
	trw_wire_bytes(&w, r->uuid, TRW_TEXT_MAX_BYTES, "uuid");
	trw_wire_span(&w, r->off, r->len);
	trw_wire_number(&w, r->block_size);
	trw_wire_number(&w, r->block_count);
	return trw_wire_finish(&w, "file system record");
}

enum trw_status
trw_fs_record_decode(const uint8_t *p, size_t n, struct trw_fs_record *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};

	*r = (struct trw_fs_record){0};
	r->type = trw_wire_get_u32(&c);
	r->type_name = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	r->label = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	r->uuid = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	trw_wire_get_span(&c, &r->off, &r->len);
	r->block_size = trw_wire_get_u32(&c);
	r->block_count = trw_wire_get_number(&c);
	return trw_wire_end(&c, "file system record", err);
}

/* ---- files ---- */

static void
put_extents(struct trw_wire *w, const struct trw_extents *xs)
{
	uint64_t end = 0; /* of the last extent with data: the next one is often near */
	uint64_t total = 0;

	trw_wire_limited(w, xs->n, TRW_EXTENTS_MAX, "number of extents");
	for (size_t i = 0; i < xs->n && w->status == TRW_OK; i++) {
		const struct trw_extent *x = &xs->v[i];

		trw_wire_number(w, x->kind);
		trw_wire_number(w, x->len);
		if (x->kind == TRW_EXTENT_DATA) {
			trw_wire_delta(w, end, x->off);
			end = x->off + x->len;
		}
		total += x->len;
	}
	assert(w->status != TRW_OK || total == xs->total);
}

/* trw_extents_add checks the sums; an extent that it drops or merges was not written by put_extents. */
static enum trw_status
get_extents(struct trw_cur *c, struct trw_extents *xs, struct trw_err *err)
{
	size_t n = (size_t)trw_wire_get_limited(c, TRW_EXTENTS_MAX);
	uint64_t end = 0;

	if (n > c->left / EXTENT_MIN_BYTES)
		c->bad = true;
	for (size_t i = 0; i < n && !c->bad; i++) {
		enum trw_extent_kind kind =
			(enum trw_extent_kind)trw_wire_get_limited(c, TRW_EXTENT_LOST);
		uint64_t len = trw_wire_get_limited(c, INT64_MAX);
		uint64_t off = kind == TRW_EXTENT_DATA ? trw_wire_get_delta(c, end) : 0;
		enum trw_status st = trw_extents_add(xs, kind, off, len, err);

		if (st != TRW_OK)
			return st;
		if (xs->n != i + 1)
			c->bad = true;
		if (kind == TRW_EXTENT_DATA)
			end = off + len;
	}
	return TRW_OK;
}

static void
put_file_facts(struct trw_wire *w, const struct trw_file_record *r)
{
	trw_wire_number(w, r->inode);
	trw_wire_number(w, r->sequence);
	trw_wire_number(w, r->attr_type);
	trw_wire_number(w, r->attr_id);
	trw_wire_limited(w, r->kind, TRW_FILE_N - 1, "kind");
	trw_wire_limited(w, r->state, TRW_STATE_N - 1, "state");
	trw_wire_limited(w, r->flags, TRW_FLAGS_ALL, "flags");
	trw_wire_limited(w, r->size, INT64_MAX, "size");
	trw_wire_time(w, r->created_ns);
	trw_wire_time(w, r->modified_ns);
	trw_wire_time(w, r->accessed_ns);
	trw_wire_time(w, r->changed_ns);
	trw_wire_number(w, r->mode);
	trw_wire_number(w, r->n_links);
	trw_wire_number(w, r->uid);
	trw_wire_number(w, r->gid);
}

static void
get_file_facts(struct trw_cur *c, struct trw_file_record *r)
{
	r->inode = trw_wire_get_number(c);
	r->sequence = trw_wire_get_number(c);
	r->attr_type = trw_wire_get_u32(c);
	r->attr_id = trw_wire_get_u32(c);
	r->kind = (uint32_t)trw_wire_get_limited(c, TRW_FILE_N - 1);
	r->state = (uint32_t)trw_wire_get_limited(c, TRW_STATE_N - 1);
	r->flags = (uint32_t)trw_wire_get_limited(c, TRW_FLAGS_ALL);
	r->size = trw_wire_get_limited(c, INT64_MAX);
	r->created_ns = trw_wire_get_time(c);
	r->modified_ns = trw_wire_get_time(c);
	r->accessed_ns = trw_wire_get_time(c);
	r->changed_ns = trw_wire_get_time(c);
	r->mode = trw_wire_get_u32(c);
	r->n_links = trw_wire_get_u32(c);
	r->uid = trw_wire_get_number(c);
	r->gid = trw_wire_get_number(c);
}

enum trw_status
trw_file_record_encode(const struct trw_file_record *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);
	/* 0 = none, else one more than the parent's ordinal */
	uint64_t parent = r->parent == UINT64_MAX ? 0 : r->parent + 1;

	trw_wire_number(&w, r->ordinal);
	trw_wire_limited(&w, parent, r->ordinal, "ordinal of the parent, plus one,");
	trw_wire_bytes(&w, r->path, TRW_PATH_MAX_BYTES, "path");
	trw_wire_bytes(&w, r->name, TRW_NAME_MAX_BYTES, "name");
	trw_wire_bytes(&w, r->stream, TRW_NAME_MAX_BYTES, "stream name");
	trw_wire_bytes(&w, r->target, TRW_TARGET_MAX_BYTES, "link target");
	put_file_facts(&w, r);
	trw_wire_limited(&w, r->source, TRW_CONTENT_N - 1, "content source");
	trw_wire_bytes(&w, r->bytes, TRW_INLINE_MAX_BYTES, "inline content");
	put_extents(&w, &r->extents);
	return trw_wire_finish(&w, "file record");
}

enum trw_status
trw_file_record_decode(const uint8_t *p, size_t n, struct trw_file_record *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};
	enum trw_status st;
	uint64_t parent;

	*r = (struct trw_file_record){0};
	r->ordinal = trw_wire_get_number(&c);
	parent = trw_wire_get_limited(&c, r->ordinal);
	r->parent = parent == 0 ? UINT64_MAX : parent - 1;
	r->path = trw_wire_get_bytes(&c, TRW_PATH_MAX_BYTES);
	r->name = trw_wire_get_bytes(&c, TRW_NAME_MAX_BYTES);
	r->stream = trw_wire_get_bytes(&c, TRW_NAME_MAX_BYTES);
	r->target = trw_wire_get_bytes(&c, TRW_TARGET_MAX_BYTES);
	get_file_facts(&c, r);
	r->source = (enum trw_content_source)trw_wire_get_limited(&c, TRW_CONTENT_N - 1);
	r->bytes = trw_wire_get_bytes(&c, TRW_INLINE_MAX_BYTES);
	st = get_extents(&c, &r->extents, err);
	if (st == TRW_OK)
		st = trw_wire_end(&c, "file record", err);
	if (st != TRW_OK)
		trw_file_record_clear(r);
	return st;
}

void
trw_file_record_clear(struct trw_file_record *r)
{
	trw_extents_clear(&r->extents);
	*r = (struct trw_file_record){0};
}

/* ---- problems, allocation map, end ---- */

enum trw_status
trw_problem_record_encode(
	const struct trw_problem_record *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	trw_wire_number(&w, r->inode);
	trw_wire_bool(&w, r->has_range);
	if (r->has_range)
		trw_wire_span(&w, r->off, r->len);
	trw_wire_number(&w, r->file + 1); /* 0 = none */
	if (r->code == TRW_CODE_NONE && w.status == TRW_OK)
		w.status = trw_fail(err, TRW_EUSAGE, "a problem without a code");
	trw_wire_limited(&w, r->code, TRW_CODE_N - 1, "code");
	trw_wire_bytes(&w, r->path, TRW_PATH_MAX_BYTES, "path");
	trw_wire_bytes(&w, r->text, TRW_TEXT_MAX_BYTES, "text");
	return trw_wire_finish(&w, "problem record");
}

enum trw_status
trw_problem_record_decode(
	const uint8_t *p, size_t n, struct trw_problem_record *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};

	*r = (struct trw_problem_record){0};
	r->inode = trw_wire_get_number(&c);
	r->has_range = trw_wire_get_bool(&c);
	if (r->has_range)
		trw_wire_get_span(&c, &r->off, &r->len);
	r->file = trw_wire_get_number(&c) - 1;
	r->code = (enum trw_code)trw_wire_get_limited(&c, TRW_CODE_N - 1);
	if (r->code == TRW_CODE_NONE)
		c.bad = true;
	r->path = trw_wire_get_bytes(&c, TRW_PATH_MAX_BYTES);
	r->text = trw_wire_get_bytes(&c, TRW_TEXT_MAX_BYTES);
	return trw_wire_end(&c, "problem record", err);
}

enum trw_status
trw_blocks_record_encode(const struct trw_blocks_record *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	trw_wire_span(&w, r->off, r->len);
	if (r->len == 0 && w.status == TRW_OK)
		w.status = trw_fail(err, TRW_EUSAGE, "an empty run");
	trw_wire_limited(&w, r->class, TRW_BLOCK_UNALLOCATED, "block class");
	return trw_wire_finish(&w, "blocks record");
}

enum trw_status
trw_blocks_record_decode(struct trw_cur *c, struct trw_blocks_record *r, struct trw_err *err)
{
	*r = (struct trw_blocks_record){0};
	if (c->left == 0 && !c->bad)
		return TRW_END;
	trw_wire_get_span(c, &r->off, &r->len);
	r->class = (uint32_t)trw_wire_get_limited(c, TRW_BLOCK_UNALLOCATED);
	if (c->bad || r->len == 0)
		return trw_fail(
			err, TRW_ECORRUPT, "blocks record: a field is cut short or out of range");
	return TRW_OK;
}

enum trw_status
trw_walk_done_encode(const struct trw_walk_done *r, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	trw_wire_number(&w, r->n_files);
	trw_wire_number(&w, r->names_seen);
	trw_wire_number(&w, r->names_dot);
	trw_wire_number(&w, r->names_capped);
	trw_wire_number(&w, r->streams_extra);
	return trw_wire_finish(&w, "end of walk");
}

enum trw_status
trw_walk_done_decode(const uint8_t *p, size_t n, struct trw_walk_done *r, struct trw_err *err)
{
	struct trw_cur c = {.p = p, .left = n};

	*r = (struct trw_walk_done){0};
	r->n_files = trw_wire_get_number(&c);
	r->names_seen = trw_wire_get_number(&c);
	r->names_dot = trw_wire_get_number(&c);
	r->names_capped = trw_wire_get_number(&c);
	r->streams_extra = trw_wire_get_number(&c);
	return trw_wire_end(&c, "end of walk", err);
}
