/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/window.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>

enum trw_status
trw_windows_init(struct trw_windows *ws, struct trw_ready *ready, size_t n, size_t size,
	unsigned n_media, struct trw_err *err)
{
	*ws = (struct trw_windows){.ready = ready, .n = n, .size = size, .n_media = n_media};
	ws->v = trw_alloc(n, sizeof(*ws->v), err);
	if (ws->v == NULL)
		return TRW_ENOMEM;
	ws->ring = trw_alloc(n, sizeof(struct trw_window *), err);
	if (ws->ring == NULL)
		return TRW_ENOMEM;
	for (size_t i = n; i > 0; i--) {
		ws->v[i - 1].next = ws->free;
		ws->free = &ws->v[i - 1];
	}
	return TRW_OK;
}

void
trw_windows_clear(struct trw_windows *ws)
{
	for (size_t i = 0; ws->v != NULL && i < ws->n; i++) {
		struct trw_window *w = &ws->v[i];
		trw_image_span_free(w->span);
		trw_ranges_clear(&w->damage);
		free(w->files);
		free(w->parts);
		free(w->buf);
	}
	free(ws->v);
	free(ws->ring);
	*ws = (struct trw_windows){0};
}

bool
trw_windows_has_room(const struct trw_windows *ws)
{
	assert(trw_ready_is_held(ws->ready));
	return ws->free != NULL;
}

struct trw_window *
trw_windows_take(struct trw_windows *ws)
{
	struct trw_ready *r = ws->ready;
	struct trw_window *w = NULL;

	trw_ready_lock(r);
	while (ws->free == NULL && !r->has_failed)
		trw_ready_wait(r, &r->has_room);
	if (!r->has_failed) {
		w = ws->free;
		assert(w->state == TRW_WINDOW_FREE && w->refs == 0 && ws->n_in_use < ws->n);
		w->state = TRW_WINDOW_PLANNED;
		ws->free = w->next;
		ws->n_in_use++;
	}
	trw_ready_unlock(r);
	return w;
}

static void
give_back(struct trw_windows *ws, struct trw_window *w)
{
	assert(w->refs == 0 && w->state != TRW_WINDOW_FREE && ws->n_in_use > 0);
	w->state = TRW_WINDOW_FREE;
	w->n_files = w->n_parts = w->next_file = 0;
	w->piece_bytes = 0;
	w->damage.n = 0;
	w->next = ws->free;
	ws->free = w;
	ws->n_in_use--;
	(void)pthread_cond_signal(&ws->ready->has_room);
}

void
trw_window_give_back(struct trw_windows *ws, struct trw_window *w)
{
	trw_ready_lock(ws->ready);
	assert(w->state == TRW_WINDOW_PLANNED);
	give_back(ws, w);
	trw_ready_unlock(ws->ready);
}

void
trw_window_fetched(struct trw_windows *ws, struct trw_window *w)
{
	trw_ready_lock(ws->ready);
	assert(w->state == TRW_WINDOW_PLANNED && w->refs == 0 && w->next_file == 0);
	w->state = TRW_WINDOW_FETCHED;
	w->refs = 1 + ws->n_media;
	ws->ring[ws->n_fetched++ % ws->n] = w;
	(void)pthread_cond_signal(&ws->ready->has_work);
	trw_ready_unlock(ws->ready);
}

struct trw_window *
trw_windows_at(const struct trw_windows *ws, uint64_t number)
{
	assert(trw_ready_is_held(ws->ready));
	assert(number < ws->n_fetched && ws->n_fetched - number <= ws->n);
	return ws->ring[number % ws->n];
}

void
trw_window_unpacked(struct trw_windows *ws, struct trw_window *w)
{
	assert(trw_ready_is_held(ws->ready) && w->state == TRW_WINDOW_FETCHED);
	w->state = TRW_WINDOW_UNPACKED;
	(void)pthread_cond_broadcast(&ws->ready->has_work);
}

void
trw_window_delivered(struct trw_windows *ws, struct trw_window *w)
{
	assert(trw_ready_is_held(ws->ready) && w->state == TRW_WINDOW_UNPACKED);
	w->state = TRW_WINDOW_DELIVERED;
	w->n_parts = 0;
	if (w->n_files > 0) {
		w->next = NULL;
		if (ws->files == NULL)
			ws->files = w;
		else
			ws->last_files->next = w;
		ws->last_files = w;
		trw_window_ref(ws, w); /* the queue's */
	}
	trw_window_unref(ws, w);
	(void)pthread_cond_broadcast(&ws->ready->has_work);
}

struct trw_window *
trw_windows_next_files(struct trw_windows *ws, size_t max, size_t *from, size_t *to)
{
	struct trw_window *w = ws->files;

	assert(trw_ready_is_held(ws->ready));
	if (w == NULL)
		return NULL;
	size_t left = w->n_files - w->next_file;
	*from = w->next_file;
	*to = w->next_file += left < max ? left : max;
	trw_window_ref(ws, w);
	if (w->next_file == w->n_files) {
		ws->files = w->next;
		trw_window_unref(ws, w); /* the queue's */
	}
	return w;
}

void
trw_window_ref(struct trw_windows *ws, struct trw_window *w)
{
	assert(trw_ready_is_held(ws->ready) && w->refs > 0);
	w->refs++;
}

static void
count(atomic_uint_least64_t *counter, uint64_t n)
{
	if (counter != NULL)
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void
trw_window_unref(struct trw_windows *ws, struct trw_window *w)
{
	assert(trw_ready_is_held(ws->ready) && w->refs > 0);
	if (--w->refs > 0)
		return;
	assert(w->state == TRW_WINDOW_DELIVERED && w->next_file == w->n_files);
	count(ws->bytes_done, w->len);
	count(ws->piece_bytes_done, w->piece_bytes);
	give_back(ws, w);
}
