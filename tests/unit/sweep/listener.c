/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/sweep/listener.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct listener_clone {
	struct listener *listener;
	pthread_t thread;
	bool is_used;
};

struct listener_state {
	struct listener *listener;
	bool is_begun;
	struct heard heard;
};

static void
listener_wrong(struct listener *l, bool is_wrong, const char *what)
{
	if (!is_wrong)
		return;
	(void)pthread_mutex_lock(&l->mu);
	if (l->wrong == NULL)
		l->wrong = what;
	(void)pthread_mutex_unlock(&l->mu);
}

uint64_t
listener_sum(uint64_t at, const uint8_t *p, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (at + i + 1) * p[i];
	return sum;
}

static enum trw_status
listener_clone(const struct trw_consumer *c, void **self, struct trw_err *err)
{
	struct listener *l = c->shared;
	struct listener_clone *clone = trw_alloc(1, sizeof(*clone), err);

	if (clone == NULL)
		return TRW_ENOMEM;
	clone->listener = l;
	(void)pthread_mutex_lock(&l->mu);
	l->n_clones++;
	(void)pthread_mutex_unlock(&l->mu);
	*self = clone;
	return TRW_OK;
}

static void
listener_free(void *self)
{
	struct listener_clone *clone = self;

	(void)pthread_mutex_lock(&clone->listener->mu);
	clone->listener->n_freed++;
	(void)pthread_mutex_unlock(&clone->listener->mu);
	free(clone);
}

static void
listener_use(struct listener_clone *c, struct listener_state *s, uint64_t n)
{
	if (!c->is_used)
		c->thread = pthread_self();
	c->is_used = true;
	listener_wrong(c->listener, pthread_equal(c->thread, pthread_self()) == 0,
		"a clone is used by two threads");
	listener_wrong(c->listener, !s->is_begun, "a stream is heard that is not begun");
	listener_wrong(c->listener, n == 0, "a call for no bytes");
	listener_wrong(c->listener, n > s->heard.size - s->heard.at, "more bytes than the size");
}

static enum trw_status
listener_begin(void *self, void *state, const struct trw_stream_head *head, unsigned part,
	unsigned n_parts, struct trw_err *err)
{
	struct listener_clone *c = self;
	struct listener_state *s = state;

	(void)err;
	*s = (struct listener_state){c->listener, true, {.id = head->id, .size = head->size}};
	listener_wrong(c->listener, part != 0 || n_parts != 1, "a part of one that has none");
	(void)pthread_mutex_lock(&c->listener->mu);
	c->listener->n_begun++;
	(void)pthread_mutex_unlock(&c->listener->mu);
	return TRW_OK;
}

static enum trw_status
listener_bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct listener_state *s = state;
	struct heard *h = &s->heard;

	(void)err;
	listener_use(self, s, n);
	for (size_t i = 0; i < n && h->at + i < LISTENER_FIRST; i++)
		h->first[h->at + i] = p[i];
	h->sum += listener_sum(h->at, p, n);
	h->at += n;
	return TRW_OK;
}

static enum trw_status
listener_zeros(void *self, void *state, uint64_t n, struct trw_err *err)
{
	struct listener_state *s = state;

	(void)err;
	listener_use(self, s, n);
	s->heard.at += n;
	return TRW_OK;
}

static enum trw_status
listener_missing(void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	struct listener_clone *c = self;
	struct listener_state *s = state;

	listener_wrong(c->listener, why == TRW_SPAN_DATA || why == TRW_SPAN_ZERO,
		"missing without a reason");
	s->heard.missing += n;
	return listener_zeros(self, state, n, err);
}

static enum trw_status
listener_end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	struct listener_clone *c = self;
	struct listener *l = c->listener;
	struct listener_state *s = state;
	size_t i = (size_t)(s->heard.id - l->base);

	(void)err;
	listener_wrong(l, !s->is_begun, "an end without a begin");
	listener_wrong(l, s->heard.at != s->heard.size, "an end before the last byte");
	listener_wrong(l, done->id != s->heard.id || done->size != s->heard.size,
		"the end of another stream");
	s->is_begun = false;
	(void)pthread_mutex_lock(&l->mu);
	l->n_over++;
	if (i < l->n) {
		s->heard.n_ends = l->v[i].n_ends + 1;
		l->v[i] = s->heard;
	} else if (l->wrong == NULL) {
		l->wrong = "a stream that is not known";
	}
	(void)pthread_mutex_unlock(&l->mu);
	return TRW_OK;
}

void
listener_abandon(void *state)
{
	struct listener_state *s = state;

	listener_wrong(s->listener, !s->is_begun, "abandoned without a begin");
	s->is_begun = false;
	(void)pthread_mutex_lock(&s->listener->mu);
	s->listener->n_over++;
	s->listener->n_abandoned++;
	(void)pthread_mutex_unlock(&s->listener->mu);
}

void
listener_init(struct listener *l, size_t n, int64_t base)
{
	*l = (struct listener){.n = n, .base = base, .v = calloc(n + 1, sizeof(*l->v))};
	(void)pthread_mutex_init(&l->mu, NULL);
}

void
listener_clear(struct listener *l)
{
	(void)pthread_mutex_destroy(&l->mu);
	free(l->v);
}

const char *
listener_finding(const struct listener *l)
{
	if (l->wrong != NULL)
		return l->wrong;
	if (l->n_clones != l->n_freed)
		return "a clone is left over";
	return l->n_begun != l->n_over ? "a stream is neither ended nor abandoned" : NULL;
}

struct trw_consumer
listener_consumer(struct listener *l)
{
	return (struct trw_consumer){.shared = l,
		.state_size = sizeof(struct listener_state),
		.clone = listener_clone,
		.free = listener_free,
		.begin = listener_begin,
		.bytes = listener_bytes,
		.zeros = listener_zeros,
		.missing = listener_missing,
		.end = listener_end,
		.abandon = listener_abandon};
}
