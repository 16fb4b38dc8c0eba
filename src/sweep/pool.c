/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/pool.h"

#include "sweep/deliver.h"

#include <assert.h>

#define READY_AHEAD 3 /* unpacked windows that the image's digests should find */

enum job_kind { JOB_MEDIA, JOB_DELIVER, JOB_UNPACK, JOB_CHAINS, JOB_FILES };

struct job {
	enum job_kind kind;
	struct trw_window *window;
	size_t from, to; /* FILES */
	size_t n;        /* MEDIA: which chain; CHAINS: how many */
	struct trw_chain_run runs[TRW_OPEN_RUNS];
};

/* Each pick_ takes a job of its kind, if there is any. mu is held. */

static bool
pick_media(struct trw_pool *p, struct job *job)
{
	job->kind = JOB_MEDIA;
	job->window = trw_media_next(p->media, &job->n);
	return job->window != NULL;
}

static bool
pick_deliver(struct trw_pool *p, struct job *job)
{
	if (p->is_delivering || p->n_delivered == p->windows->n_fetched)
		return false;
	struct trw_window *w = trw_windows_at(p->windows, p->n_delivered);
	if (w->state != TRW_WINDOW_UNPACKED)
		return false;
	p->is_delivering = true;
	job->kind = JOB_DELIVER;
	job->window = w;
	return true;
}

static bool
pick_unpack(struct trw_pool *p, struct job *job)
{
	if (p->n_unpacking == p->windows->n_fetched)
		return false;
	job->kind = JOB_UNPACK;
	job->window = trw_windows_at(p->windows, p->n_unpacking++);
	return true;
}

/* The image's digests will soon find no window that is unpacked. mu is held. */
static bool
starves(const struct trw_pool *p)
{
	return p->media->n > 0 && p->n_unpacking < trw_media_front(p->media) + READY_AHEAD;
}

static bool
pick_chains(struct trw_pool *p, struct job *job)
{
	job->kind = JOB_CHAINS;
	job->n = trw_opens_next_chains(p->opens, p->jobs, job->runs, TRW_OPEN_RUNS);
	return job->n > 0;
}

static bool
pick_files(struct trw_pool *p, struct job *job)
{
	job->kind = JOB_FILES;
	job->window = trw_windows_next_files(p->windows, TRW_CONSUMER_MANY, &job->from, &job->to);
	return job->window != NULL;
}

static bool
pick(struct trw_pool *p, struct job *job)
{
	assert(trw_ready_is_held(p->ready));
	return pick_media(p, job) || pick_deliver(p, job) || (starves(p) && pick_unpack(p, job)) ||
	       pick_chains(p, job) || pick_files(p, job) || pick_unpack(p, job);
}

/* Nothing is in use any more, and nothing more will come. mu is held. */
static bool
is_over(const struct trw_pool *p)
{
	return p->ready->is_fetched && p->windows->n_in_use == 0 && p->opens->chains == NULL;
}

/* Wait for a job. False: there will be none. */
static bool
next_job(struct trw_pool *p, struct job *job)
{
	bool is_found = false;

	trw_ready_lock(p->ready);
	while (!p->ready->has_failed) {
		is_found = pick(p, job);
		if (is_found || is_over(p))
			break;
		trw_ready_wait(p->ready, &p->ready->has_work);
	}
	if (!is_found) /* the others may be waiting for what I had in hand */
		(void)pthread_cond_broadcast(&p->ready->has_work);
	trw_ready_unlock(p->ready);
	return is_found;
}

static enum trw_status
unpack(struct trw_pool *p, struct trw_window *w, struct trw_err *err)
{
	enum trw_status st = trw_image_unpack(p->image, w->span, w->buf, &w->damage, err);

	if (st < 0)
		return st; /* nobody may hear what is in the window now */
	trw_ready_lock(p->ready);
	if (w->damage.n > 0)
		trw_checkpoint_damage(p->checkpoint);
	trw_window_unpacked(p->windows, w);
	trw_ready_unlock(p->ready);
	return TRW_OK;
}

static enum trw_status
deliver(struct trw_pool *p, struct trw_window *w, const struct trw_hasher *h, struct trw_err *err)
{
	enum trw_status st = trw_deliver(p->opens, p->checkpoint, w, h->number, err);

	if (st < 0)
		return st;
	trw_ready_lock(p->ready);
	p->n_delivered++;
	p->is_delivering = false;
	trw_window_delivered(p->windows, w);
	trw_ready_unlock(p->ready);
	return TRW_OK;
}

static enum trw_status
hash_files(struct trw_pool *p, const struct job *job, struct trw_hasher *h, struct trw_err *err)
{
	enum trw_status st = trw_hash_files(h, job->window, job->from, job->to, err);

	trw_ready_lock(p->ready);
	trw_window_unref(p->windows, job->window);
	trw_ready_unlock(p->ready);
	return st;
}

static enum trw_status
run(struct trw_pool *p, struct job *job, struct trw_hasher *h, struct trw_err *err)
{
	switch (job->kind) {
	case JOB_MEDIA:
		return trw_media_digest(p->media, job->window, job->n, h->number, err);
	case JOB_DELIVER:
		return deliver(p, job->window, h, err);
	case JOB_UNPACK:
		return unpack(p, job->window, err);
	case JOB_CHAINS:
		return trw_hash_chains(h, job->runs, job->n, err);
	case JOB_FILES:
		return hash_files(p, job, h, err);
	}
	return TRW_OK;
}

static void
do_job(struct trw_pool *p, struct job *job, struct trw_hasher *h)
{
	struct trw_err err = {0};
	enum trw_status st = trw_sweep_stops(p->events) ? trw_fail(&err, TRW_ECANCEL, "interrupted")
							: run(p, job, h, &err);

	if (st < 0)
		trw_ready_fail(p->ready, &err);
}

void
trw_pool_work(struct trw_pool *p, struct trw_hasher *h)
{
	struct job job;

	while (next_job(p, &job))
		do_job(p, &job, h);
}

bool
trw_pool_step(struct trw_pool *p, struct trw_hasher *h)
{
	struct job job;

	trw_ready_lock(p->ready);
	bool is_found = pick(p, &job);
	trw_ready_unlock(p->ready);
	if (is_found)
		do_job(p, &job, h);
	return is_found;
}
