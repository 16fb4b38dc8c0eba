/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database says where a stream comes from: its extents, or, where a file system keeps or packs content in
 * ways that extents do not tell (resident, compressed), its inode and attribute for a read worker.
 */
#include "index/job/cat.h"

#include "base/alloc.h"
#include "base/cancel.h"
#include "digest/digest.h"
#include "evidence/evidence.h"
#include "index/job/items.h"
#include "index/content/stream.h"

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
	struct trw_digester digester;
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

static enum trw_status
put_bytes(void *ctx, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct output *o = ctx;

	trw_digest_update(&o->digester, p, n);
	return o->write(o->ctx, p, n, err);
}

static enum trw_status
put_zeros(void *ctx, uint64_t n, struct trw_err *err)
{
	static const uint8_t zeros[65536];
	enum trw_status s = TRW_OK;

	while (s >= 0 && n > 0) {
		size_t len = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		s = put_bytes(ctx, zeros, len, err);
		n -= len;
	}
	return s;
}

static bool
stops(void *ctx)
{
	(void)ctx;
	return trw_is_cancelled();
}

static enum trw_status
copy(struct trw_image *image, const struct trw_worker_spec *spec, const struct subject *s,
	struct output *o, struct trw_cat_result *out, struct trw_err *err)
{
	struct trw_stream *stream = NULL;
	struct trw_stream_report report = {0};
	struct trw_stream_sink sink = {put_bytes, put_zeros, o, NULL};
	struct trw_digests digests;
	enum trw_status status = trw_stream_new(image, spec, &stream, err);

	if (status == TRW_OK) {
		trw_digest_start(&o->digester, TRW_DIGEST_ALL);
		status = trw_stream_read(stream, &s->task, &sink, stops, NULL, &report, err);
	}
	if (status == TRW_OK) {
		trw_digest_finish(&o->digester, &digests);
		out->digest_known = s->has_sha256;
		out->digest_ok =
			s->has_sha256 && memcmp(digests.sha256, s->sha256, sizeof(s->sha256)) == 0;
		out->complete = report.damage.n == 0;
	}
	trw_ranges_clear(&report.damage);
	trw_stream_free(stream);
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
		.memory_max = trw_talk_memory(s->image_size)};
	return copy(item->image, &spec, s, o, out, err);
}

enum trw_status
trw_index_cat(const char *db, int64_t file_id, const char *const *images, size_t n_images,
	enum trw_status (*write)(void *ctx, const void *p, size_t n, struct trw_err *err),
	void *ctx, struct trw_cat_result *out, struct trw_err *err)
{
	struct subject s = {0};
	struct output o = {.write = write, .ctx = ctx};
	struct trw_items items = {0};
	struct trw_media_options media = {0};

	*out = (struct trw_cat_result){0};
	enum trw_status status = look_up(db, file_id, &s, err);
	if (status >= 0) {
		const char *recorded = s.image_path;
		status = trw_items_open(&items, n_images > 0 ? images : &recorded,
			n_images > 0 ? n_images : 1, &media, err);
	}
	if (status >= 0)
		status = copy_from(&items, &s, &o, out, err);
	trw_items_close(&items);
	trw_extents_clear(&s.task.extents);
	free(s.image_path);
	return status < 0 ? status : TRW_OK;
}
