/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which job is next. The image's own digests are one long chain and most often what decides how long the sweep
 * takes, so they come first, and windows are unpacked before they starve. Then what gives windows free: handing
 * them out, open streams, whole streams. A hasher that finds nothing waits; nothing is ever left that could be
 * done.
 */
#include "sweep/pass.h"

#include "base/alloc.h"
#include "base/clock.h"

#define READY_AHEAD 3 /* unpacked windows that the image's digests should find */
#define SAVE_NS (INT64_C(2) * 1000000000)

enum job_kind { JOB_MEDIA, JOB_DELIVER, JOB_UNPACK, JOB_CHAINS, JOB_FILES };

struct job {
	enum job_kind kind;
	struct trw_window *window;
	size_t from, to; /* FILES */
	size_t n;        /* MEDIA: which chain; CHAINS: how many */
	struct trw_chain_run runs[TRW_SWEEP_CHAINS];
};

struct trw_window *
trw_sweep_window(struct trw_sweep *s, uint64_t seq)
{
	return s->order[seq % s->n_windows];
}

void
trw_sweep_fail(struct trw_sweep *s, const struct trw_err *err)
{
	(void)pthread_mutex_lock(&s->mu);
	if (!s->has_failed)
		s->err = *err;
	s->has_failed = true;
	(void)pthread_cond_broadcast(&s->has_work);
	(void)pthread_cond_broadcast(&s->has_room);
	(void)pthread_mutex_unlock(&s->mu);
}

bool
trw_sweep_stops(struct trw_sweep *s)
{
	return s->spec.events.stops != NULL && s->spec.events.stops(s->spec.events.ctx);
}

static void
give_back(struct trw_sweep *s, struct trw_window *w)
{
	w->state = TRW_WINDOW_FREE;
	w->n_files = w->n_parts = 0;
	w->piece_bytes = 0;
	w->damage.n = 0;
	w->next = s->free;
	s->free = w;
	s->n_in_use--;
	(void)pthread_cond_signal(&s->has_room);
	if (s->n_in_use == 0)
		(void)pthread_cond_broadcast(&s->has_work);
}

void
trw_window_give_back(struct trw_sweep *s, struct trw_window *w)
{
	(void)pthread_mutex_lock(&s->mu);
	give_back(s, w);
	(void)pthread_mutex_unlock(&s->mu);
}

static void
count(atomic_uint_least64_t *counter, uint64_t n)
{
	if (counter != NULL)
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void
trw_window_unref(struct trw_sweep *s, struct trw_window *w)
{
	if (--w->refs > 0)
		return;
	count(s->spec.bytes_done, w->len);
	count(s->spec.piece_bytes_done, w->piece_bytes);
	give_back(s, w);
}

void
trw_sweep_queue_chain(struct trw_sweep *s, struct trw_open_chain *chain)
{
	chain->is_busy = true;
	chain->open->refs++;
	chain->next = NULL;
	if (s->chains == NULL)
		s->chains = chain;
	else
		s->last_chain->next = chain;
	s->last_chain = chain;
	(void)pthread_cond_signal(&s->has_work);
}

static bool
pick_media(struct trw_sweep *s, struct job *job)
{
	for (size_t i = 0; i < s->spec.media->n; i++) {
		struct trw_media_chain *chain = &s->media[i];
		if (chain->is_running || chain->seq == s->n_fetched ||
			trw_sweep_window(s, chain->seq)->state < TRW_WINDOW_UNPACKED)
			continue;
		chain->is_running = true;
		*job = (struct job){
			.kind = JOB_MEDIA, .window = trw_sweep_window(s, chain->seq), .n = i};
		return true;
	}
	return false;
}

static bool
pick_deliver(struct trw_sweep *s, struct job *job)
{
	if (s->is_delivering || s->n_delivered == s->n_fetched ||
		trw_sweep_window(s, s->n_delivered)->state != TRW_WINDOW_UNPACKED)
		return false;
	s->is_delivering = true;
	*job = (struct job){.kind = JOB_DELIVER, .window = trw_sweep_window(s, s->n_delivered)};
	return true;
}

static bool
pick_unpack(struct trw_sweep *s, struct job *job)
{
	if (s->n_unpacking == s->n_fetched)
		return false;
	*job = (struct job){.kind = JOB_UNPACK, .window = trw_sweep_window(s, s->n_unpacking++)};
	return true;
}

static bool
starves(const struct trw_sweep *s)
{
	uint64_t last = 0;

	for (size_t i = 0; i < s->spec.media->n; i++)
		last = s->media[i].seq > last ? s->media[i].seq : last;
	return s->spec.media->n > 0 && s->n_unpacking < last + READY_AHEAD;
}

/* Several at once: streams of many pieces gain by going side by side. Leave some for the other hashers. */
static bool
pick_chains(struct trw_sweep *s, struct job *job)
{
	size_t n_ready = 0, share;

	if (s->chains == NULL)
		return false;
	for (struct trw_open_chain *c = s->chains; c != NULL && n_ready < 256; c = c->next)
		n_ready++;
	share = (n_ready + s->spec.jobs - 1) / s->spec.jobs;
	*job = (struct job){.kind = JOB_CHAINS};
	while (s->chains != NULL && job->n < TRW_SWEEP_CHAINS && job->n < share) {
		struct trw_open_chain *c = s->chains;
		s->chains = c->next;
		job->runs[job->n++] = (struct trw_chain_run){c, c->at, c->open->last};
	}
	return true;
}

static bool
pick_files(struct trw_sweep *s, struct job *job)
{
	struct trw_window *w = s->files;

	if (w == NULL)
		return false;
	size_t left = w->n_files - w->next_file;
	size_t n = left < TRW_SWEEP_GROUP ? left : TRW_SWEEP_GROUP;
	*job = (struct job){
		.kind = JOB_FILES, .window = w, .from = w->next_file, .to = w->next_file + n};
	w->next_file += n;
	w->refs++;
	if (w->next_file == w->n_files) {
		s->files = w->next;
		trw_window_unref(s, w); /* the queue's */
	}
	return true;
}

static bool
pick(struct trw_sweep *s, struct job *job)
{
	return pick_media(s, job) || pick_deliver(s, job) || (starves(s) && pick_unpack(s, job)) ||
	       pick_chains(s, job) || pick_files(s, job) || pick_unpack(s, job);
}

/* Wait for a job. False: there will be none. */
static bool
next_job(struct trw_sweep *s, struct job *job)
{
	bool is_found = false;

	(void)pthread_mutex_lock(&s->mu);
	for (;;) {
		if (s->has_failed)
			break;
		is_found = pick(s, job);
		if (is_found || (s->is_fetched && s->n_in_use == 0 && s->chains == NULL))
			break;
		(void)pthread_cond_wait(&s->has_work, &s->mu);
	}
	if (!is_found) /* the others may be waiting for what I had in hand */
		(void)pthread_cond_broadcast(&s->has_work);
	(void)pthread_mutex_unlock(&s->mu);
	return is_found;
}

static enum trw_status
unpack(struct trw_sweep *s, struct trw_window *w, struct trw_err *err)
{
	enum trw_status st = trw_image_unpack(s->spec.image, w->span, w->buf, &w->damage, err);

	if (st < 0)
		return st; /* nobody may digest what is in the window now */
	(void)pthread_mutex_lock(&s->mu);
	w->state = TRW_WINDOW_UNPACKED;
	s->is_damage_new = s->is_damage_new || w->damage.n > 0;
	(void)pthread_cond_broadcast(&s->has_work);
	(void)pthread_mutex_unlock(&s->mu);
	return TRW_OK;
}

static enum trw_status
deliver(struct trw_sweep *s, struct trw_window *w, unsigned hasher, struct trw_err *err)
{
	enum trw_status st = trw_sweep_deliver(s, w, hasher, err);

	if (st < 0)
		return st;
	(void)pthread_mutex_lock(&s->mu);
	w->state = TRW_WINDOW_DELIVERED;
	s->n_delivered++;
	s->is_delivering = false;
	if (w->n_files > 0) {
		w->refs++;
		w->next = NULL;
		if (s->files == NULL)
			s->files = w;
		else
			s->last_files->next = w;
		s->last_files = w;
	}
	trw_window_unref(s, w);
	(void)pthread_cond_broadcast(&s->has_work);
	(void)pthread_mutex_unlock(&s->mu);
	return TRW_OK;
}

enum trw_status
trw_sweep_checkpoint(struct trw_sweep *s, unsigned hasher, bool is_damaged, struct trw_err *err)
{
	struct trw_sweep_media media;
	enum trw_status st = TRW_OK;

	if (s->spec.events.checkpoint == NULL)
		return TRW_OK;
	(void)pthread_mutex_lock(&s->mu);
	while (s->is_saving)
		(void)pthread_cond_wait(&s->has_saved, &s->mu);
	s->is_saving = true;
	is_damaged = is_damaged || s->is_damage_new; /* the image's digests may be past it */
	s->is_damage_new = false;
	media = s->saved;
	s->saved_ns = trw_monotonic_ns();
	(void)pthread_mutex_unlock(&s->mu);
	st = s->spec.events.checkpoint(s->spec.events.ctx, hasher, &media, is_damaged, err);
	(void)pthread_mutex_lock(&s->mu);
	s->is_saving = false;
	(void)pthread_cond_broadcast(&s->has_saved);
	(void)pthread_mutex_unlock(&s->mu);
	return st;
}

/* A chain of the image's own digests takes the window; what it has of it already it leaves out. */
static enum trw_status
digest_media(
	struct trw_sweep *s, struct trw_window *w, size_t i, unsigned hasher, struct trw_err *err)
{
	struct trw_digester *d = &s->media[i].digester;
	bool is_due;

	if (d->len < w->off + w->len) {
		size_t skip = d->len > w->off ? (size_t)(d->len - w->off) : 0;
		trw_digest_update(d, w->buf + skip, w->len - skip);
	}
	(void)pthread_mutex_lock(&s->mu);
	s->saved.chain[i] = *d;
	s->media[i].seq++;
	s->media[i].is_running = false;
	is_due = !s->is_saving && trw_monotonic_ns() - s->saved_ns > SAVE_NS;
	if (is_due) /* another goes on with the chain */
		(void)pthread_cond_signal(&s->has_work);
	trw_window_unref(s, w);
	(void)pthread_mutex_unlock(&s->mu);
	return is_due ? trw_sweep_checkpoint(s, hasher, false, err) : TRW_OK;
}

static enum trw_status
run_files(struct trw_sweep *s, const struct job *job, unsigned hasher, struct trw_err *err)
{
	enum trw_status st = trw_hash_files(s, job->window, job->from, job->to, hasher, err);

	(void)pthread_mutex_lock(&s->mu);
	trw_window_unref(s, job->window);
	(void)pthread_mutex_unlock(&s->mu);
	return st;
}

static enum trw_status
run(struct trw_sweep *s, struct job *job, unsigned hasher, struct trw_err *err)
{
	switch (job->kind) {
	case JOB_MEDIA:
		return digest_media(s, job->window, job->n, hasher, err);
	case JOB_DELIVER:
		return deliver(s, job->window, hasher, err);
	case JOB_UNPACK:
		return unpack(s, job->window, err);
	case JOB_CHAINS:
		return trw_hash_chains(s, job->runs, job->n, hasher, err);
	case JOB_FILES:
		return run_files(s, job, hasher, err);
	}
	return TRW_OK;
}

void *
trw_sweep_hasher(void *arg)
{
	struct trw_sweep_hasher *h = arg;
	struct trw_sweep *s = h->sweep;
	struct job job;

	while (next_job(s, &job)) {
		struct trw_err err = {0};
		enum trw_status st = trw_sweep_stops(s) ? trw_fail(&err, TRW_ECANCEL, "interrupted")
							: run(s, &job, h->number, &err);
		if (st < 0)
			trw_sweep_fail(s, &err);
	}
	return NULL;
}
