/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each stream has its own row, with the digests in it. One row for equal contents would save some bytes, and
 * cost a lookup by digest - a page anywhere in a table of gigabytes - for each stream, and for each again whenever
 * streams are read in order. content_id says which streams are equal: it is taken from SHA-256 but is
 * short enough for somebody to make two contents that share it, so nothing is concluded from it alone.
 */
#include "evidence/content.h"
#include "evidence/pending.h"

#include "base/bytes.h"

static int64_t
to_id(const uint8_t sha256[32])
{
	int64_t id = (int64_t)(trw_le64(sha256) & (uint64_t)TRW_CONTENT_ID_MASK);

	return id == 0 ? 1 : id;
}

int64_t
trw_content_id(const struct trw_content_row *content)
{
	const struct trw_ranges *damage = &content->damage;
	const struct trw_digests *d = &content->digests;
	bool has_digests = content->state != TRW_DIGEST_NONE;
	struct trw_encoder e;
	uint8_t sha256[32];

	if (content->state == TRW_DIGEST_COMPLETE)
		return to_id(d->sha256);
	trw_encode_start(&e);
	trw_encode_row(&e);
	trw_encode_int(&e, content->state);
	trw_encode_int(&e, content->size > INT64_MAX ? INT64_MAX : (int64_t)content->size);
	trw_encode_blob(&e, has_digests ? d->md5 : NULL, 16);
	trw_encode_blob(&e, has_digests ? d->sha1 : NULL, 20);
	trw_encode_blob(&e, has_digests ? d->sha256 : NULL, 32);
	if (!has_digests)
		trw_encode_int(&e, content->file_id);
	else
		trw_encode_null(&e);
	for (size_t i = 0; i < damage->n; i++) {
		trw_encode_row(&e);
		trw_encode_int(&e, (int64_t)damage->v[i].off);
		trw_encode_int(&e, (int64_t)damage->v[i].len);
		trw_encode_int(&e, damage->v[i].why);
	}
	trw_encode_finish(&e, sha256);
	return to_id(sha256);
}

static enum trw_status
damage_write(struct trw_evidence *ev, int64_t file_id, const struct trw_range *range,
	struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_CONTENT_DAMAGE,
		"INSERT INTO content_damage (file_id, off, len, why) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_bind_int(&row, file_id);
	trw_bind_length(&row, range->off);
	trw_bind_length(&row, range->len);
	trw_bind_text(&row, trw_damage_text(range->why));
	return trw_bind_end(&row, err);
}

enum trw_status
trw_put_content(struct trw_evidence *ev, const struct trw_content_row *content, struct trw_err *err)
{
	const struct trw_ranges *damage = &content->damage;
	struct trw_pending_content held = {.file_id = content->file_id,
		.size = content->size,
		.state = content->state,
		.digests = content->digests};
	enum trw_status status = trw_store_may_write(ev, err);

	if (status < 0)
		return status;
	if (content->state == TRW_DIGEST_COMPLETE && damage->n > 0)
		return trw_fail(err, TRW_EUSAGE, "file %" PRId64 ": complete and damaged at once",
			content->file_id);
	held.content_id = trw_content_id(content);
	/* The damage first: when it cannot be written, no content says that the stream is done. */
	for (size_t i = 0; i < damage->n && status == TRW_OK; i++)
		status = damage_write(ev, content->file_id, &damage->v[i], err);
	if (status == TRW_OK)
		status = trw_hold_content(ev, &held, err);
	return status < 0 ? trw_fail_in(err, "content of file %" PRId64, content->file_id) : status;
}
