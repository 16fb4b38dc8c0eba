/* SPDX-License-Identifier: Apache-2.0 */
/**
 * worker_plug with the libraries of foreign containers, for test_worker_open. Its role is "parse:WHAT:FENCE": it opens a
 * container as trowel-worker does, and does WHAT when the container's library first reads from it, held by FENCE alone:
 * "seccomp", "landlock" or "none".
 */
#include "image/foreign/foreign.h"
#include "image/image.h"
#include "worker/guest/guest.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each returns 0 when it went through, or an errno. */
static int
try_socket(const char *path)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)path;
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0)
		return 0;
	return errno == ECONNREFUSED || errno == ENETUNREACH ? 0 : errno;
}

static int
try_exec(const char *path)
{
	(void)path;
	(void)execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
try_fork(const char *path)
{
	pid_t pid = fork();

	(void)path;
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

/* The evidence, and a file beside it. */
static int
try_write(const char *path)
{
	char beside[PATH_MAX];
	int why;

	(void)snprintf(beside, sizeof(beside), "%s.written", path);
	if (open(path, O_RDWR | O_CLOEXEC) >= 0)
		return 0;
	why = errno;
	return open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 0 : why;
}

static const struct attempt {
	const char *name;
	int (*run)(const char *path);
} attempts[] = {
	{"socket", try_socket}, {"exec", try_exec}, {"fork", try_fork}, {"write", try_write}};

static struct {
	const struct attempt *attempt;
	const char *path;
	bool is_armed; /* the next read that a library makes sets it off */
} parse;

static void
say(const char *text)
{
	trw_guest_send(TRW_FRAME_DATA, text, strlen(text));
	trw_guest_flush();
}

/* The libraries on the stack, the innermost first. */
static void
say_readers(void)
{
	char text[512] = "";
	void *frames[64];
	int n = backtrace(frames, 64);
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		Dl_info where;
		const char *slash;
		if (dladdr(frames[i], &where) == 0 || where.dli_fname == NULL)
			continue;
		slash = strrchr(where.dli_fname, '/');
		slash = slash != NULL ? slash + 1 : where.dli_fname;
		if (strstr(text, slash) == NULL && len + strlen(slash) + 2 < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", slash);
	}
	say(text);
}

/* Who reads, and then what came of the attempt. */
static void
go_off(void)
{
	int why;

	parse.is_armed = false;
	say_readers();
	why = parse.attempt->run(parse.path);
	say(why == 0 ? "went through" : strerrorname_np(why));
}

/* Before those of the C library and of a sanitizer: the libraries' calls come here. */
ssize_t
read(int fd, void *buf, size_t n)
{
	if (parse.is_armed)
		go_off();
	return syscall(SYS_read, fd, buf, n);
}

size_t
fread(void *buf, size_t size, size_t n, FILE *f)
{
	static size_t (*next)(void *, size_t, size_t, FILE *);

	if (next == NULL) {
		void *found = dlsym(RTLD_NEXT, "fread");
		memcpy(&next, &found, sizeof(next));
	}
	if (parse.is_armed)
		go_off();
	return next(buf, size, n, f);
}

static enum trw_status
hook(void *ctx, enum trw_image_format format, const char *const *paths, size_t n,
	struct trw_opening *out, struct trw_err *err)
{
	enum trw_status status;

	parse.is_armed = true;
	status = trw_foreign_hook(ctx, format, paths, n, out, err);
	parse.is_armed = false;
	return status;
}

/* Root may start any number of processes: there the limit says nothing. */
static bool
become_nobody(void)
{
	return geteuid() != 0 || setresuid(65534, 65534, 65534) == 0;
}

/* "--role=parse:exec:seccomp": what to try, and which fence to leave. */
static bool
take_role(const char *role, struct trw_guest_limits *limits)
{
	char what[16], fence[16];

	if (sscanf(role, "--role=parse:%15[a-z]:%15s", what, fence) != 2)
		return false;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		if (strcmp(attempts[i].name, what) == 0)
			parse.attempt = &attempts[i];
	limits->no_seccomp = strcmp(fence, "seccomp") != 0;
	limits->no_landlock = strcmp(fence, "landlock") != 0;
	return parse.attempt != NULL;
}

int
main(int argc, char **argv)
{
	struct trw_image_options options = {.open_foreign = hook};
	struct trw_guest_limits limits = {.paths = &parse.path, .n_paths = 1};
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	void *frame;

	(void)backtrace(&frame, 1); /* it loads a library, once */
	parse.path = argv[argc - 1];
	if (argc < 3 || !take_role(argv[1], &limits) || !become_nobody() ||
		trw_guest_attach(&err) != TRW_OK)
		return 2;
	trw_guest_send(TRW_FRAME_HELLO, "plug 1", 6);
	trw_guest_step(TRW_STEP_OPEN_IMAGE, 0);
	if (trw_guest_lock_down(TRW_LOCK_OPEN, &limits, &err) != TRW_OK ||
		trw_image_open(&parse.path, 1, &options, &image, &err) != TRW_OK)
		trw_guest_failed(&err);
	else
		say(trw_image_info(image)->format_name);
	trw_image_close(image);
	_exit(0); /* a leak check at exit would need calls that are not on the list */
}
