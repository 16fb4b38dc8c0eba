/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A payload is a list of fields, written and read one behind the other. What an encoder writes is what its decoder
 * takes, for both go by the same list, and an encoder refuses what the decoder would: a payload that is rejected was
 * not made by an honest worker. Every value has exactly one encoding (wire.h).
 */
#include "record/encode.h"

#include "record/wire.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define EXTENT_MIN_BYTES 2 /* of an encoded extent: kind, length */
#define RANGE_MIN_BYTES 3  /* of a damaged range: offset, length, reason */

enum how {
	NUMBER, /* of 4 or 8 bytes, at most max */
	BOOL,
	TIME,
	SPAN,  /* offset and length, two uint64_t */
	BYTES, /* at most max */
	OWN    /* by its own pair of functions */
};

struct field {
	const char *name;
	size_t at, size;
	enum how how;
	uint64_t max;
	void (*put)(struct trw_wire *w, const void *member);
	enum trw_status (*get)(struct trw_cur *c, void *member, struct trw_err *err);
};

struct payload {
	const char *name;
	const struct field *fields;
	size_t n, size;
	bool (*fits)(const void *in); /* NULL, or what the fields alone do not say */
	void (*clear)(void *in);      /* NULL, or frees what decode has made */
};

/* ---- one field ---- */

static uint64_t
number_at(const void *member, size_t size)
{
	uint64_t v = 0;
	uint32_t v32;

	if (size == sizeof(v)) {
		memcpy(&v, member, sizeof(v));
		return v;
	}
	memcpy(&v32, member, sizeof(v32));
	return v32;
}

static void
set_number(void *member, size_t size, uint64_t v)
{
	uint32_t v32 = (uint32_t)v;

	if (size == sizeof(v))
		memcpy(member, &v, sizeof(v));
	else
		memcpy(member, &v32, sizeof(v32));
}

static void
put_field(struct trw_wire *w, const struct field *f, const void *member)
{
	const uint64_t *span = member;

	switch (f->how) {
	case NUMBER:
		trw_wire_limited(w, number_at(member, f->size), f->max, f->name);
		break;
	case BOOL:
		trw_wire_bool(w, *(const bool *)member);
		break;
	case TIME:
		trw_wire_time(w, *(const int64_t *)member);
		break;
	case SPAN:
		trw_wire_span(w, span[0], span[1]);
		break;
	case BYTES:
		trw_wire_bytes(w, *(const struct trw_bytes *)member, (size_t)f->max, f->name);
		break;
	case OWN:
		f->put(w, member);
		break;
	}
}

static enum trw_status
get_field(struct trw_cur *c, const struct field *f, void *member, struct trw_err *err)
{
	uint64_t *span = member;

	switch (f->how) {
	case NUMBER:
		set_number(member, f->size, trw_wire_get_limited(c, f->max));
		break;
	case BOOL:
		*(bool *)member = trw_wire_get_bool(c);
		break;
	case TIME:
		*(int64_t *)member = trw_wire_get_time(c);
		break;
	case SPAN:
		trw_wire_get_span(c, &span[0], &span[1]);
		break;
	case BYTES:
		*(struct trw_bytes *)member = trw_wire_get_bytes(c, (size_t)f->max);
		break;
	case OWN:
		return f->get(c, member, err);
	}
	return TRW_OK;
}

/* ---- fields with functions of their own ---- */

static void
put_extents(struct trw_wire *w, const void *member)
{
	const struct trw_extents *xs = member;
	uint64_t end = 0, total = 0;

	trw_wire_limited(w, xs->n, TRW_EXTENTS_MAX, "number of extents");
	for (size_t i = 0; i < xs->n && w->status == TRW_OK; i++) {
		trw_wire_extent(w, &xs->v[i], &end);
		total += xs->v[i].len;
	}
	assert(w->status != TRW_OK || total == xs->total);
}

/* trw_extents_add checks the sums; an extent that it drops or merges was not written by put_extents. */
static enum trw_status
get_extents(struct trw_cur *c, void *member, struct trw_err *err)
{
	struct trw_extents *xs = member;
	size_t n = (size_t)trw_wire_get_limited(c, TRW_EXTENTS_MAX);
	uint64_t end = 0;

	if (n > c->left / EXTENT_MIN_BYTES)
		c->bad = true;
	for (size_t i = 0; i < n && !c->bad; i++) {
		struct trw_extent x = trw_wire_get_extent(c, &end);
		enum trw_status st = trw_extents_add(xs, x.kind, x.off, x.len, err);

		if (st != TRW_OK)
			return st;
		if (xs->n != i + 1)
			c->bad = true;
	}
	return TRW_OK;
}

static void
put_damage(struct trw_wire *w, const void *member)
{
	const struct trw_ranges *rs = member;

	trw_wire_limited(w, rs->n, TRW_RANGES_MAX, "number of damaged ranges");
	for (size_t i = 0; i < rs->n && w->status == TRW_OK; i++) {
		trw_wire_span(w, rs->v[i].off, rs->v[i].len);
		trw_wire_limited(w, rs->v[i].why, TRW_DAMAGE_MISSING, "reason");
	}
}

static enum trw_status
get_damage(struct trw_cur *c, void *member, struct trw_err *err)
{
	struct trw_ranges *rs = member;
	size_t n = (size_t)trw_wire_get_limited(c, TRW_RANGES_MAX);

	if (n > c->left / RANGE_MIN_BYTES)
		c->bad = true;
	for (size_t i = 0; i < n && !c->bad; i++) {
		uint64_t off, len;
		enum trw_damage why;

		trw_wire_get_span(c, &off, &len);
		why = (enum trw_damage)trw_wire_get_limited(c, TRW_DAMAGE_MISSING);
		if (why == TRW_DAMAGE_NONE || len == 0)
			c->bad = true;
		enum trw_status st = c->bad ? TRW_OK : trw_ranges_add(rs, off, len, why, err);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}

static void
put_skips(struct trw_wire *w, const void *member)
{
	const struct trw_walk_request *r = member;

	trw_wire_limited(w, r->n_skips, TRW_SKIP_MAX, "number of skips");
	for (size_t i = 0; i < r->n_skips && i < TRW_SKIP_MAX; i++) {
		trw_wire_number(w, r->skips[i].inode);
		trw_wire_limited(w, r->skips[i].step, TRW_STEP_N - 1, "step");
	}
}

static enum trw_status
get_skips(struct trw_cur *c, void *member, struct trw_err *err)
{
	struct trw_walk_request *r = member;

	(void)err;
	r->n_skips = (size_t)trw_wire_get_limited(c, TRW_SKIP_MAX);
	for (size_t i = 0; i < r->n_skips && !c->bad; i++) {
		r->skips[i].inode = trw_wire_get_number(c);
		r->skips[i].step = (enum trw_step)trw_wire_get_limited(c, TRW_STEP_N - 1);
	}
	return TRW_OK;
}

/* The rest of a space whose span has its own field before this one: it says the kind too. */
static void
put_pool_block(struct trw_wire *w, const void *member)
{
	const struct trw_space *space = member;

	assert((space->kind == TRW_SPACE_POOL_VOLUME) == (space->pool_block != 0));
	trw_wire_number(w, space->pool_block);
}

static enum trw_status
get_pool_block(struct trw_cur *c, void *member, struct trw_err *err)
{
	struct trw_space *space = member;

	(void)err;
	*space = trw_space_at(space->off, space->len, trw_wire_get_number(c));
	return TRW_OK;
}

/* ---- the lists ---- */

#define FIELD(how, type, member, max)                                                              \
	{                                                                                          \
#member, offsetof(type, member), sizeof(((type *)0)->member), how, max, NULL, NULL \
	}
#define OWN_FIELD(type, member, put, get)                                                          \
	{                                                                                          \
#member, offsetof(type, member), 0, OWN, 0, put, get                               \
	}
#define SPAN_FIELD(type) FIELD(SPAN, type, off, 0) /* off and len, which follows it */
#define WHERE(type)                                                                                \
	FIELD(SPAN, type, where.space.off, 0),                                                     \
		OWN_FIELD(type, where.space, put_pool_block, get_pool_block),                      \
		FIELD(NUMBER, type, where.family, TRW_FAMILY_N - 1)

static const struct field walk_request_fields[] = {
	WHERE(struct trw_walk_request),
	FIELD(NUMBER, struct trw_walk_request, sent, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_request, names_max, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_request, dir_max, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_request, depth_max, UINT32_MAX),
	FIELD(BOOL, struct trw_walk_request, no_orphans, 0),
	FIELD(BOOL, struct trw_walk_request, no_blocks, 0),
	{"skips", 0, 0, OWN, 0, put_skips, get_skips},
};

static const struct field read_request_fields[] = {
	WHERE(struct trw_read_request),
	FIELD(NUMBER, struct trw_read_request, inode, UINT64_MAX),
	FIELD(NUMBER, struct trw_read_request, attr_type, UINT32_MAX),
	FIELD(NUMBER, struct trw_read_request, attr_id, UINT32_MAX),
	FIELD(NUMBER, struct trw_read_request, size, INT64_MAX),
};

static const struct field volume_fields[] = {
	FIELD(NUMBER, struct trw_volume, number, UINT32_MAX - 1),
	FIELD(NUMBER, struct trw_volume, parent_id, UINT32_MAX),
	FIELD(NUMBER, struct trw_volume, kind, TRW_VOLUME_N - 1),
	FIELD(SPAN, struct trw_volume, space.off, 0),
	FIELD(NUMBER, struct trw_volume, declared_len, UINT64_MAX),
	OWN_FIELD(struct trw_volume, space, put_pool_block, get_pool_block),
	FIELD(BOOL, struct trw_volume, may_hold_fs, 0),
	FIELD(NUMBER, struct trw_volume, holds, TRW_HOLDS_ALL),
	FIELD(NUMBER, struct trw_volume, plausible, TRW_FAMILIES_ALL),
	FIELD(BYTES, struct trw_volume, scheme, TRW_TEXT_MAX_BYTES),
	FIELD(BYTES, struct trw_volume, description, TRW_TEXT_MAX_BYTES),
	FIELD(BYTES, struct trw_volume, content, TRW_TEXT_MAX_BYTES),
};

static bool
volume_fits(const void *in)
{
	const struct trw_volume *v = in;

	return v->parent_id <= (int64_t)v->number;
}

static const struct field filesystem_fields[] = {
	FIELD(NUMBER, struct trw_filesystem, family, TRW_FAMILY_N - 1),
	FIELD(BYTES, struct trw_filesystem, type, TRW_TEXT_MAX_BYTES),
	FIELD(BYTES, struct trw_filesystem, label, TRW_TEXT_MAX_BYTES),
	FIELD(BYTES, struct trw_filesystem, uuid, TRW_TEXT_MAX_BYTES),
	SPAN_FIELD(struct trw_filesystem),
	FIELD(NUMBER, struct trw_filesystem, block_size, UINT32_MAX),
	FIELD(NUMBER, struct trw_filesystem, block_count, UINT64_MAX),
};

#define HOW_number NUMBER
#define HOW_maybe NUMBER
#define HOW_length NUMBER
#define HOW_time TIME
#define HOW_text BYTES
#define HOW_optional BYTES
#define FILE_FIELD(how, type, name, max) FIELD(HOW_##how, struct trw_file, name, max),

static const struct field file_fields[] = {
	FIELD(NUMBER, struct trw_file, file_id, INT64_MAX),
	FIELD(NUMBER, struct trw_file, parent_id, INT64_MAX),
	TRW_FILE_FIELDS(FILE_FIELD) FIELD(BYTES, struct trw_file, bytes, TRW_INLINE_MAX_BYTES),
	OWN_FIELD(struct trw_file, extents, put_extents, get_extents),
};

/* A directory is sent before what is in it. */
static bool
file_fits(const void *in)
{
	const struct trw_file *f = in;

	return f->file_id > 0 && f->parent_id < f->file_id;
}

static void
file_clear(void *in)
{
	trw_file_clear(in);
}

static const struct field problem_fields[] = {
	FIELD(NUMBER, struct trw_problem, inode, UINT64_MAX),
	FIELD(BOOL, struct trw_problem, has_range, 0),
	SPAN_FIELD(struct trw_problem),
	FIELD(NUMBER, struct trw_problem, file_id, INT64_MAX),
	FIELD(NUMBER, struct trw_problem, code, TRW_CODE_N - 1),
	FIELD(BYTES, struct trw_problem, path, TRW_PATH_MAX_BYTES),
	FIELD(BYTES, struct trw_problem, text, TRW_TEXT_MAX_BYTES),
};

static bool
problem_fits(const void *in)
{
	const struct trw_problem *p = in;

	return p->code != TRW_CODE_NONE && (p->has_range || (p->off == 0 && p->len == 0));
}

static const struct field walk_done_fields[] = {
	FIELD(NUMBER, struct trw_walk_done, n_files, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_done, names_seen, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_done, names_dot, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_done, names_capped, UINT64_MAX),
	FIELD(NUMBER, struct trw_walk_done, streams_extra, UINT64_MAX),
};

static const struct field media_fields[] = {
	FIELD(NUMBER, struct trw_media_facts, size, INT64_MAX),
	FIELD(NUMBER, struct trw_media_facts, sector_size, UINT32_MAX),
	FIELD(BYTES, struct trw_media_facts, md5, 16),
	FIELD(BYTES, struct trw_media_facts, sha1, 20),
	OWN_FIELD(struct trw_media_facts, damage, put_damage, get_damage),
};

static bool
media_fits(const void *in)
{
	const struct trw_media_facts *m = in;

	return (m->md5.n == 0 || m->md5.n == 16) && (m->sha1.n == 0 || m->sha1.n == 20) &&
	       trw_damage_fits(&m->damage, 0, m->size, NULL) == TRW_OK;
}

static void
media_clear(void *in)
{
	trw_ranges_clear(&((struct trw_media_facts *)in)->damage);
}

static const struct field pread_fields[] = {
	FIELD(NUMBER, struct trw_pread_request, off, INT64_MAX),
	FIELD(NUMBER, struct trw_pread_request, len, UINT32_MAX),
};

static const struct field data_fields[] = {
	FIELD(NUMBER, struct trw_data, off, INT64_MAX),
	FIELD(BYTES, struct trw_data, bytes, (uint64_t)16 << 20),
};

static const struct field damage_fields[] = {
	OWN_FIELD(struct trw_damage_list, damage, put_damage, get_damage),
};

static void
damage_clear(void *in)
{
	trw_ranges_clear(&((struct trw_damage_list *)in)->damage);
}

static const struct field failure_fields[] = {
	FIELD(NUMBER, struct trw_failure, status, UINT32_MAX),
	FIELD(BYTES, struct trw_failure, text, TRW_ERR_TEXT_MAX),
};

static const struct field blocks_fields[] = {
	SPAN_FIELD(struct trw_blocks),
	FIELD(NUMBER, struct trw_blocks, kind, TRW_BLOCK_N - 1),
};

/* ---- payloads ---- */

#define walk_request_fits NULL
#define read_request_fits NULL
#define filesystem_fits NULL
#define walk_done_fits NULL
#define pread_fits NULL
#define data_fits NULL
#define damage_fits NULL
#define failure_fits NULL
#define walk_request_clear NULL
#define read_request_clear NULL
#define volume_clear NULL
#define filesystem_clear NULL
#define problem_clear NULL
#define walk_done_clear NULL
#define pread_clear NULL
#define data_clear NULL
#define failure_clear NULL

static enum trw_status
encode(const struct payload *p, const void *in, struct trw_buf *b, struct trw_err *err)
{
	struct trw_wire w = trw_wire_begin(b, err);

	for (size_t i = 0; i < p->n; i++)
		put_field(&w, &p->fields[i], (const char *)in + p->fields[i].at);
	if (w.status == TRW_OK && p->fits != NULL && !p->fits(in))
		w.status = trw_fail(err, TRW_EUSAGE, "fields that do not fit together");
	return trw_wire_finish(&w, p->name);
}

static enum trw_status
decode(const struct payload *p, const uint8_t *bytes, size_t n, void *out, struct trw_err *err)
{
	struct trw_cur c = {.p = bytes, .left = n};
	enum trw_status st = TRW_OK;

	memset(out, 0, p->size);
	for (size_t i = 0; i < p->n && st == TRW_OK && !c.bad; i++)
		st = get_field(&c, &p->fields[i], (char *)out + p->fields[i].at, err);
	if (!c.bad && p->fits != NULL && !p->fits(out))
		c.bad = true;
	if (st == TRW_OK)
		st = trw_wire_end(&c, p->name, err);
	if (st != TRW_OK && p->clear != NULL)
		p->clear(out);
	return st;
}

#define PAYLOAD(name, type)                                                                        \
	static const struct payload name##_payload = {#name, name##_fields,                        \
		sizeof(name##_fields) / sizeof(name##_fields[0]), sizeof(type), name##_fits,       \
		name##_clear};                                                                     \
	enum trw_status trw_##name##_encode(                                                       \
		const type *in, struct trw_buf *b, struct trw_err *err)                            \
	{                                                                                          \
		return encode(&name##_payload, in, b, err);                                        \
	}                                                                                          \
	enum trw_status trw_##name##_decode(                                                       \
		const uint8_t *p, size_t n, type *out, struct trw_err *err)                        \
	{                                                                                          \
		return decode(&name##_payload, p, n, out, err);                                    \
	}
TRW_PAYLOADS(PAYLOAD)

enum trw_status
trw_blocks_encode(const struct trw_blocks *run, struct trw_buf *b, struct trw_err *err)
{
	static const struct payload one = {.name = "blocks", .fields = blocks_fields, .n = 2};

	return run->len == 0 ? trw_fail(err, TRW_EUSAGE, "blocks: an empty run")
			     : encode(&one, run, b, err);
}

enum trw_status
trw_blocks_decode(struct trw_cur *c, struct trw_blocks *out, struct trw_err *err)
{
	*out = (struct trw_blocks){0};
	if (c->left == 0 && !c->bad)
		return TRW_END;
	for (size_t i = 0; i < 2; i++)
		(void)!get_field(c, &blocks_fields[i], (char *)out + blocks_fields[i].at, err);
	if (c->bad || out->len == 0)
		return trw_fail(err, TRW_ECORRUPT, "blocks: a field is cut short or out of range");
	return TRW_OK;
}

enum trw_status
trw_damage_fits(const struct trw_ranges *damage, uint64_t off, uint64_t len, struct trw_err *err)
{
	for (size_t i = 0; i < damage->n; i++) {
		const struct trw_range *r = &damage->v[i];
		if (r->off < off || r->off - off > len || r->len > len - (r->off - off))
			return trw_fail(err, TRW_ECORRUPT, "damage outside of what was asked for");
	}
	return TRW_OK;
}

void
trw_file_clear(struct trw_file *file)
{
	trw_extents_clear(&file->extents);
	*file = (struct trw_file){0};
}
