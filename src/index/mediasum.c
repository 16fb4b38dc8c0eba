/* SPDX-License-Identifier: Apache-2.0 */
#include "index/mediasum.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdlib.h>

#define PIECE ((size_t)4 << 20)

/*
 * Bytes that come from nowhere (lost chunks, holes of a sparse container) cost as much to digest as others.
 * An honest sparse disk image has terabytes of them at most, a damaged set as many as it lost.
 */
#define ZEROS_MAX ((uint64_t)4 << 40)    /* of a sparse container */
#define MISSING_MAX ((uint64_t)64 << 30) /* beyond MISSING_FACTOR times what the files hold */
#define MISSING_FACTOR 4

struct trw_mediasum { /* immutable while the thread runs, but for the last three: owner: the thread */
	struct trw_image *image;
	struct trw_progress *progress;
	bool (*stops)(void *ctx);
	void *ctx;
	pthread_t thread;
	struct trw_digests digests;
	enum trw_status status;
	struct trw_err err;
};

enum trw_status
trw_mediasum_is_bounded(
	struct trw_image *image, bool *is_bounded, uint64_t *zeros, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(image);
	struct trw_ranges damage = {0};
	uint64_t files = 0, missing;
	enum trw_status s = trw_image_damage(image, &damage, err);

	for (size_t i = 0; i < info->n_segments; i++)
		files += info->segments[i].size;
	missing = trw_ranges_total(&damage, TRW_DAMAGE_MISSING);
	trw_ranges_clear(&damage);
	*zeros = info->size > files ? info->size - files : 0;
	/* Compressed chunks hold up to a thousand times their bytes. */
	*is_bounded = *zeros / 1024 <= files + ZEROS_MAX / 1024 &&
		      missing / MISSING_FACTOR <= files + MISSING_MAX / MISSING_FACTOR;
	if (!*is_bounded && missing > *zeros)
		*zeros = missing;
	return s;
}

static enum trw_status
digest_all(struct trw_image *image, struct trw_digester *d, uint8_t *buf,
	struct trw_progress *progress, bool (*stops)(void *ctx), void *ctx, struct trw_err *err)
{
	uint64_t size = trw_image_info(image)->size;
	enum trw_status s = TRW_OK;

	for (uint64_t off = 0; s == TRW_OK && off < size;) {
		size_t n = size - off < PIECE ? (size_t)(size - off) : PIECE;
		if (stops != NULL && stops(ctx))
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		s = trw_image_read(image, off, buf, n, NULL, err);
		if (s == TRW_OK)
			trw_digester_update(d, buf, n);
		if (progress != NULL)
			atomic_fetch_add_explicit(&progress->verify_done, n, memory_order_relaxed);
		off += n;
	}
	return s;
}

enum trw_status
trw_mediasum_digest(struct trw_image *image, struct trw_progress *progress,
	bool (*stops)(void *ctx), void *ctx, struct trw_digests *out, struct trw_err *err)
{
	struct trw_digester *d = NULL;
	uint8_t *buf = trw_alloc(PIECE, 1, err);
	enum trw_status s = buf == NULL ? TRW_ENOMEM : trw_digester_new(&d, err);

	if (s == TRW_OK) {
		trw_digester_start(d);
		s = digest_all(image, d, buf, progress, stops, ctx, err);
	}
	if (s == TRW_OK)
		trw_digester_finish(d, out);
	trw_digester_free(d);
	free(buf);
	return s;
}

static void *
mediasum_thread(void *arg)
{
	struct trw_mediasum *m = arg;

	m->status =
		trw_mediasum_digest(m->image, m->progress, m->stops, m->ctx, &m->digests, &m->err);
	return NULL;
}

enum trw_status
trw_mediasum_start(struct trw_image *image, struct trw_progress *progress, bool (*stops)(void *ctx),
	void *ctx, struct trw_mediasum **out, struct trw_err *err)
{
	struct trw_mediasum *m = trw_alloc(1, sizeof(*m), err);

	if (m == NULL)
		return TRW_ENOMEM;
	m->image = image;
	m->progress = progress;
	m->stops = stops;
	m->ctx = ctx;
	int e = pthread_create(&m->thread, NULL, mediasum_thread, m);
	if (e != 0) {
		free(m);
		return trw_fail_errno(err, e, "start the verify thread");
	}
	*out = m;
	return TRW_OK;
}

enum trw_status
trw_mediasum_join(struct trw_mediasum *m, struct trw_digests *out, struct trw_err *err)
{
	(void)pthread_join(m->thread, NULL);
	enum trw_status s = m->status;
	if (s == TRW_OK)
		*out = m->digests;
	else if (err != NULL)
		*err = m->err;
	free(m);
	return s;
}
