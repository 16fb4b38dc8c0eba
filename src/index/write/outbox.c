/* SPDX-License-Identifier: Apache-2.0 */
#include "index/write/outbox.h"

#include "base/alloc.h"

void
trw_outbox_clear(struct trw_outbox *o)
{
	trw_batch_free(o->batch);
	o->batch = NULL;
}

enum trw_status
trw_outbox_flush(struct trw_outbox *o, struct trw_err *err)
{
	struct trw_batch *batch = o->batch;

	o->batch = NULL;
	o->n_flushed++;
	if (batch != NULL && !trw_writer_post(o->writer, batch))
		return trw_fail(err, TRW_ECANCEL, "the run is ending");
	return TRW_OK;
}

enum trw_status
trw_outbox_put(struct trw_outbox *o, const struct trw_row *row, struct trw_err *err)
{
	struct trw_batch *b = o->batch;
	enum trw_status st;

	if (b == NULL)
		b = o->batch = trw_alloc(1, sizeof(*b), err);
	if (b == NULL)
		return TRW_ENOMEM;
	st = trw_row_copy(&b->arena, row, &b->rows[b->n], err);
	if (st < 0)
		return st;
	b->n++;
	if (b->n < TRW_BATCH_ROWS && b->arena.bytes < TRW_BATCH_BYTES)
		return TRW_OK;
	return trw_outbox_flush(o, err);
}

enum trw_status
trw_outbox_problem(struct trw_outbox *o, const struct trw_problem *problem, struct trw_err *err)
{
	struct trw_row row = {.kind = TRW_ROW_PROBLEM, .u.problem = *problem};

	return trw_outbox_put(o, &row, err);
}

enum trw_status
trw_outbox_audit(struct trw_outbox *o, const char *action, const char *detail, struct trw_err *err)
{
	struct trw_row row = {.kind = TRW_ROW_AUDIT,
		.u.audit = {.action = action, .detail = trw_bytes_of(detail)}};

	return trw_outbox_put(o, &row, err);
}

struct damage_post {
	struct trw_outbox *outbox;
	int64_t image_id;
};

/* Sent off at once: until this returns others wait, and their outcomes may come of this damage. */
static enum trw_status
post_damage(void *ctx, const struct trw_ranges *met, struct trw_err *err)
{
	struct damage_post *to = ctx;
	struct trw_row row = {.kind = TRW_ROW_CHECKPOINT,
		.u.checkpoint = {.image_id = to->image_id, .damage = *met}};
	enum trw_status st = trw_outbox_put(to->outbox, &row, err);

	return st < 0 ? st : trw_outbox_flush(to->outbox, err);
}

enum trw_status
trw_outbox_damage(
	struct trw_outbox *o, int64_t image_id, struct trw_image *image, struct trw_err *err)
{
	struct damage_post to = {o, image_id};

	return trw_image_damage_tell(image, post_damage, &to, err);
}
