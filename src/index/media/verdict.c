/* SPDX-License-Identifier: Apache-2.0 */
#include "index/media/verdict.h"

#include "base/text.h"
#include "evidence/rows.h"

#include <stdio.h>
#include <string.h>

#define DAMAGE_ROWS_MAX 1000

static enum trw_status
add_problem(struct trw_evidence *ev, const struct trw_problem *problem, struct trw_err *err)
{
	return trw_evidence_put(
		ev, &(struct trw_row){.kind = TRW_ROW_PROBLEM, .u.problem = *problem}, err);
}

static enum trw_status
add_notes(struct trw_evidence *ev, const struct trw_image_info *info, int64_t image_id,
	uint64_t *n_problems, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < info->n_notes; i++) {
		const struct trw_image_note *note = &info->notes[i];
		struct trw_problem p = {.image_id = image_id,
			.code = note->code,
			.has_range = note->len > 0,
			.off = note->off,
			.len = note->len,
			.text = trw_bytes_of(note->text)};
		s = add_problem(ev, &p, err);
		++*n_problems;
	}
	if (s < 0 || info->format != TRW_IMAGE_UNREADABLE || info->n_notes > 0)
		return s;
	struct trw_problem p = {.image_id = image_id,
		.code = TRW_CODE_CONTAINER_UNREADABLE,
		.text = trw_bytes_of(
			"nothing here reads this container; convert it to raw or E01")};
	++*n_problems;
	return add_problem(ev, &p, err);
}

enum trw_status
trw_verdict_begin(struct trw_evidence *ev, struct trw_image *image,
	const struct trw_evidence_image *row, uint64_t *n_problems, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(image);
	struct trw_evidence_image full = *row;

	full.name = trw_base_name(info->n_segments > 0 ? info->segments[0].path : row->path);
	full.format = info->format_name;
	full.size = info->size;
	full.sector_size = info->sector_size;
	full.chunk_size = info->chunk_size;
	full.stored_md5 = info->stored.has_md5 ? info->stored.md5 : NULL;
	full.stored_sha1 = info->stored.has_sha1 ? info->stored.sha1 : NULL;
	enum trw_status s = trw_evidence_image_add(ev, &full, err);
	for (size_t i = 0; s == TRW_OK && i < info->n_segments; i++)
		s = trw_evidence_segment_add(ev, row->image_id, (uint32_t)i + 1,
			trw_base_name(info->segments[i].path), info->segments[i].size,
			info->segments[i].is_missing, err);
	for (size_t i = 0; s == TRW_OK && i < info->n_facts; i++)
		s = trw_evidence_fact_add(
			ev, row->image_id, info->facts[i].key, info->facts[i].value, err);
	return s < 0 ? s : add_notes(ev, info, row->image_id, n_problems, err);
}

bool
trw_verdict_agrees(const struct trw_image_info *info, const struct trw_digests *digests)
{
	return (!info->stored.has_md5 ||
		       memcmp(info->stored.md5, digests->md5, sizeof(info->stored.md5)) == 0) &&
	       (!info->stored.has_sha1 ||
		       memcmp(info->stored.sha1, digests->sha1, sizeof(info->stored.sha1)) == 0);
}

/* Behind what is in text: "stored NAME xx, computed yy", when they differ. */
static void
append_pair(char *text, size_t max, const char *name, const uint8_t *stored,
	const uint8_t *computed, size_t len)
{
	char a[41], b[41];
	size_t n = strlen(text);

	if (memcmp(stored, computed, len) == 0)
		return;
	trw_hex(stored, len, a);
	trw_hex(computed, len, b);
	(void)snprintf(
		text + n, max - n, "%sstored %s %s, computed %s", n > 0 ? "; " : "", name, a, b);
}

void
trw_verdict_differences(
	const struct trw_image_info *info, const struct trw_digests *digests, char *text, size_t n)
{
	text[0] = '\0';
	if (info->stored.has_md5)
		append_pair(
			text, n, "MD5", info->stored.md5, digests->md5, sizeof(info->stored.md5));
	if (info->stored.has_sha1)
		append_pair(text, n, "SHA-1", info->stored.sha1, digests->sha1,
			sizeof(info->stored.sha1));
}

static enum trw_status
add_range(struct trw_evidence *ev, int64_t image_id, const struct trw_range *r, uint32_t sector,
	struct trw_err *err)
{
	char text[256];
	bool is_missing = r->why == TRW_DAMAGE_MISSING;

	(void)snprintf(text, sizeof(text),
		"bytes %" PRIu64 " to %" PRIu64 " (sectors %" PRIu64 " to %" PRIu64 ") %s", r->off,
		r->off + r->len - 1, r->off / sector, (r->off + r->len - 1) / sector,
		is_missing ? "cannot be read and count as zeros"
			   : "were replaced by the container or the acquisition");
	struct trw_problem p = {.image_id = image_id,
		.code = TRW_CODE_IMAGE_DAMAGE,
		.has_range = true,
		.off = r->off,
		.len = r->len,
		.text = trw_bytes_of(text)};
	return add_problem(ev, &p, err);
}

static enum trw_status
add_damage(struct trw_evidence *ev, int64_t image_id, const struct trw_image_info *info,
	const struct trw_ranges *damage, uint64_t *n_problems, struct trw_err *err)
{
	uint32_t sector = info->sector_size > 0 ? info->sector_size : 512;
	size_t n = damage->n < DAMAGE_ROWS_MAX ? damage->n : DAMAGE_ROWS_MAX;
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < n; i++)
		s = add_range(ev, image_id, &damage->v[i], sector, err);
	*n_problems += n;
	if (s < 0 || n == damage->n)
		return s;
	char text[128];
	(void)snprintf(text, sizeof(text),
		"%zu more damaged ranges; all of them are in table image_damage", damage->n - n);
	struct trw_problem p = {
		.image_id = image_id, .code = TRW_CODE_IMAGE_DAMAGE, .text = trw_bytes_of(text)};
	++*n_problems;
	return add_problem(ev, &p, err);
}

/*
 * Equal stored digests vouch for replaced bytes too: an acquisition writes zeros for sectors it could not read
 * and digests those. Missing bytes they cannot vouch for.
 */
static enum trw_media_verdict
judge(const struct trw_image_info *info, const struct trw_digests *digests,
	const struct trw_ranges *damage)
{
	bool has_stored = info->stored.has_md5 || info->stored.has_sha1;

	if (info->format == TRW_IMAGE_UNREADABLE)
		return TRW_MEDIA_UNREADABLE;
	if (digests == NULL)
		return TRW_MEDIA_NOT_VERIFIED;
	if (!trw_verdict_agrees(info, digests) || trw_ranges_worst(damage) == TRW_DAMAGE_MISSING)
		return TRW_MEDIA_MISMATCH;
	if (has_stored)
		return TRW_MEDIA_MATCH;
	return damage->n > 0 || info->is_damaged ? TRW_MEDIA_MISMATCH : TRW_MEDIA_NONE_STORED;
}

static enum trw_status
add_mismatch(struct trw_evidence *ev, int64_t image_id, const struct trw_image_info *info,
	const struct trw_digests *digests, struct trw_err *err)
{
	char text[512];

	if (trw_verdict_agrees(info, digests))
		(void)snprintf(text, sizeof(text),
			"the container is damaged: what was read is not what was acquired; see the "
			"problems image-damage and those of stage open");
	else
		trw_verdict_differences(info, digests, text, sizeof(text));
	struct trw_problem p = {
		.image_id = image_id, .code = TRW_CODE_DIGEST_MISMATCH, .text = trw_bytes_of(text)};
	return add_problem(ev, &p, err);
}

enum trw_status
trw_verdict_end(struct trw_evidence *ev, struct trw_image *image, int64_t image_id,
	const struct trw_digests *digests, uint64_t *n_problems, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(image);
	struct trw_ranges damage = {0};
	enum trw_status s = trw_image_damage(image, &damage, err);

	if (s == TRW_OK) {
		struct trw_evidence_verdict verdict = {
			.digests = digests,
			.verdict = judge(info, digests, &damage),
			.damage = &damage,
		};
		s = trw_evidence_image_verdict(ev, image_id, &verdict, err);
		if (s == TRW_OK && digests != NULL && verdict.verdict == TRW_MEDIA_MISMATCH) {
			++*n_problems;
			s = add_mismatch(ev, image_id, info, digests, err);
		}
	}
	if (s == TRW_OK)
		s = add_damage(ev, image_id, info, &damage, n_problems, err);
	trw_ranges_clear(&damage);
	return s;
}
