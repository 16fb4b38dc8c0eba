/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents come in the order of the disk, and the table is in the order of files. Written as they come they
 * would touch pages all over the table; so they are held back until the commit, or until they are many, and
 * written in ascending order. What lies between two commits is lost together, as with any other row: that
 * some rows enter the transaction later than others cannot be seen from outside.
 *
 * Each stream has its own row, with the digests in it. One row for equal contents would save some bytes, and
 * cost a lookup by digest - a page anywhere in a table of gigabytes - for each stream, and for each again whenever
 * streams are read in order. content_id says which streams are equal: it is taken from SHA-256 but is
 * short enough for somebody to make two contents that share it, so nothing is concluded from it alone.
 */
#include "evidence/content.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "evidence/session.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX ((size_t)1 << 19) /* rows: 48 MiB, and while they are sorted 8 more */

/** A row of table content. */
struct trw_held_content {
	int64_t file_id, content_id;
	uint64_t size;
	enum trw_digest_state state;
	uint8_t md5[16], sha1[20], sha256[32]; /* of any state but NONE */
};

static int64_t
to_id(const uint8_t sha256[32])
{
	int64_t id = (int64_t)(trw_le64(sha256) & (uint64_t)TRW_CONTENT_ID_MASK);

	return id == 0 ? 1 : id;
}

int64_t
trw_content_id(const struct trw_evidence_content *content)
{
	const struct trw_ranges *damage = content->damage;
	struct trw_encoder e;
	uint8_t sha256[32];

	if (content->state == TRW_DIGEST_COMPLETE && content->sha256 != NULL)
		return to_id(content->sha256);
	trw_encode_start(&e);
	trw_encode_row(&e);
	trw_encode_int(&e, content->state);
	trw_encode_int(&e, content->size > INT64_MAX ? INT64_MAX : (int64_t)content->size);
	trw_encode_blob(&e, content->md5, 16);
	trw_encode_blob(&e, content->sha1, 20);
	trw_encode_blob(&e, content->sha256, 32);
	if (content->state == TRW_DIGEST_NONE)
		trw_encode_int(&e, content->file_id);
	else
		trw_encode_null(&e);
	for (size_t i = 0; damage != NULL && i < damage->n; i++) {
		trw_encode_row(&e);
		trw_encode_int(&e, (int64_t)damage->v[i].off);
		trw_encode_int(&e, (int64_t)damage->v[i].len);
		trw_encode_int(&e, damage->v[i].why);
	}
	trw_encode_finish(&e, sha256);
	return to_id(sha256);
}

#define ROW "(?, ?, ?, ?, ?, ?, ?)"
#define INSERT                                                                                     \
	"INSERT INTO content (file_id, content_id, state, size, md5, sha1, sha256) VALUES " ROW
#define MANY 8 /* rows of one statement: starting it costs as much as a row */

static void
content_bind(struct trw_row *row, const struct trw_held_content *c)
{
	bool has_digests = c->state != TRW_DIGEST_NONE;

	trw_row_int(row, c->file_id);
	trw_row_int(row, c->content_id);
	trw_row_int(row, c->state);
	trw_row_length(row, c->size);
	trw_row_blob(row, has_digests ? c->md5 : NULL, sizeof(c->md5));
	trw_row_blob(row, has_digests ? c->sha1 : NULL, sizeof(c->sha1));
	trw_row_blob(row, has_digests ? c->sha256 : NULL, sizeof(c->sha256));
}

/* n: 1 or MANY. */
static enum trw_status
contents_write(
	struct trw_evidence *ev, const struct trw_held_content *c, size_t n, struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = n == 1 ? trw_row_start(ev, TRW_STMT_CONTENT, INSERT, &row, err)
					: trw_row_start(ev, TRW_STMT_CONTENT_MANY,
						  INSERT ", " ROW ", " ROW ", " ROW ", " ROW
							 ", " ROW ", " ROW ", " ROW,
						  &row, err);

	if (status < 0)
		return status;
	for (size_t i = 0; i < n; i++)
		content_bind(&row, &c[i]);
	status = trw_row_end(&row, err);
	return status < 0 ? trw_fail_in(err, "content of file %" PRId64 " or the next", c->file_id)
			  : status;
}

static enum trw_status
damage_write(struct trw_evidence *ev, int64_t file_id, const struct trw_range *range,
	struct trw_err *err)
{
	struct trw_row row;
	enum trw_status status = trw_row_start(ev, TRW_STMT_CONTENT_DAMAGE,
		"INSERT INTO content_damage (file_id, off, len, why) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_row_int(&row, file_id);
	trw_row_length(&row, range->off);
	trw_row_length(&row, range->len);
	trw_row_text(&row, trw_damage_text(range->why));
	return trw_row_end(&row, err);
}

static int
by_file(const void *a, const void *b)
{
	int64_t x = ((const struct trw_held_content *)a)->file_id;
	int64_t y = ((const struct trw_held_content *)b)->file_id;

	return (x > y) - (x < y);
}

enum trw_status
trw_contents_flush(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = trw_hits_flush(ev, err);
	size_t n = ev->n_held;

	if (status < 0 || n == 0)
		return status;
	ev->n_held = 0;
	qsort(ev->held, n, sizeof(*ev->held), by_file);
	for (size_t i = 0, step; i < n && status == TRW_OK; i += step) {
		step = n - i >= MANY ? MANY : 1;
		status = contents_write(ev, &ev->held[i], step, err);
	}
	if (status < 0)
		ev->is_broken = true;
	return status;
}

void
trw_contents_clear(struct trw_evidence *ev)
{
	trw_hits_clear_held(ev);
	free(ev->held);
	ev->held = NULL;
	ev->n_held = ev->cap_held = 0;
}

static enum trw_status
hold(struct trw_evidence *ev, const struct trw_evidence_content *c, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (ev->n_held == HELD_MAX && (status = trw_contents_flush(ev, err)) < 0)
		return status;
	void *v = trw_grow(ev->held, ev->n_held, &ev->cap_held, sizeof(*ev->held), HELD_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	ev->held = v;
	struct trw_held_content *h = &ev->held[ev->n_held++];
	*h = (struct trw_held_content){.file_id = c->file_id,
		.content_id = trw_content_id(c),
		.size = c->size,
		.state = c->state};
	if (c->state != TRW_DIGEST_NONE) {
		memcpy(h->md5, c->md5, sizeof(h->md5));
		memcpy(h->sha1, c->sha1, sizeof(h->sha1));
		memcpy(h->sha256, c->sha256, sizeof(h->sha256));
	}
	return TRW_OK;
}

enum trw_status
trw_evidence_content_set(
	struct trw_evidence *ev, const struct trw_evidence_content *content, struct trw_err *err)
{
	struct trw_evidence_content c = *content;
	size_t n_damage = c.damage == NULL ? 0 : c.damage->n;
	enum trw_status status = trw_store_may_write(ev, err);

	if (status < 0)
		return status;
	if (c.state == TRW_DIGEST_NONE)
		c.md5 = c.sha1 = c.sha256 = NULL;
	else if (c.md5 == NULL || c.sha1 == NULL || c.sha256 == NULL)
		return trw_fail(
			err, TRW_EUSAGE, "file %" PRId64 ": a digest is missing", c.file_id);
	if (c.state == TRW_DIGEST_COMPLETE && n_damage > 0)
		return trw_fail(err, TRW_EUSAGE, "file %" PRId64 ": complete and damaged at once",
			c.file_id);
	/* The damage first: when it cannot be written, no content says that the stream is done. */
	for (size_t i = 0; i < n_damage && status == TRW_OK; i++)
		status = damage_write(ev, c.file_id, &c.damage->v[i], err);
	if (status == TRW_OK)
		status = hold(ev, &c, err);
	return status < 0 ? trw_fail_in(err, "content of file %" PRId64, c.file_id) : status;
}
