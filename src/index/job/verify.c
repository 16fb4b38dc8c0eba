/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/verify.h"

#include "base/alloc.h"
#include "base/text.h"
#include "evidence/evidence.h"
#include "index/job/items.h"
#include "index/media/mediasum.h"
#include "index/media/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An image as the database has it. */
struct record {
	char *name; /* owned */
	uint64_t size;
	bool has_digests;
	struct trw_digests digests;
	bool is_used; /* an image was compared with it */
};

struct records {
	struct record *v; /* owned */
	size_t n, cap;
};

struct check {
	struct records records;
	struct trw_items items;
	void (*report)(void *ctx, const char *line);
	void *ctx;
	size_t n_findings;
	struct trw_progress *progress;
};

static const char images_sql[] = "SELECT name, size, lower(hex(md5)), lower(hex(sha1)),"
				 " lower(hex(sha256)) FROM image ORDER BY image_id";

static void
finding(struct check *c, const char *path, const char *text)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "%s: %s", path, text);
	c->n_findings++;
	c->report(c->ctx, line);
}

static enum trw_status
take_record(void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err)
{
	struct records *rs = ctx;

	if (n != 5 || cells[0].text == NULL)
		return trw_fail(err, TRW_ECORRUPT, "an image's row is not as it should be");
	void *v = trw_grow(rs->v, rs->n, &rs->cap, sizeof(*rs->v), SIZE_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	rs->v = v;
	struct record *r = &rs->v[rs->n];
	*r = (struct record){.size = (uint64_t)cells[1].number};
	r->name = trw_strdup(cells[0].text, err);
	if (r->name == NULL)
		return TRW_ENOMEM;
	rs->n++;
	r->has_digests = cells[2].text != NULL && cells[3].text != NULL && cells[4].text != NULL &&
			 trw_unhex(cells[2].text, r->digests.md5, sizeof(r->digests.md5)) &&
			 trw_unhex(cells[3].text, r->digests.sha1, sizeof(r->digests.sha1)) &&
			 trw_unhex(cells[4].text, r->digests.sha256, sizeof(r->digests.sha256));
	return TRW_OK;
}

static enum trw_status
load(struct check *c, const char *db, struct trw_err *err)
{
	struct trw_evidence *ev = NULL;
	struct trw_err late = {0};
	enum trw_status s = trw_evidence_open(db, TRW_EVIDENCE_READ, &ev, err);

	if (s < 0)
		return s;
	s = trw_evidence_query(ev, images_sql, NULL, 0, take_record, &c->records, err);
	enum trw_status closed = trw_evidence_close(ev, s < 0 ? &late : err);
	return s < 0 ? s : closed;
}

static const char *
base_name(const struct trw_item *item)
{
	const struct trw_image_info *info = trw_image_info(item->image);

	return trw_base_name(info->n_segments > 0 ? info->segments[0].path : item->path);
}

/* By size and name, else by size, else the first that is left. */
static struct record *
find_record(struct records *rs, const struct trw_item *item)
{
	uint64_t size = trw_image_info(item->image)->size;
	struct record *by_size = NULL, *first = NULL;

	for (size_t i = 0; i < rs->n; i++) {
		struct record *r = &rs->v[i];
		if (r->is_used)
			continue;
		if (r->size == size && strcmp(r->name, base_name(item)) == 0)
			return r;
		if (r->size == size && by_size == NULL)
			by_size = r;
		if (first == NULL)
			first = r;
	}
	return by_size != NULL ? by_size : first;
}

static void
compare(struct check *c, const struct trw_item *item, const struct record *r,
	const struct trw_digests *now)
{
	const struct trw_image_info *info = trw_image_info(item->image);
	char a[65], b[65], text[512];

	if (r->has_digests && memcmp(&r->digests, now, sizeof(*now)) != 0) {
		trw_hex(r->digests.sha256, sizeof(r->digests.sha256), a);
		trw_hex(now->sha256, sizeof(now->sha256), b);
		(void)snprintf(text, sizeof(text),
			"not the bytes that were indexed: recorded SHA-256 %s, now %s", a, b);
		finding(c, item->path, text);
	}
	if (!r->has_digests && !info->stored.has_md5 && !info->stored.has_sha1)
		finding(c, item->path,
			"nothing to compare with: it was indexed with --no-verify and the container "
			"stores no digest");
	if (!trw_verdict_agrees(info, now)) {
		trw_verdict_differences(info, now, text, sizeof(text));
		finding(c, item->path, text);
	}
}

static enum trw_status
report_damage(struct check *c, const struct trw_item *item, struct trw_err *err)
{
	struct trw_ranges damage = {0};
	char text[160];
	enum trw_status s = trw_image_damage(item->image, &damage, err);

	if (s == TRW_OK && damage.n > 0) {
		(void)snprintf(text, sizeof(text),
			"damaged: %" PRIu64 " bytes missing, %" PRIu64 " replaced, in %zu ranges",
			trw_ranges_total(&damage, TRW_DAMAGE_MISSING),
			trw_ranges_total(&damage, TRW_DAMAGE_SUBSTITUTED), damage.n);
		finding(c, item->path, text);
	}
	trw_ranges_clear(&damage);
	return s;
}

static enum trw_status
check_item(struct check *c, const struct trw_item *item, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(item->image);
	struct record *r = find_record(&c->records, item);
	struct trw_digests now;
	char text[160];

	if (r == NULL) {
		finding(c, item->path, "the database has no image to compare it with");
		return TRW_OK;
	}
	r->is_used = true;
	if (info->format == TRW_IMAGE_UNREADABLE)
		finding(c, item->path, "nothing here reads this container");
	if (info->size != r->size) {
		(void)snprintf(text, sizeof(text),
			"has %" PRIu64 " bytes, the image that was indexed has %" PRIu64,
			info->size, r->size);
		finding(c, item->path, text);
		return TRW_OK;
	}
	enum trw_status s = trw_mediasum_digest(item->image, c->progress, &now, err);
	if (s < 0)
		return s;
	compare(c, item, r, &now);
	return report_damage(c, item, err);
}

static void
begin_progress(struct check *c)
{
	uint64_t total = 0;

	if (c->progress == NULL)
		return;
	for (size_t i = 0; i < c->items.n; i++)
		total += trw_image_info(c->items.v[i].image)->size;
	atomic_store_explicit(&c->progress->n_images, c->items.n, memory_order_relaxed);
	atomic_store_explicit(&c->progress->bytes_total, total, memory_order_relaxed);
	atomic_store_explicit(&c->progress->phase, TRW_PHASE_SWEEP, memory_order_relaxed);
}

enum trw_status
trw_index_verify_images(const char *db, const struct trw_index_images *images,
	void (*report)(void *ctx, const char *line), void *ctx, size_t *n_findings,
	struct trw_progress *progress, struct trw_err *err)
{
	struct check c = {.report = report, .ctx = ctx, .progress = progress};
	struct trw_media_options media = {.no_sandbox = images->no_sandbox};
	enum trw_status s = load(&c, db, err);

	if (s >= 0)
		s = trw_items_open(&c.items, images->v, images->n, &media, err);
	if (s >= 0)
		begin_progress(&c);
	for (size_t i = 0; s >= 0 && i < c.items.n; i++) {
		if (progress != NULL)
			atomic_store_explicit(&progress->image, i + 1, memory_order_relaxed);
		s = check_item(&c, &c.items.v[i], err);
	}
	for (size_t i = 0; s >= 0 && i < c.records.n; i++)
		if (!c.records.v[i].is_used)
			finding(&c, c.records.v[i].name, "not given: not compared");
	trw_items_close(&c.items);
	for (size_t i = 0; i < c.records.n; i++)
		free(c.records.v[i].name);
	free(c.records.v);
	*n_findings = c.n_findings;
	return s < 0 ? s : TRW_OK;
}
