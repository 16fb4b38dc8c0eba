/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database says where a stream comes from: its extents, or, where a file system keeps or packs content in
 * ways that extents do not tell (resident, compressed), its inode and attribute for a read worker.
 */
#include "index/job/cat.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "evidence/evidence.h"
#include "index/content/stream.h"
#include "index/job/items.h"
#include "sweep/digests.h"

#include <stdlib.h>
#include <string.h>

/* What the database knows of the file. */
struct subject {
	struct trw_task task;
	enum trw_content_source source;
	uint64_t image_size;
	char *image_path; /* owned */
	bool has_sha256;
	uint8_t sha256[32];
};

struct output {
	enum trw_status (*write)(void *ctx, const void *p, size_t n, struct trw_err *err);
	void *ctx;
};

static enum trw_status
take_stream(void *ctx, const struct trw_evidence_stream *stream, struct trw_err *err)
{
	struct subject *s = ctx;

	if (stream->image_path == NULL)
		return trw_fail(err, TRW_ECORRUPT, "the row of the image is not as it should be");
	s->source = stream->source;
	/* What the walk handed over is not in the database: a read worker finds it again. */
	s->task.source = s->source == TRW_CONTENT_INLINE ? TRW_CONTENT_DECODE : s->source;
	s->task.size = stream->decode.size;
	s->task.decode = stream->decode;
	s->image_size = stream->image_size;
	s->has_sha256 = stream->sha256 != NULL;
	if (s->has_sha256)
		memcpy(s->sha256, stream->sha256, sizeof(s->sha256));
	s->image_path = trw_strdup(stream->image_path, err);
	if (s->image_path == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < stream->extents->n; i++) {
		const struct trw_extent *x = &stream->extents->v[i];
		if (trw_extents_add(&s->task.extents, x->kind, x->off, x->len, err) < 0)
			return TRW_ENOMEM;
	}
	return TRW_OK;
}

static enum trw_status
look_up(const char *db, int64_t file_id, struct subject *s, struct trw_err *err)
{
	struct trw_evidence *ev = NULL;
	enum trw_status status = trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, err);

	if (status < 0)
		return status;
	status = trw_evidence_stream_of(ev, file_id, take_stream, s, err);
	if (status >= 0 && s->source == TRW_CONTENT_UNKNOWN)
		status = trw_fail(err, TRW_EUSAGE,
			"file %" PRId64 ": the file system does not say where its content is",
			file_id);
	if (status >= 0 && s->source == TRW_CONTENT_NONE)
		status = trw_fail(err, TRW_EUSAGE,
			"file %" PRId64
			" has no content: it is a directory, a device or only a name",
			file_id);
	struct trw_err late = {0};
	enum trw_status closed = trw_evidence_close(ev, status < 0 ? &late : err);
	return status < 0 ? status : closed;
}

/* The consumer that writes. */

static enum trw_status
begin(void *self, void *state, const struct trw_stream_head *head, unsigned part, unsigned n_parts,
	struct trw_err *err)
{
	(void)self;
	(void)state;
	(void)head;
	(void)part;
	(void)n_parts;
	(void)err;
	return TRW_OK;
}

static enum trw_status
put_bytes(void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err)
{
	const struct output *o = self;

	(void)state;
	return o->write(o->ctx, p, n, err);
}

static enum trw_status
put_zeros(void *self, void *state, uint64_t n, struct trw_err *err)
{
	static const uint8_t zeros[65536];
	enum trw_status s = TRW_OK;

	while (s >= 0 && n > 0) {
		size_t len = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		s = put_bytes(self, state, zeros, len, err);
		n -= len;
	}
	return s;
}

static enum trw_status
put_missing(void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err)
{
	(void)why;
	return put_zeros(self, state, n, err);
}

static enum trw_status
end(void *self, void *state, struct trw_stream_done *done, struct trw_err *err)
{
	(void)self;
	(void)state;
	(void)done;
	(void)err;
	return TRW_OK;
}

static bool
stops(void *ctx)
{
	(void)ctx;
	return trw_is_cancelled();
}

static enum trw_status
read_into(struct trw_tee *tee, struct trw_image *image, const struct trw_worker_spec *spec,
	const struct subject *s, struct trw_stream_done *done, struct trw_err *err)
{
	struct trw_stream *stream = NULL;
	struct trw_stream_report report = {0};
	enum trw_status status = trw_stream_new(image, spec, &stream, err);

	if (status == TRW_OK)
		status = trw_stream_read(stream, &s->task, tee, stops, NULL, &report, err);
	done->damage = report.damage;
	done->cause = report.cause;
	if (status == TRW_OK)
		status = trw_tee_end(tee, done, err);
	done->cause = "";
	trw_stream_free(stream);
	return status;
}

static enum trw_status
copy(struct trw_image *image, const struct trw_worker_spec *spec, const struct subject *s,
	struct output *o, struct trw_cat_result *out, struct trw_err *err)
{
	struct trw_consumer row[] = {trw_digests_consumer(NULL), {.shared = o,
									 .is_once = true,
									 .begin = begin,
									 .bytes = put_bytes,
									 .zeros = put_zeros,
									 .missing = put_missing,
									 .end = end}};
	struct trw_stream_done done = {.size = s->task.size};
	struct trw_tee *tee = NULL;
	enum trw_status status = trw_tee_new((struct trw_consumers){row, 2}, &tee, err);

	if (status == TRW_OK)
		status = read_into(tee, image, spec, s, &done, err);
	if (status == TRW_OK) {
		out->digest_known = s->has_sha256;
		out->digest_ok = s->has_sha256 &&
				 memcmp(done.digests.sha256, s->sha256, sizeof(s->sha256)) == 0;
		out->complete = done.damage.n == 0;
	}
	trw_ranges_clear(&done.damage);
	trw_tee_free(tee);
	return status;
}

/* The item among the opened ones that has the size of the image that was indexed. */
static const struct trw_item *
find_item(const struct trw_items *items, uint64_t size)
{
	for (size_t i = 0; i < items->n; i++)
		if (trw_image_info(items->v[i].image)->size == size)
			return &items->v[i];
	return NULL;
}

static enum trw_status
copy_from(const struct trw_items *items, const struct subject *s, struct output *o,
	struct trw_cat_result *out, struct trw_err *err)
{
	const struct trw_item *item = find_item(items, s->image_size);

	if (item == NULL)
		return trw_fail(err, TRW_EUSAGE,
			"%s has %" PRIu64 " bytes, the image that was indexed has %" PRIu64
			": give the same image",
			items->v[0].path, trw_image_info(items->v[0].image)->size, s->image_size);
	struct trw_worker_spec spec = {.role = "read",
		.paths = &item->path,
		.n_paths = 1,
		.memory_max = trw_talk_memory(s->image_size),
		.no_sandbox = items->media.no_sandbox};
	return copy(item->image, &spec, s, o, out, err);
}

enum trw_status
trw_index_cat(const char *db, int64_t file_id, const struct trw_index_images *images,
	enum trw_status (*write)(void *ctx, const void *p, size_t n, struct trw_err *err),
	void *ctx, struct trw_cat_result *out, struct trw_err *err)
{
	struct subject s = {0};
	struct output o = {.write = write, .ctx = ctx};
	struct trw_items items = {0};
	struct trw_media_options media = {.no_sandbox = images->no_sandbox};

	*out = (struct trw_cat_result){0};
	enum trw_status status = look_up(db, file_id, &s, err);
	if (status >= 0) {
		const char *recorded = s.image_path;
		status = trw_items_open(&items, images->n > 0 ? images->v : &recorded,
			images->n > 0 ? images->n : 1, &media, err);
	}
	if (status >= 0)
		status = copy_from(&items, &s, &o, out, err);
	trw_items_close(&items);
	trw_extents_clear(&s.task.extents);
	free(s.image_path);
	return status < 0 ? status : TRW_OK;
}
