/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/resume.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "digest/digest.h"
#include "index/content/task.h"

#include <stdlib.h>
#include <string.h>

#define END_SIZE ((size_t)64 << 10)
#define SAMPLE_SIZE ((size_t)4 << 10)
#define SAMPLES_MAX 64
#define SAMPLE_EVERY ((uint64_t)16 << 20) /* bytes: a sample may cost a whole chunk */

static void
put_number(struct trw_digester *d, uint64_t v)
{
	uint8_t b[8];

	trw_put_le64(b, v);
	trw_digest_update(d, b, sizeof(b));
}

static void
put_text(struct trw_digester *d, const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s);

	put_number(d, n);
	trw_digest_update(d, s == NULL ? "" : s, n);
}

/* What the container says, but not where it lies or what its files are called. */
static void
put_info(struct trw_digester *d, const struct trw_image_info *info)
{
	put_text(d, info->format_name);
	put_number(d, info->size);
	put_number(d, info->sector_size);
	put_number(d, info->chunk_size);
	put_number(d, info->n_segments);
	for (size_t i = 0; i < info->n_segments; i++) {
		put_number(d, info->segments[i].size);
		put_number(d, info->segments[i].is_missing);
	}
	put_number(d, info->n_facts);
	for (size_t i = 0; i < info->n_facts; i++) {
		put_text(d, info->facts[i].key);
		put_text(d, info->facts[i].value);
	}
	put_number(d, info->n_notes);
	for (size_t i = 0; i < info->n_notes; i++) {
		put_text(d, trw_code_facts(info->notes[i].code)->word);
		put_number(d, info->notes[i].off);
		put_number(d, info->notes[i].len);
	}
	put_number(d, info->stored.has_md5);
	trw_digest_update(d, info->stored.md5, sizeof(info->stored.md5));
	put_number(d, info->stored.has_sha1);
	trw_digest_update(d, info->stored.sha1, sizeof(info->stored.sha1));
}

/* At most len bytes from off; what cannot be read counts as zeros. */
static enum trw_status
put_media(struct trw_digester *d, struct trw_image *image, uint64_t off, size_t len, uint8_t *buf,
	struct trw_err *err)
{
	uint64_t size = trw_image_info(image)->size;
	size_t n = off >= size ? 0 : size - off < len ? (size_t)(size - off) : len;
	enum trw_status s = n == 0 ? TRW_OK : trw_image_read(image, off, buf, n, NULL, err);

	if (s == TRW_OK)
		trw_digest_update(d, buf, n);
	return s;
}

enum trw_status
trw_resume_fingerprint(
	struct trw_image *image, uint8_t out[TRW_FINGERPRINT_SIZE], struct trw_err *err)
{
	uint64_t size = trw_image_info(image)->size, n = size / SAMPLE_EVERY;
	uint8_t *buf = trw_alloc(END_SIZE, 1, err);
	struct trw_digester d;
	struct trw_digests digests;
	enum trw_status s;

	if (buf == NULL)
		return TRW_ENOMEM;
	n = n < SAMPLES_MAX ? n : SAMPLES_MAX;
	trw_digest_start(&d, TRW_SHA256);
	put_info(&d, trw_image_info(image));
	s = put_media(&d, image, 0, END_SIZE, buf, err);
	for (uint64_t i = 1; s == TRW_OK && i <= n; i++)
		s = put_media(&d, image, size / (n + 1) * i / SAMPLE_SIZE * SAMPLE_SIZE,
			SAMPLE_SIZE, buf, err);
	if (s == TRW_OK)
		s = put_media(&d, image, size > END_SIZE ? size - END_SIZE : 0, END_SIZE, buf, err);
	if (s == TRW_OK) {
		trw_digest_finish(&d, &digests);
		memcpy(out, digests.sha256, TRW_FINGERPRINT_SIZE);
	}
	free(buf);
	return s;
}

enum trw_status
trw_resume_image(
	struct trw_evidence *ev, size_t number, struct trw_evidence_state *out, struct trw_err *err)
{
	enum trw_status s = trw_evidence_image_state(ev, number, out, err);

	if (s < 0 || !out->is_begun || out->is_closed)
		return s;
	s = out->is_walked ? trw_evidence_image_rewind(ev, out->image_id, err)
			   : trw_evidence_image_forget(ev, out->image_id, err);
	trw_evidence_state_clear(out);
	return s < 0 ? s : trw_evidence_image_state(ev, number, out, err);
}

struct planning {
	struct trw_plan *plan;
	uint64_t image_size;
};

static enum trw_status
take_stream(void *ctx, const struct trw_evidence_stream *stream, struct trw_err *err)
{
	struct planning *p = ctx;
	struct trw_task task = {.file_id = stream->file_id,
		.size = stream->decode.size,
		.source = stream->source,
		.extents = *stream->extents,
		.decode = stream->decode};

	if (stream->source != TRW_CONTENT_EXTENTS && stream->source != TRW_CONTENT_DECODE)
		return trw_fail(err, TRW_ECORRUPT,
			"file %" PRId64 " has no content although the walk that knew it is over",
			stream->file_id);
	return trw_task_plan(&task, p->image_size, p->plan, err);
}

enum trw_status
trw_resume_plan(struct trw_evidence *ev, const struct trw_evidence_state *state,
	struct trw_image *image, struct trw_plan *plan, struct trw_err *err)
{
	struct planning p = {plan, trw_image_info(image)->size};
	enum trw_status s = trw_image_damage_add(image, &state->damage, err);

	return s < 0 ? s : trw_evidence_streams_left(ev, state->image_id, take_stream, &p, err);
}
