/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/meter.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define LINE_MAX_BYTES 256
#define LOOK_NS (NS_PER_S / 20) /* between looks whether a phase has begun */

/* The counters at one moment, and what follows from them. */
struct sample {
	enum trw_phase phase;
	uint64_t image, n_images, files, files_done, bytes, bytes_total, problems;
	uint64_t work, work_total; /* bytes to read, and again those to digest as content */
	double elapsed, rate;      /* seconds, bytes a second */
	double eta;                /* seconds; negative = not known */
};

struct trw_meter {
	const struct trw_progress *progress; /* immutable after new */
	enum trw_meter_mode mode;            /* immutable after new */
	int64_t start_ns;                    /* immutable after new */
	int64_t last_ns;                     /* owner: the meter's thread, as all below */
	int64_t first_ns;                    /* when the image's work was first seen; 0 = not yet */
	uint64_t last_bytes, last_work;
	double rate, work_rate; /* a second; 0 = not known */
	enum trw_phase phase;   /* of the last sample */
	struct trw_thread thread;
	pthread_mutex_t mu;
	pthread_cond_t wake;
	bool stop; /* guarded by mu */
};

static const char *const phase_names[TRW_PHASE_N] = {
	[TRW_PHASE_OPEN] = "open",
	[TRW_PHASE_WALK] = "walk",
	[TRW_PHASE_SWEEP] = "sweep",
	[TRW_PHASE_REST] = "rest",
	[TRW_PHASE_BOOKS] = "books",
	[TRW_PHASE_DONE] = "done",
};

bool
trw_meter_mode_parse(const char *name, enum trw_meter_mode *out)
{
	static const char *const names[] = {"auto", "plain", "json", "none"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum trw_meter_mode)i;
			return true;
		}
	}
	return false;
}

static uint64_t
load(const atomic_uint_least64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/*
 * Rates are those of the later half of the time since the work began: what has been done tells best how long the
 * rest takes, and a slow region at the start is forgotten in time. What is left is measured in work, not in bytes of
 * the image: a region that is full of files takes twice as long as one that is free.
 */
static void
rates_take(struct trw_meter *m, const struct sample *s, int64_t now)
{
	double step = (double)(now - m->last_ns) / (double)NS_PER_S, weight = 1;

	if (s->bytes_total == 0 || s->bytes < m->last_bytes || s->work < m->last_work) {
		m->rate = m->work_rate = 0;
		m->first_ns = 0;
	}
	if (s->bytes_total > 0 && m->first_ns == 0) {
		m->first_ns = now;
	} else if (m->first_ns > 0 && step > 0) {
		if (m->work_rate > 0)
			weight = step / (step + (double)(now - m->first_ns) / (double)NS_PER_S / 2);
		m->rate += weight * ((double)(s->bytes - m->last_bytes) / step - m->rate);
		m->work_rate += weight * ((double)(s->work - m->last_work) / step - m->work_rate);
	}
	m->last_bytes = s->bytes;
	m->last_work = s->work;
	m->last_ns = now;
}

static void
sample_take(struct trw_meter *m, struct sample *s)
{
	const struct trw_progress *p = m->progress;
	int64_t now = trw_monotonic_ns();
	uint64_t phase = load(&p->phase);

	*s = (struct sample){
		.phase = phase < TRW_PHASE_N ? (enum trw_phase)phase : TRW_PHASE_DONE,
		.image = load(&p->image),
		.n_images = load(&p->n_images),
		.files = load(&p->files),
		.files_done = load(&p->files_done),
		.bytes = load(&p->bytes_done),
		.bytes_total = load(&p->bytes_total),
		.problems = load(&p->problems_total),
		.elapsed = (double)(now - m->start_ns) / (double)NS_PER_S,
		.eta = -1,
	};
	s->work = s->bytes + load(&p->content_done);
	s->work_total = s->bytes_total + load(&p->content_total);
	rates_take(m, s, now);
	m->phase = s->phase;
	s->rate = m->rate;
	if (s->bytes_total > 0 && s->work <= s->work_total && m->work_rate > 0)
		s->eta = (double)(s->work_total - s->work) / m->work_rate;
}

static void
eta_text(double eta, char out[32])
{
	unsigned long s = (unsigned long)eta;

	if (eta < 0 || eta > 1e7)
		(void)snprintf(out, 32, "-");
	else
		(void)snprintf(out, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

/* What matters most comes first: a narrow terminal cuts the end off. */
static void
line_text(const struct sample *s, char out[LINE_MAX_BYTES])
{
	char done[TRW_SIZE_TEXT], total[TRW_SIZE_TEXT], rate[TRW_SIZE_TEXT], eta[32];

	trw_size_text(s->bytes, done);
	trw_size_text(s->bytes_total, total);
	trw_size_text((uint64_t)s->rate, rate);
	eta_text(s->eta, eta);
	if (s->phase <= TRW_PHASE_WALK)
		(void)snprintf(out, LINE_MAX_BYTES,
			"image %" PRIu64 "/%" PRIu64 " %s: %" PRIu64 " files, %" PRIu64 " problems",
			s->image, s->n_images, phase_names[s->phase], s->files, s->problems);
	else if (s->files == 0)
		(void)snprintf(out, LINE_MAX_BYTES,
			"image %" PRIu64 "/%" PRIu64 " %s: ETA %s, %s of %s, %s/s, %" PRIu64
			" problems",
			s->image, s->n_images, phase_names[s->phase], eta, done, total, rate,
			s->problems);
	else
		(void)snprintf(out, LINE_MAX_BYTES,
			"image %" PRIu64 "/%" PRIu64 " %s: ETA %s, %s of %s, %s/s, %" PRIu64
			" problems, %" PRIu64 " of %" PRIu64 " files",
			s->image, s->n_images, phase_names[s->phase], eta, done, total, rate,
			s->problems, s->files_done, s->files);
}

static void
live_show(const struct sample *s)
{
	char line[LINE_MAX_BYTES];
	struct winsize window;
	int columns = 80;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
		columns = window.ws_col;
	line_text(s, line);
	fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
	(void)fflush(stderr);
}

static void
plain_show(const struct sample *s)
{
	char line[LINE_MAX_BYTES];

	line_text(s, line);
	fprintf(stderr, "trowel: %s\n", line);
}

static void
json_show(const struct sample *s)
{
	char eta[32] = "null";

	if (s->eta >= 0)
		(void)snprintf(eta, sizeof(eta), "%.1f", s->eta);
	fprintf(stderr,
		"{\"phase\":\"%s\",\"image\":%" PRIu64 ",\"images\":%" PRIu64 ",\"files\":%" PRIu64
		",\"files_done\":%" PRIu64 ",\"bytes_done\":%" PRIu64 ",\"bytes_total\":%" PRIu64
		",\"problems\":%" PRIu64
		",\"bytes_per_second\":%.0f,\"eta_seconds\":%s,\"elapsed_seconds\":%.1f}\n",
		phase_names[s->phase], s->image, s->n_images, s->files, s->files_done, s->bytes,
		s->bytes_total, s->problems, s->rate, eta, s->elapsed);
}

static void
show(struct trw_meter *m)
{
	struct sample s;

	sample_take(m, &s);
	if (m->mode == TRW_METER_LIVE)
		live_show(&s);
	else if (m->mode == TRW_METER_JSON)
		json_show(&s);
	else
		plain_show(&s);
}

/* True when it is time to end. */
static bool
wait_for(struct trw_meter *m, int64_t ns)
{
	struct timespec until;
	int64_t at = trw_monotonic_ns() + ns;
	bool stop;
	int rc = 0;

	until.tv_sec = (time_t)(at / NS_PER_S);
	until.tv_nsec = (long)(at % NS_PER_S);
	(void)pthread_mutex_lock(&m->mu);
	while (!m->stop && rc == 0)
		rc = pthread_cond_timedwait(&m->wake, &m->mu, &until);
	stop = m->stop;
	(void)pthread_mutex_unlock(&m->mu);
	return stop;
}

/*
 * Until it is time for a line. Rates count from the beginning of a phase, and a script learns of it then. True when it
 * is time to end.
 */
static bool
wait_for_line(struct trw_meter *m)
{
	static const int64_t between[] = {[TRW_METER_LIVE] = NS_PER_S / 4,
		[TRW_METER_PLAIN] = 10 * NS_PER_S,
		[TRW_METER_JSON] = NS_PER_S};
	struct sample s;

	for (int64_t ns = 0; ns < between[m->mode]; ns += LOOK_NS) {
		if (wait_for(m, LOOK_NS))
			return true;
		if (load(&m->progress->phase) == (uint64_t)m->phase)
			continue;
		if (m->mode == TRW_METER_JSON)
			break;
		sample_take(m, &s);
	}
	return false;
}

static void *
meter_main(void *arg)
{
	struct trw_meter *m = arg;

	while (!wait_for_line(m))
		show(m);
	if (m->mode == TRW_METER_JSON)
		show(m);
	if (m->mode == TRW_METER_LIVE)
		fputs("\r\033[K", stderr);
	return NULL;
}

static enum trw_meter_mode
mode_choose(enum trw_meter_mode mode)
{
	const char *term = getenv("TERM");

	if (mode != TRW_METER_AUTO)
		return mode;
	return isatty(STDERR_FILENO) != 0 && term != NULL && strcmp(term, "dumb") != 0
		       ? TRW_METER_LIVE
		       : TRW_METER_PLAIN;
}

enum trw_status
trw_meter_start(enum trw_meter_mode mode, const struct trw_progress *progress,
	struct trw_meter **out, struct trw_err *err)
{
	struct trw_meter *m;
	pthread_condattr_t attr;

	*out = NULL;
	if (mode == TRW_METER_NONE)
		return TRW_OK;
	m = trw_alloc(1, sizeof(*m), err);
	if (m == NULL)
		return TRW_ENOMEM;
	m->progress = progress;
	m->mode = mode_choose(mode);
	m->start_ns = m->last_ns = trw_monotonic_ns();
	(void)pthread_mutex_init(&m->mu, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&m->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (trw_thread_start(&m->thread, meter_main, m, "the progress thread", err) < 0) {
		free(m);
		return err->status;
	}
	*out = m;
	return TRW_OK;
}

void
trw_meter_stop(struct trw_meter *m)
{
	if (m == NULL)
		return;
	(void)pthread_mutex_lock(&m->mu);
	m->stop = true;
	(void)pthread_cond_signal(&m->wake);
	(void)pthread_mutex_unlock(&m->mu);
	trw_thread_join(&m->thread);
	(void)pthread_cond_destroy(&m->wake);
	(void)pthread_mutex_destroy(&m->mu);
	free(m);
}
