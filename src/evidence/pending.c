/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/pending.h"

#include "base/alloc.h"

#include <stdlib.h>

#define CONTENTS_MAX ((size_t)1 << 19) /* rows: 48 MiB, and while they are sorted 8 more */
#define HITS_MAX ((size_t)1 << 18)     /* rows: 16 MiB */

#define ROW "(?, ?, ?, ?, ?, ?, ?)"
#define INSERT                                                                                     \
	"INSERT INTO content (file_id, content_id, state, size, md5, sha1, sha256) VALUES " ROW
#define MANY 8 /* rows of one statement: starting it costs as much as a row */

static void
bind_content(struct trw_bind *row, const struct trw_pending_content *c)
{
	bool has_digests = c->state != TRW_DIGEST_NONE;

	trw_bind_int(row, c->file_id);
	trw_bind_int(row, c->content_id);
	trw_bind_int(row, c->state);
	trw_bind_length(row, c->size);
	trw_bind_blob(row, has_digests ? c->digests.md5 : NULL, sizeof(c->digests.md5));
	trw_bind_blob(row, has_digests ? c->digests.sha1 : NULL, sizeof(c->digests.sha1));
	trw_bind_blob(row, has_digests ? c->digests.sha256 : NULL, sizeof(c->digests.sha256));
}

/* n: 1 or MANY. */
static enum trw_status
write_contents(
	struct trw_evidence *ev, const struct trw_pending_content *c, size_t n, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = n == 1 ? trw_bind_start(ev, TRW_STMT_CONTENT, INSERT, &row, err)
					: trw_bind_start(ev, TRW_STMT_CONTENT_MANY,
						  INSERT ", " ROW ", " ROW ", " ROW ", " ROW
							 ", " ROW ", " ROW ", " ROW,
						  &row, err);

	if (status < 0)
		return status;
	for (size_t i = 0; i < n; i++)
		bind_content(&row, &c[i]);
	status = trw_bind_end(&row, err);
	return status < 0 ? trw_fail_in(err, "content of file %" PRId64 " or the next", c->file_id)
			  : status;
}

static enum trw_status
write_hit(struct trw_evidence *ev, const struct trw_pending_hit *hit, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_HIT,
		"INSERT INTO hit (file_id, session_id, entry_id, verdict, agreed, is_alert, is_excluded,"
		" n_unrecorded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, hit->file_id);
	trw_bind_int(&row, hit->session_id);
	trw_bind_int(&row, hit->entry_id);
	trw_bind_text(&row, trw_verdict_text(hit->verdict));
	trw_bind_text(&row, hit->agreed);
	trw_bind_int(&row, hit->is_alert);
	trw_bind_int(&row, hit->is_excluded);
	trw_bind_int(&row, hit->n_unrecorded);
	status = trw_bind_end(&row, err);
	return status < 0 ? trw_fail_in(err, "hit of file %" PRId64, hit->file_id) : status;
}

static int
by_file_and_entry(const void *a, const void *b)
{
	const struct trw_pending_hit *x = a, *y = b;

	if (x->file_id != y->file_id)
		return x->file_id < y->file_id ? -1 : 1;
	return (x->entry_id > y->entry_id) - (x->entry_id < y->entry_id);
}

static int
by_file(const void *a, const void *b)
{
	int64_t x = ((const struct trw_pending_content *)a)->file_id;
	int64_t y = ((const struct trw_pending_content *)b)->file_id;

	return (x > y) - (x < y);
}

static enum trw_status
flush_hits(struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_pending *h = &ev->pending;
	enum trw_status status = TRW_OK;
	size_t n = h->n_hits;

	h->n_hits = 0;
	if (n > 0)
		qsort(h->hits, n, sizeof(*h->hits), by_file_and_entry);
	for (size_t i = 0; i < n && status == TRW_OK; i++)
		status = write_hit(ev, &h->hits[i], err);
	return status;
}

static enum trw_status
flush_contents(struct trw_evidence *ev, struct trw_err *err)
{
	struct trw_pending *h = &ev->pending;
	enum trw_status status = TRW_OK;
	size_t n = h->n_contents;

	h->n_contents = 0;
	if (n > 0)
		qsort(h->contents, n, sizeof(*h->contents), by_file);
	for (size_t i = 0, step; i < n && status == TRW_OK; i += step) {
		step = n - i >= MANY ? MANY : 1;
		status = write_contents(ev, &h->contents[i], step, err);
	}
	return status;
}

enum trw_status
trw_pending_flush(struct trw_evidence *ev, struct trw_err *err)
{
	enum trw_status status = flush_hits(ev, err);

	if (status == TRW_OK)
		status = flush_contents(ev, err);
	if (status < 0)
		ev->is_broken = true;
	return status;
}

void
trw_pending_clear(struct trw_evidence *ev)
{
	free(ev->pending.contents);
	free(ev->pending.hits);
	ev->pending = (struct trw_pending){0};
}

enum trw_status
trw_hold_content(
	struct trw_evidence *ev, const struct trw_pending_content *content, struct trw_err *err)
{
	struct trw_pending *h = &ev->pending;
	enum trw_status status = TRW_OK;

	if (h->n_contents == CONTENTS_MAX && (status = trw_pending_flush(ev, err)) < 0)
		return status;
	void *v = trw_grow(h->contents, h->n_contents, &h->cap_contents, sizeof(*h->contents),
		CONTENTS_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	h->contents = v;
	h->contents[h->n_contents++] = *content;
	return TRW_OK;
}

enum trw_status
trw_hold_hit(struct trw_evidence *ev, const struct trw_pending_hit *hit, struct trw_err *err)
{
	struct trw_pending *h = &ev->pending;
	enum trw_status status = TRW_OK;

	if (h->n_hits == HITS_MAX && (status = trw_pending_flush(ev, err)) < 0)
		return status;
	void *v = trw_grow(h->hits, h->n_hits, &h->cap_hits, sizeof(*h->hits), HITS_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	h->hits = v;
	h->hits[h->n_hits++] = *hit;
	return TRW_OK;
}
