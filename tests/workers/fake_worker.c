/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker that plays a script, for test_index_run. FAKE_SCRIPT holds lines of "verb a b c"; for VOLUMES it
 * plays the volume lines, for WALK the others in order, and honours sent, skips, no_orphans and no_blocks as
 * the real one does. Steps are those of enum trw_step by their first letter: d, m, o, b; i opens.
 *
 *     volume OFF LEN MAY_HOLD_FS PLAUSIBLE [CONTENT]    without any: one for the whole image
 *     volumes die|hang|fail|bad [once]                   instead of the list
 *     open FAMILY ok|corrupt|unsupported|die|hang|early|trial [once]
 *                       FAMILY 0 is detection; else: 0 and what it found are ok; trial: only when not walked
 *     on FAMILY | on any                                 lines behind it are for this family only
 *     file INODE SIZE EXTENT_OFF | decode INODE SIZE | hole INODE SIZE
 *     inline INODE SIZE BYTES                            so many of its bytes are there, all of them 'i'
 *     many COUNT                                         regular files of up to 2 KiB, 1000 a directory
 *     problem CODE [FILE]
 *     die|hang|violate STEP INODE [always|once]          unless it must be passed over; always: even then
 *     read die|hang [once]                               over a stream, after its first byte
 *     blocks OFF LEN CLASS
 *     frame NAME [once]                                  one that breaks the rules: see do_frame
 *     failed STATUS | spin
 *
 * once: only in the first process that comes there, which leaves the file FAKE_ONCE behind. One that hangs says so in
 * the file FAKE_HUNG.
 */
#include "base/buf.h"
#include "base/bytes.h"
#include "record/encode.h"
#include "worker/guest/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOUND TRW_FAMILY_NTFS /* what detection finds */

struct line {
	char verb[16], word[4][40];
	uint64_t n[4];
};

struct play {
	struct trw_walk_request *q;
	struct trw_walk_done done;
	struct trw_buf out;
	bool is_over;
};

static struct trw_bytes
text(const char *s)
{
	return (struct trw_bytes){(const uint8_t *)s, strlen(s)};
}

static void
must(enum trw_status s)
{
	if (s < 0)
		abort();
}

static void
say(struct play *p, enum trw_frame_type type)
{
	trw_guest_send(type, p->out.v, p->out.n);
	p->out.n = 0;
}

/* The next line of the script; false at its end. */
static bool
next_line(const char **at, struct line *l)
{
	size_t n = strcspn(*at, "\n");
	char copy[256];

	*l = (struct line){0};
	while (n == 0 && **at == '\n')
		n = strcspn(++*at, "\n");
	if (n == 0)
		return false;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)n, *at);
	*at += n;
	(void)sscanf(copy, "%15s %39s %39s %39s %39[^\n]", l->verb, l->word[0], l->word[1],
		l->word[2], l->word[3]);
	for (int i = 0; i < 4; i++)
		l->n[i] = strtoull(l->word[i], NULL, 0);
	return true;
}

static bool
is_verb(const struct line *l, const char *verb)
{
	return strcmp(l->verb, verb) == 0;
}

/* Whether the line's word, "once" or not, lets it happen. */
static bool
happens(const char *word)
{
	const char *path = getenv("FAKE_ONCE");

	if (strcmp(word, "once") != 0)
		return true;
	int fd = path != NULL ? open(path, O_CREAT | O_EXCL | O_WRONLY, 0600) : -1;
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* For ever. The file FAKE_HUNG holds the number of this process from then on. */
static void
hang(void)
{
	const char *path = getenv("FAKE_HUNG");
	char text[24];
	int n = snprintf(text, sizeof(text), "%d", getpid());
	int fd = path != NULL ? open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600) : -1;

	if (fd >= 0 && write(fd, text, (size_t)n) != n)
		abort();
	for (;;)
		(void)pause();
}

/* Through the kernel, as a sanitizer would take the fault for itself. What was said before is heard. */
static void
end(const char *how)
{
	trw_guest_flush();
	if (strcmp(how, "hang") == 0)
		hang();
	int sig = strcmp(how, "violate") == 0 ? SIGSYS : SIGSEGV;
	(void)signal(sig, SIG_DFL);
	(void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
}

static void
fail(uint32_t status, const char *why)
{
	struct trw_err err = {.status = (enum trw_status)(-(int)status)};

	(void)snprintf(err.text, sizeof(err.text), "%s", why);
	trw_guest_failed(&err);
}

static enum trw_code
code_of(const char *word)
{
	for (int i = TRW_CODE_NONE + 1; i < TRW_CODE_N; i++)
		if (strcmp(trw_code_facts((enum trw_code)i)->word, word) == 0)
			return (enum trw_code)i;
	abort();
}

static void
send_problem(struct play *p, const char *code, int64_t file, uint64_t inode)
{
	struct trw_problem r = {.inode = inode,
		.file_id = file,
		.code = code_of(code),
		.path = text("/somewhere"),
		.text = text("as scripted")};

	must(trw_problem_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_PROBLEM);
}

static bool
must_skip(struct play *p, enum trw_step step, uint64_t inode)
{
	if (step == TRW_STEP_ORPHANS || step == TRW_STEP_BLOCKS)
		return step == TRW_STEP_ORPHANS ? p->q->no_orphans : p->q->no_blocks;
	for (size_t i = 0; i < p->q->n_skips; i++)
		if (p->q->skips[i].inode == inode && p->q->skips[i].step == step) {
			send_problem(p, "item-skipped", 0, inode);
			return true;
		}
	return false;
}

static enum trw_step
step_of(const char *word)
{
	switch (word[0]) {
	case 'd':
		return TRW_STEP_DIRECTORY;
	case 'o':
		return TRW_STEP_ORPHANS;
	case 'b':
		return TRW_STEP_BLOCKS;
	case 'i':
		return TRW_STEP_OPEN_FS;
	default:
		return TRW_STEP_METADATA;
	}
}

static void
do_end(struct play *p, const struct line *l)
{
	enum trw_step step = step_of(l->word[0]);

	trw_guest_step(step, l->n[1]);
	if (strcmp(l->word[2], "always") != 0 && must_skip(p, step, l->n[1]))
		return;
	trw_guest_step(step, l->n[1]);
	if (happens(l->word[2]))
		end(l->verb);
}

static void
do_file(struct play *p, const struct line *l)
{
	static uint8_t bytes[4096];
	char path[32];
	struct trw_file r = {.file_id = (int64_t)p->done.n_files + 1,
		.parent_id = p->done.n_files == 0 ? 0 : 1,
		.inode = l->n[0],
		.kind = p->done.n_files == 0 ? TRW_FILE_DIRECTORY : TRW_FILE_REGULAR,
		.size = l->n[1],
		.created_ns = INT64_MIN,
		.modified_ns = INT64_MIN,
		.accessed_ns = INT64_MIN,
		.changed_ns = INT64_MIN};

	(void)snprintf(path, sizeof(path), "/%llu", (unsigned long long)l->n[0]);
	r.path = p->done.n_files == 0 ? text("/") : text(path);
	r.name = text(p->done.n_files == 0 ? "" : path + 1);
	trw_guest_step(TRW_STEP_METADATA, r.inode);
	p->done.names_seen++;
	if (p->done.n_files++ < p->q->sent)
		return;
	if (is_verb(l, "decode"))
		r.content_source = TRW_CONTENT_DECODE;
	else if (is_verb(l, "inline"))
		r.content_source = TRW_CONTENT_INLINE;
	else if (r.size > 0)
		r.content_source = TRW_CONTENT_EXTENTS;
	if (r.content_source == TRW_CONTENT_EXTENTS)
		must(trw_extents_add(&r.extents,
			is_verb(l, "hole") ? TRW_EXTENT_HOLE : TRW_EXTENT_DATA,
			is_verb(l, "hole") ? 0 : l->n[2], r.size, NULL));
	if (r.content_source == TRW_CONTENT_INLINE)
		r.bytes = (struct trw_bytes){memset(bytes, 'i', sizeof(bytes)), l->n[2]};
	must(trw_file_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_FILE);
	trw_file_clear(&r);
}

#define MANY_IN_DIR 1000
#define MANY_SIZE ((uint64_t)2048)

/* One file record of many; at_end is the image's size. */
static void
send_one_of_many(struct play *p, int64_t parent, uint64_t i, uint64_t at_end)
{
	bool is_dir = parent == 0 || i % (MANY_IN_DIR + 1) == 0;
	char path[64], *name = path;
	struct trw_file r = {.file_id = (int64_t)p->done.n_files + 1,
		.parent_id = parent,
		.inode = i + 2,
		.kind = is_dir ? TRW_FILE_DIRECTORY : TRW_FILE_REGULAR,
		.size = is_dir ? 0 : i * 37 % MANY_SIZE,
		.created_ns = (int64_t)i,
		.modified_ns = (int64_t)i,
		.accessed_ns = INT64_MIN,
		.changed_ns = INT64_MIN};

	p->done.names_seen++;
	if (p->done.n_files++ < p->q->sent)
		return;
	if (parent == 0)
		(void)snprintf(path, sizeof(path), "/");
	else if (is_dir)
		(void)snprintf(path, sizeof(path), "/d%" PRIu64, i);
	else
		(void)snprintf(path, sizeof(path), "/d%" PRIu64 "/file%" PRIu64 ".dat",
			i - i % (MANY_IN_DIR + 1), i);
	name = strrchr(path, '/') + 1;
	r.path = text(path);
	r.name = text(name);
	if (r.size > 0)
		r.content_source = TRW_CONTENT_EXTENTS;
	/* The stride is odd, so that no two contents are alike, and out of order. */
	must(trw_extents_add(
		&r.extents, TRW_EXTENT_DATA, i * 1000003 % (at_end - MANY_SIZE), r.size, NULL));
	must(trw_file_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_FILE);
	trw_file_clear(&r);
}

/* The root, then directories with their files behind them. */
static void
do_many(struct play *p, uint64_t count)
{
	uint64_t size = strtoull(getenv("FAKE_SIZE"), NULL, 0);
	int64_t parent = 0;

	send_one_of_many(p, 0, 0, size);
	for (uint64_t i = 0, files = 0; files < count; i++) {
		bool is_dir = i % (MANY_IN_DIR + 1) == 0;
		int64_t own = (int64_t)p->done.n_files + 1;

		trw_guest_step(TRW_STEP_METADATA, i);
		send_one_of_many(p, is_dir ? 1 : parent, i, size);
		if (is_dir)
			parent = own;
		else
			files++;
	}
}

static void
do_blocks(struct play *p, const struct line *l)
{
	struct trw_blocks r = {0, l->n[0], l->n[1], (enum trw_block_class)l->n[2]};

	if (p->q->no_blocks)
		return;
	must(trw_blocks_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_BLOCKS);
	trw_guest_flush();
}

/* A record that decodes, with one value that must not be believed. */
static void
do_wild(struct play *p, const char *name)
{
	struct trw_file r = {.file_id = (int64_t)p->done.n_files + 1,
		.path = text("/wild"),
		.name = text("wild"),
		.kind = TRW_FILE_REGULAR};

	r.file_id += strcmp(name, "ordinal") == 0;
	if (strcmp(name, "numbers") == 0) { /* these are believed: they must do no harm */
		r.inode = r.sequence = r.uid = r.gid = UINT64_MAX;
		r.created_ns = INT64_MAX;
		r.mode = r.n_links = UINT32_MAX;
		r.size = INT64_MAX;
		r.content_source = TRW_CONTENT_UNKNOWN;
		p->done.n_files++;
		p->done.names_seen++;
		if ((uint64_t)r.file_id <= p->q->sent)
			return;
	}
	must(trw_file_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_FILE);
}

static void
do_frame(struct play *p, const char *name)
{
	if (strcmp(name, "garbage") == 0)
		trw_guest_send(TRW_FRAME_FILE, "garbage", 7);
	else if (strcmp(name, "volume") == 0)
		trw_guest_send(TRW_FRAME_VOLUME, NULL, 0);
	else if (strcmp(name, "twice") == 0)
		trw_guest_send(TRW_FRAME_FILESYSTEM, NULL, 0);
	else if (strcmp(name, "done") == 0)
		trw_guest_send(TRW_FRAME_DONE, NULL, 0);
	else if (strcmp(name, "far") == 0)
		send_problem(p, "content-layout", 1000, 0);
	else if (strcmp(name, "type") == 0)
		trw_guest_send((enum trw_frame_type)1000, NULL, 0);
	else
		do_wild(p, name);
	if (strcmp(name, "numbers") != 0) /* the coordinator ends it here, not further on */
		end("hang");
}

static void
do_line(struct play *p, const struct line *l)
{
	if (is_verb(l, "file") || is_verb(l, "decode") || is_verb(l, "hole") ||
		is_verb(l, "inline"))
		do_file(p, l);
	else if (is_verb(l, "many"))
		do_many(p, l->n[0]);
	else if (is_verb(l, "problem"))
		send_problem(p, l->word[0], l->word[1][0] != '\0' ? (int64_t)l->n[1] + 1 : 0, 7);
	else if (is_verb(l, "die") || is_verb(l, "hang") || is_verb(l, "violate"))
		do_end(p, l);
	else if (is_verb(l, "blocks"))
		do_blocks(p, l);
	else if (is_verb(l, "frame") && happens(l->word[1]))
		do_frame(p, l->word[0]);
	if (is_verb(l, "spin"))
		for (trw_guest_flush();; trw_guest_tick())
			(void)usleep(1000);
	if (is_verb(l, "failed")) {
		fail((uint32_t)l->n[0], "failed as scripted");
		_exit(70);
	}
}

/* False: the answer was FAILED. early: BLOCKS come before FILESYSTEM. */
static bool
open_type(struct play *p, const char *script)
{
	enum trw_family type = p->q->where.family;
	struct trw_filesystem r = {.family = type != TRW_FAMILY_NONE ? type : FOUND,
		.type = text("fake"),
		.off = p->q->where.space.off,
		.len = p->q->where.space.len,
		.block_size = 512};
	const char *how = type == 0 || type == FOUND ? "ok" : "unsupported";
	bool is_trial = p->q->no_blocks && p->q->sent == 0;
	char own[40];
	struct line l;

	trw_guest_step(TRW_STEP_OPEN_FS, 0);
	while (next_line(&script, &l))
		if (is_verb(&l, "open") && l.n[0] == type && happens(l.word[2])) {
			memcpy(own, l.word[1], sizeof(own));
			how = own;
		}
	if (strcmp(how, "trial") == 0)
		how = is_trial ? "ok" : "unsupported";
	if (strcmp(how, "die") == 0 || strcmp(how, "hang") == 0)
		end(how);
	if (strcmp(how, "early") == 0)
		trw_guest_send(TRW_FRAME_BLOCKS, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 20);
	else if (strcmp(how, "ok") != 0) {
		fail((uint32_t) - (strcmp(how, "corrupt") == 0 ? TRW_ECORRUPT : TRW_EUNSUPPORTED),
			how);
		return false;
	}
	must(trw_filesystem_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_FILESYSTEM);
	return true;
}

static void
walk(const char *script, struct trw_walk_request *q)
{
	struct play p = {.q = q};
	enum trw_family type = q->where.family != TRW_FAMILY_NONE ? q->where.family : FOUND;
	bool is_ours = true;
	struct line l;

	if (!open_type(&p, script))
		return;
	while (next_line(&script, &l))
		if (is_verb(&l, "on"))
			is_ours = strcmp(l.word[0], "any") == 0 || l.n[0] == type;
		else if (is_ours)
			do_line(&p, &l);
	must(trw_walk_done_encode(&p.done, &p.out, NULL));
	say(&p, TRW_FRAME_DONE);
	trw_buf_clear(&p.out);
}

static void
send_volume(struct play *p, uint32_t number, const struct line *l)
{
	struct trw_volume r = {.number = number,
		.kind = number == 0 && l->n[0] == 0 ? TRW_VOLUME_WHOLE : TRW_VOLUME_PARTITION,
		.space = {.off = l->n[0], .len = l->n[1]},
		.declared_len = l->n[1],
		.may_hold_fs = l->n[2] != 0,
		.plausible = (uint32_t)l->n[3]};
	const char *content = strchr(l->word[3], ' ');

	if (content != NULL)
		r.content = text(content + 1);
	if (content != NULL && strcmp(content, " all zero") == 0)
		r.holds = TRW_HOLDS_ZEROS;
	must(trw_volume_encode(&r, &p->out, NULL));
	say(p, TRW_FRAME_VOLUME);
}

static void
volumes(const char *script, const char *image_size)
{
	struct line l, whole = {.n = {0, strtoull(image_size, NULL, 0), 1, 0}};
	struct play p = {0};
	uint32_t n = 0;

	trw_guest_step(TRW_STEP_VOLUMES, 0);
	while (next_line(&script, &l)) {
		if (is_verb(&l, "volume"))
			send_volume(&p, n++, &l);
		if (!is_verb(&l, "volumes") || !happens(l.word[1]))
			continue;
		if (strcmp(l.word[0], "bad") == 0)
			trw_guest_send(TRW_FRAME_FILE, NULL, 0);
		else if (strcmp(l.word[0], "fail") != 0)
			end(l.word[0]);
		fail((uint32_t)-TRW_ELIMIT, "no volumes today");
		_exit(70);
	}
	if (n == 0)
		send_volume(&p, 0, &whole);
	trw_guest_send(TRW_FRAME_DONE, NULL, 0);
	trw_buf_clear(&p.out);
}

static void
send_data(uint64_t at, size_t n)
{
	static uint8_t bytes[4096];
	struct trw_data data = {at, {bytes, n}};
	struct trw_buf b = {0};

	memset(bytes, 'z', sizeof(bytes));
	must(trw_data_encode(&data, &b, NULL));
	trw_guest_send(TRW_FRAME_DATA, b.v, b.n);
	trw_buf_clear(&b);
}

/* A stream of the bytes 'z'. */
static void
answer_read(const char *script, const uint8_t *payload, size_t n)
{
	struct line l;
	struct trw_read_request r = {0};

	must(trw_read_request_decode(payload, n, &r, NULL));
	while (next_line(&script, &l))
		if (is_verb(&l, "read") && happens(l.word[1])) {
			trw_guest_step(TRW_STEP_READ, r.inode);
			send_data(0, 1);
			end(l.word[0]);
		}
	for (uint64_t at = 0; at < r.size; at += 4096)
		send_data(at, (size_t)(r.size - at < 4096 ? r.size - at : 4096));
	trw_guest_send(TRW_FRAME_DONE, "", 1); /* no damage */
}

int
main(void)
{
	static struct trw_walk_request request;
	const char *script = getenv("FAKE_SCRIPT"), *size = getenv("FAKE_SIZE");
	enum trw_frame_type type;
	const uint8_t *payload;
	size_t n;

	if (script == NULL || size == NULL || trw_guest_attach(NULL) < 0)
		return 64;
	trw_guest_send(TRW_FRAME_HELLO, "fake", 4);
	while (trw_guest_recv(&type, &payload, &n, NULL) == TRW_OK) {
		if (type == TRW_FRAME_VOLUMES) {
			volumes(script, size);
		} else if (type == TRW_FRAME_WALK) {
			must(trw_walk_request_decode(payload, n, &request, NULL));
			walk(script, &request);
		} else if (type == TRW_FRAME_READ) {
			answer_read(script, payload, n);
		}
		trw_guest_flush();
	}
	return 0;
}
