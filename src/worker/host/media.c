/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After HELLO the worker says what the container holds (MEDIA). Then each PREAD is answered by DATA frames in ascending
 * order and DONE, all offsets in the media. A byte that no DATA frame brought is missing, whatever DONE says.
 */
#include "worker/host/media.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "record/encode.h"
#include "worker/host/talk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX ((size_t)1 << 20) /* bytes of one PREAD */
#define RESTARTS_MAX 64             /* of one container; past it the rest is missing */

struct facts {
	uint64_t size;
	uint32_t sector_size;
	struct trw_image_digests stored;
	struct trw_ranges damage; /* known from the start */
};

struct media {
	char **paths;       /* owned; immutable after open */
	struct facts facts; /* immutable after open */
	pthread_mutex_t mu;
	struct trw_talk talk;    /* guarded by mu */
	unsigned int n_restarts; /* guarded by mu */
};

/* ---- decoding ---- */

/* n bytes of out, when the worker has said them. */
static bool
take_digest(struct trw_bytes said, uint8_t *out, size_t n)
{
	if (said.n > 0)
		memcpy(out, said.p, n);
	return said.n > 0;
}

static enum trw_status
get_facts(const struct trw_frame *frame, struct facts *out, struct trw_err *err)
{
	struct trw_media_facts said;
	enum trw_status st = trw_media_decode(frame->payload, frame->len, &said, err);

	*out = (struct facts){0};
	if (st != TRW_OK)
		return st;
	out->size = said.size;
	out->sector_size = said.sector_size;
	out->stored.has_md5 = take_digest(said.md5, out->stored.md5, sizeof(out->stored.md5));
	out->stored.has_sha1 = take_digest(said.sha1, out->stored.sha1, sizeof(out->stored.sha1));
	out->damage = said.damage;
	return TRW_OK;
}

static bool
is_same(const struct facts *a, const struct facts *b)
{
	const struct trw_image_digests *x = &a->stored, *y = &b->stored;

	return a->size == b->size && a->sector_size == b->sector_size && x->has_md5 == y->has_md5 &&
	       x->has_sha1 == y->has_sha1 && memcmp(x->md5, y->md5, sizeof(x->md5)) == 0 &&
	       memcmp(x->sha1, y->sha1, sizeof(x->sha1)) == 0;
}

/* ---- the worker ---- */

static enum trw_status
receive_facts(struct trw_worker *worker, struct facts *out, struct trw_err *err)
{
	struct trw_frame frame;
	enum trw_status st = trw_worker_recv(worker, &frame, err);

	if (st != TRW_OK)
		return st;
	if (frame.type == TRW_FRAME_MEDIA)
		st = get_facts(&frame, out, err);
	else if (frame.type == TRW_FRAME_FAILED)
		st = trw_frame_failed(&frame, err);
	else
		st = trw_fail(err, TRW_EWORKER, "an unexpected frame of type %d", (int)frame.type);
	if (st != TRW_OK)
		trw_ranges_clear(&out->damage);
	return st;
}

/* A fresh worker must have found the same. */
static enum trw_status
greet(void *ctx, struct trw_worker *worker, struct trw_err *err)
{
	struct media *m = ctx;
	struct facts facts = {0};
	enum trw_status st = receive_facts(worker, &facts, err);

	m->n_restarts++;
	if (st == TRW_OK && !is_same(&facts, &m->facts))
		st = trw_fail(err, TRW_EWORKER, "not the same container as before");
	trw_ranges_clear(&facts.damage);
	return st;
}

/* ---- reading ---- */

/** One PREAD and what has come of its answer. */
struct piece {
	struct media *media;
	uint64_t off;
	uint8_t *buf;
	size_t len;
	size_t done;              /* the bytes before it are there or missing */
	struct trw_ranges damage; /* what to report once DONE has come */
};

static enum trw_status
take_data(struct piece *piece, const struct trw_frame *frame, struct trw_err *err)
{
	struct trw_data data;
	uint64_t from = piece->off + piece->done;
	size_t begin;

	if (trw_data_decode(frame->payload, frame->len, &data, NULL) != TRW_OK ||
		data.bytes.n == 0 || data.off < from || data.off - piece->off > piece->len ||
		data.bytes.n > piece->len - (data.off - piece->off))
		return trw_fail(err, TRW_ECORRUPT, "data that was not asked for");
	begin = (size_t)(data.off - piece->off);
	memcpy(piece->buf + begin, data.bytes.p, data.bytes.n);
	piece->done = begin + data.bytes.n;
	return trw_ranges_add(&piece->damage, from, data.off - from, TRW_DAMAGE_MISSING, err);
}

/* DONE: the rest of the piece won't come. */
static enum trw_status
take_done(struct piece *piece, const struct trw_frame *frame, struct trw_err *err)
{
	struct trw_damage_list done = {0};
	enum trw_status st = trw_damage_decode(frame->payload, frame->len, &done, err);

	if (st == TRW_OK)
		st = trw_damage_fits(&done.damage, piece->off, piece->len, err);
	if (st == TRW_OK)
		st = trw_ranges_add_part(
			&piece->damage, &done.damage, piece->off, piece->len, piece->off, err);
	trw_ranges_clear(&done.damage);
	return st == TRW_OK ? TRW_END : st;
}

static enum trw_status
take_frame(void *ctx, const struct trw_frame *frame, struct trw_err *err)
{
	struct piece *piece = ctx;
	enum trw_status st = TRW_ECORRUPT;

	if (frame->type == TRW_FRAME_DATA)
		st = take_data(piece, frame, err);
	else if (frame->type == TRW_FRAME_DONE)
		st = take_done(piece, frame, err);
	if (st != TRW_ECORRUPT)
		return st;
	trw_worker_distrust(
		piece->media->talk.worker, "an answer to PREAD that does not fit the request");
	return TRW_OK;
}

/* As if nothing had come. */
static void
reset(struct piece *piece)
{
	memset(piece->buf, 0, piece->len);
	piece->done = 0;
	trw_ranges_clear(&piece->damage);
}

static enum trw_status
again(void *ctx, const struct trw_talk_end *end, struct trw_err *err)
{
	struct piece *piece = ctx;

	(void)end;
	(void)err;
	reset(piece);
	return piece->media->n_restarts < RESTARTS_MAX ? TRW_OK : TRW_END;
}

/* Errors: TRW_ENOMEM, TRW_ECANCEL; else the piece is filled or missing. */
static enum trw_status
read_piece(struct media *m, struct piece *piece, struct trw_err *err)
{
	struct trw_pread_request asked = {piece->off, (uint32_t)piece->len};
	struct trw_talk_request request = {
		.type = TRW_FRAME_PREAD, .take = take_frame, .again = again, .ctx = piece};
	struct trw_talk_end end = {.how = TRW_TALK_LOST};
	struct trw_buf b = {0};
	enum trw_status st = trw_pread_encode(&asked, &b, err);

	reset(piece);
	request.payload = b.v;
	request.n = b.n;
	if (st == TRW_OK && (m->talk.worker != NULL || m->n_restarts < RESTARTS_MAX))
		st = trw_talk(&m->talk, &request, &end, err);
	trw_buf_clear(&b);
	if (st == TRW_ENOMEM || st == TRW_ECANCEL)
		return st;
	if (st < 0 || end.how == TRW_TALK_LOST)
		reset(piece);
	return trw_ranges_add(&piece->damage, piece->off + piece->done, piece->len - piece->done,
		TRW_DAMAGE_MISSING, err);
}

static enum trw_status
media_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	struct media *m = ctx;
	enum trw_status st = TRW_OK;

	for (size_t done = 0; done < len && st == TRW_OK;) {
		size_t n = len - done < PIECE_MAX ? len - done : PIECE_MAX;
		struct piece piece = {.media = m, .off = off + done, .buf = buf + done, .len = n};

		/* Held while the worker answers: one conversation at a time. */
		(void)pthread_mutex_lock(&m->mu);
		st = read_piece(m, &piece, err);
		(void)pthread_mutex_unlock(&m->mu);
		if (st == TRW_OK && damage != NULL)
			st = trw_ranges_add_part(
				damage, &piece.damage, piece.off, n, piece.off, err);
		trw_ranges_clear(&piece.damage);
		done += n;
	}
	if (st == TRW_OK && damage != NULL)
		st = trw_ranges_add_part(damage, &m->facts.damage, off, len, off, err);
	return st;
}

/* ---- open and close ---- */

static void
media_close(void *ctx)
{
	struct media *m = ctx;

	trw_talk_close(&m->talk);
	for (size_t i = 0; m->paths != NULL && m->paths[i] != NULL; i++)
		free(m->paths[i]);
	free(m->paths);
	trw_ranges_clear(&m->facts.damage);
	(void)pthread_mutex_destroy(&m->mu);
	free(m);
}

static enum trw_status
copy_paths(struct media *m, const char *const *paths, size_t n, struct trw_err *err)
{
	if (n > TRW_SEGMENTS_MAX)
		return trw_fail(err, TRW_ELIMIT, "more than %d segments", TRW_SEGMENTS_MAX);
	m->paths = trw_alloc(n + 1, sizeof(*m->paths), err);
	if (m->paths == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		m->paths[i] = trw_strdup(paths[i], err);
		if (m->paths[i] == NULL)
			return TRW_ENOMEM;
	}
	m->talk.spec.paths = (const char *const *)m->paths;
	m->talk.spec.n_paths = n;
	return TRW_OK;
}

static struct trw_worker_spec
spec_of(const struct trw_media_options *o)
{
	return (struct trw_worker_spec){
		.binary = o->binary,
		.role = "media",
		.sector_size = o->sector_size,
		.memory_max = o->memory_max,
		.quiet_max_ns = o->quiet_max_ns,
		.no_sandbox = o->no_sandbox,
	};
}

enum trw_status
trw_media_open(void *hook_ctx, enum trw_image_format format, const char *const *paths, size_t n,
	struct trw_opening *o, struct trw_err *err)
{
	const struct trw_media_options none = {0}, *options = hook_ctx != NULL ? hook_ctx : &none;
	struct media *m = trw_alloc(1, sizeof(*m), err);
	enum trw_status st;

	(void)format; /* the worker finds out for itself */
	if (m == NULL)
		return TRW_ENOMEM;
	m->talk = (struct trw_talk){spec_of(options), NULL, greet, m};
	(void)pthread_mutex_init(&m->mu, NULL);
	st = copy_paths(m, paths, n, err);
	if (st == TRW_OK)
		st = trw_worker_start(&m->talk.spec, &m->talk.worker, err);
	if (st == TRW_OK)
		st = receive_facts(m->talk.worker, &m->facts, err);
	if (st != TRW_OK) {
		media_close(m);
		return st;
	}
	o->backend = (struct trw_backend){.read = media_read, .close = media_close, .ctx = m};
	o->about.info.size = m->facts.size;
	o->about.info.sector_size = m->facts.sector_size;
	o->about.info.stored = m->facts.stored;
	return TRW_OK;
}
