/* SPDX-License-Identifier: Apache-2.0 */
/* Fetch and unpack against trw_image_read: the same bytes, the same damage, whatever the image is. */
#include "base/alloc.h"
#include "base/io.h"
#include "base/queue.h"
#include "unit/image/ewf_fixture.h"

#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>

#define STRETCH ((size_t)1 << 16) /* bytes at most, where chunks are not larger */
#define ROUNDS 3                  /* passes over each image, with other stretches each time */

static uint32_t seed = 1;

static uint32_t
any_below(uint32_t n)
{
	seed = seed * 1664525U + 1013904223U;
	return (uint32_t)(((uint64_t)(seed >> 8) * n) >> 24);
}

static void
expect_equal(const struct trw_ranges *a, const struct trw_ranges *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->v[i].off, b->v[i].off);
		assert_int_equal(a->v[i].len, b->v[i].len);
		assert_int_equal(a->v[i].why, b->v[i].why);
	}
}

/* The stretch both ways: by halves from a, in one from b. */
static void
compare_stretch(struct trw_image *a, struct trw_image *b, uint64_t off, size_t len,
	struct trw_image_span *span)
{
	uint8_t *x = malloc(len + 1), *y = malloc(len + 1);
	struct trw_ranges of_x = {0}, of_y = {0};
	struct trw_err err = {0};

	assert_non_null(x);
	assert_non_null(y);
	memset(x, 0xa5, len + 1);
	if (trw_image_fetch(a, off, len, x, span, &err) != TRW_OK)
		fail_msg("%s", err.text);
	assert_int_equal(trw_image_unpack(a, span, x, &of_x, &err), TRW_OK);
	assert_int_equal(x[len], 0xa5);
	assert_int_equal(trw_image_read(b, off, y, len, &of_y, &err), TRW_OK);
	assert_memory_equal(x, y, len);
	expect_equal(&of_x, &of_y);
	trw_ranges_clear(&of_x);
	trw_ranges_clear(&of_y);
	free(x);
	free(y);
}

/* Random ascending stretches, some skipped, of two openings of one image; both are closed. */
static void
compare(struct trw_image *a, struct trw_image *b)
{
	const struct trw_image_info *info = trw_image_info(a);
	uint32_t unit = info->chunk_size == 0 ? 512 : info->chunk_size;
	uint32_t most = STRETCH / unit < 2 ? 2 : (uint32_t)(STRETCH / unit);
	struct trw_ranges of_a = {0}, of_b = {0};
	struct trw_image_span *span;
	struct trw_err err = {0};

	assert_int_equal(trw_image_span_new(&span, &err), TRW_OK);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t off = 0, len;

		for (; off < info->size; off += len) {
			len = (uint64_t)unit * (1 + any_below(most));
			if (len > info->size - off)
				len = info->size - off;
			trw_image_ahead(a, off, len * 2);
			if (any_below(8) != 0)
				compare_stretch(a, b, off, (size_t)len, span);
		}
	}
	assert_int_equal(trw_image_damage(a, &of_a, &err), TRW_OK);
	assert_int_equal(trw_image_damage(b, &of_b, &err), TRW_OK);
	expect_equal(&of_a, &of_b);
	trw_ranges_clear(&of_a);
	trw_ranges_clear(&of_b);
	trw_image_span_free(span);
	trw_image_close(a);
	trw_image_close(b);
}

static void
compare_set(const struct set *s)
{
	size_t given = s->files[0].n > 0 ? 0 : 1;
	struct trw_image *b = write_and_open(s, given);
	char path[96];
	const char *p = path;
	struct trw_image *a;
	struct trw_err err = {0};

	segment_path(given, path);
	assert_int_equal(trw_image_open(&p, 1, NULL, &a, &err), TRW_OK);
	compare(a, b);
}

static void
compare_path(const char *path)
{
	struct trw_image *a = NULL, *b = NULL;
	struct trw_err err = {0};

	if (trw_image_open(&path, 1, NULL, &a, &err) != TRW_OK ||
		trw_image_open(&path, 1, NULL, &b, &err) != TRW_OK)
		fail_msg("%s", err.text);
	compare(a, b);
}

/* Chunk i of the segment is stored where its entry e says, in both tables, whose checksums are right. */
static void
set_entry(struct set *s, size_t seg, size_t i, uint32_t e)
{
	size_t tables[] = {s->table_at[seg], s->table2_at[seg]};

	for (size_t t = 0; t < 2; t++) {
		uint8_t *entries = s->files[seg].v + tables[t] + 76 + 24;

		trw_put_le32(entries + i * 4, e);
		trw_put_le32(
			entries + PER_SEGMENT * 4, libdeflate_adler32(1, entries, PER_SEGMENT * 4));
	}
}

static uint32_t
entry(const struct set *s, size_t seg, size_t i)
{
	return trw_le32(s->files[seg].v + s->table_at[seg] + 76 + 24 + i * 4);
}

static void
raw_and_split_sets_with_a_lost_and_a_short_file_read_the_same(void **state)
{
	static const char *const names[] = {"d.001", "d.003", "d.002"};
	static const size_t lost[] = {0, 700, 5000}; /* bytes, of each file */
	char path[96], first[96];
	(void)state;

	path_of(names[0], first);
	for (size_t i = 0; i < 3; i++) {
		write_file(names[i], media, sizeof(media) - lost[i]);
		compare_path(first);
	}
	for (size_t i = 0; i < 3; i++) {
		path_of(names[i], path);
		assert_int_equal(unlink(path), 0);
	}
}

static void
memory_image_with_damage_reads_the_same(void **state)
{
	struct trw_ranges bad = {0};
	struct trw_image *a, *b;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(trw_ranges_add(&bad, 700, 900, TRW_DAMAGE_SUBSTITUTED, &err), TRW_OK);
	assert_int_equal(trw_ranges_add(&bad, 4096, 512, TRW_DAMAGE_MISSING, &err), TRW_OK);
	assert_int_equal(trw_image_open_memory(media, sizeof(media), &bad, &a, &err), TRW_OK);
	assert_int_equal(trw_image_open_memory(media, sizeof(media), &bad, &b, &err), TRW_OK);
	trw_ranges_clear(&bad);
	compare(a, b);
}

static void
ewf_set_that_is_whole_or_lacks_any_segment_reads_the_same(void **state)
{
	(void)state;
	for (size_t lost = 0; lost <= N_SEGMENTS; lost++) {
		struct set s = {.has_errors = true};

		build(&s, 7);
		if (lost < N_SEGMENTS)
			s.files[lost].n = 0;
		compare_set(&s);
		set_clear(&s);
	}
}

static void
ewf_set_with_any_truncation_or_flip_reads_the_same(void **state)
{
	struct set s = {0};
	size_t full;
	(void)state;

	build(&s, 7);
	full = s.files[2].n;
	for (s.files[2].n = 13; s.files[2].n < full; s.files[2].n += 211)
		compare_set(&s);
	s.files[2].n = full;
	for (size_t at = s.sectors_at[1]; at < s.files[1].n; at += 61) {
		s.files[1].v[at] ^= 0x41;
		compare_set(&s);
		s.files[1].v[at] ^= 0x41;
	}
	set_clear(&s);
}

static void
ewf_set_whose_tables_are_lost_reads_the_same(void **state)
{
	struct set s = {0};
	(void)state;

	build(&s, 7);
	s.files[1].v[s.table_at[1] + 76 + 24 + 5] ^= 1;
	s.files[1].v[s.table2_at[1] + 76 + 24 + 5] ^= 1;
	compare_set(&s);
	set_clear(&s);
}

static void
entries_that_share_overlap_or_descend_read_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct set s = {0};
		size_t seg, a, b;

		build(&s, 7);
		for (int k = 0; k < 3; k++) {
			seg = any_below(N_SEGMENTS);
			a = any_below(PER_SEGMENT);
			b = any_below(PER_SEGMENT);
			set_entry(&s, seg, a, entry(&s, seg, b) + (any_below(3) == 0 ? 8 : 0));
		}
		if (i % 10 == 0) /* far behind the end of the file */
			set_entry(&s, seg, a, INT32_MAX - any_below(9));
		compare_set(&s);
		set_clear(&s);
	}
}

static void
file_that_shrinks_while_it_is_open_reads_the_same(void **state)
{
	struct set s = {0};
	(void)state;

	build(&s, 7);
	for (size_t n = 0; n < s.files[1].n; n += 509) {
		struct trw_image *a = write_and_open(&s, 0), *b;
		char path[96];
		const char *p = path;
		struct trw_err err = {0};

		segment_path(0, path);
		assert_int_equal(trw_image_open(&p, 1, NULL, &b, &err), TRW_OK);
		segment_path(1, path);
		assert_int_equal(truncate(path, (off_t)n), 0);
		compare(a, b);
	}
	set_clear(&s);
}

static void
failed_read_of_many_chunks_is_done_again_chunk_by_chunk(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_image_span *span;
	uint8_t buf[MEDIA];
	struct trw_err err = {0};
	(void)state;

	build(&s, 7);
	image = write_and_open(&s, 0);
	assert_int_equal(trw_image_span_new(&span, &err), TRW_OK);
	for (uint64_t nth = 1; nth <= N_SEGMENTS; nth++) {
		struct trw_ranges damage = {0};

		trw_pread_fail_at(nth);
		assert_int_equal(trw_image_fetch(image, 0, MEDIA, buf, span, &err), TRW_OK);
		trw_pread_fail_at(0);
		assert_int_equal(trw_image_unpack(image, span, buf, &damage, &err), TRW_OK);
		assert_int_equal(damage.n, 0);
		assert_memory_equal(buf, media, MEDIA);
	}
	trw_image_span_free(span);
	trw_image_close(image);
	set_clear(&s);
}

static void
stretches_that_cannot_be_are_wrong_use(void **state)
{
	struct set s = {0};
	struct trw_image *image;
	struct trw_image_span *span;
	uint8_t buf[MEDIA];
	struct trw_err err = {0};
	(void)state;

	build(&s, 7);
	image = write_and_open(&s, 0);
	assert_int_equal(trw_image_span_new(&span, &err), TRW_OK);
	assert_int_equal(trw_image_unpack(image, span, buf, NULL, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_fetch(image, 512, CHUNK, buf, span, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_fetch(image, 0, CHUNK + 1, buf, span, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_fetch(image, CHUNK, MEDIA, buf, span, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_fetch(image, UINT64_MAX, 1, buf, span, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_unpack(image, span, buf, NULL, &err), TRW_EUSAGE);
	assert_int_equal(trw_image_fetch(image, CHUNK, 0, buf, span, &err), TRW_OK);
	assert_int_equal(trw_image_unpack(image, span, buf, NULL, &err), TRW_OK);
	trw_image_ahead(image, UINT64_MAX, UINT64_MAX);
	trw_image_ahead(image, 1, UINT64_MAX);
	trw_image_span_free(span);
	trw_image_close(image);
	set_clear(&s);
}

static void
damage_of_an_earlier_run_counts_among_what_was_met(void **state)
{
	struct trw_ranges earlier = {0}, damage = {0};
	struct trw_image *image;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(trw_image_open_memory(media, sizeof(media), NULL, &image, &err), TRW_OK);
	assert_int_equal(trw_ranges_add(&earlier, 512, 9, TRW_DAMAGE_MISSING, &err), TRW_OK);
	assert_int_equal(trw_image_damage_add(image, &earlier, &err), TRW_OK);
	assert_int_equal(trw_image_damage(image, &damage, &err), TRW_OK);
	expect_equal(&damage, &earlier);
	trw_ranges_clear(&earlier);
	trw_ranges_clear(&damage);
	trw_image_close(image);
}

struct told {
	struct trw_ranges all;
	unsigned n_calls;
	enum trw_status answer;
};

static enum trw_status
take_told(void *ctx, const struct trw_ranges *met, struct trw_err *err)
{
	struct told *t = ctx;

	t->n_calls++;
	if (t->answer < 0)
		return trw_fail(err, t->answer, "not taken");
	return trw_ranges_add_part(&t->all, met, 0, UINT64_MAX, 0, err);
}

static void
damage_is_told_once_but_again_when_it_was_not_taken(void **state)
{
	struct trw_range bad[] = {{512, 9, TRW_DAMAGE_MISSING}, {2048, 1, TRW_DAMAGE_MISSING},
		{3000, 5, TRW_DAMAGE_SUBSTITUTED}};
	struct trw_ranges known = {.v = bad, .n = 3, .cap = 3}, earlier = {bad, 1, 1};
	struct told t = {.answer = TRW_ECANCEL};
	struct trw_image *image;
	struct trw_err err = {0};
	uint8_t buf[4096];
	(void)state;

	assert_int_equal(trw_image_open_memory(media, sizeof(media), &known, &image, &err), TRW_OK);
	assert_int_equal(trw_image_damage_add(image, &earlier, &err), TRW_OK);
	assert_int_equal(trw_image_damage_tell(image, take_told, &t, &err), TRW_OK);
	assert_int_equal(t.n_calls, 0);
	assert_int_equal(trw_image_read(image, 0, buf, 2100, NULL, &err), TRW_OK);
	assert_int_equal(trw_image_damage_tell(image, take_told, &t, &err), TRW_ECANCEL);
	assert_int_equal(trw_image_read(image, 0, buf, sizeof(buf), NULL, &err), TRW_OK);
	t.answer = TRW_OK;
	assert_int_equal(trw_image_damage_tell(image, take_told, &t, &err), TRW_OK);
	assert_int_equal(t.n_calls, 3);
	assert_int_equal(trw_image_read(image, 0, buf, sizeof(buf), NULL, &err), TRW_OK);
	assert_int_equal(trw_image_damage_tell(image, take_told, &t, &err), TRW_OK);
	assert_int_equal(t.n_calls, 3);
	known = (struct trw_ranges){.v = &bad[1], .n = 2, .cap = 2};
	expect_equal(&t.all, &known);
	trw_ranges_clear(&t.all);
	trw_image_close(image);
}

static void
every_failing_allocation_ends_cleanly(void **state)
{
	struct set s = {.has_errors = true};
	struct trw_image *image;
	uint8_t buf[MEDIA];
	bool is_through = false;
	(void)state;

	build(&s, 7);
	s.files[1].v[s.chunk_at[6] + 9] ^= 0x10;
	set_entry(&s, 0, 1, entry(&s, 0, 4));
	image = write_and_open(&s, 0);
	for (uint64_t n = 1; n < 100 && !is_through; n++) {
		struct trw_image_span *span = NULL;
		struct trw_ranges damage = {0};
		struct trw_err err = {0};
		enum trw_status st;

		trw_alloc_fail_at(n);
		st = trw_image_span_new(&span, &err);
		if (st == TRW_OK)
			st = trw_image_fetch(image, 0, MEDIA, buf, span, &err);
		if (st == TRW_OK)
			st = trw_image_unpack(image, span, buf, &damage, &err);
		is_through = st == TRW_OK;
		trw_alloc_fail_at(0);
		assert_true(is_through || (st == TRW_ENOMEM && err.status == TRW_ENOMEM));
		trw_ranges_clear(&damage);
		trw_image_span_free(span);
	}
	assert_true(is_through);
	trw_image_close(image);
	set_clear(&s);
}

#define N_JOBS 6
#define N_UNPACKERS 4
#define BAD_CHUNK 6
#define PASSES 200

struct job { /* one owner at a time: whoever took it out of a queue */
	struct trw_image_span *span;
	uint64_t off;
	size_t len;
	uint8_t buf[4 * CHUNK];
};

struct crew { /* immutable while its threads run, but for n_wrong */
	struct trw_image *image;
	struct trw_queue *idle, *fetched;
	atomic_uint n_wrong;
};

static bool
is_right(const uint8_t *got, uint64_t off, size_t len, const struct trw_ranges *damage)
{
	uint64_t bad = (uint64_t)BAD_CHUNK * CHUNK;
	bool is_bad_in = off < bad + CHUNK && bad < off + len;

	if (damage->n != (is_bad_in ? 1 : 0))
		return false;
	for (size_t i = 0; i < len; i++)
		if (got[i] != ((off + i) / CHUNK == BAD_CHUNK ? 0 : media[off + i]))
			return false;
	return true;
}

static void *
fetch_all(void *ctx)
{
	struct crew *c = ctx;

	for (int pass = 0; pass < PASSES; pass++) {
		for (uint64_t off = 0, len; off < MEDIA; off += len) {
			struct job *job = trw_queue_get(c->idle);

			len = MEDIA - off < sizeof(job->buf) ? MEDIA - off : sizeof(job->buf);
			job->off = off;
			job->len = (size_t)len;
			trw_image_ahead(c->image, off, 2 * len);
			if (trw_image_fetch(c->image, off, job->len, job->buf, job->span, NULL) !=
					TRW_OK ||
				!trw_queue_put(c->fetched, job))
				atomic_fetch_add(&c->n_wrong, 1);
		}
	}
	trw_queue_close(c->fetched);
	return NULL;
}

static void *
unpack_any(void *ctx)
{
	struct crew *c = ctx;
	struct job *job;

	while ((job = trw_queue_get(c->fetched)) != NULL) {
		struct trw_ranges damage = {0};

		if (trw_image_unpack(c->image, job->span, job->buf, &damage, NULL) != TRW_OK ||
			!is_right(job->buf, job->off, job->len, &damage) ||
			!trw_queue_put(c->idle, job))
			atomic_fetch_add(&c->n_wrong, 1);
		trw_ranges_clear(&damage);
	}
	return NULL;
}

static void *
read_anywhere(void *ctx)
{
	struct crew *c = ctx;
	uint8_t buf[3 * CHUNK];
	uint32_t x = 9;

	for (int i = 0; i < 3000; i++) {
		struct trw_ranges damage = {0};
		uint64_t off;
		size_t len;

		x = x * 1664525U + 1013904223U;
		off = (x >> 8) % MEDIA;
		len = 1 + (x >> 4) % sizeof(buf);
		len = len < MEDIA - off ? len : (size_t)(MEDIA - off);
		if (trw_image_read(c->image, off, buf, len, &damage, NULL) != TRW_OK ||
			!is_right(buf, off, len, &damage))
			atomic_fetch_add(&c->n_wrong, 1);
		trw_ranges_clear(&damage);
	}
	return NULL;
}

static void
one_thread_fetches_while_others_unpack_and_read(void **state)
{
	static struct job jobs[N_JOBS];
	pthread_t threads[N_UNPACKERS + 2];
	struct set s = {0};
	struct crew c = {0};
	struct trw_err err = {0};
	(void)state;

	build(&s, 7);
	s.files[BAD_CHUNK / PER_SEGMENT].v[s.chunk_at[BAD_CHUNK] + 9] ^= 0x10;
	c.image = write_and_open(&s, 0);
	assert_int_equal(trw_queue_new(N_JOBS, &c.idle, &err), TRW_OK);
	assert_int_equal(trw_queue_new(N_JOBS, &c.fetched, &err), TRW_OK);
	for (size_t i = 0; i < N_JOBS; i++) {
		assert_int_equal(trw_image_span_new(&jobs[i].span, &err), TRW_OK);
		assert_true(trw_queue_put(c.idle, &jobs[i]));
	}
	for (size_t i = 0; i < N_UNPACKERS + 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
					 i == 0   ? fetch_all
					 : i == 1 ? read_anywhere
						  : unpack_any,
					 &c),
			0);
	for (size_t i = 0; i < N_UNPACKERS + 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&c.n_wrong), 0);
	for (size_t i = 0; i < N_JOBS; i++)
		trw_image_span_free(jobs[i].span);
	trw_queue_free(c.idle);
	trw_queue_free(c.fetched);
	trw_image_close(c.image);
	set_clear(&s);
}

static size_t n_compared; /* files of the corpus */

static int
compare_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)ftw;
	if (kind != FTW_F)
		return 0;
	compare_path(path);
	n_compared++;
	return 0;
}

static void
every_file_of_the_corpus_reads_the_same(void **state)
{
	const char *images = SHARED "/corpus/dev/images";
	(void)state;

	if (access(images, R_OK) != 0) {
		print_message("SKIPPED: %s is not there\n", images);
		skip();
	}
	assert_int_equal(nftw(images, compare_file, 16, FTW_PHYS), 0);
	assert_true(n_compared > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_and_split_sets_with_a_lost_and_a_short_file_read_the_same),
		cmocka_unit_test(memory_image_with_damage_reads_the_same),
		cmocka_unit_test(ewf_set_that_is_whole_or_lacks_any_segment_reads_the_same),
		cmocka_unit_test(ewf_set_with_any_truncation_or_flip_reads_the_same),
		cmocka_unit_test(ewf_set_whose_tables_are_lost_reads_the_same),
		cmocka_unit_test(entries_that_share_overlap_or_descend_read_the_same),
		cmocka_unit_test(file_that_shrinks_while_it_is_open_reads_the_same),
		cmocka_unit_test(failed_read_of_many_chunks_is_done_again_chunk_by_chunk),
		cmocka_unit_test(stretches_that_cannot_be_are_wrong_use),
		cmocka_unit_test(damage_of_an_earlier_run_counts_among_what_was_met),
		cmocka_unit_test(damage_is_told_once_but_again_when_it_was_not_taken),
		cmocka_unit_test(every_failing_allocation_ends_cleanly),
		cmocka_unit_test(one_thread_fetches_while_others_unpack_and_read),
		cmocka_unit_test(every_file_of_the_corpus_reads_the_same),
	};

	return cmocka_run_group_tests(tests, make_media, remove_folder);
}
