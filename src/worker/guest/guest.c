/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/guest/guest.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/io.h"
#include "record/encode.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define OUT_SIZE ((size_t)256 << 10)
#define WATCH_S 1 /* seconds between looks whether the coordinator is still there */

static struct trw_activity
	nowhere; /* before attach: lets a unit test run the code of a worker in place */

/* A worker is one conversation: its state is the process's. */
static struct {
	struct trw_activity *activity; /* the shared page after attach */
	uint8_t *in;                   /* payload of the last request */
	size_t in_cap;
	size_t n_out;
	uint8_t out[OUT_SIZE]; /* frames that have not left yet */
} guest = {.activity = &nowhere};

/*
 * The coordinator may die while this process is deep in a loop of libtsk. PR_SET_PDEATHSIG would tell, but it
 * fires when the thread that started the worker ends, not the process; so look at the socket now and then.
 */
static void
watch(int sig)
{
	struct pollfd p = {.fd = TRW_WORKER_SOCKET, .events = POLLRDHUP};
	int saved = errno;

	(void)sig;
	if (poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		_exit(0);
	errno = saved;
}

static enum trw_status
start_watch(struct trw_err *err)
{
	struct sigaction act = {.sa_handler = watch, .sa_flags = SA_RESTART};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct itimerval every = {.it_interval.tv_sec = WATCH_S, .it_value.tv_sec = WATCH_S};

	if (sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGALRM, &act, NULL) != 0 ||
		setitimer(ITIMER_REAL, &every, NULL) != 0)
		return trw_fail_errno(err, errno, "worker: cannot watch the coordinator");
	return TRW_OK;
}

enum trw_status
trw_guest_attach(struct trw_err *err)
{
	void *page = mmap(NULL, sizeof(struct trw_activity), PROT_READ | PROT_WRITE, MAP_SHARED,
		TRW_WORKER_ACTIVITY, 0);

	if (page == MAP_FAILED)
		return trw_fail_errno(err, errno, "worker: not started by trowel");
	guest.activity = page;
	(void)close(TRW_WORKER_ACTIVITY);
	/* FAT times go through mktime: UTC keeps them as written, and no zone file is opened later. */
	if (setenv("TZ", "UTC0", 1) != 0)
		return trw_fail_errno(err, errno, "worker: cannot set the time zone");
	tzset();
	return start_watch(err);
}

static void
write_out(const void *p, size_t len)
{
	if (trw_write_full(TRW_WORKER_SOCKET, p, len, NULL) != TRW_OK)
		_exit(0); /* nobody is left to tell */
}

void
trw_guest_flush(void)
{
	size_t n = guest.n_out;

	guest.n_out = 0;
	if (n > 0)
		write_out(guest.out, n);
}

static void
queue(const void *p, size_t len)
{
	if (len > OUT_SIZE - guest.n_out)
		trw_guest_flush();
	if (len > OUT_SIZE) {
		write_out(p, len);
	} else if (len > 0) {
		memcpy(guest.out + guest.n_out, p, len);
		guest.n_out += len;
	}
}

void
trw_guest_send(enum trw_frame_type type, const void *payload, size_t len)
{
	uint8_t header[TRW_FRAME_HEADER];

	assert(len <= TRW_FRAME_MAX);
	trw_put_le32(header, (uint32_t)len);
	trw_put_le32(header + 4, (uint32_t)type);
	queue(header, sizeof(header));
	queue(payload, len);
	trw_guest_tick();
}

void
trw_guest_failed(const struct trw_err *err)
{
	uint32_t status = (uint32_t)(err->status < 0 ? -err->status : -TRW_EWORKER);
	struct trw_failure failure = {
		status, {(const uint8_t *)err->text, strnlen(err->text, sizeof(err->text))}};
	struct trw_buf b = {0};

	if (trw_failure_encode(&failure, &b, NULL) != TRW_OK)
		_exit(1); /* out of memory for a line: the end of the process says as much */
	trw_guest_send(TRW_FRAME_FAILED, b.v, b.n);
	trw_buf_clear(&b);
	trw_guest_flush();
}

enum trw_status
trw_guest_recv(enum trw_frame_type *type, const uint8_t **payload, size_t *len, struct trw_err *err)
{
	uint8_t header[TRW_FRAME_HEADER];
	enum trw_status st;
	uint32_t n;

	trw_guest_flush();
	st = trw_read_full(TRW_WORKER_SOCKET, header, sizeof(header), NULL);
	if (st == TRW_END)
		return TRW_END;
	if (st != TRW_OK)
		_exit(0);
	n = trw_le32(header);
	if (n > TRW_FRAME_MAX)
		return trw_fail(err, TRW_ECORRUPT, "a request of %" PRIu32 " bytes", n);
	if (n > guest.in_cap) {
		uint8_t *in = trw_alloc(n, 1, err);
		if (in == NULL)
			return TRW_ENOMEM;
		free(guest.in);
		guest.in = in;
		guest.in_cap = n;
	}
	if (n > 0 && trw_read_full(TRW_WORKER_SOCKET, guest.in, n, NULL) != TRW_OK)
		_exit(0);
	*type = (enum trw_frame_type)trw_le32(header + 4);
	*payload = guest.in;
	*len = n;
	return TRW_OK;
}

/*
 * Relaxed order is enough: the coordinator reads step and inode for a text and a skip after this process is
 * dead, and tick only to see that it changes.
 */
void
trw_guest_step(enum trw_step step, uint64_t inode)
{
	atomic_store_explicit(&guest.activity->step, (uint_least64_t)step, memory_order_relaxed);
	atomic_store_explicit(&guest.activity->inode, inode, memory_order_relaxed);
	trw_guest_tick();
}

void
trw_guest_tick(void)
{
	uint64_t tick = atomic_load_explicit(&guest.activity->tick, memory_order_relaxed);

	atomic_store_explicit(&guest.activity->tick, tick + 1, memory_order_relaxed);
}
