/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole streams of a window, and pieces of several open ones, go through the digest lanes side by side: the
 * shorter a stream, the more there is to win.
 */
#include "digest/lanes.h"
#include "sweep/pass.h"

#include <string.h>

static enum trw_status
post(struct trw_sweep *s, unsigned hasher, struct trw_sweep_done *done, struct trw_err *err)
{
	enum trw_status st = s->spec.events.done(s->spec.events.ctx, hasher, done, err);

	trw_ranges_clear(&done->damage);
	return st;
}

/* All bytes of a stream are with its chains. */
static enum trw_status
finish(struct trw_sweep *s, struct trw_open *o, unsigned hasher, struct trw_err *err)
{
	struct trw_sweep_done done = {.id = o->id, .size = o->size};

	for (size_t i = 0; i < o->n_chains; i++)
		trw_digest_finish(&o->chain[i].digester, &done.digests);
	done.damage = o->damage;
	o->damage = (struct trw_ranges){0};
	memcpy(done.cause, o->cause, sizeof(done.cause));
	return post(s, hasher, &done, err);
}

/* A stream of several spans that all lie in the window. */
static enum trw_status
gather(struct trw_sweep *s, const struct trw_window *w, struct trw_open *o, unsigned hasher,
	struct trw_err *err)
{
	struct trw_digester *d = &o->chain[0].digester;
	struct trw_span span;
	enum trw_status st = TRW_OK;

	o->n_chains = 1; /* one hasher has all of it */
	trw_digest_start(d, TRW_DIGEST_ALL);
	while (st == TRW_OK && trw_spans_next(&o->spans, &span)) {
		if (span.kind != TRW_SPAN_DATA) {
			trw_digest_zeros(d, span.len);
			st = trw_open_note(s, o, &span, err);
			continue;
		}
		trw_digest_update(d, w->buf + (span.off - w->off), (size_t)span.len);
		if (w->damage.n > 0)
			st = trw_ranges_add_part(
				&o->damage, &w->damage, span.off, span.len, span.at, err);
	}
	return st < 0 ? st : finish(s, o, hasher, err);
}

enum trw_status
trw_hash_files(struct trw_sweep *s, struct trw_window *w, size_t from, size_t to, unsigned hasher,
	struct trw_err *err)
{
	struct trw_digester digesters[TRW_SWEEP_GROUP], *each[TRW_SWEEP_GROUP];
	struct trw_digests digests[TRW_SWEEP_GROUP], *outs[TRW_SWEEP_GROUP];
	struct trw_lane lanes[TRW_SWEEP_GROUP];
	const struct trw_sweep_file *files[TRW_SWEEP_GROUP];
	size_t n = 0;
	enum trw_status st = TRW_OK;

	for (size_t i = from; st == TRW_OK && i < to; i++) {
		struct trw_sweep_file *f = &w->files[i];
		if (f->open != NULL) {
			st = gather(s, w, f->open, hasher, err);
			(void)pthread_mutex_lock(&s->mu);
			trw_open_free(s, f->open);
			(void)pthread_mutex_unlock(&s->mu);
			f->open = NULL;
			continue;
		}
		trw_digest_start(&digesters[n], TRW_DIGEST_ALL);
		lanes[n] = (struct trw_lane){&digesters[n], w->buf + f->skip, f->len};
		each[n] = &digesters[n];
		outs[n] = &digests[n];
		files[n++] = f;
	}
	trw_lanes_update(lanes, n);
	trw_lanes_finish(each, outs, n);
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		struct trw_sweep_done done = {
			.id = files[i]->id, .size = files[i]->len, .digests = digests[i]};
		if (w->damage.n > 0)
			st = trw_ranges_add_part(&done.damage, &w->damage, w->off + files[i]->skip,
				files[i]->len, 0, err);
		if (st == TRW_OK)
			st = post(s, hasher, &done, err);
	}
	return st;
}

/* One item of each run that has any left; how many had. */
static size_t
round_once(struct trw_chain_run *runs, size_t n)
{
	struct trw_lane lanes[TRW_SWEEP_CHAINS];
	size_t n_lanes = 0, n_more = 0;

	for (size_t i = 0; i < n; i++) {
		const struct trw_open_item *item = runs[i].at;
		struct trw_digester *d = &runs[i].chain->digester;
		if (item == NULL)
			continue;
		if (item->p == NULL)
			trw_digest_zeros(d, item->len);
		else
			lanes[n_lanes++] = (struct trw_lane){d, item->p, (size_t)item->len};
		runs[i].at = item == runs[i].last ? NULL : item->next;
		n_more++;
	}
	trw_lanes_update(lanes, n_lanes);
	return n_more;
}

enum trw_status
trw_hash_chains(struct trw_sweep *s, struct trw_chain_run *runs, size_t n, unsigned hasher,
	struct trw_err *err)
{
	struct trw_open *whole[TRW_SWEEP_CHAINS];
	size_t n_whole = 0;
	enum trw_status st = TRW_OK;

	while (round_once(runs, n) > 0)
		if (trw_sweep_stops(s))
			return trw_fail(err, TRW_ECANCEL, "interrupted");
	(void)pthread_mutex_lock(&s->mu);
	for (size_t i = 0; i < n; i++) {
		struct trw_open *o = runs[i].chain->open;
		trw_open_pass(s, &runs[i]);
		runs[i].chain->is_busy = false;
		if (runs[i].chain->at != NULL)
			trw_sweep_queue_chain(s, runs[i].chain);
		else if (o->is_whole && ++o->n_done == o->n_chains)
			whole[n_whole++] = o;
	}
	(void)pthread_mutex_unlock(&s->mu);
	for (size_t i = 0; st == TRW_OK && i < n_whole; i++)
		st = finish(s, whole[i], hasher, err);
	(void)pthread_mutex_lock(&s->mu);
	for (size_t i = 0; i < n; i++)
		trw_open_unref(s, runs[i].chain->open);
	(void)pthread_mutex_unlock(&s->mu);
	return st;
}
