/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/resume.h"
#include "unit/evidence/evidence_fixture.h"

#define IMAGE_BYTES ((size_t)64 << 20) /* four samples between the ends */

struct print {
	uint8_t v[TRW_FINGERPRINT_SIZE];
};

static struct print
print_of(const uint8_t *bytes, size_t size)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	struct print print;

	assert_int_equal(trw_image_open_memory(bytes, size, NULL, &image, &err), TRW_OK);
	assert_int_equal(trw_resume_fingerprint(image, print.v, &err), TRW_OK);
	trw_image_close(image);
	return print;
}

static bool
is_equal(const struct print *a, const struct print *b)
{
	return memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

static void
a_fingerprint_tells_images_apart_by_size_and_samples(void **state)
{
	static const size_t sampled[] = {
		0, 65535, IMAGE_BYTES / 5 / 4096 * 4096, IMAGE_BYTES - 65536, IMAGE_BYTES - 1};
	uint8_t *bytes = calloc(1, IMAGE_BYTES);
	struct print zeros = print_of(bytes, IMAGE_BYTES), other;
	(void)state;

	for (size_t i = 0; i < sizeof(sampled) / sizeof(sampled[0]); i++) {
		bytes[sampled[i]] = 1;
		other = print_of(bytes, IMAGE_BYTES);
		assert_false(is_equal(&zeros, &other));
		bytes[sampled[i]] = 0;
	}
	other = print_of(bytes, IMAGE_BYTES);
	assert_true(is_equal(&zeros, &other));
	other = print_of(bytes, IMAGE_BYTES - 1);
	assert_false(is_equal(&zeros, &other));
	other = print_of(bytes, 0);
	assert_false(is_equal(&zeros, &other));
	other = print_of(bytes, 100);
	assert_false(is_equal(&zeros, &other));
	free(bytes);
}

static enum trw_status
add_stream(struct trw_evidence *ev, int64_t id, enum trw_content_source source,
	const struct trw_extents *extents, struct trw_err *err)
{
	struct trw_file file = {.file_id = id,
		.filesystem_id = 1,
		.image_id = 1,
		.path = trw_bytes_of("/a"),
		.inode = (uint64_t)id,
		.attr_type = 128,
		.size = 1024,
		.content_source = source,
		.extents = extents == NULL ? (struct trw_extents){0} : *extents};

	return PUT(ev, FILE, file, file, err);
}

/* A run over one image that is walked: streams 1 and 3 by extents, 2 to decode, 4 done, 5 none. */
static void
make_walked(struct fixture *f, enum trw_content_source fourth, bool is_walked)
{
	struct trw_evidence_item item = {.name = "disk.E01", .size = FIXTURE_SIZE};
	struct trw_evidence_run run = {.tool_version = "0.1.0", .items = &item, .n_items = 1};
	struct trw_extent v = {.off = 4096, .len = 1024, .kind = TRW_EXTENT_DATA};
	struct trw_extents extents = {.v = &v, .n = 1, .cap = 1, .total = 1024};
	struct trw_range bad = {.off = 8192, .len = 512, .why = TRW_DAMAGE_MISSING};
	struct trw_ranges damage = {.v = &bad, .n = 1, .cap = 1};
	struct trw_checkpoint walked = {.image_id = 1,
		.is_walked = is_walked,
		.media_state = trw_bytes_of("state"),
		.media_off = 16384,
		.damage = damage};
	struct trw_evidence *ev = NULL;
	int64_t run_id;

	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_run_begin(ev, &run, &run_id, &f->err)));
	assert_true(went_well(f, add_frame(ev, run_id, &f->err)));
	assert_true(went_well(f, add_stream(ev, 1, TRW_CONTENT_EXTENTS, &extents, &f->err)));
	assert_true(went_well(f, add_stream(ev, 2, TRW_CONTENT_DECODE, NULL, &f->err)));
	v.off = 1024;
	assert_true(went_well(f, add_stream(ev, 3, TRW_CONTENT_EXTENTS, &extents, &f->err)));
	assert_true(went_well(f, add_stream(ev, 4, fourth, &extents, &f->err)));
	if (fourth == TRW_CONTENT_EXTENTS)
		assert_true(went_well(
			f, set_content(ev, 4, TRW_DIGEST_COMPLETE, 1, 1024, NULL, &f->err)));
	assert_true(went_well(f, add_stream(ev, 5, TRW_CONTENT_NONE, NULL, &f->err)));
	assert_true(went_well(f, PUT(ev, CHECKPOINT, checkpoint, walked, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

static void
a_resumed_image_is_planned_without_what_is_done(void **state)
{
	static const uint8_t bytes[FIXTURE_SIZE];
	struct fixture *f = *state;
	struct trw_evidence_state at;
	struct trw_evidence *ev = NULL;
	struct trw_image *image = NULL;
	struct trw_plan *plan = NULL;
	struct trw_plan_piece piece;
	struct trw_plan_stream stream = {0};
	struct trw_ranges damage = {0};
	struct trw_read_request decode;
	int64_t id = 0;

	make_walked(f, TRW_CONTENT_EXTENTS, true);
	assert_int_equal(
		trw_image_open_memory(bytes, sizeof(bytes), NULL, &image, &f->err), TRW_OK);
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_resume_image(ev, 0, &at, &f->err)));
	assert_true(at.is_begun && at.is_walked && at.media_off == 16384);
	assert_memory_equal(at.media_state, "state", 5);
	assert_true(went_well(f, trw_plan_new(1 << 20, f->dir, &plan, &f->err)));
	assert_true(went_well(f, trw_resume_plan(ev, &at, image, plan, &f->err)));
	assert_true(went_well(f, trw_image_damage(image, &damage, &f->err)));
	assert_true(damage.n == 1 && damage.v[0].off == 8192 && damage.v[0].len == 512);
	assert_true(went_well(f, trw_plan_seal(plan, &f->err)));
	for (int64_t expected = 3; expected > 0; expected -= 2) {
		assert_true(went_well(f, trw_plan_next(plan, &piece, &f->err)));
		assert_true(trw_plan_is_whole(&piece, &id));
		assert_int_equal(id, expected);
	}
	assert_int_equal(trw_plan_next(plan, &piece, &f->err), TRW_END);
	assert_true(went_well(f, trw_plan_next_off(plan, &stream, &f->err)));
	assert_int_equal(stream.id, 2);
	assert_int_equal(
		trw_read_request_decode(stream.extra, stream.n_extra, &decode, &f->err), TRW_OK);
	assert_true(decode.where.space.off == 1024 && decode.where.space.len == 32768 &&
		    decode.inode == 2 && decode.attr_type == 128);
	trw_extents_clear(&stream.extents);
	assert_int_equal(trw_plan_next_off(plan, &stream, &f->err), TRW_END);
	trw_plan_free(plan);
	trw_ranges_clear(&damage);
	trw_evidence_state_clear(&at);
	trw_image_close(image);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

static void
an_image_that_was_not_walked_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct trw_evidence_state at;
	struct trw_evidence *ev = NULL;

	make_walked(f, TRW_CONTENT_EXTENTS, false);
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_resume_image(ev, 0, &at, &f->err)));
	assert_true(at.image_id == 1 && !at.is_begun && !at.is_walked && at.n_media_state == 0 &&
		    at.media_off == 0 && at.damage.n == 0 && at.n_files == 0);
	trw_evidence_state_clear(&at);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	assert_string_equal(ask(f->path, "SELECT count(*) FROM file"), "0");
}

static void
a_stream_that_only_the_walk_could_tell_is_not_passed_over(void **state)
{
	static const uint8_t bytes[FIXTURE_SIZE];
	struct fixture *f = *state;
	struct trw_evidence_state at;
	struct trw_evidence *ev = NULL;
	struct trw_image *image = NULL;
	struct trw_plan *plan = NULL;

	make_walked(f, TRW_CONTENT_INLINE, true);
	assert_int_equal(
		trw_image_open_memory(bytes, sizeof(bytes), NULL, &image, &f->err), TRW_OK);
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_RESUME, &ev, &f->err)));
	assert_true(went_well(f, trw_resume_image(ev, 0, &at, &f->err)));
	assert_true(went_well(f, trw_plan_new(1 << 20, f->dir, &plan, &f->err)));
	assert_int_equal(trw_resume_plan(ev, &at, image, plan, &f->err), TRW_ECORRUPT);
	assert_non_null(strstr(f->err.text, "file 4 has no content"));
	trw_plan_free(plan);
	trw_evidence_state_clear(&at);
	trw_image_close(image);
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_tells_images_apart_by_size_and_samples),
		TEST(a_resumed_image_is_planned_without_what_is_done),
		TEST(an_image_that_was_not_walked_begins_anew),
		TEST(a_stream_that_only_the_walk_could_tell_is_not_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
