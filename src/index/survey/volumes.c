/* SPDX-License-Identifier: Apache-2.0 */
#include "index/survey/volumes.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

/* One list, over the workers that it takes. */
struct listing {
	struct trw_feed *feed;
	struct trw_talk *talk;
	struct trw_volumes *volumes;
	uint64_t n_problems;     /* ever received */
	uint64_t n_problems_now; /* of this worker */
};

void
trw_volumes_clear(struct trw_volumes *vs)
{
	trw_arena_clear(&vs->arena);
	free(vs->v);
	*vs = (struct trw_volumes){0};
}

static enum trw_status
add_volume(struct trw_volumes *vs, const struct trw_volume *volume, struct trw_err *err)
{
	struct trw_row row = {.kind = TRW_ROW_VOLUME, .u.volume = *volume}, copy;
	void *grown = trw_grow(vs->v, vs->n, &vs->cap, sizeof(*vs->v), TRW_VOLUMES_MAX, err);

	if (grown == NULL)
		return TRW_ENOMEM;
	vs->v = grown;
	if (trw_row_copy(&vs->arena, &row, &copy, err) < 0)
		return TRW_ENOMEM;
	vs->v[vs->n++] = (struct trw_listed_volume){.row = copy.u.volume};
	if (volume->parent_id > 0)
		vs->v[volume->parent_id - 1].has_children = true;
	return TRW_OK;
}

static bool
volume_fits(const struct trw_volumes *vs, const struct trw_volume *v, uint64_t size)
{
	return vs->n < TRW_VOLUMES_MAX && v->number == vs->n &&
	       (v->space.len == 0 ||
		       (v->space.off <= size && v->space.len <= size - v->space.off)) &&
	       v->declared_len <= INT64_MAX;
}

static enum trw_status
post_problem(struct trw_feed *feed, enum trw_code code, uint64_t inode, const char *text,
	struct trw_err *err)
{
	struct trw_problem p = {.image_id = feed->pass->image_id,
		.stage = TRW_STAGE_VOLUMES,
		.code = code,
		.inode = inode,
		.text = trw_bytes_of(text)};

	return trw_outbox_problem(&feed->outbox, &p, err);
}

/* One frame; TRW_END after the last. */
static enum trw_status
take_frame(void *ctx, const struct trw_frame *f, struct trw_err *err)
{
	struct listing *l = ctx;
	struct trw_feed *feed = l->feed;
	uint64_t size = trw_image_info(feed->pass->image)->size;
	struct trw_volume v;
	struct trw_problem p;

	switch ((int)f->type) {
	case TRW_FRAME_VOLUME:
		if (trw_volume_decode(f->payload, f->len, &v, NULL) == TRW_OK &&
			volume_fits(l->volumes, &v, size))
			return add_volume(l->volumes, &v, err);
		break;
	case TRW_FRAME_PROBLEM:
		if (trw_problem_decode(f->payload, f->len, &p, NULL) != TRW_OK)
			break;
		if (l->n_problems_now++ < l->n_problems)
			return TRW_OK;
		l->n_problems++;
		p.image_id = feed->pass->image_id;
		p.file_id = 0;
		p.stage = TRW_STAGE_VOLUMES;
		return trw_outbox_problem(&feed->outbox, &p, err);
	case TRW_FRAME_DONE:
		return TRW_END;
	default:
		break;
	}
	trw_worker_distrust(l->talk->worker, "an answer to VOLUMES that does not fit");
	return TRW_OK;
}

/* The first worker is lost: for the record only. */
static enum trw_status
again(void *ctx, const struct trw_talk_end *end, struct trw_err *err)
{
	struct listing *l = ctx;
	char text[TRW_ERR_TEXT_MAX + 128];

	(void)snprintf(text, sizeof(text),
		"image=%" PRId64
		": the worker that lists the volumes was %.400s; a fresh one tries again",
		l->feed->pass->image_id, trw_talk_how_text(end));
	trw_volumes_clear(l->volumes);
	l->n_problems_now = 0;
	return trw_outbox_audit(&l->feed->outbox, "retry", text, err);
}

/* The list did not come to its end. */
static enum trw_status
post_end(struct trw_feed *feed, const struct trw_talk_end *end, struct trw_err *err)
{
	char text[TRW_ERR_TEXT_MAX + 128];

	if (end->how == TRW_TALK_FAILED)
		return post_problem(feed, TRW_CODE_VOLUMES_FAILED, 0,
			end->err.text[0] != '\0' ? end->err.text : "the volumes cannot be listed",
			err);
	(void)snprintf(text, sizeof(text), "volumes not listed to the end: %.400s",
		trw_talk_how_text(end));
	return post_problem(feed, trw_talk_code(end),
		end->has_worker_end ? end->worker.activity.inode : 0, text, err);
}

static enum trw_status
post_volumes(struct trw_feed *feed, struct trw_volumes *vs, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	int64_t first = feed->pass->ids->volume;

	for (size_t i = 0; s == TRW_OK && i < vs->n; i++) {
		struct trw_volume *v = &vs->v[i].row;
		v->volume_id = feed->pass->ids->volume++;
		v->image_id = feed->pass->image_id;
		v->parent_id = v->parent_id == 0 ? 0 : first + v->parent_id - 1;
		s = trw_outbox_put(&feed->outbox,
			&(struct trw_row){.kind = TRW_ROW_VOLUME, .u.volume = *v}, err);
	}
	return s;
}

enum trw_status
trw_volumes_list(
	struct trw_feed *feed, struct trw_talk *talk, struct trw_volumes *out, struct trw_err *err)
{
	struct listing l = {.feed = feed, .talk = talk, .volumes = out};
	struct trw_talk_request request = {
		.type = TRW_FRAME_VOLUMES, .take = take_frame, .again = again, .ctx = &l};
	struct trw_talk_end end;
	enum trw_status s = trw_talk(talk, &request, &end, err);

	if (s == TRW_OK && end.how != TRW_TALK_DONE)
		s = post_end(feed, &end, err);
	if (s >= 0 && out->n == 0) {
		uint64_t size = trw_image_info(feed->pass->image)->size;
		struct trw_volume whole = {.kind = TRW_VOLUME_WHOLE,
			.space = {.len = size},
			.declared_len = size,
			.may_hold_fs = true};
		s = add_volume(out, &whole, err);
	}
	return s < 0 ? s : post_volumes(feed, out, err);
}
