/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/sweep/sweep_fixture.h"

#include "unit/digest/evp.h"
#include "unit/fixture/draw.h"

static void
naive_digests(const uint8_t *p, size_t n, struct trw_digests *out)
{
	evp_digests(TRW_MD5 | TRW_SHA1 | TRW_SHA256, p, n, out);
}

void
ok(enum trw_status st)
{
	assert_int_equal(st, TRW_OK);
}

static void
naive_missing(struct stream *s, uint64_t at, uint64_t len, const char *cause)
{
	ok(trw_ranges_add(&s->damage, at, len, TRW_DAMAGE_MISSING, NULL));
	s->heard.missing += len;
	if (s->cause[0] == '\0')
		(void)snprintf(s->cause, sizeof(s->cause), "%s", cause);
}

/* One extent's first len bytes. */
static void
naive_extent(const struct world *w, struct stream *s, const struct trw_extent *x, uint64_t at,
	uint64_t len, uint8_t *content)
{
	uint64_t inside = 0;
	char text[TRW_ERR_TEXT_MAX];

	if (x->kind == TRW_EXTENT_LOST)
		naive_missing(s, at, len, "the file system does not say where these bytes are");
	if (x->kind != TRW_EXTENT_DATA)
		return;
	if (x->off < w->size)
		inside = len < w->size - x->off ? len : w->size - x->off;
	if (inside > 0)
		memcpy(content + at, w->flat + x->off, inside);
	ok(trw_ranges_add_part(&s->damage, &w->damage, x->off, inside, at, NULL));
	if (inside == len)
		return;
	(void)snprintf(text, sizeof(text),
		"image ends at byte %zu, the content goes on to byte %" PRIu64, w->size,
		x->off + len);
	naive_missing(s, at + inside, len - inside, text);
}

void
naive_stream(const struct world *w, struct stream *s)
{
	uint8_t *content = calloc(s->size + 1, 1);
	uint64_t at = 0;

	assert_non_null(content);
	for (size_t i = 0; i < s->extents.n && at < s->size; i++) {
		const struct trw_extent *x = &s->extents.v[i];
		uint64_t len = x->len < s->size - at ? x->len : s->size - at;
		naive_extent(w, s, x, at, len, content);
		at += len;
	}
	if (at < s->size)
		naive_missing(s, at, s->size - at, "the extents end before the content does");
	naive_digests(content, s->size, &s->digests);
	s->heard.sum = listener_sum(0, content, s->size);
	memcpy(s->heard.first, content, s->size < LISTENER_FIRST ? s->size : LISTENER_FIRST);
	free(content);
}

void
world_read(struct world *w)
{
	w->size = trw_image_info(w->image)->size;
	w->flat = malloc(w->size + 1);
	assert_non_null(w->flat);
	ok(trw_image_read(w->image, 0, w->flat, w->size, &w->damage, NULL));
	naive_digests(w->flat, w->size, &w->digests);
}

void
world_clear(struct world *w)
{
	for (size_t i = 0; i < w->n; i++) {
		trw_extents_clear(&w->v[i].extents);
		trw_ranges_clear(&w->v[i].damage);
	}
	trw_image_close(w->image);
	trw_ranges_clear(&w->damage);
	free(w->v);
	free(w->flat);
	free(w->bytes);
	*w = (struct world){0};
}

static void
make_image(struct world *w, size_t size)
{
	struct trw_ranges damage = {0};

	w->bytes = malloc(size + 1);
	assert_non_null(w->bytes);
	for (size_t i = 0; i < size; i++)
		w->bytes[i] = (uint8_t)draw();
	for (uint64_t n = one_in(2) ? 0 : below(12); n > 0 && size > 0; n--) {
		uint64_t off = below(size), len = 1 + below(one_in(4) ? 20000 : 600);
		ok(trw_ranges_add(&damage, off, len < size - off ? len : size - off,
			one_in(2) ? TRW_DAMAGE_MISSING : TRW_DAMAGE_SUBSTITUTED, NULL));
	}
	ok(trw_image_open_memory(w->bytes, size, &damage, &w->image, NULL));
	trw_ranges_clear(&damage);
	world_read(w);
}

void
add(struct stream *s, enum trw_extent_kind kind, uint64_t off, uint64_t len)
{
	if (s->extents.total < CONTENT_MAX)
		ok(trw_extents_add(&s->extents, kind, off, len, NULL));
}

void
add_extents(const struct world *w, struct stream *s, uint64_t n, uint64_t max, bool is_plain)
{
	uint64_t way = below(3), off = way == 1 ? w->size : below(w->size / 2 + 1);

	for (; n > 0; n--) {
		uint64_t len = 1 + below(max);
		uint64_t what = is_plain ? 9 : below(24);
		if (what == 0)
			add(s, TRW_EXTENT_HOLE, 0, len);
		else if (what == 1)
			add(s, TRW_EXTENT_LOST, 0, len);
		else if (what == 2)
			add(s, TRW_EXTENT_DATA, w->size + below(4), len);
		else if (what == 3)
			add(s, TRW_EXTENT_DATA, INT64_MAX - len - below(2), len);
		if (way == 1)
			off = off > 2 * len ? off - len - below(len) : 0;
		else if (way == 2)
			off = below(w->size + 1);
		add(s, TRW_EXTENT_DATA, off, len);
		if (way == 0)
			off += len + (one_in(3) ? 1 + below(3 * max) : one_in(3) ? 1 : 300 * KIB);
	}
}

static void
make_stream(const struct world *w, struct stream *s, bool is_plain)
{
	static const uint64_t sizes[] = {1, 64, 600, 5000, 70000, 500000};
	uint64_t max = sizes[below(6)], off = below(w->size + 1);

	if (!is_plain && one_in(8))
		add(s, TRW_EXTENT_HOLE, 0, 1 + below(max));
	if (one_in(3))
		add(s, TRW_EXTENT_DATA, off, 1 + below(one_in(4) ? w->size + 9 : max));
	else
		add_extents(w, s, 1 + below(one_in(4) ? 200 : 8), max, is_plain);
	if (!is_plain && one_in(8))
		add(s, TRW_EXTENT_UNINIT, 0, 1 + below(max));
	s->size = s->extents.total;
	if (!is_plain && one_in(6))
		s->size += 1 + below(5000);
	else if (one_in(4))
		s->size -= below(s->size);
	trw_extents_cut(&s->extents, s->size);
}

void
make_world(struct world *w, uint64_t seed)
{
	static const uint64_t sizes[] = {1, 5000, 100 * KIB, MIB, 3 * MIB};
	bool is_plain;

	draw_from(seed * 0x9E3779B97F4A7C15 + 1);
	is_plain = one_in(3);
	make_image(w, 1 + below(sizes[below(5)]));
	w->v = calloc(STREAMS_MAX, sizeof(*w->v));
	assert_non_null(w->v);
	w->n = below(STREAMS_MAX);
	for (size_t i = 0; i < w->n; i++) {
		make_stream(w, &w->v[i], is_plain);
		naive_stream(w, &w->v[i]);
	}
}

void
wrong(struct sweep *s, const char *what, int64_t id)
{
	if (s->n_wrong++ == 0)
		(void)snprintf(s->wrong, sizeof(s->wrong), "stream %" PRId64 ": %s", id, what);
}

static bool
same_ranges(const struct trw_ranges *a, const struct trw_ranges *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].off != b->v[i].off || a->v[i].len != b->v[i].len ||
			a->v[i].why != b->v[i].why)
			return false;
	return true;
}

/* The other consumer has heard the stream to its end, once, and the same as the digests. */
static bool
is_heard(struct sweep *s, int64_t id, const struct heard *want)
{
	(void)pthread_mutex_lock(&s->listener.mu);
	struct heard got = s->listener.v[id];
	(void)pthread_mutex_unlock(&s->listener.mu);
	return got.n_ends == 1 && got.sum == want->sum && got.missing == want->missing &&
	       memcmp(got.first, want->first, LISTENER_FIRST) == 0;
}

static void
check_done(struct sweep *s, const struct trw_stream_done *done)
{
	const struct stream *want;

	if (done->id < 0 || (uint64_t)done->id >= s->w->n) {
		wrong(s, "is unknown", done->id);
		return;
	}
	want = &s->w->v[done->id];
	if (s->n_done[done->id]++ > 0)
		wrong(s, "comes twice", done->id);
	if (done->size != want->size)
		wrong(s, "size", done->id);
	if (memcmp(&done->digests, &want->digests, sizeof(want->digests)) != 0)
		wrong(s, "digests", done->id);
	if (!same_ranges(&done->damage, &want->damage))
		wrong(s, "damage", done->id);
	if (!is_heard(s, done->id, &want->heard))
		wrong(s, "what the listener heard", done->id);
	if (strcmp(done->cause, want->cause) != 0)
		wrong(s, "cause", done->id);
	if (s->is_from_start && s->n_damaged < want->n_damaged_windows)
		wrong(s, "comes before its damage", done->id);
}

static enum trw_status
on_done(void *ctx, unsigned hasher, struct trw_stream_done *done, struct trw_err *err)
{
	struct sweep *s = ctx;
	bool fails;

	(void)pthread_mutex_lock(&s->mu);
	if (hasher >= s->spec.jobs && hasher > 0)
		wrong(s, "hasher out of range", done->id);
	check_done(s, done);
	fails = ++s->n_events == s->fail_done_at;
	(void)pthread_mutex_unlock(&s->mu);
	return fails ? trw_fail(err, TRW_EDB, "no more") : TRW_OK;
}

static enum trw_status
on_checkpoint(void *ctx, unsigned hasher, const struct trw_sweep_media *now, bool is_damaged,
	struct trw_err *err)
{
	struct sweep *s = ctx;
	bool ends;
	(void)hasher;

	(void)pthread_mutex_lock(&s->mu);
	s->n_damaged += is_damaged ? 1 : 0;
	for (size_t i = 0; i < now->n && s->n_damaged == 0 && s->is_from_start; i++)
		if (s->w->damage.n > 0 && now->chain[i].len > s->w->damage.v[0].off)
			wrong(s, "image's digests pass damage that was not told of", -1);
	ends = ++s->n_checkpoints == s->save_at;
	if (ends) {
		s->is_saved = true;
		s->n_saved = trw_sweep_media_save(now, s->saved);
		memcpy(s->saved_done, s->n_done, s->w->n);
	}
	(void)pthread_mutex_unlock(&s->mu);
	return ends ? trw_fail(err, TRW_EDB, "killed") : TRW_OK;
}

static bool
on_stops(void *ctx)
{
	struct sweep *s = ctx;
	bool stops;

	(void)pthread_mutex_lock(&s->mu);
	stops = s->stop_at > 0 && ++s->n_stops >= s->stop_at;
	(void)pthread_mutex_unlock(&s->mu);
	return stops;
}

void
sweep_begin(struct sweep *s, const struct world *w, unsigned jobs, bool has_media)
{
	*s = (struct sweep){.w = w};
	(void)pthread_mutex_init(&s->mu, NULL);
	s->n_done = calloc(w->n + 1, 1);
	s->saved_done = calloc(w->n + 1, 1);
	assert_non_null(s->n_done);
	assert_non_null(s->saved_done);
	if (has_media)
		trw_sweep_media_start(&s->media, jobs);
	listener_init(&s->listener, w->n, 0);
	s->row[0] = trw_digests_consumer(NULL);
	s->row[1] = listener_consumer(&s->listener);
	atomic_init(&s->bytes_done, 0);
	atomic_init(&s->piece_bytes_done, 0);
	s->spec = (struct trw_sweep_spec){.image = w->image,
		.media = &s->media,
		.consumers = {s->row, 2},
		.jobs = jobs,
		.memory = 256 * MIB,
		.window = 64 * KIB,
		.bytes_done = &s->bytes_done,
		.piece_bytes_done = &s->piece_bytes_done,
		.events = {on_done, on_checkpoint, on_stops, s}};
}

void
sweep_end(struct sweep *s)
{
	const char *finding = listener_finding(&s->listener);
	if (finding != NULL)
		fail_msg("listener: %s", finding);
	listener_clear(&s->listener);
	(void)pthread_mutex_destroy(&s->mu);
	trw_plan_free(s->spec.plan);
	free(s->n_done);
	free(s->saved_done);
}

void
fill_plan(struct sweep *s)
{
	ok(trw_plan_new(s->memory, "/tmp", &s->spec.plan, NULL));
	for (size_t i = 0; i < s->w->n; i++) {
		const struct stream *from = &s->w->v[i];
		struct trw_plan_stream stream = {
			.id = (int64_t)i, .size = from->size, .extents = from->extents};
		if (s->skip == NULL || s->skip[i] == 0)
			ok(trw_plan_add(s->spec.plan, &stream, s->w->size, NULL));
	}
	ok(trw_plan_seal(s->spec.plan, NULL));
}

enum trw_status
run(struct sweep *s, struct trw_err *err)
{
	enum trw_status st;

	fill_plan(s);
	st = trw_sweep_run(&s->spec, err);
	if (s->n_wrong > 0)
		fail_msg("%zu wrong, first: %s", s->n_wrong, s->wrong);
	return st;
}

void
expect_prefix(const struct world *w, const struct trw_sweep_media *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct trw_digester d = m->chain[i];
		struct trw_digests want, got;
		assert_true(d.len <= w->size);
		naive_digests(w->flat, d.len, &want);
		got = want;
		trw_digest_finish(&d, &got);
		assert_memory_equal(&got, &want, sizeof(got));
	}
}

/* Streams that were put off; how many. */
static size_t
take_off(struct sweep *s)
{
	struct trw_plan_stream off;
	struct trw_err err = {0};
	enum trw_status st;
	size_t n = 0;

	while ((st = trw_plan_next_off(s->spec.plan, &off, &err)) == TRW_OK) {
		const struct stream *want = &s->w->v[off.id];
		assert_int_equal(off.size, want->size);
		assert_int_equal(off.extents.n, want->extents.n);
		for (size_t i = 0; i < off.extents.n; i++) {
			assert_int_equal(off.extents.v[i].kind, want->extents.v[i].kind);
			assert_int_equal(off.extents.v[i].off, want->extents.v[i].off);
			assert_int_equal(off.extents.v[i].len, want->extents.v[i].len);
		}
		trw_extents_clear(&off.extents);
		s->n_done[off.id]++;
		n++;
	}
	assert_int_equal(st, TRW_END);
	return n;
}

size_t
expect_all(struct sweep *s)
{
	size_t n_off = take_off(s);

	for (size_t i = 0; i < s->w->n; i++)
		if (s->n_done[i] != (s->skip == NULL || s->skip[i] == 0))
			fail_msg("stream %zu came %d times", i, s->n_done[i]);
	if (s->media.n > 0) {
		struct trw_digests got;
		trw_sweep_media_finish(&s->media, &got);
		assert_memory_equal(&got, &s->w->digests, sizeof(got));
		assert_int_equal(trw_sweep_media_off(&s->media), s->w->size);
	}
	return n_off;
}

void
count_damaged(struct world *w, uint64_t window)
{
	for (size_t i = 0; i < w->n; i++) {
		struct stream *s = &w->v[i];
		uint64_t last = 0, seen = UINT64_MAX;

		s->n_damaged_windows = 0;
		for (size_t k = 0; k < s->extents.n; k++) {
			const struct trw_extent *x = &s->extents.v[k];
			struct trw_ranges hit = {0};
			if (x->kind == TRW_EXTENT_DATA)
				ok(trw_ranges_add_part(
					&hit, &w->damage, x->off, x->len, x->off, NULL));
			if (hit.n > 0) {
				const struct trw_range *r = &hit.v[hit.n - 1];
				uint64_t end = (r->off + r->len - 1) / window + 1;
				last = end > last ? end : last;
			}
			trw_ranges_clear(&hit);
		}
		for (size_t k = 0; k < w->damage.n; k++) {
			uint64_t from = w->damage.v[k].off / window;
			uint64_t to = (w->damage.v[k].off + w->damage.v[k].len - 1) / window;
			for (uint64_t n = from; n <= to && n < last; n++) {
				s->n_damaged_windows += n != seen;
				seen = n;
			}
		}
	}
}
