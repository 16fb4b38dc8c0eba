/* SPDX-License-Identifier: Apache-2.0 */
#include "index/mediasum.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdlib.h>

#define PIECE ((size_t)4 << 20)

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
