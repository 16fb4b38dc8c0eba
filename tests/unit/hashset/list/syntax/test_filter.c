/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/fixture/folder.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "hashset/list/syntax/filter.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

/* SHA-1 of "sample-1" to "sample-4", as in the samples. */
static const char *const texts[] = {"F31705A7A29A9DCFCC217C7F0EDE9A810BA9550B",
	"72B8587CE37EB5E211AAE8C2CA248F42B1F87676", "4C03750B1EA18C4666CC5B11DEDA72F39ED21060",
	"AC0CF2578931AA54FAF7164D8E4CB611FFC0474C"};

static int
memory_file(const void *p, size_t n)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	return fd;
}

/* The samples' filter: made for 100, with the first three texts. Heap. */
static uint8_t *
make_filter(size_t *n)
{
	struct trw_filter_shape s;
	uint8_t *bytes;

	assert_int_equal(trw_filter_plan(100, 0.0001, &s, NULL), TRW_OK);
	*n = TRW_FILTER_HEADER + (size_t)trw_filter_words_size(s.m);
	bytes = calloc(*n, 1);
	assert_non_null(bytes);
	for (size_t i = 0; i < 3; i++)
		s.n_inserted +=
			trw_filter_add(&s, bytes + TRW_FILTER_HEADER, texts[i], strlen(texts[i]));
	trw_filter_encode(&s, bytes);
	return bytes;
}

static void
filter_is_the_one_that_its_other_makers_write(void **state)
{
	uint8_t sample[512];
	size_t n, n_sample;
	uint8_t *bytes = make_filter(&n);
	FILE *f = fopen(SHARED "/samples/hashlists/hashlookup/sample_sha1_upper.bloom", "rb");
	(void)state;

	if (f == NULL) {
		free(bytes);
		print_message("SKIPPED: no " SHARED "/samples\n");
		skip();
	}
	n_sample = fread(sample, 1, sizeof(sample), f);
	(void)fclose(f);
	assert_true(n_sample >= n);
	assert_memory_equal(bytes, sample, n);
	free(bytes);
}

static void
packed_filter_answers_like_the_plain_one(void **state)
{
	static const char *const names[] = {
		"sample_sha1_upper.bloom", "sample_sha1_upper.bloom.gz"};
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		char path[256];
		struct trw_filter *f;
		struct trw_err err = {0};
		bool maybe;
		(void)snprintf(
			path, sizeof(path), SHARED "/samples/hashlists/hashlookup/%s", names[i]);
		if (access(path, R_OK) != 0) {
			print_message("SKIPPED: no %s\n", path);
			skip();
		}
		assert_int_equal(trw_filter_open(path, folder, &f, &err), TRW_OK);
		assert_int_equal(trw_filter_shape(f)->n, 100);
		assert_int_equal(trw_filter_shape(f)->n_inserted, 3);
		for (size_t t = 0; t < 4; t++) {
			assert_int_equal(trw_filter_test(f, texts[t], 40, &maybe, &err), TRW_OK);
			assert_int_equal(maybe, t < 3);
		}
		assert_int_equal(trw_filter_test(f, "f31705a7a29a9dcfcc217c7f0ede9a810ba9550b", 40,
					 &maybe, &err),
			TRW_OK);
		assert_false(maybe);
		trw_filter_close(f);
	}
}

static void
sizes_are_those_of_the_formula(void **state)
{
	struct trw_filter_shape s;
	(void)state;

	assert_int_equal(trw_filter_plan(100, 0.0001, &s, NULL), TRW_OK);
	assert_int_equal(s.m, 1917);
	assert_int_equal(s.k, 14);
	assert_int_equal(trw_filter_plan(1, 0.5, &s, NULL), TRW_OK);
	assert_int_equal(s.m, 1);
	assert_int_equal(s.k, 1);
}

static void
rates_and_sizes_that_make_no_sense_are_refused(void **state)
{
	struct trw_filter_shape s;
	(void)state;

	assert_int_equal(trw_filter_plan(0, 0.1, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, 0, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, 1, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, -1, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, (double)NAN, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, 0.999, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(1, 1e-300, &s, NULL), TRW_EUSAGE);
	assert_int_equal(trw_filter_plan(UINT64_MAX, 0.1, &s, NULL), TRW_ELIMIT);
}

/* What a header with another value at off is answered with. */
static enum trw_status
with_field(size_t off, uint64_t value)
{
	struct trw_filter *f = NULL;
	enum trw_status status;
	size_t n;
	uint8_t *bytes = make_filter(&n);
	int fd;

	trw_put_le64(bytes + off, value);
	fd = memory_file(bytes, n);
	status = trw_filter_on(fd, &f, NULL);
	trw_filter_close(f);
	(void)close(fd);
	free(bytes);
	return status;
}

static void
header_that_promises_more_than_the_file_has_is_corrupt(void **state)
{
	(void)state;

	assert_int_equal(with_field(32, 1917), TRW_OK);
	assert_int_equal(with_field(32, 1920), TRW_OK);
	assert_int_equal(with_field(32, 1921), TRW_ECORRUPT);
	assert_int_equal(with_field(32, UINT64_MAX), TRW_ECORRUPT);
	assert_int_equal(with_field(32, 0), TRW_ECORRUPT);
	assert_int_equal(with_field(24, 0), TRW_ECORRUPT);
	assert_int_equal(with_field(24, UINT64_MAX), TRW_ECORRUPT);
	assert_int_equal(with_field(8, 0), TRW_ECORRUPT);
	assert_int_equal(with_field(16, UINT64_C(0x7ff8000000000000)), TRW_ECORRUPT);
	assert_int_equal(with_field(16, UINT64_C(0xbff0000000000000)), TRW_ECORRUPT);
	assert_int_equal(with_field(0, 2), TRW_EUNSUPPORTED);
	assert_int_equal(with_field(0, 0x101), TRW_EUNSUPPORTED);
}

static void
cut_filter_is_corrupt_at_every_length(void **state)
{
	size_t n;
	uint8_t *bytes = make_filter(&n);
	(void)state;

	for (size_t len = 0; len < n; len++) {
		struct trw_filter *f;
		int fd = memory_file(bytes, len);
		assert_int_equal(trw_filter_on(fd, &f, NULL), TRW_ECORRUPT);
		assert_null(f);
		(void)close(fd);
	}
	free(bytes);
}

static void
out_of_memory_is_said_and_leaks_nothing(void **state)
{
	struct trw_filter *f;
	struct trw_err err = {0};
	size_t n;
	uint8_t *bytes = make_filter(&n);
	int fd = memory_file(bytes, n);
	(void)state;

	trw_alloc_fail_at(1);
	assert_int_equal(trw_filter_on(fd, &f, &err), TRW_ENOMEM);
	trw_alloc_fail_at(0);
	assert_null(f);
	(void)close(fd);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_the_one_that_its_other_makers_write),
		cmocka_unit_test(packed_filter_answers_like_the_plain_one),
		cmocka_unit_test(sizes_are_those_of_the_formula),
		cmocka_unit_test(rates_and_sizes_that_make_no_sense_are_refused),
		cmocka_unit_test(header_that_promises_more_than_the_file_has_is_corrupt),
		cmocka_unit_test(cut_filter_is_corrupt_at_every_length),
		cmocka_unit_test(out_of_memory_is_said_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
