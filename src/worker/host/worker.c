/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker from start to end. Nothing that it does may surprise: bytes are taken into a private buffer, whole
 * frames are handed out from there, and whatever was complete before a death is delivered before the death is
 * told. The deadline counts wall time inside one call only: a coordinator that was busy elsewhere doesn't
 * blame its worker. A worker that ticks for ever is never hung; its output is what the caller's caps bound.
 */
#include "worker/host/worker.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/encode.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_MAX ((uint64_t)4 << 30)
#define QUIET_MAX_NS (30 * (uint64_t)1000000000)
#define IN_SIZE ((size_t)256 << 10)
#define LOOK_MS 200      /* how often a wait looks for ^C and a tick */
#define FAREWELL_MS 1000 /* from the end of the stream to the end of the process */
#define VERSIONS_MAX ((size_t)4 << 10)
#define NS_PER_MS 1000000
#define BROKE_MAX 96

struct trw_worker {
	struct trw_spawned process;
	uint64_t quiet_max_ns;
	char *versions;
	uint8_t *in; /* bytes [start, end) have come and are not handed out */
	size_t start, end, cap;
	bool is_over;          /* reaped; how is filled */
	char broke[BROKE_MAX]; /* what broke the protocol */
	struct trw_worker_end how;
};

/** Wall time since the last sign of life, over one call. */
struct patience {
	uint64_t tick;
	int64_t since_ns;
};

/* ---- the end ---- */

static void
reap(struct trw_worker *w)
{
	int status = 0;

	w->how.activity = trw_activity_look(w->process.activity);
	while (waitpid(w->process.pid, &status, 0) < 0 && errno == EINTR)
		;
	trw_worker_end_fill(&w->how, status, w->quiet_max_ns, w->broke);
	w->is_over = true;
}

static void
put_down(struct trw_worker *w)
{
	if (w->is_over)
		return;
	(void)kill(w->process.pid, SIGKILL);
	reap(w);
}

void
trw_worker_distrust(struct trw_worker *w, const char *what)
{
	if (w->is_over)
		return;
	(void)snprintf(w->broke, sizeof(w->broke), "%s", what);
	w->how.is_protocol = true;
	put_down(w);
}

/* The stream has ended. The process should be about to; one that only closed its socket is put down. */
static void
see_off(struct trw_worker *w)
{
	struct pollfd p = {.fd = w->process.pidfd, .events = POLLIN};
	int n;

	if (w->process.pidfd >= 0)
		do
			n = poll(&p, 1, FAREWELL_MS);
		while (n < 0 && errno == EINTR);
	else
		n = 0;
	if (n > 0)
		reap(w);
	else
		trw_worker_distrust(w, "it closed the connection and went on");
}

static enum trw_status
fail_over(const struct trw_worker *w, struct trw_err *err)
{
	return trw_fail(err, TRW_EWORKER, "worker %s", w->how.text);
}

const struct trw_worker_end *
trw_worker_ended(const struct trw_worker *w)
{
	return &w->how;
}

/* ---- waiting ---- */

static struct patience
patience_begin(const struct trw_worker *w)
{
	return (struct patience){.tick = trw_activity_look(w->process.activity).tick,
		.since_ns = trw_monotonic_ns()};
}

static bool
is_out_of_patience(const struct trw_worker *w, struct patience *p, int64_t now)
{
	uint64_t tick = trw_activity_look(w->process.activity).tick;

	if (tick != p->tick)
		*p = (struct patience){.tick = tick, .since_ns = now};
	return (uint64_t)(now - p->since_ns) >= w->quiet_max_ns;
}

/* Until the socket may be ready for events. Errors: TRW_ECANCEL, TRW_EWORKER (hung; it is put down). */
static enum trw_status
wait_for(struct trw_worker *w, short events, struct patience *patience, struct trw_err *err)
{
	struct pollfd p = {.fd = w->process.socket, .events = events};

	for (;;) {
		int64_t now = trw_monotonic_ns();
		uint64_t left_ms;

		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		/* What came while this process itself was held up still counts. */
		if (is_out_of_patience(w, patience, now) && poll(&p, 1, 0) == 0) {
			w->how.is_hung = true;
			put_down(w);
			return fail_over(w, err);
		}
		left_ms = (w->quiet_max_ns - (uint64_t)(now - patience->since_ns)) / NS_PER_MS + 1;
		if (poll(&p, 1, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS) > 0)
			return TRW_OK;
	}
}

/* ---- frames out ---- */

/* A stream that the worker has left isn't an error here: recv still has its last frames and tells the end. */
static enum trw_status
send_all(struct trw_worker *w, const uint8_t *p, size_t len, struct trw_err *err)
{
	struct patience patience = patience_begin(w);

	while (len > 0) {
		ssize_t n = send(w->process.socket, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			enum trw_status st = wait_for(w, POLLOUT, &patience, err);
			if (st != TRW_OK)
				return st;
		} else if (n < 0 && errno != EINTR) {
			return TRW_OK;
		} else if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return TRW_OK;
}

enum trw_status
trw_worker_send(struct trw_worker *w, enum trw_frame_type type, const void *payload, size_t len,
	struct trw_err *err)
{
	uint8_t header[TRW_FRAME_HEADER];
	enum trw_status st;

	if (w->is_over)
		return fail_over(w, err);
	if (len > TRW_FRAME_MAX)
		return trw_fail(err, TRW_ELIMIT, "a request of %zu bytes", len);
	trw_put_le32(header, (uint32_t)len);
	trw_put_le32(header + 4, (uint32_t)type);
	st = send_all(w, header, sizeof(header), err);
	return st == TRW_OK ? send_all(w, payload, len, err) : st;
}

/* ---- frames in ---- */

/* Room for `need` bytes from start on, and some more to read ahead. */
static enum trw_status
make_room(struct trw_worker *w, size_t need, struct trw_err *err)
{
	size_t n = w->end - w->start, cap = need > IN_SIZE ? need : IN_SIZE;

	if (w->cap - w->start >= need && w->end < w->cap)
		return TRW_OK;
	if (w->cap >= cap) {
		memmove(w->in, w->in + w->start, n);
	} else {
		uint8_t *in = trw_alloc(cap, 1, err);
		if (in == NULL)
			return TRW_ENOMEM;
		if (n > 0)
			memcpy(in, w->in + w->start, n);
		free(w->in);
		w->in = in;
		w->cap = cap;
	}
	w->start = 0;
	w->end = n;
	return TRW_OK;
}

/* Take what has come; waits for something. TRW_END when the stream has ended. */
static enum trw_status
take_in(struct trw_worker *w, struct patience *patience, struct trw_err *err)
{
	for (;;) {
		ssize_t n = recv(w->process.socket, w->in + w->end, w->cap - w->end, MSG_DONTWAIT);
		enum trw_status st;

		if (n > 0) {
			w->end += (size_t)n;
			return TRW_OK;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return TRW_END;
		st = wait_for(w, POLLIN, patience, err);
		if (st != TRW_OK)
			return st;
	}
}

/* Hand out the frame at the start of the buffer. TRW_END when it isn't there in full; *need says what it takes. */
static enum trw_status
hand_out(struct trw_worker *w, struct trw_frame *out, size_t *need, struct trw_err *err)
{
	const uint8_t *p;
	uint32_t len, type;

	*need = TRW_FRAME_HEADER;
	if (w->end - w->start < *need)
		return TRW_END;
	p = w->in + w->start;
	len = trw_le32(p);
	type = trw_le32(p + 4);
	if (len > TRW_FRAME_MAX || type < TRW_FRAME_HELLO || type > TRW_FRAME_FAILED) {
		char what[BROKE_MAX];

		(void)snprintf(what, sizeof(what),
			"a frame of type %" PRIu32 " and %" PRIu32 " bytes", type, len);
		trw_worker_distrust(w, what);
		return fail_over(w, err);
	}
	*need += len;
	if (w->end - w->start < *need)
		return TRW_END;
	w->start += *need;
	*out = (struct trw_frame){
		.type = (enum trw_frame_type)type, .payload = p + TRW_FRAME_HEADER, .len = len};
	return TRW_OK;
}

enum trw_status
trw_worker_recv(struct trw_worker *w, struct trw_frame *out, struct trw_err *err)
{
	struct patience patience;

	if (w->is_over)
		return fail_over(w, err);
	patience = patience_begin(w);
	for (;;) {
		size_t need;
		enum trw_status st;

		if (trw_is_cancelled())
			return trw_fail(err, TRW_ECANCEL, "interrupted");
		st = hand_out(w, out, &need, err);
		if (st != TRW_END)
			return st;
		st = make_room(w, need, err);
		if (st == TRW_OK)
			st = take_in(w, &patience, err);
		if (st == TRW_END) {
			see_off(w);
			return fail_over(w, err);
		}
		if (st != TRW_OK)
			return st;
	}
}

/* Statuses that a worker may report. Its memory is capped, so the end of it isn't the coordinator's. */
static enum trw_status
reported_status(uint32_t code)
{
	switch (code) {
	case -TRW_ENOMEM:
	case -TRW_ELIMIT:
		return TRW_ELIMIT;
	case -TRW_EIO:
		return TRW_EIO;
	case -TRW_ECORRUPT:
		return TRW_ECORRUPT;
	case -TRW_EUNSUPPORTED:
		return TRW_EUNSUPPORTED;
	case -TRW_ESANDBOX:
		return TRW_ESANDBOX;
	default:
		return TRW_EWORKER;
	}
}

enum trw_status
trw_frame_failed(const struct trw_frame *frame, struct trw_err *err)
{
	struct trw_failure failure;
	enum trw_status st;
	char *shown;

	if (trw_failure_decode(frame->payload, frame->len, &failure, NULL) != TRW_OK)
		return trw_fail(err, TRW_ECORRUPT, "a FAILED frame of %zu bytes", frame->len);
	st = reported_status(failure.status);
	shown = trw_utf8_line(failure.text.p, failure.text.n, err);
	if (shown == NULL)
		return TRW_ENOMEM;
	(void)trw_fail(err, st, "%s", shown);
	free(shown);
	return st;
}

/* ---- start and stop ---- */

/* Only a lock-down that failed is told apart: every other failure of a start is the worker's. */
static enum trw_status
greet(struct trw_worker *w, struct trw_err *err)
{
	struct trw_frame frame;
	enum trw_status st = trw_worker_recv(w, &frame, err);

	if (st != TRW_OK)
		return st;
	if (frame.type == TRW_FRAME_FAILED) {
		st = trw_frame_failed(&frame, err);
		if (st != TRW_ESANDBOX && err != NULL)
			err->status = TRW_EWORKER;
		return st == TRW_ESANDBOX ? st : TRW_EWORKER;
	}
	if (frame.type != TRW_FRAME_HELLO || frame.len > VERSIONS_MAX) {
		trw_worker_distrust(w, "no greeting");
		return fail_over(w, err);
	}
	w->versions = trw_utf8_display(frame.payload, frame.len, err);
	return w->versions != NULL ? TRW_OK : TRW_ENOMEM;
}

enum trw_status
trw_worker_start(const struct trw_worker_spec *spec, struct trw_worker **out, struct trw_err *err)
{
	struct trw_worker_spec full = *spec;
	struct trw_worker *w = trw_alloc(1, sizeof(*w), err);
	enum trw_status st;

	if (w == NULL)
		return TRW_ENOMEM;
	if (full.binary == NULL)
		full.binary = trw_worker_binary();
	if (full.memory_max == 0)
		full.memory_max = MEMORY_MAX;
	w->quiet_max_ns = spec->quiet_max_ns > 0 ? spec->quiet_max_ns : QUIET_MAX_NS;
	st = trw_spawn(&full, &w->process, err);
	if (st != TRW_OK) {
		free(w);
		return st;
	}
	st = greet(w, err);
	if (st != TRW_OK) {
		trw_worker_stop(w);
		return st;
	}
	*out = w;
	return TRW_OK;
}

const char *
trw_worker_versions(const struct trw_worker *w)
{
	return w->versions;
}

void
trw_worker_stop(struct trw_worker *w)
{
	if (w == NULL)
		return;
	put_down(w);
	(void)close(w->process.socket);
	if (w->process.pidfd >= 0)
		(void)close(w->process.pidfd);
	(void)munmap(w->process.activity, sizeof(*w->process.activity));
	free(w->versions);
	free(w->in);
	free(w);
}
