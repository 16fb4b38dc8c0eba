/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "record/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) ((struct trw_bytes){.p = (const uint8_t *)(s), .n = sizeof(s) - 1})

static uint8_t filler[TRW_TARGET_MAX_BYTES + 1]; /* content of fields at their cap */

static struct trw_bytes
full(size_t n)
{
	return (struct trw_bytes){.p = filler, .n = n};
}

static void
assert_bytes_equal(struct trw_bytes a, struct trw_bytes b)
{
	assert_int_equal(a.n, b.n);
	if (a.n > 0)
		assert_memory_equal(a.p, b.p, a.n);
}

static void
assert_where_equal(const struct trw_fs_where *a, const struct trw_fs_where *b)
{
	assert_true(trw_space_equal(&a->space, &b->space) && a->family == b->family);
}

/** Decodes an encoding from a heap copy of the exact size, so that a sanitizer sees a read past its end. */
typedef enum trw_status (*decode_fn)(const uint8_t *p, size_t n);

static enum trw_status
decode_copy(decode_fn decode, const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	enum trw_status st;

	assert_non_null(copy);
	if (n > 0)
		memcpy(copy, p, n);
	st = decode(copy, n);
	free(copy);
	return st;
}

/* Every proper prefix is corrupt, and so is one byte more. Long encodings: all short cuts, some long ones. */
static void
assert_only_whole_decodes(decode_fn decode, struct trw_buf *b)
{
	assert_int_equal(decode_copy(decode, b->v, b->n), TRW_OK);
	for (size_t n = 0; n < b->n; n += n < 4096 || b->n - n < 64 ? 1 : 61)
		assert_int_equal(decode_copy(decode, b->v, n), TRW_ECORRUPT);
	assert_int_equal(trw_buf_u8(b, 0, NULL), TRW_OK);
	assert_int_equal(decode_copy(decode, b->v, b->n), TRW_ECORRUPT);
	trw_buf_clear(b);
}

#define DECODER(name, type, clear)                                                                 \
	static enum trw_status decode_##name(const uint8_t *p, size_t n)                           \
	{                                                                                          \
		struct type r;                                                                     \
		enum trw_status st = trw_##name##_decode(p, n, &r, NULL);                          \
		if (st == TRW_OK)                                                                  \
			clear(&r);                                                                 \
		return st;                                                                         \
	}

static void
nothing(const void *r)
{
	(void)r;
}

DECODER(walk_request, trw_walk_request, nothing)
DECODER(read_request, trw_read_request, nothing)
DECODER(volume, trw_volume, nothing)
DECODER(filesystem, trw_filesystem, nothing)
DECODER(file, trw_file, trw_file_clear)
DECODER(problem, trw_problem, nothing)
DECODER(walk_done, trw_walk_done, nothing)
DECODER(pread, trw_pread_request, nothing)
DECODER(data, trw_data, nothing)
DECODER(failure, trw_failure, nothing)

static void
clear_media(struct trw_media_facts *facts)
{
	trw_ranges_clear(&facts->damage);
}
DECODER(media, trw_media_facts, clear_media)

static const struct trw_fs_where far_where = {
	.space = {TRW_SPACE_POOL_VOLUME, INT64_MAX - 1, 1, UINT64_MAX}, .family = TRW_FAMILY_N - 1};

/* ---- requests ---- */

static void
a_walk_request_with_every_skip_comes_back_as_it_was(void **state)
{
	struct trw_walk_request in = {.where = far_where,
		.sent = UINT64_MAX,
		.names_max = UINT64_MAX,
		.dir_max = UINT64_MAX,
		.depth_max = UINT32_MAX,
		.no_orphans = true,
		.no_blocks = true,
		.n_skips = TRW_SKIP_MAX};
	static struct trw_walk_request out;
	struct trw_buf b = {0};

	(void)state;
	for (size_t i = 0; i < TRW_SKIP_MAX; i++)
		in.skips[i] = (struct trw_skip){
			.inode = UINT64_MAX - i, .step = (enum trw_step)(i % TRW_STEP_N)};
	assert_int_equal(trw_walk_request_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_walk_request_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_where_equal(&in.where, &out.where);
	assert_true(out.sent == in.sent && out.names_max == in.names_max);
	assert_true(out.dir_max == in.dir_max && out.depth_max == in.depth_max);
	assert_true(out.no_orphans && out.no_blocks);
	assert_int_equal(out.n_skips, TRW_SKIP_MAX);
	for (size_t i = 0; i < TRW_SKIP_MAX; i++) {
		assert_true(out.skips[i].inode == in.skips[i].inode);
		assert_int_equal(out.skips[i].step, in.skips[i].step);
	}
	assert_only_whole_decodes(decode_walk_request, &b);
}

static void
a_walk_request_with_too_many_skips_or_an_unknown_step_is_refused(void **state)
{
	struct trw_walk_request r = {.n_skips = TRW_SKIP_MAX + 1};
	struct trw_buf b = {0};
	struct trw_err err = {0};

	(void)state;
	assert_int_equal(trw_walk_request_encode(&r, &b, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "skips"));
	r.n_skips = 1;
	r.skips[0].step = TRW_STEP_N;
	assert_int_equal(trw_walk_request_encode(&r, &b, &err), TRW_EUSAGE);
	assert_int_equal(b.n, 0);
	trw_buf_clear(&b);
}

static void
a_read_request_comes_back_as_it_was(void **state)
{
	struct trw_read_request in = {.where = far_where,
		.inode = UINT64_MAX,
		.attr_type = UINT32_MAX,
		.attr_id = UINT32_MAX,
		.size = INT64_MAX};
	struct trw_read_request out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_read_request_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_read_request_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_where_equal(&in.where, &out.where);
	assert_true(out.inode == in.inode && out.size == in.size);
	assert_true(out.attr_type == in.attr_type && out.attr_id == in.attr_id);
	assert_only_whole_decodes(decode_read_request, &b);
}

static void
a_place_past_63_bits_is_refused(void **state)
{
	static const struct trw_fs_where bad[] = {
		{.space = {.off = (uint64_t)INT64_MAX + 1}},
		{.space = {.off = INT64_MAX, .len = 1}},
		{.space = {.off = 1, .len = INT64_MAX}},
		{.space = {.off = UINT64_MAX, .len = UINT64_MAX}},
	};
	struct trw_buf b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trw_read_request r = {.where = bad[i]};

		assert_int_equal(trw_read_request_encode(&r, &b, NULL), TRW_EUSAGE);
		assert_int_equal(b.n, 0);
	}
	trw_buf_clear(&b);
}

/* ---- volumes and file systems ---- */

static void
a_volume_record_comes_back_as_it_was(void **state)
{
	struct trw_volume in = {.number = UINT32_MAX - 1,
		.parent_id = UINT32_MAX - 1,
		.kind = TRW_VOLUME_POOL_VOLUME,
		.space = {TRW_SPACE_POOL_VOLUME, 1, INT64_MAX - 1, UINT64_MAX},
		.declared_len = UINT64_MAX,
		.may_hold_fs = true,
		.holds = TRW_HOLDS_ALL,
		.plausible = TRW_FAMILIES_ALL,
		.scheme = TEXT("GPT"),
		.description = full(TRW_TEXT_MAX_BYTES)};
	struct trw_volume out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_volume_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_volume_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_true(
		out.number == in.number && out.parent_id == in.parent_id && out.kind == in.kind);
	assert_true(trw_space_equal(&out.space, &in.space));
	assert_int_equal(out.declared_len, in.declared_len);
	assert_true(out.may_hold_fs && out.holds == in.holds && out.plausible == in.plausible);
	assert_bytes_equal(out.scheme, in.scheme);
	assert_bytes_equal(out.description, in.description);
	assert_bytes_equal(out.content, in.content);
	assert_only_whole_decodes(decode_volume, &b);
}

static void
the_parent_of_a_volume_is_an_earlier_one_or_none(void **state)
{
	struct trw_volume r = {0}, out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_volume_encode(&r, &b, NULL), TRW_OK);
	assert_int_equal(trw_volume_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_int_equal(out.parent_id, 0);
	r.number = 5;
	r.parent_id = 6; /* itself */
	assert_int_equal(trw_volume_encode(&r, &b, NULL), TRW_EUSAGE);
	trw_buf_clear(&b);
}

static void
a_file_system_record_comes_back_as_it_was(void **state)
{
	struct trw_filesystem in = {.family = TRW_FAMILY_N - 1,
		.type = TEXT("NTFS"),
		.label = full(TRW_TEXT_MAX_BYTES),
		.off = INT64_MAX,
		.block_size = UINT32_MAX,
		.block_count = UINT64_MAX};
	struct trw_filesystem out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_filesystem_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_filesystem_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_true(out.family == in.family && out.off == in.off && out.len == in.len);
	assert_true(out.block_size == in.block_size && out.block_count == in.block_count);
	assert_bytes_equal(out.type, in.type);
	assert_bytes_equal(out.label, in.label);
	assert_bytes_equal(out.uuid, in.uuid);
	assert_only_whole_decodes(decode_filesystem, &b);
}

/* ---- files ---- */

static struct trw_file
extreme_file(void)
{
	return (struct trw_file){.file_id = INT64_MAX,
		.parent_id = INT64_MAX - 1,
		.path = TEXT("/a/\xff\x00z"),
		.name = TEXT("\xff\x00z"),
		.stream = TEXT("s"),
		.target = TEXT("../t"),
		.inode = UINT64_MAX,
		.sequence = UINT64_MAX,
		.attr_type = UINT32_MAX,
		.attr_id = UINT32_MAX,
		.kind = TRW_FILE_N - 1,
		.state = TRW_STATE_N - 1,
		.flags = 511,
		.size = INT64_MAX,
		.created_ns = INT64_MIN,
		.modified_ns = INT64_MAX,
		.accessed_ns = -1,
		.changed_ns = 0,
		.mode = UINT32_MAX,
		.n_links = UINT32_MAX,
		.uid = UINT64_MAX,
		.gid = UINT64_MAX,
		.attr_flags = UINT64_MAX,
		.content_source = TRW_CONTENT_N - 1,
		.bytes = TEXT("content")};
}

static void
assert_files_equal(const struct trw_file *a, const struct trw_file *b)
{
	assert_true(a->file_id == b->file_id && a->parent_id == b->parent_id);
	assert_bytes_equal(a->path, b->path);
	assert_bytes_equal(a->name, b->name);
	assert_bytes_equal(a->stream, b->stream);
	assert_bytes_equal(a->target, b->target);
	assert_true(a->inode == b->inode && a->sequence == b->sequence);
	assert_true(a->attr_type == b->attr_type && a->attr_id == b->attr_id);
	assert_true(a->kind == b->kind && a->state == b->state && a->flags == b->flags);
	assert_true(a->size == b->size);
	assert_true(a->created_ns == b->created_ns && a->modified_ns == b->modified_ns);
	assert_true(a->accessed_ns == b->accessed_ns && a->changed_ns == b->changed_ns);
	assert_true(a->mode == b->mode && a->n_links == b->n_links);
	assert_true(a->uid == b->uid && a->gid == b->gid && a->attr_flags == b->attr_flags &&
		    a->content_source == b->content_source);
	assert_bytes_equal(a->bytes, b->bytes);
	assert_true(a->extents.n == b->extents.n && a->extents.total == b->extents.total);
	for (size_t i = 0; i < a->extents.n; i++) {
		assert_true(a->extents.v[i].off == b->extents.v[i].off);
		assert_true(a->extents.v[i].len == b->extents.v[i].len);
		assert_int_equal(a->extents.v[i].kind, b->extents.v[i].kind);
	}
}

static void
a_file_record_with_extreme_values_comes_back_as_it_was(void **state)
{
	struct trw_file in = extreme_file(), out;
	struct trw_buf b = {0};

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(trw_extents_add(&in.extents, TRW_EXTENT_DATA,
					 i % 2 == 0 ? i : INT64_MAX - 10 * i, 7, NULL),
			TRW_OK);
		assert_int_equal(trw_extents_add(&in.extents, (enum trw_extent_kind)(1 + i % 3), 0,
					 1 + i, NULL),
			TRW_OK);
	}
	assert_int_equal(trw_extents_add(&in.extents, TRW_EXTENT_LOST, 0,
				 INT64_MAX - in.extents.total, NULL),
		TRW_OK);
	assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_file_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_files_equal(&in, &out);
	trw_file_clear(&out);
	trw_extents_clear(&in.extents);
	assert_only_whole_decodes(decode_file, &b);
}

static void
a_file_record_with_every_field_at_its_cap_comes_back_and_one_byte_more_is_refused(void **state)
{
	struct trw_file in = {.file_id = 1,
		.path = full(TRW_PATH_MAX_BYTES),
		.name = full(TRW_NAME_MAX_BYTES),
		.stream = full(TRW_NAME_MAX_BYTES),
		.target = full(TRW_TARGET_MAX_BYTES),
		.bytes = full(TRW_INLINE_MAX_BYTES)};
	struct trw_bytes *const fields[] = {&in.path, &in.name, &in.stream, &in.target, &in.bytes};
	struct trw_file out;
	struct trw_buf b = {0};
	size_t n;

	(void)state;
	assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_file_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_files_equal(&in, &out);
	trw_file_clear(&out);
	n = b.n;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		fields[i]->n++;
		assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_ELIMIT);
		assert_int_equal(b.n, n);
		fields[i]->n--;
	}
	assert_only_whole_decodes(decode_file, &b);
}

static void
a_file_with_the_most_extents_fits_a_frame_and_one_more_is_refused(void **state)
{
	struct trw_file in = {.file_id = 1}, out;
	struct trw_buf b = {0};

	(void)state;
	in.extents.v = calloc(TRW_EXTENTS_MAX, sizeof(*in.extents.v));
	assert_non_null(in.extents.v);
	in.extents.n = in.extents.cap = TRW_EXTENTS_MAX;
	for (size_t i = 0; i < TRW_EXTENTS_MAX; i++) {
		/* Far apart, so that no difference is short. */
		in.extents.v[i].off = i % 2 == 0 ? i : INT64_MAX - ((uint64_t)1 << 43) - i;
		in.extents.v[i].len = (uint64_t)1 << 42;
		in.extents.total += in.extents.v[i].len;
	}
	assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_OK);
	assert_true(b.n < (size_t)32 << 20);
	assert_int_equal(trw_file_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_true(out.extents.n == TRW_EXTENTS_MAX && out.extents.total == in.extents.total);
	trw_file_clear(&out);
	in.extents.n++;
	assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_EUSAGE);
	trw_extents_clear(&in.extents);
	trw_buf_clear(&b);
}

static void
an_ordinary_file_record_is_small(void **state)
{
	struct trw_file in = {.file_id = 123456,
		.parent_id = 123000,
		.path = TEXT("/home/user/documents/report.txt"),
		.name = TEXT("report.txt"),
		.inode = 654321,
		.kind = TRW_FILE_REGULAR,
		.size = 8192,
		.content_source = TRW_CONTENT_EXTENTS};
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(
		trw_extents_add(&in.extents, TRW_EXTENT_DATA, 1 << 30, 8192, NULL), TRW_OK);
	assert_int_equal(trw_file_encode(&in, &b, NULL), TRW_OK);
	assert_true(b.n < 128);
	trw_extents_clear(&in.extents);
	trw_buf_clear(&b);
}

static void
a_file_record_with_a_number_out_of_range_is_refused(void **state)
{
	struct trw_buf b = {0};

	(void)state;
	for (int i = 0; i < 7; i++) {
		struct trw_file r = extreme_file();

		r.kind = i == 0 ? TRW_FILE_N : r.kind;
		r.state = i == 1 ? TRW_STATE_N : r.state;
		r.flags = i == 2 ? 512 : r.flags;
		r.size = i == 3 ? (uint64_t)INT64_MAX + 1 : r.size;
		r.content_source = i == 4 ? TRW_CONTENT_N : r.content_source;
		r.parent_id = i == 5 ? r.file_id : r.parent_id; /* its own parent */
		r.file_id = i == 6 ? 0 : r.file_id;
		assert_int_equal(trw_file_encode(&r, &b, NULL), TRW_EUSAGE);
		assert_int_equal(b.n, 0);
	}
	trw_buf_clear(&b);
}

/* The encoder never writes these, so they are made by hand: the tail of an empty record is its extents. */
static void
assert_extents_corrupt(const uint8_t *tail, size_t n)
{
	struct trw_file r = {.file_id = 1};
	struct trw_buf b = {0};

	assert_int_equal(trw_file_encode(&r, &b, NULL), TRW_OK);
	b.n--; /* "no extents" */
	assert_int_equal(trw_buf_put(&b, tail, n, NULL), TRW_OK);
	assert_int_equal(decode_copy(decode_file, b.v, b.n), TRW_ECORRUPT);
	trw_buf_clear(&b);
}

static void
extents_that_an_honest_worker_cannot_have_are_corrupt(void **state)
{
	static const uint8_t empty[] = {1, TRW_EXTENT_HOLE, 0};
	static const uint8_t kind[] = {1, TRW_EXTENT_LOST + 1, 1};
	static const uint8_t touching[] = {2, TRW_EXTENT_DATA, 1, 0, TRW_EXTENT_DATA, 1, 0};
	static const uint8_t same_kind[] = {2, TRW_EXTENT_HOLE, 1, TRW_EXTENT_HOLE, 1};
	static const uint8_t below_zero[] = {1, TRW_EXTENT_DATA, 1, 1};
	static const uint8_t sum[] = {2, TRW_EXTENT_HOLE, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x7f, TRW_EXTENT_LOST, 1};
	static const uint8_t too_few[] = {0x80, 0x80, 0x40};

	(void)state;
	assert_extents_corrupt(empty, sizeof(empty));
	assert_extents_corrupt(kind, sizeof(kind));
	assert_extents_corrupt(touching, sizeof(touching));
	assert_extents_corrupt(same_kind, sizeof(same_kind));
	assert_extents_corrupt(below_zero, sizeof(below_zero));
	assert_extents_corrupt(sum, sizeof(sum));
	assert_extents_corrupt(too_few, sizeof(too_few));
}

/* ---- problems, allocation map, end ---- */

static void
a_problem_record_comes_back_as_it_was(void **state)
{
	struct trw_problem in = {.inode = UINT64_MAX,
		.has_range = true,
		.off = 1,
		.len = INT64_MAX - 1,
		.file_id = INT64_MAX,
		.code = TRW_CODE_CONTENT_LAYOUT,
		.path = full(TRW_PATH_MAX_BYTES),
		.text = full(TRW_TEXT_MAX_BYTES)};
	struct trw_problem out;
	struct trw_buf b = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(trw_problem_encode(&in, &b, NULL), TRW_OK);
		assert_int_equal(trw_problem_decode(b.v, b.n, &out, NULL), TRW_OK);
		assert_true(out.inode == in.inode && out.has_range == in.has_range);
		assert_true(out.off == in.off && out.len == in.len && out.file_id == in.file_id);
		assert_int_equal(out.code, in.code);
		assert_bytes_equal(out.path, in.path);
		assert_bytes_equal(out.text, in.text);
		assert_only_whole_decodes(decode_problem, &b);
		in.has_range = false;
		in.off = in.len = 0;
		in.file_id = 0;
	}
}

static void
a_problem_has_a_code_of_the_list(void **state)
{
	const enum trw_code bad[] = {TRW_CODE_NONE, TRW_CODE_N, (enum trw_code)UINT32_MAX};
	struct trw_problem r = {0};
	struct trw_buf b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r.code = bad[i];
		assert_int_equal(trw_problem_encode(&r, &b, NULL), TRW_EUSAGE);
		assert_int_equal(b.n, 0);
	}
	trw_buf_clear(&b);
}

static void
blocks_come_off_the_front_one_by_one(void **state)
{
	struct trw_blocks out;
	struct trw_buf b = {0};
	struct trw_cur c;

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		struct trw_blocks in = {.off = INT64_MAX - 10 * i - 1,
			.len = 1 + i,
			.kind = (enum trw_block_class)i};
		assert_int_equal(trw_blocks_encode(&in, &b, NULL), TRW_OK);
	}
	c = (struct trw_cur){.p = b.v, .left = b.n};
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_OK);
		assert_true(out.off == INT64_MAX - 10 * i - 1 && out.len == 1 + i);
		assert_int_equal(out.kind, i);
	}
	assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_END);
	for (size_t n = 1; n < b.n / 3; n++) {
		c = (struct trw_cur){.p = b.v, .left = n};
		assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_ECORRUPT);
		/* A cursor that went bad isn't at the end. */
		c.left = 0;
		assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_ECORRUPT);
	}
	trw_buf_clear(&b);
}

static void
an_empty_run_or_an_unknown_class_of_blocks_is_refused(void **state)
{
	static const struct trw_blocks bad[] = {
		{.off = 5}, {.len = 1, .kind = TRW_BLOCK_N}, {.off = 1, .len = INT64_MAX}};
	static const uint8_t empty[] = {0, 0, 0}, kind[] = {0, 1, 3};
	struct trw_blocks out;
	struct trw_buf b = {0};
	struct trw_cur c = {.p = empty, .left = sizeof(empty)};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(trw_blocks_encode(&bad[i], &b, NULL), TRW_EUSAGE);
	assert_int_equal(b.n, 0);
	assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_ECORRUPT);
	c = (struct trw_cur){.p = kind, .left = sizeof(kind)};
	assert_int_equal(trw_blocks_decode(&c, &out, NULL), TRW_ECORRUPT);
	trw_buf_clear(&b);
}

static void
the_end_of_a_walk_comes_back_as_it_was(void **state)
{
	struct trw_walk_done in = {UINT64_MAX, 1, 127, 128, (uint64_t)1 << 63}, out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_walk_done_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_walk_done_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_only_whole_decodes(decode_walk_done, &b);
}

static void
a_container_says_what_it_holds_and_where_it_is_damaged(void **state)
{
	struct trw_range bad[] = {{.off = 512, .len = 512, .why = TRW_DAMAGE_SUBSTITUTED},
		{.off = 1024, .len = 1, .why = TRW_DAMAGE_MISSING}};
	struct trw_media_facts in = {.size = 1025,
		.sector_size = 512,
		.md5 = {filler, 16},
		.damage = {.v = bad, .n = 2, .cap = 2}};
	struct trw_media_facts out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_media_encode(&in, &b, NULL), TRW_OK);
	assert_int_equal(trw_media_decode(b.v, b.n, &out, NULL), TRW_OK);
	assert_true(out.size == in.size && out.sector_size == in.sector_size);
	assert_bytes_equal(out.md5, in.md5);
	assert_int_equal(out.sha1.n, 0);
	assert_int_equal(out.damage.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(out.damage.v[i].off == bad[i].off && out.damage.v[i].len == bad[i].len);
		assert_int_equal(out.damage.v[i].why, bad[i].why);
	}
	clear_media(&out);
	assert_only_whole_decodes(decode_media, &b);
	in.size = 1024; /* the damage lies past the end */
	assert_int_equal(trw_media_encode(&in, &b, NULL), TRW_EUSAGE);
	in.size = 1025;
	in.md5.n = 15;
	assert_int_equal(trw_media_encode(&in, &b, NULL), TRW_EUSAGE);
	trw_buf_clear(&b);
}

static void
bytes_and_their_request_and_a_failure_come_back_as_they_were(void **state)
{
	struct trw_pread_request asked = {INT64_MAX, UINT32_MAX}, asked_out;
	struct trw_data data = {INT64_MAX, TEXT("bytes")}, data_out;
	struct trw_failure failure = {UINT32_MAX, full(TRW_ERR_TEXT_MAX)}, failure_out;
	struct trw_buf b = {0};

	(void)state;
	assert_int_equal(trw_pread_encode(&asked, &b, NULL), TRW_OK);
	assert_int_equal(trw_pread_decode(b.v, b.n, &asked_out, NULL), TRW_OK);
	assert_true(asked_out.off == asked.off && asked_out.len == asked.len);
	assert_only_whole_decodes(decode_pread, &b);
	assert_int_equal(trw_data_encode(&data, &b, NULL), TRW_OK);
	assert_int_equal(trw_data_decode(b.v, b.n, &data_out, NULL), TRW_OK);
	assert_true(data_out.off == data.off);
	assert_bytes_equal(data_out.bytes, data.bytes);
	assert_only_whole_decodes(decode_data, &b);
	assert_int_equal(trw_failure_encode(&failure, &b, NULL), TRW_OK);
	assert_int_equal(trw_failure_decode(b.v, b.n, &failure_out, NULL), TRW_OK);
	assert_true(failure_out.status == failure.status);
	assert_bytes_equal(failure_out.text, failure.text);
	assert_only_whole_decodes(decode_failure, &b);
}

static void
a_copied_row_stands_on_its_own(void **state)
{
	struct trw_row row = {.kind = TRW_ROW_FILE, .u.file = extreme_file()}, copy;
	struct trw_arena arena = {0};

	(void)state;
	assert_int_equal(trw_extents_add(&row.u.file.extents, TRW_EXTENT_DATA, 5, 7, NULL), TRW_OK);
	for (uint64_t nth = 1; nth <= 2; nth++) {
		trw_alloc_fail_at(nth);
		enum trw_status st = trw_row_copy(&arena, &row, &copy, NULL);
		trw_alloc_fail_at(0);
		assert_int_equal(st, nth == 1 ? TRW_ENOMEM : TRW_OK);
	}
	assert_int_equal(copy.u.file.bytes.n, 0); /* of a file's content nothing is kept */
	copy.u.file.bytes = row.u.file.bytes;
	assert_files_equal(&copy.u.file, &row.u.file);
	assert_ptr_not_equal(copy.u.file.path.p, row.u.file.path.p);
	assert_ptr_not_equal(copy.u.file.target.p, row.u.file.target.p);
	assert_ptr_not_equal(copy.u.file.extents.v, row.u.file.extents.v);
	trw_extents_clear(&row.u.file.extents);
	trw_arena_clear(&arena);
}

static void
a_number_in_a_longer_form_than_needed_or_past_64_bits_is_corrupt(void **state)
{
	static const uint8_t longer[] = {0x80, 0, 0, 0, 0, 0};
	static const uint8_t wide[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0};
	static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	(void)state;
	assert_int_equal(decode_copy(decode_walk_done, longer, sizeof(longer)), TRW_ECORRUPT);
	assert_int_equal(decode_copy(decode_walk_done, wide, sizeof(wide)), TRW_ECORRUPT);
	assert_int_equal(decode_copy(decode_walk_done, endless, sizeof(endless)), TRW_ECORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_request_with_every_skip_comes_back_as_it_was),
		cmocka_unit_test(a_walk_request_with_too_many_skips_or_an_unknown_step_is_refused),
		cmocka_unit_test(a_read_request_comes_back_as_it_was),
		cmocka_unit_test(a_place_past_63_bits_is_refused),
		cmocka_unit_test(a_volume_record_comes_back_as_it_was),
		cmocka_unit_test(the_parent_of_a_volume_is_an_earlier_one_or_none),
		cmocka_unit_test(a_file_system_record_comes_back_as_it_was),
		cmocka_unit_test(a_file_record_with_extreme_values_comes_back_as_it_was),
		cmocka_unit_test(
			a_file_record_with_every_field_at_its_cap_comes_back_and_one_byte_more_is_refused),
		cmocka_unit_test(a_file_with_the_most_extents_fits_a_frame_and_one_more_is_refused),
		cmocka_unit_test(an_ordinary_file_record_is_small),
		cmocka_unit_test(a_file_record_with_a_number_out_of_range_is_refused),
		cmocka_unit_test(extents_that_an_honest_worker_cannot_have_are_corrupt),
		cmocka_unit_test(a_problem_record_comes_back_as_it_was),
		cmocka_unit_test(a_problem_has_a_code_of_the_list),
		cmocka_unit_test(blocks_come_off_the_front_one_by_one),
		cmocka_unit_test(an_empty_run_or_an_unknown_class_of_blocks_is_refused),
		cmocka_unit_test(the_end_of_a_walk_comes_back_as_it_was),
		cmocka_unit_test(a_container_says_what_it_holds_and_where_it_is_damaged),
		cmocka_unit_test(bytes_and_their_request_and_a_failure_come_back_as_they_were),
		cmocka_unit_test(a_copied_row_stands_on_its_own),
		cmocka_unit_test(a_number_in_a_longer_form_than_needed_or_past_64_bits_is_corrupt),
	};

	memset(filler, 'x', sizeof(filler));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
