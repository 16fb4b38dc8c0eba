/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/setfile.h"

#include "base/alloc.h"
#include "base/io.h"
#include "hashset/quicksum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A section's pieces are full but for the last: each has its quick checksum. */
#define BUFFER TRW_QUICKSUM_PIECE

static enum trw_status
fail(const struct trw_setfile *f, struct trw_err *err)
{
	return trw_fail_in(err, "%s: cannot write the set; free space there or name another place",
		f->file.path);
}

/* In order, so that the digests are those of the section. After a failure pieces are only taken. */
static void
piece_write(struct trw_setfile *f, const struct trw_setfile_piece *piece)
{
	uint8_t sum[TRW_QUICKSUM_SIZE];
	struct trw_err err = {0};

	if (trw_first_error_is_set(&f->failed))
		return;
	trw_digest_update(&f->sha256, piece->v, piece->n);
	trw_quicksum(piece->v, piece->n, sum);
	enum trw_status st = trw_buf_put(&f->sums, sum, sizeof(sum), &err);
	if (st == TRW_OK && lseek(f->file.fd, (off_t)piece->at, SEEK_SET) < 0)
		st = trw_fail_errno(&err, errno, "seek to %" PRIu64, piece->at);
	if (st == TRW_OK)
		st = trw_write_full(f->file.fd, piece->v, piece->n, &err);
	if (st < 0)
		trw_first_error_set(&f->failed, &err);
}

static void *
pieces_write(void *ctx)
{
	struct trw_setfile *f = ctx;
	struct trw_setfile_piece *piece;

	while ((piece = trw_queue_get(f->full)) != NULL) {
		piece_write(f, piece);
		(void)!trw_queue_put(f->empty, piece);
	}
	return NULL;
}

static enum trw_status
pieces_start(struct trw_setfile *f, struct trw_err *err)
{
	enum trw_status st = trw_queue_new(TRW_SETFILE_PIECES, &f->full, err);

	if (st == TRW_OK)
		st = trw_queue_new(TRW_SETFILE_PIECES, &f->empty, err);
	for (size_t i = 0; st == TRW_OK && i < TRW_SETFILE_PIECES; i++) {
		f->pieces[i].v = trw_alloc(BUFFER, 1, err);
		st = f->pieces[i].v == NULL ? TRW_ENOMEM : TRW_OK;
		if (st == TRW_OK && i > 0)
			(void)!trw_queue_put(f->empty, &f->pieces[i]);
	}
	if (st < 0)
		return st;
	f->piece = &f->pieces[0];
	return trw_thread_start(&f->thread, pieces_write, f, "the thread that writes", err);
}

enum trw_status
trw_setfile_open(const struct trw_target *target, struct trw_setfile *f, struct trw_err *err)
{
	enum trw_status st;

	*f = (struct trw_setfile){.n = TRW_TSET_HEADER};
	trw_first_error_init(&f->failed);
	st = trw_replace_open(target, &f->file, err);
	return st < 0 ? st : pieces_start(f, err);
}

static enum trw_status
why(struct trw_setfile *f, struct trw_err *err)
{
	return trw_first_error_get(&f->failed, err) < 0 ? fail(f, err) : TRW_OK;
}

/* Wait until the thread has nothing to do; what it owns may then be looked at. */
static void
pieces_drain(struct trw_setfile *f)
{
	struct trw_setfile_piece *idle[TRW_SETFILE_PIECES - 1];

	for (size_t i = 0; i < TRW_SETFILE_PIECES - 1; i++)
		idle[i] = trw_queue_get(f->empty);
	for (size_t i = 0; i < TRW_SETFILE_PIECES - 1; i++)
		(void)!trw_queue_put(f->empty, idle[i]);
}

static enum trw_status
piece_send(struct trw_setfile *f, struct trw_err *err)
{
	if (f->piece->n == 0)
		return TRW_OK;
	f->piece->at = f->n - f->piece->n;
	(void)!trw_queue_put(f->full, f->piece);
	f->piece = trw_queue_get(f->empty);
	f->piece->n = 0;
	return why(f, err);
}

enum trw_status
trw_setfile_begin(struct trw_setfile *f, int section, struct trw_err *err)
{
	(void)err;
	f->section = section;
	f->n = (f->n + TRW_TSET_ALIGN - 1) / TRW_TSET_ALIGN * TRW_TSET_ALIGN;
	f->sections[section].off = f->n;
	trw_digest_start(&f->sha256, TRW_SHA256);
	f->sums.n = 0;
	return TRW_OK;
}

enum trw_status
trw_setfile_put(struct trw_setfile *f, const void *p, size_t n, struct trw_err *err)
{
	const uint8_t *from = p;

	while (n > 0) {
		size_t room = BUFFER - f->piece->n, part = n < room ? n : room;
		memcpy(f->piece->v + f->piece->n, from, part);
		f->piece->n += part;
		f->n += part;
		from += part;
		n -= part;
		if (f->piece->n == BUFFER) {
			enum trw_status st = piece_send(f, err);
			if (st < 0)
				return st;
		}
	}
	return TRW_OK;
}

enum trw_status
trw_setfile_end(struct trw_setfile *f, struct trw_err *err)
{
	struct trw_tset_place *place = &f->sections[f->section];
	struct trw_digests digests;
	enum trw_status st = piece_send(f, err);

	if (st < 0)
		return st;
	pieces_drain(f);
	place->len = f->n - place->off;
	if (place->len == 0) {
		*place = (struct trw_tset_place){0};
		return why(f, err);
	}
	trw_digest_finish(&f->sha256, &digests);
	memcpy(place->sha256, digests.sha256, 32);
	trw_quicksum(f->sums.v, f->sums.n, place->quick);
	return why(f, err);
}

enum trw_status
trw_setfile_read(const struct trw_setfile *f, int section, uint64_t off, void *p, size_t n,
	struct trw_err *err)
{
	size_t got = 0;
	enum trw_status st =
		trw_pread_full(f->file.fd, p, n, f->sections[section].off + off, &got, err);

	if (st == TRW_OK && got < n)
		st = trw_fail(err, TRW_EIO, "it ends too early");
	return st < 0 ? trw_fail_in(err, "%s: cannot read back what was written", f->file.path)
		      : st;
}

enum trw_status
trw_setfile_finish(struct trw_setfile *f, const struct trw_tset_header *h, struct trw_err *err)
{
	uint8_t header[TRW_TSET_HEADER];

	trw_tset_encode(h, header);
	if (lseek(f->file.fd, 0, SEEK_SET) < 0) {
		(void)trw_fail_errno(err, errno, "seek to the start");
		return fail(f, err);
	}
	if (trw_write_full(f->file.fd, header, sizeof(header), err) < 0)
		return fail(f, err);
	return trw_replace_finish(&f->file, err);
}

void
trw_setfile_abandon(struct trw_setfile *f)
{
	if (f->thread.is_running)
		trw_queue_close(f->full);
	trw_thread_join(&f->thread);
	trw_first_error_destroy(&f->failed);
	trw_queue_free(f->full);
	trw_queue_free(f->empty);
	trw_replace_abandon(&f->file);
	for (size_t i = 0; i < TRW_SETFILE_PIECES; i++)
		free(f->pieces[i].v);
	trw_buf_clear(&f->sums);
	*f = (struct trw_setfile){0};
}
