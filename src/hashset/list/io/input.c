/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread reads, digests and unpacks ahead in blocks; the owner takes them in order. Bytes in
 * memory are read by the owner itself. Which of the two is only known in block_next.
 */
#include "hashset/list/io/input.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/io.h"
#include "base/queue.h"
#include "base/temp.h"
#include "base/text.h"
#include "base/thread.h"
#include "hashset/list/io/pipe.h"
#include "hashset/list/io/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 20)
#define N_BLOCKS 4

struct block {
	size_t n;
	struct trw_err why; /* when n is 0: the end, or this */
	uint8_t v[BLOCK];
};

struct trw_input {
	char *path, *name, *member; /* owned; member as asked for */
	const char *folder;
	int fd; /* -1: memory */
	const void *memory;
	uint64_t size;
	atomic_uint_fast64_t done;
	struct trw_unpack *source; /* owner: the thread, while it runs */
	struct trw_temp temp;      /* the unpacked bytes, after trw_input_fd */
	/* the digest of a file that is read here and there */
	struct trw_thread digester; /* while it runs it owns the digest and its error */
	atomic_bool is_unwanted;    /* what the thread does */
	bool is_digested;
	uint8_t sha256[32];
	struct trw_err sha256_err;
	/* reading ahead */
	struct trw_thread thread;
	struct trw_queue *full, *empty; /* owned */
	struct block *blocks[N_BLOCKS]; /* owned */
	/* what the owner has at hand */
	struct block *block;
	const uint8_t *p;
	size_t n;
	bool is_started, is_over;
	struct trw_err why;   /* of the failure that ended it */
	struct trw_buf carry; /* a line over more than one block */
	char end;             /* of lines; once has_end */
	bool has_end;
	const char *ended_in; /* the last line */
	uint64_t line;
};

static enum trw_status
source_open(struct trw_input *in, struct trw_err *err)
{
	return trw_unpack_open(
		in->fd, in->memory, (size_t)in->size, in->member, &in->done, &in->source, err);
}

static enum trw_status
name_fill(struct trw_input *in, struct trw_err *err)
{
	const char *base = trw_base_name(in->path), *member = trw_unpack_member(in->source);

	in->name = member == NULL ? trw_strdup(base, err) : trw_format(err, "%s/%s", base, member);
	return in->name == NULL ? TRW_ENOMEM : TRW_OK;
}

/* What came through the pipe takes its place. */
static enum trw_status
pipe_replace(struct trw_input *in, struct trw_err *err)
{
	struct trw_temp copy = {.folder = in->folder};
	enum trw_status st = trw_pipe_copy(in->fd, &copy, err);

	if (st < 0) {
		trw_temp_close(&copy);
		return st;
	}
	(void)close(in->fd);
	in->fd = copy.fd;
	in->size = copy.n;
	return TRW_OK;
}

static enum trw_status
file_open(struct trw_input *in, const char *path, struct trw_err *err)
{
	struct stat about;

	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in->fd < 0 || fstat(in->fd, &about) != 0)
		return trw_fail_errno(err, errno, "cannot open it");
	if (S_ISDIR(about.st_mode))
		return trw_fail(err, TRW_EUSAGE, "a folder: name the list itself");
	if (S_ISFIFO(about.st_mode))
		return pipe_replace(in, err);
	if (!S_ISREG(about.st_mode))
		return trw_fail(err, TRW_EUSAGE, "neither a file nor a pipe: copy the list to one");
	in->size = (uint64_t)about.st_size;
	(void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return TRW_OK;
}

enum trw_status
trw_input_open(const char *path, const char *member, const char *folder, struct trw_input **out,
	struct trw_err *err)
{
	struct trw_input *in = trw_alloc(1, sizeof(*in), err);
	bool is_standard = strcmp(path, "-") == 0;
	enum trw_status st;

	if (in == NULL)
		return TRW_ENOMEM;
	in->fd = -1;
	in->folder = folder;
	in->path = trw_strdup(is_standard ? TRW_INPUT_STANDARD : path, err);
	in->member = trw_strdup(member, err);
	st = in->path == NULL || (member != NULL && in->member == NULL)
		     ? TRW_ENOMEM
		     : file_open(in, is_standard ? "/dev/stdin" : path, err);
	if (st == TRW_OK)
		st = source_open(in, err);
	if (st == TRW_OK)
		st = name_fill(in, err);
	if (st < 0) {
		trw_input_close(in);
		return trw_fail_in(err, "%s", path);
	}
	*out = in;
	return TRW_OK;
}

enum trw_status
trw_input_memory(const void *p, size_t n, struct trw_input **out, struct trw_err *err)
{
	struct trw_input *in = trw_alloc(1, sizeof(*in), err);
	enum trw_status st;

	if (in == NULL)
		return TRW_ENOMEM;
	in->fd = -1;
	in->folder = ".";
	in->memory = p;
	in->size = n;
	in->path = trw_strdup("memory", err);
	st = in->path == NULL ? TRW_ENOMEM : source_open(in, err);
	if (st == TRW_OK)
		st = name_fill(in, err);
	if (st < 0) {
		trw_input_close(in);
		return st;
	}
	*out = in;
	return TRW_OK;
}

/* ---- the thread ---- */

static void
block_fill(struct trw_unpack *source, struct block *b)
{
	b->why = (struct trw_err){0};
	if (trw_unpack_read(source, b->v, BLOCK, &b->n, &b->why) < 0)
		b->n = 0;
}

static void *
read_ahead(void *ctx)
{
	struct trw_input *in = ctx;
	struct block *b;

	while ((b = trw_queue_get(in->empty)) != NULL) {
		block_fill(in->source, b);
		size_t n = b->n; /* b is the owner's from here on */
		if (!trw_queue_put(in->full, b) || n == 0)
			break;
	}
	return NULL;
}

static void
thread_stop(struct trw_input *in)
{
	if (!in->thread.is_running)
		return;
	trw_queue_close(in->empty);
	trw_queue_close(in->full);
	trw_thread_join(&in->thread);
}

/*
 * A small file needs one for its bytes and one for its end: of a feed there are thousands, and each
 * block is cleared.
 */
static size_t
blocks_needed(const struct trw_input *in)
{
	if (in->fd < 0)
		return 1;
	return in->size > 0 && in->size < BLOCK ? 2 : N_BLOCKS;
}

static enum trw_status
thread_start(struct trw_input *in, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	size_t n = blocks_needed(in);

	for (size_t i = 0; st == TRW_OK && i < n; i++)
		if (in->blocks[i] == NULL &&
			(in->blocks[i] = trw_alloc(1, sizeof(struct block), err)) == NULL)
			st = TRW_ENOMEM;
	in->is_started = st == TRW_OK;
	if (st < 0 || in->fd < 0)
		return st;
	st = trw_queue_new(N_BLOCKS, &in->full, err);
	if (st == TRW_OK)
		st = trw_queue_new(N_BLOCKS, &in->empty, err);
	for (size_t i = 0; st == TRW_OK && i < n; i++)
		(void)!trw_queue_put(in->empty, in->blocks[i]);
	return st < 0 ? st
		      : trw_thread_start(&in->thread, read_ahead, in, "the thread that reads", err);
}

static void
reading_clear(struct trw_input *in)
{
	thread_stop(in);
	trw_queue_free(in->full);
	trw_queue_free(in->empty);
	in->full = in->empty = NULL;
	in->block = NULL;
	in->p = NULL;
	in->n = 0;
	in->is_started = in->is_over = false;
	in->why = (struct trw_err){0};
	in->has_end = false;
	in->line = 0;
}

static void digest_stop(struct trw_input *in);

void
trw_input_close(struct trw_input *in)
{
	if (in == NULL)
		return;
	reading_clear(in);
	atomic_store(&in->is_unwanted, true);
	digest_stop(in);
	for (size_t i = 0; i < N_BLOCKS; i++)
		free(in->blocks[i]);
	trw_unpack_close(in->source);
	trw_buf_clear(&in->carry);
	trw_temp_close(&in->temp);
	if (in->fd >= 0)
		(void)close(in->fd);
	free(in->path);
	free(in->name);
	free(in->member);
	free(in);
}

enum trw_status
trw_input_rewind(struct trw_input *in, struct trw_err *err)
{
	reading_clear(in);
	trw_unpack_close(in->source);
	in->source = NULL;
	return source_open(in, err);
}

/* ---- blocks ---- */

static enum trw_status
over(struct trw_input *in, struct trw_err *err)
{
	if (in->why.status == TRW_OK)
		return TRW_END;
	if (err != NULL)
		*err = in->why;
	return in->why.status;
}

/* The next block at p, n; the one before is given back. TRW_END at the end. */
static enum trw_status
block_next(struct trw_input *in, struct trw_err *err)
{
	struct block *b;
	bool is_first = !in->is_started;

	if (in->is_over)
		return over(in, err);
	if (is_first) {
		enum trw_status st = thread_start(in, &in->why);
		if (st < 0) {
			in->is_started = in->is_over = true;
			return over(in, err);
		}
	}
	if (in->fd < 0) {
		b = in->blocks[0];
		block_fill(in->source, b);
	} else {
		if (in->block != NULL)
			(void)!trw_queue_put(in->empty, in->block);
		b = trw_queue_get(in->full);
	}
	in->block = b;
	in->p = b->v;
	in->n = b->n;
	if (b->n == 0) {
		in->is_over = true;
		in->why = b->why;
		if (b->why.status < 0)
			(void)trw_fail_in(&in->why, "%s", in->name);
		return over(in, err);
	}
	if (is_first && b->n >= 3 && memcmp(b->v, "\xEF\xBB\xBF", 3) == 0) {
		in->p += 3;
		in->n -= 3;
	}
	return TRW_OK;
}

/* Something is at hand. */
static enum trw_status
need(struct trw_input *in, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && in->n == 0) /* a file that is a byte order mark and no more */
		st = block_next(in, err);
	return st;
}

enum trw_status
trw_input_head(
	struct trw_input *in, const uint8_t **p, size_t *n, bool *is_all, struct trw_err *err)
{
	enum trw_status st = in->is_started ? TRW_OK : need(in, err);

	if (st < 0)
		return st;
	*p = in->p;
	*n = in->n < TRW_INPUT_HEAD ? in->n : TRW_INPUT_HEAD;
	/* A block is filled but for the last. */
	*is_all = in->block->n < BLOCK && in->n <= TRW_INPUT_HEAD;
	return TRW_OK;
}

enum trw_status
trw_input_piece(struct trw_input *in, const uint8_t **p, size_t *n, struct trw_err *err)
{
	enum trw_status st = need(in, err);

	if (st != TRW_OK)
		return st;
	*p = in->p;
	*n = in->n;
	in->p += in->n;
	in->n = 0;
	return TRW_OK;
}

enum trw_status
trw_input_read(struct trw_input *in, void *buf, size_t len, size_t *got, struct trw_err *err)
{
	enum trw_status st = need(in, err);

	if (st != TRW_OK)
		return st;
	*got = in->n < len ? in->n : len;
	memcpy(buf, in->p, *got);
	in->p += *got;
	in->n -= *got;
	return TRW_OK;
}

/* ---- lines ---- */

/* Old Macintosh programs end lines in CR. */
static void
end_find(struct trw_input *in)
{
	bool is_cr = in->n > 0 && memchr(in->p, '\n', in->n) == NULL &&
		     memchr(in->p, '\r', in->n) != NULL;

	trw_input_lines_end_in(in, is_cr ? '\r' : '\n');
}

static void
line_give(struct trw_input *in, const uint8_t *line, size_t len, const char **p, size_t *n)
{
	if (in->end == '\n' && len > 0 && line[len - 1] == '\r') {
		len--;
		in->ended_in = "\r\n";
	}
	in->line++;
	*p = (const char *)line;
	*n = len;
}

/* A line that begins in this block and ends in another. */
static enum trw_status
line_carry(struct trw_input *in, const char **p, size_t *n, bool *is_cut, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	const uint8_t *end = NULL;

	in->carry.n = 0;
	while (st == TRW_OK && end == NULL) {
		end = memchr(in->p, in->end, in->n);
		size_t part = end == NULL ? in->n : (size_t)(end - in->p);
		size_t room = TRW_INPUT_LINE_MAX - in->carry.n;
		*is_cut = *is_cut || part > room;
		st = trw_buf_put(&in->carry, in->p, part < room ? part : room, err);
		in->p += part + (end != NULL);
		in->n -= part + (end != NULL);
		if (st == TRW_OK && end == NULL)
			st = block_next(in, err);
	}
	if (st < 0)
		return st;
	if (end == NULL)
		in->ended_in = "";
	line_give(in, in->carry.v, in->carry.n, p, n);
	return TRW_OK;
}

enum trw_status
trw_input_line(struct trw_input *in, const char **p, size_t *n, bool *is_cut, struct trw_err *err)
{
	enum trw_status st = need(in, err);
	const uint8_t *line = in->p, *end;

	*is_cut = false;
	if (st != TRW_OK)
		return st;
	if (!in->has_end)
		end_find(in);
	in->ended_in = in->end == '\n' ? "\n" : in->end == '\r' ? "\r" : "";
	end = memchr(line, in->end, in->n);
	if (end == NULL || (size_t)(end - line) > TRW_INPUT_LINE_MAX)
		return line_carry(in, p, n, is_cut, err);
	in->n -= (size_t)(end - line) + 1;
	in->p = end + 1;
	line_give(in, line, (size_t)(end - line), p, n);
	return TRW_OK;
}

void
trw_input_lines_end_in(struct trw_input *in, char end)
{
	in->end = end;
	in->has_end = true;
}

const char *
trw_input_line_end(const struct trw_input *in)
{
	return in->ended_in;
}

uint64_t
trw_input_line_number(const struct trw_input *in)
{
	return in->line;
}

/* ---- about it ---- */

const char *
trw_input_path(const struct trw_input *in)
{
	return in->path;
}

const char *
trw_input_name(const struct trw_input *in)
{
	return in->name;
}

uint64_t
trw_input_done(const struct trw_input *in)
{
	return atomic_load_explicit(&in->done, memory_order_relaxed);
}

uint64_t
trw_input_size(const struct trw_input *in)
{
	return in->size;
}

static enum trw_status
temp_fill(struct trw_input *in, struct trw_err *err)
{
	const uint8_t *p;
	size_t n;
	enum trw_status st = trw_input_rewind(in, err);

	in->temp.folder = in->folder;
	while (st == TRW_OK && (st = trw_input_piece(in, &p, &n, err)) == TRW_OK)
		st = trw_temp_append(&in->temp, p, n, err);
	if (st == TRW_END && !in->temp.is_open) /* empty: there must be a file all the same */
		st = trw_temp_append(&in->temp, "", 0, err);
	return st == TRW_END ? TRW_OK : st;
}

/* What the parser did not want, or not in this order. */
static enum trw_status
digest_all(const struct trw_input *in, uint8_t out[32], struct trw_err *err)
{
	uint8_t *buf = trw_alloc(BLOCK, 1, err);
	struct trw_digester d;
	struct trw_digests digests;
	uint64_t at = 0;
	enum trw_status st = buf == NULL ? TRW_ENOMEM : TRW_OK;

	trw_digest_start(&d, TRW_SHA256);
	while (st == TRW_OK && at < in->size) {
		size_t n = 0;
		st = trw_pread_full(in->fd, buf, BLOCK, at, &n, err);
		if (st == TRW_OK && n == 0)
			st = trw_fail(err, TRW_EIO, "%s: it has become shorter", in->path);
		if (st == TRW_OK)
			trw_digest_update(&d, buf, n);
		at += n;
		if (st == TRW_OK && (trw_is_cancelled() || atomic_load(&in->is_unwanted)))
			st = trw_fail(err, TRW_ECANCEL, "interrupted");
	}
	free(buf);
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
	return st;
}

static void *
digest_work(void *ctx)
{
	struct trw_input *in = ctx;

	(void)!digest_all(in, in->sha256, &in->sha256_err);
	return NULL;
}

/*
 * Beside the one who asks for bytes here and there; it also brings them into the cache. Without a
 * thread it is done in the end.
 */
static void
digest_start(struct trw_input *in)
{
	if (!in->digester.is_running && !in->is_digested)
		(void)!trw_thread_start(
			&in->digester, digest_work, in, "the thread that digests", TRW_IGNORE);
}

static void
digest_stop(struct trw_input *in)
{
	if (!in->digester.is_running)
		return;
	trw_thread_join(&in->digester);
	in->is_digested = in->sha256_err.status == TRW_OK;
}

enum trw_status
trw_input_fd(struct trw_input *in, int *fd, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (in->fd >= 0 && trw_unpack_is_plain(in->source)) {
		thread_stop(in);
		digest_start(in);
		*fd = in->fd;
		return TRW_OK;
	}
	if (!in->temp.is_open)
		st = temp_fill(in, err);
	*fd = in->temp.fd;
	return st;
}

/* A list that is still being copied would pass for a whole one. */
static enum trw_status
size_check(const struct trw_input *in, struct trw_err *err)
{
	struct stat about;

	if (in->fd < 0)
		return TRW_OK;
	if (fstat(in->fd, &about) != 0)
		return trw_fail_errno(err, errno, "%s", in->path);
	return (uint64_t)about.st_size == in->size
		       ? TRW_OK
		       : trw_fail(err, TRW_EIO,
				 "%s: its size has changed while it was read: try again", in->path);
}

enum trw_status
trw_input_sha256(struct trw_input *in, uint8_t out[32], struct trw_err *err)
{
	enum trw_status st = size_check(in, err);

	thread_stop(in);
	digest_stop(in);
	if (st < 0)
		return st;
	if (in->is_digested) {
		memcpy(out, in->sha256, 32);
		return TRW_OK;
	}
	if (trw_unpack_sha256(in->source, in->size, out))
		return TRW_OK;
	if (in->fd >= 0)
		return digest_all(in, out, err);

	struct trw_digester d;
	struct trw_digests digests;
	trw_digest_start(&d, TRW_SHA256);
	trw_digest_update(&d, in->memory, (size_t)in->size);
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
	return TRW_OK;
}
