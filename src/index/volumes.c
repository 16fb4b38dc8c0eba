/* SPDX-License-Identifier: Apache-2.0 */
#include "index/volumes.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const kind_names[TRW_VOLUME_N] = {
	[TRW_VOLUME_WHOLE] = "whole image",
	[TRW_VOLUME_PARTITION] = "partition",
	[TRW_VOLUME_GAP] = "gap",
	[TRW_VOLUME_TABLE] = "table",
	[TRW_VOLUME_POOL] = "pool",
	[TRW_VOLUME_POOL_VOLUME] = "pool volume",
};

static void
clear_volume(struct trw_volume *v)
{
	free(v->scheme);
	free(v->description);
	free(v->content);
}

void
trw_volumes_clear(struct trw_volumes *vs)
{
	for (size_t i = 0; i < vs->n; i++)
		clear_volume(&vs->v[i]);
	free(vs->v);
	*vs = (struct trw_volumes){0};
}

/* One line of text; an empty one is NULL. */
static enum trw_status
copy_text(struct trw_bytes b, char **out, struct trw_err *err)
{
	*out = NULL;
	if (b.n == 0)
		return TRW_OK;
	char *text = trw_utf8_display(b.p, b.n, err);
	if (text == NULL)
		return TRW_ENOMEM;
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	*out = text;
	return TRW_OK;
}

static enum trw_status
add_volume(struct trw_volumes *vs, const struct trw_volume_record *r, struct trw_err *err)
{
	void *grown = trw_grow(vs->v, vs->n, &vs->cap, sizeof(*vs->v), TRW_VOLUMES_MAX, err);

	if (grown == NULL)
		return TRW_ENOMEM;
	vs->v = grown;
	struct trw_volume *v = &vs->v[vs->n];
	*v = (struct trw_volume){
		.number = r->number,
		.parent = r->parent,
		.kind = r->kind,
		.off = r->off,
		.len = r->len,
		.declared_len = r->declared_len,
		.pool_block = r->pool_block,
		.may_hold_fs = r->may_hold_fs,
		.is_encrypted = r->is_encrypted,
		.plausible = r->plausible,
	};
	enum trw_status s = copy_text(r->scheme, &v->scheme, err);
	if (s == TRW_OK)
		s = copy_text(r->description, &v->description, err);
	if (s == TRW_OK)
		s = copy_text(r->content, &v->content, err);
	if (s < 0) {
		clear_volume(v);
		return s;
	}
	if (r->parent != UINT32_MAX)
		vs->v[r->parent].has_children = true;
	vs->n++;
	return TRW_OK;
}

static bool
record_fits(const struct trw_volumes *vs, const struct trw_volume_record *r, uint64_t size)
{
	return vs->n < TRW_VOLUMES_MAX && r->number == vs->n &&
	       (r->parent == UINT32_MAX || r->parent < r->number) && r->kind < TRW_VOLUME_N &&
	       (r->len == 0 || (r->off <= size && r->len <= size - r->off)) &&
	       r->off <= INT64_MAX && r->declared_len <= INT64_MAX;
}

static enum trw_status
post_problem(struct trw_feed *feed, const char *code, const char *path, uint64_t inode,
	const char *text, struct trw_err *err)
{
	struct trw_evidence_problem p = {.image_id = feed->pass->image_id,
		.stage = "volumes",
		.code = code,
		.path = path,
		.inode = inode,
		.text = text};

	return trw_outbox_problem(&feed->outbox, &p, err);
}

static enum trw_status
take_problem(struct trw_feed *feed, const struct trw_problem_record *r, struct trw_err *err)
{
	char *code = NULL, *path = NULL, *text = NULL;
	enum trw_status s = copy_text(r->code, &code, err);

	if (s == TRW_OK)
		s = copy_text(r->path, &path, err);
	if (s == TRW_OK)
		s = copy_text(r->text, &text, err);
	if (s == TRW_OK) {
		struct trw_evidence_problem p = {.image_id = feed->pass->image_id,
			.stage = "volumes",
			.code = code != NULL ? code : "volumes-failed",
			.path = path,
			.inode = r->inode,
			.has_range = r->has_range,
			.off = r->off,
			.len = r->len,
			.text = text != NULL ? text : ""};
		s = trw_outbox_problem(&feed->outbox, &p, err);
	}
	free(code);
	free(path);
	free(text);
	return s;
}

static enum trw_status
take_failed(struct trw_feed *feed, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_cur c = {.p = f->payload, .left = f->len};
	struct trw_bytes b = {0};
	char *text = NULL;

	(void)trw_cur_u32(&c);
	b.p = trw_cur_bytes(&c, TRW_TEXT_MAX_BYTES, &b.n);
	enum trw_status s = copy_text(b, &text, err);
	if (s == TRW_OK)
		s = post_problem(feed, "volumes-failed", NULL, 0,
			text != NULL ? text : "the volumes cannot be listed", err);
	free(text);
	return s;
}

/* One frame; TRW_END after the last. */
static enum trw_status
take_frame(struct trw_feed *feed, struct trw_worker **worker, const struct trw_frame *f,
	struct trw_volumes *vs, struct trw_err *err)
{
	uint64_t size = trw_image_info(feed->pass->image)->size;
	struct trw_volume_record v = {0};
	struct trw_problem_record p = {0};
	enum trw_status s;

	switch ((int)f->type) {
	case TRW_FRAME_VOLUME:
		if (trw_volume_record_decode(f->payload, f->len, &v, NULL) == TRW_OK &&
			record_fits(vs, &v, size))
			return add_volume(vs, &v, err);
		break;
	case TRW_FRAME_PROBLEM:
		if (trw_problem_record_decode(f->payload, f->len, &p, NULL) == TRW_OK)
			return take_problem(feed, &p, err);
		break;
	case TRW_FRAME_DONE:
		return TRW_END;
	case TRW_FRAME_FAILED:
		s = take_failed(feed, f, err);
		if (s < 0)
			return s;
		trw_worker_stop(*worker); /* it ends after this one */
		*worker = NULL;
		return TRW_END;
	default:
		break;
	}
	trw_worker_distrust(*worker, "an answer to VOLUMES that does not fit");
	return TRW_OK;
}

/* TRW_EWORKER: the worker is lost; lost says how. Other errors are in err. */
static enum trw_status
ask(struct trw_feed *feed, struct trw_worker **worker, struct trw_volumes *vs, struct trw_err *lost,
	struct trw_err *err)
{
	struct trw_worker_spec spec = trw_pass_worker(feed->pass, "walk");
	enum trw_status s = TRW_OK;

	if (*worker == NULL)
		s = trw_worker_start(&spec, worker, lost);
	if (s == TRW_OK)
		s = trw_worker_send(*worker, TRW_FRAME_VOLUMES, NULL, 0, lost);
	while (s == TRW_OK) {
		struct trw_frame f;
		s = trw_worker_recv(*worker, &f, lost);
		if (s < 0)
			break;
		s = take_frame(feed, worker, &f, vs, err);
		if (s < 0)
			return s;
	}
	if (s < 0 && s != TRW_EWORKER && s != TRW_EIO && err != NULL)
		*err = *lost;
	return s == TRW_EIO ? TRW_EWORKER : s;
}

static enum trw_status
post_volumes(struct trw_feed *feed, struct trw_volumes *vs, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < vs->n; i++) {
		struct trw_volume *v = &vs->v[i];
		v->volume_id = feed->pass->ids->volume++;
		struct trw_evidence_volume row = {
			.volume_id = v->volume_id,
			.image_id = feed->pass->image_id,
			.parent_id = v->parent == UINT32_MAX ? 0 : vs->v[v->parent].volume_id,
			.number = v->number,
			.kind = kind_names[v->kind],
			.scheme = v->scheme,
			.off = v->off,
			.len = v->len,
			.declared_len = v->declared_len,
			.description = v->description,
			.content = v->content,
		};
		s = trw_outbox_volume(&feed->outbox, &row, err);
	}
	return s;
}

enum trw_status
trw_volumes_list(struct trw_feed *feed, struct trw_worker **worker, struct trw_volumes *out,
	struct trw_err *err)
{
	struct trw_err lost = {0};
	enum trw_status s = ask(feed, worker, out, &lost, err);

	if (s == TRW_EWORKER) {
		const struct trw_worker_end *end =
			*worker != NULL ? trw_worker_ended(*worker) : NULL;
		char text[TRW_ERR_TEXT_MAX + 128];
		(void)snprintf(text, sizeof(text), "volumes not listed to the end: %.400s",
			end != NULL ? end->text : lost.text);
		s = post_problem(feed, end != NULL ? trw_pass_end_code(end) : "worker-crash", NULL,
			end != NULL ? end->crumb.inode : 0, text, err);
		trw_worker_stop(*worker);
		*worker = NULL;
	}
	if (s >= 0 && out->n == 0) {
		uint64_t size = trw_image_info(feed->pass->image)->size;
		struct trw_volume_record whole = {.parent = UINT32_MAX,
			.kind = TRW_VOLUME_WHOLE,
			.len = size,
			.declared_len = size,
			.may_hold_fs = true};
		s = add_volume(out, &whole, err);
	}
	return s < 0 ? s : post_volumes(feed, out, err);
}
