/* SPDX-License-Identifier: Apache-2.0 */
#include "index/volumes.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

/* One list, over the workers that it takes. */
struct listing {
	struct trw_feed *feed;
	struct trw_worker **worker;
	struct trw_volumes *volumes;
	uint64_t n_problems;     /* ever received */
	uint64_t n_problems_now; /* of this worker */
};

static void
stop_worker(struct listing *l)
{
	trw_worker_stop(*l->worker);
	*l->worker = NULL;
}

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
	       (v->len == 0 || (v->off <= size && v->len <= size - v->off)) &&
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

static enum trw_status
take_failed(struct trw_feed *feed, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_err why = {0};

	if (trw_frame_failed(f, &why) == TRW_ENOMEM) {
		if (err != NULL)
			*err = why;
		return TRW_ENOMEM;
	}
	return post_problem(feed, TRW_CODE_VOLUMES_FAILED, 0,
		why.text[0] != '\0' ? why.text : "the volumes cannot be listed", err);
}

/* One frame; TRW_END after the last. */
static enum trw_status
take_frame(struct listing *l, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_feed *feed = l->feed;
	uint64_t size = trw_image_info(feed->pass->image)->size;
	struct trw_volume v;
	struct trw_problem p;
	enum trw_status s;

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
	case TRW_FRAME_FAILED:
		s = take_failed(feed, f, err);
		if (s < 0)
			return s;
		stop_worker(l); /* it ends after this one */
		return TRW_END;
	default:
		break;
	}
	trw_worker_distrust(*l->worker, "an answer to VOLUMES that does not fit");
	return TRW_OK;
}

/* TRW_EWORKER: the worker is lost; lost says how. Other errors are in err. */
static enum trw_status
ask(struct listing *l, struct trw_err *lost, struct trw_err *err)
{
	struct trw_worker_spec spec = trw_pass_worker(l->feed->pass, "walk");
	enum trw_status s = TRW_OK;

	l->n_problems_now = 0;
	if (*l->worker == NULL)
		s = trw_worker_start(&spec, l->worker, lost);
	if (s == TRW_OK)
		s = trw_worker_send(*l->worker, TRW_FRAME_VOLUMES, NULL, 0, lost);
	while (s == TRW_OK) {
		struct trw_frame f;
		s = trw_worker_recv(*l->worker, &f, lost);
		if (s < 0)
			break;
		s = take_frame(l, &f, err);
		if (s < 0)
			return s;
	}
	if (s < 0 && s != TRW_EWORKER && s != TRW_EIO && err != NULL)
		*err = *lost;
	return s == TRW_EIO ? TRW_EWORKER : s;
}

/* The worker is lost: once that leads to a fresh one, then it is a problem. *is_retry: ask again. */
static enum trw_status
take_death(struct listing *l, const struct trw_err *lost, bool *is_retry, struct trw_err *err)
{
	const struct trw_worker_end *end = *l->worker != NULL ? trw_worker_ended(*l->worker) : NULL;
	const char *how = end != NULL ? end->text : lost->text;
	char text[TRW_ERR_TEXT_MAX + 128];
	enum trw_status s;

	*is_retry = !*is_retry;
	if (*is_retry) {
		(void)snprintf(text, sizeof(text),
			"image=%" PRId64
			": the worker that lists the volumes was %.400s; a fresh one "
			"tries again",
			l->feed->pass->image_id, how);
		s = trw_outbox_audit(&l->feed->outbox, "retry", text, err);
		trw_volumes_clear(l->volumes);
	} else {
		(void)snprintf(text, sizeof(text), "volumes not listed to the end: %.400s", how);
		s = post_problem(l->feed,
			end != NULL ? trw_pass_end_code(end) : TRW_CODE_WORKER_CRASH,
			end != NULL ? end->activity.inode : 0, text, err);
	}
	stop_worker(l);
	return s;
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
trw_volumes_list(struct trw_feed *feed, struct trw_worker **worker, struct trw_volumes *out,
	struct trw_err *err)
{
	struct listing l = {.feed = feed, .worker = worker, .volumes = out};
	bool is_retry = false;
	enum trw_status s;

	do {
		struct trw_err lost = {0};
		s = ask(&l, &lost, err);
		if (s != TRW_EWORKER)
			break;
		s = take_death(&l, &lost, &is_retry, err);
	} while (s == TRW_OK && is_retry);
	if (s >= 0 && out->n == 0) {
		uint64_t size = trw_image_info(feed->pass->image)->size;
		struct trw_volume whole = {.kind = TRW_VOLUME_WHOLE,
			.len = size,
			.declared_len = size,
			.may_hold_fs = true};
		s = add_volume(out, &whole, err);
	}
	return s < 0 ? s : post_volumes(feed, out, err);
}
