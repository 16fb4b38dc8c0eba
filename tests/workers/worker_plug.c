/* SPDX-License-Identifier: Apache-2.0 */
/** A worker that misbehaves on purpose, for test_worker: after the greeting it does what its role says. */
#include "base/bytes.h"
#include "record/encode.h"
#include "worker/guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEDIA_SIZE ((uint64_t)3 << 20)
#define MEDIA_POISON ((uint64_t)1 << 20) /* a read that begins here is deadly */
#define MEDIA_GAP ((uint64_t)2 << 20) /* of a read that begins here the first half doesn't come */

struct plug {
	const char *role;
	void (*run)(void);
};

static void
do_open(void)
{
	(void)open("/etc/passwd", O_RDONLY);
}

static void
do_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
do_exec(void)
{
	(void)execl("/bin/true", "true", (char *)NULL);
}

static void
do_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
do_map_exec(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
do_kill_parent(void)
{
	(void)syscall(SYS_tgkill, 1, 1, 0);
}

static void
do_segv(void)
{
	/* Through the kernel, as a sanitizer would take the fault for itself. */
	trw_guest_step(TRW_STEP_METADATA, 42);
	(void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSEGV);
}

static void
do_abort(void)
{
	trw_guest_step(TRW_STEP_OPEN_FS, 0);
	abort();
}

/* From here on nothing is to be waited for. */
static void
send_hung(void)
{
	trw_guest_send(TRW_FRAME_DONE, NULL, 0);
	trw_guest_flush();
}

static void
do_hang(void)
{
	trw_guest_step(TRW_STEP_ORPHANS, 0);
	send_hung();
	for (volatile unsigned int i = 0;; i++)
		;
}

static void
sleep_for_ever(void)
{
	static int word;

	for (;;)
		(void)syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void
do_sleep(void)
{
	trw_guest_step(TRW_STEP_BLOCKS, 0);
	send_hung();
	sleep_for_ever();
}

static void
do_flood(void)
{
	static const uint8_t bytes[65536];

	for (;;)
		trw_guest_send(TRW_FRAME_DATA, bytes, sizeof(bytes));
}

/* A header and nothing else, behind the back of trw_guest_send. */
static void
send_header(uint32_t len, uint32_t type)
{
	uint8_t header[TRW_FRAME_HEADER];

	trw_put_le32(header, len);
	trw_put_le32(header + 4, type);
	if (write(TRW_WORKER_SOCKET, header, sizeof(header)) < 0)
		_exit(2);
}

static void
do_badframe(void)
{
	send_header(UINT32_MAX, TRW_FRAME_DATA);
}

static void
do_badtype(void)
{
	send_header(0, TRW_FRAME_WALK);
}

static void
do_partial(void)
{
	send_header(100, TRW_FRAME_DATA);
	_exit(3);
}

/* Alive, without its connection, and deaf to the watch that would end it. */
static void
do_closed(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)close(TRW_WORKER_SOCKET);
	sleep_for_ever();
}

static void
do_oom(void)
{
	static void *volatile bomb; /* volatile: or a compiler may leave the allocation out */

	trw_guest_step(TRW_STEP_CONTENT, 7);
	for (;;) {
		bomb = malloc(1 << 20);
		if (bomb == NULL)
			abort();
		memset(bomb, 1, 1 << 20);
		trw_guest_tick();
	}
}

/* What libraries ask on the way: refused, not deadly. */
static void
do_probe(void)
{
	struct stat sb;
	char dir[PATH_MAX];
	bool ok = fstat(TRW_WORKER_SOCKET, &sb) == 0 && fcntl(TRW_WORKER_SOCKET, F_GETFL) >= 0;

	ok = ok && stat("/etc/passwd", &sb) != 0 && errno == EPERM;
	ok = ok && access("/etc/passwd", F_OK) != 0 && errno == EPERM;
	ok = ok && fcntl(TRW_WORKER_SOCKET, F_DUPFD, 0) < 0 && errno == EPERM;
	ok = ok && fcntl(TRW_WORKER_SOCKET, F_SETFL, O_NONBLOCK) < 0 && errno == EPERM;
	ok = ok && getcwd(dir, sizeof(dir)) == NULL;
	trw_guest_send(TRW_FRAME_DONE, ok ? "ok" : "no", 2);
	trw_guest_flush();
}

/* Nothing but the greeting: the echo of main follows. */
static void
do_ok(void)
{
}

static void
do_failed(void)
{
	struct trw_err err;

	(void)trw_fail(&err, TRW_ECORRUPT, "the plug says no");
	trw_guest_failed(&err);
}

static void
send_media(void)
{
	static const uint8_t md5[16] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
		0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
	/* Sector 1 is known to be substituted. */
	struct trw_range bad = {.off = 512, .len = 512, .why = TRW_DAMAGE_SUBSTITUTED};
	struct trw_media_facts facts = {.size = MEDIA_SIZE,
		.sector_size = 512,
		.md5 = {md5, sizeof(md5)},
		.damage = {.v = &bad, .n = 1, .cap = 1}};
	struct trw_buf b = {0};

	if (trw_media_encode(&facts, &b, NULL) != TRW_OK)
		abort();
	trw_guest_send(TRW_FRAME_MEDIA, b.v, b.n);
	trw_buf_clear(&b);
}

/* Byte i of the media is the low byte of i / 512. */
static void
answer_pread(uint64_t off, uint32_t len)
{
	static uint8_t bytes[1 << 20];
	uint64_t from = off == MEDIA_GAP ? off + len / 2 : off;
	struct trw_data data = {from, {bytes, (size_t)(off + len - from)}};
	struct trw_buf b = {0};

	trw_guest_step(TRW_STEP_READ, 0);
	if (off == MEDIA_POISON || len > 1 << 20)
		abort();
	for (uint64_t i = from; i < off + len; i++)
		bytes[i - from] = (uint8_t)(i / 512);
	if (trw_data_encode(&data, &b, NULL) != TRW_OK)
		abort();
	trw_guest_send(TRW_FRAME_DATA, b.v, b.n);
	trw_guest_send(TRW_FRAME_DONE, "", 1); /* no damage */
	trw_buf_clear(&b);
}

static void
do_media(void)
{
	send_media();
	for (;;) {
		enum trw_frame_type type;
		const uint8_t *payload;
		struct trw_pread_request r;
		size_t len;

		if (trw_guest_recv(&type, &payload, &len, NULL) != TRW_OK ||
			trw_pread_decode(payload, len, &r, NULL) != TRW_OK)
			_exit(0);
		answer_pread(r.off, r.len);
	}
}

static const struct plug plugs[] = {
	{"plug-open", do_open},
	{"plug-socket", do_socket},
	{"plug-exec", do_exec},
	{"plug-fork", do_fork},
	{"plug-map-exec", do_map_exec},
	{"plug-kill", do_kill_parent},
	{"plug-segv", do_segv},
	{"plug-abort", do_abort},
	{"plug-hang", do_hang},
	{"plug-sleep", do_sleep},
	{"plug-flood", do_flood},
	{"plug-badframe", do_badframe},
	{"plug-badtype", do_badtype},
	{"plug-partial", do_partial},
	{"plug-closed", do_closed},
	{"plug-oom", do_oom},
	{"plug-probe", do_probe},
	{"plug-failed", do_failed},
	{"plug-ok", do_ok},
	{"media", do_media},
};

static const struct plug *
find(const char *role)
{
	for (size_t i = 0; i < sizeof(plugs) / sizeof(plugs[0]); i++)
		if (strcmp(plugs[i].role, role) == 0)
			return &plugs[i];
	return NULL;
}

static void
echo(void)
{
	enum trw_frame_type type;
	const uint8_t *payload;
	size_t len;

	while (trw_guest_recv(&type, &payload, &len, NULL) == TRW_OK) {
		trw_guest_send(TRW_FRAME_DATA, payload, len);
		trw_guest_send(TRW_FRAME_DONE, NULL, 0);
	}
}

int
main(int argc, char **argv)
{
	struct trw_guest_limits limits = {0};
	const struct plug *plug = NULL;
	struct trw_err err = {0};

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--role=", 7) == 0)
			plug = find(argv[i] + 7);
		else if (strncmp(argv[i], "--memory-max=", 13) == 0)
			limits.memory_max = strtoull(argv[i] + 13, NULL, 10);
		else if (strcmp(argv[i], "--no-sandbox") == 0)
			limits.no_landlock = limits.no_seccomp = true;
	}
	if (plug == NULL)
		return 2;
	if (trw_guest_attach(&err) != TRW_OK)
		return 3;
	if (trw_guest_lock_down(TRW_LOCK_OPEN, &limits, &err) != TRW_OK ||
		trw_guest_lock_down(TRW_LOCK_WORK, &limits, &err) != TRW_OK) {
		trw_guest_failed(&err);
		return 4;
	}
	trw_guest_send(TRW_FRAME_HELLO, "plug 1", 6);
	if (plug->run == do_segv || plug->run == do_partial)
		trw_guest_send(TRW_FRAME_DATA, "last words", 10);
	trw_guest_flush();
	plug->run();
	echo();
	_exit(0); /* a leak check at exit would need calls that are not on the list */
}
