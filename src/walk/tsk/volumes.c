/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record 0 is the whole image. It may hold a file system itself: always when there is no partition table, and
 * beside one when the probe finds one at byte 0 (a hybrid ISO disc). Pools come last: libtsk's APFS code can end
 * the process, and all else has then been sent.
 */
#include "walk/tsk/volumes.h"

#include "base/alloc.h"
#include "view/linear.h"
#include "walk/probe.h"
#include "walk/tsk/place.h"
#include "worker/guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS_MAX 4096
#define POOL_VOLUMES_MAX 128
#define ZERO_PROBE_MAX ((uint64_t)1 << 36) /* bytes read to tell "all zero" from "unknown" */

struct volumes {
	struct trw_view medium; /* of the image, which is borrowed */
	struct trw_bridge *bridge;
	struct trw_buf out;
	uint32_t n; /* VOLUME frames sent */
	struct {
		uint32_t number;
		uint64_t off, len;
	} pools[POOL_VOLUMES_MAX]; /* volumes that the probe takes for APFS containers */
	size_t n_pools;
	bool has_content; /* some partition holds what the probe knows */
};

static struct trw_bytes
text(const char *s)
{
	return (struct trw_bytes){
		(const uint8_t *)s, s != NULL ? strnlen(s, TRW_TEXT_MAX_BYTES) : 0};
}

static enum trw_status
send(struct volumes *v, struct trw_volume *r, struct trw_err *err)
{
	r->number = v->n++;
	v->out.n = 0;
	if (trw_volume_encode(r, &v->out, err) != TRW_OK)
		return trw_fail_in(err, "volume record");
	trw_guest_send(TRW_FRAME_VOLUME, v->out.v, v->out.n);
	trw_guest_flush();
	return TRW_OK;
}

static enum trw_status
send_problem(struct volumes *v, enum trw_code code, const char *said, struct trw_err *err)
{
	struct trw_problem r = {.code = code, .text = text(said)};

	v->out.n = 0;
	if (trw_problem_encode(&r, &v->out, err) != TRW_OK)
		return trw_fail_in(err, "problem record");
	trw_guest_send(TRW_FRAME_PROBLEM, v->out.v, v->out.n);
	return TRW_OK;
}

/* Whatever of them opens later: that there are signs of several must be on record. */
static enum trw_status
report_several(
	struct volumes *v, const struct trw_volume *r, const char *content, struct trw_err *err)
{
	char said[400];

	(void)snprintf(said, sizeof(said),
		"signs of more than one system at byte %" PRIu64
		": %s; what opens as a file system is indexed, and the other may be what was in use",
		r->space.off, content);
	return send_problem(v, TRW_CODE_SEVERAL_CONTENTS, said, err);
}

/* Probe a volume, send its record, remember it when it is a pool. */
static enum trw_status
send_probed(struct volumes *v, struct trw_volume *r, bool must_hold, struct trw_err *err)
{
	struct trw_probe found = {0};
	struct trw_view bytes;
	char content[256] = "";
	size_t n = 0;
	enum trw_status st;

	if (r->space.len == 0) {
		r->content = text("past the end of the image");
		return send(v, r, err);
	}
	bytes = trw_view_linear(&v->medium, r->space.off, r->space.len);
	trw_probe(&bytes, ZERO_PROBE_MAX, &found);
	for (unsigned i = 0; i < found.n_found && n < sizeof(content) - 1; i++)
		n += (size_t)snprintf(content + n, sizeof(content) - n, "%s%s", i > 0 ? " or " : "",
			found.found[i]);
	if (found.n_found == 0)
		(void)snprintf(content, sizeof(content), "%s%s%s", found.name,
			found.note[0] != '\0' ? ", " : "", found.note);
	r->content = text(content);
	r->plausible = found.plausible;
	r->holds = found.holds;
	r->may_hold_fs =
		found.plausible != 0 || (must_hold && (found.holds & TRW_HOLDS_ZEROS) == 0);
	if ((found.plausible & TRW_FAMILY_BIT(TRW_FAMILY_APFS)) != 0 &&
		v->n_pools < POOL_VOLUMES_MAX) {
		/* The file systems of a container are in its pool volumes. */
		r->plausible &= ~TRW_FAMILY_BIT(TRW_FAMILY_APFS);
		r->may_hold_fs = r->plausible != 0;
		v->pools[v->n_pools].number = v->n;
		v->pools[v->n_pools].off = r->space.off;
		v->pools[v->n_pools++].len = r->space.len;
	}
	st = send(v, r, err);
	return st == TRW_OK && found.n_found > 1 ? report_several(v, r, content, err) : st;
}

static enum trw_status
send_part(
	struct volumes *v, const TSK_VS_INFO *vs, const TSK_VS_PART_INFO *part, struct trw_err *err)
{
	struct trw_volume r = {.parent_id = 1, /* the whole image */
		.scheme = text(tsk_vs_type_todesc(vs->vstype)),
		.description = text(part->desc)};
	uint64_t bs = vs->block_size;

	if (part->start > (INT64_MAX - vs->offset) / bs || part->len > INT64_MAX / bs)
		return send_problem(v, TRW_CODE_PARTITION_IMPOSSIBLE,
			"a partition that lies past 8 EiB, or is larger, is not listed", err);
	r.space.off = vs->offset + part->start * bs;
	r.declared_len = part->len * bs;
	r.space.len = r.space.off < v->medium.size ? v->medium.size - r.space.off : 0;
	if (r.declared_len < r.space.len)
		r.space.len = r.declared_len;
	if ((part->flags & TSK_VS_PART_FLAG_META) != 0) {
		r.kind = TRW_VOLUME_TABLE;
		return send(v, &r, err);
	}
	if ((part->flags & TSK_VS_PART_FLAG_ALLOC) == 0) {
		r.kind = TRW_VOLUME_GAP;
		return send(v, &r, err);
	}
	r.kind = TRW_VOLUME_PARTITION;
	return send_probed(v, &r, true, err);
}

static enum trw_status
send_table(struct volumes *v, const TSK_VS_INFO *vs, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	unsigned n = 0;

	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL && st == TRW_OK; p = p->next) {
		if (++n > PARTITIONS_MAX)
			return send_problem(v, TRW_CODE_PARTITIONS_LIMIT,
				"the table has more partitions than the limit of 4096: the rest is not listed",
				err);
		trw_guest_tick();
		st = send_part(v, vs, p, err);
	}
	return st;
}

static const char *
pool_volume_text(const TSK_POOL_VOLUME_INFO *pv)
{
	return pv->desc != NULL ? pv->desc : "APFS volume";
}

static enum trw_status
send_pool(struct volumes *v, size_t at, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	const TSK_POOL_INFO *pool;
	unsigned n = 0;

	trw_guest_step(TRW_STEP_VOLUMES, v->pools[at].number);
	pool = tsk_pool_open_img_sing(
		trw_bridge_tsk(v->bridge), (TSK_OFF_T)v->pools[at].off, TSK_POOL_TYPE_APFS);
	if (pool == NULL) {
		(void)trw_bridge_error();
		return TRW_OK;
	}
	for (const TSK_POOL_VOLUME_INFO *pv = pool->vol_list; pv != NULL && st == TRW_OK;
		pv = pv->next) {
		bool is_encrypted = (pv->flags & TSK_POOL_VOLUME_FLAG_ENCRYPTED) != 0;
		struct trw_volume r = {.parent_id = (int64_t)v->pools[at].number + 1,
			.kind = TRW_VOLUME_POOL_VOLUME,
			.space = trw_space_at(v->pools[at].off, v->pools[at].len, pv->block),
			.declared_len = v->pools[at].len,
			.may_hold_fs = true,
			.holds = is_encrypted ? TRW_HOLDS_ENCRYPTION : TRW_HOLDS_FILE_SYSTEM,
			.scheme = text("APFS"),
			.description = text(pool_volume_text(pv)),
			.content = text(is_encrypted ? "APFS, encrypted" : "APFS")};
		st = ++n <= POOL_VOLUMES_MAX
			     ? send(v, &r, err)
			     : send_problem(v, TRW_CODE_PARTITIONS_LIMIT,
				       "a pool has more volumes than the limit of 128: the rest is not listed",
				       err);
		if (n > POOL_VOLUMES_MAX)
			break;
	}
	tsk_pool_close(pool);
	return st;
}

/* A table that lies in a damaged part of the image was read as zeros: whole partitions may not be listed. */
static enum trw_status
report_damage(struct volumes *v, struct trw_err *err)
{
	const struct trw_ranges *d = trw_bridge_damage(v->bridge);
	char said[200];

	if (d->n == 0)
		return TRW_OK;
	(void)snprintf(said, sizeof(said),
		"the search for partitions met %zu damaged parts of the image, the first at byte %" PRIu64
		": partitions may be missing",
		d->n, d->v[0].off);
	return send_problem(v, TRW_CODE_VOLUMES_DAMAGED, said, err);
}

static enum trw_status
list(struct volumes *v, struct trw_err *err)
{
	TSK_VS_INFO *vs;
	struct trw_volume whole = {.kind = TRW_VOLUME_WHOLE,
		.space = {.len = v->medium.size},
		.declared_len = v->medium.size};
	enum trw_status st;

	trw_guest_step(TRW_STEP_VOLUMES, 0);
	vs = v->medium.size > 0 ? tsk_vs_open(trw_bridge_tsk(v->bridge), 0, TSK_VS_TYPE_DETECT)
				: NULL;
	(void)trw_bridge_error();
	if (vs != NULL)
		whole.description = text(tsk_vs_type_todesc(vs->vstype));
	st = send_probed(v, &whole, vs == NULL, err);
	if (st == TRW_OK && vs != NULL)
		st = send_table(v, vs, err);
	if (st == TRW_OK)
		st = report_damage(v, err);
	for (size_t i = 0; i < v->n_pools && st == TRW_OK; i++)
		st = send_pool(v, i, err);
	tsk_vs_close(vs);
	return st;
}

enum trw_status
trw_volumes(struct trw_image *image, struct trw_err *err)
{
	struct volumes *v = trw_alloc(1, sizeof(*v), err);
	enum trw_status st;

	if (v == NULL)
		return TRW_ENOMEM;
	v->medium = trw_image_view(image);
	st = trw_bridge_open(&v->medium, trw_image_info(image)->sector_size, &v->bridge, err);
	if (st == TRW_OK)
		st = list(v, err);
	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_DONE, NULL, 0);
		trw_guest_flush();
	}
	trw_bridge_close(v->bridge);
	trw_buf_clear(&v->out);
	free(v);
	return st;
}
