/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "evidence/store.h"

enum trw_status
trw_evidence_image_add(
	struct trw_evidence *ev, const struct trw_evidence_image *image, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_IMAGE,
		"INSERT INTO image (image_id, run_id, name, path, evidence_id, format, size, sector_size,"
		" chunk_size, stored_md5, stored_sha1) VALUES (?, ?2, ?, ?,"
		" coalesce(?, (SELECT evidence_id FROM run WHERE run_id = ?2)), ?, ?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, image->image_id);
	trw_bind_int(&row, image->run_id);
	trw_bind_text(&row, trw_base_name(image->name));
	trw_bind_text(&row, image->path);
	trw_bind_text(&row, image->evidence_id);
	trw_bind_text(&row, image->format);
	trw_bind_length(&row, image->size);
	trw_bind_int(&row, image->sector_size);
	trw_bind_int(&row, image->chunk_size);
	trw_bind_blob(&row, image->stored_md5, 16);
	trw_bind_blob(&row, image->stored_sha1, 20);
	if ((status = trw_bind_end(&row, err)) < 0)
		return status;
	return trw_store_run(ev,
		"UPDATE checkpoint SET first_file = (SELECT coalesce(max(file_id), 0) + 1 FROM file)"
		" WHERE image_id = ?1",
		&image->image_id, 1, 0, NULL, err);
}

enum trw_status
trw_evidence_segment_add(struct trw_evidence *ev, int64_t image_id, uint32_t number,
	const char *name, uint64_t size, bool is_missing, struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_SEGMENT,
		"INSERT INTO segment (image_id, number, name, size, is_missing) VALUES (?, ?, ?, ?, ?)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, image_id);
	trw_bind_int(&row, number);
	trw_bind_text(&row, trw_base_name(name));
	trw_bind_length(&row, size);
	trw_bind_int(&row, is_missing);
	return trw_bind_end(&row, err);
}

enum trw_status
trw_evidence_fact_add(struct trw_evidence *ev, int64_t image_id, const char *key, const char *value,
	struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_FACT,
		"INSERT INTO image_fact (image_id, number, key, value) VALUES (?1,"
		" (SELECT coalesce(max(number), 0) + 1 FROM image_fact WHERE image_id = ?1), ?2, ?3)",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_int(&row, image_id);
	trw_bind_text(&row, key);
	trw_bind_text(&row, value);
	return trw_bind_end(&row, err);
}

static enum trw_status
damage_add(struct trw_evidence *ev, int64_t image_id, const struct trw_range *range,
	struct trw_err *err)
{
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_IMAGE_DAMAGE,
		"INSERT INTO image_damage (image_id, off, len, why) VALUES (?, ?, ?, ?)", &row,
		err);

	if (status < 0)
		return status;
	trw_bind_int(&row, image_id);
	trw_bind_length(&row, range->off);
	trw_bind_length(&row, range->len);
	trw_bind_text(&row, trw_damage_text(range->why));
	return trw_bind_end(&row, err);
}

enum trw_status
trw_evidence_image_verdict(struct trw_evidence *ev, int64_t image_id,
	const struct trw_evidence_verdict *verdict, struct trw_err *err)
{
	const struct trw_ranges *damage = verdict->damage;
	const struct trw_digests *d = verdict->digests;
	struct trw_bind row;
	enum trw_status status = trw_bind_start(ev, TRW_STMT_VERDICT,
		"UPDATE image SET md5 = ?, sha1 = ?, sha256 = ?, verdict = ? WHERE image_id = ?",
		&row, err);

	if (status < 0)
		return status;
	trw_bind_blob(&row, d == NULL ? NULL : d->md5, sizeof(d->md5));
	trw_bind_blob(&row, d == NULL ? NULL : d->sha1, sizeof(d->sha1));
	trw_bind_blob(&row, d == NULL ? NULL : d->sha256, sizeof(d->sha256));
	trw_bind_text(&row, trw_media_verdict_text(verdict->verdict));
	trw_bind_int(&row, image_id);
	if ((status = trw_bind_end(&row, err)) < 0)
		return status;
	if (sqlite3_changes(ev->db) != 1)
		return trw_fail(err, TRW_EUSAGE, "%s: no image %" PRId64, ev->path, image_id);
	for (size_t i = 0; damage != NULL && i < damage->n && status == TRW_OK; i++)
		if (damage->v[i].why != TRW_DAMAGE_NONE)
			status = damage_add(ev, image_id, &damage->v[i], err);
	return status;
}
