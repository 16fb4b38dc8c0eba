/* SPDX-License-Identifier: Apache-2.0 */
#include "view/view.h"

#include <string.h>

bool
trw_view_holds(const struct trw_view *view, uint64_t off, uint64_t len)
{
	return off <= view->size && len <= view->size - off;
}

/* How many of the len bytes from off lie inside; off + len must not pass 64 bits. */
static enum trw_status
clip(const struct trw_view *view, uint64_t off, uint64_t len, uint64_t *inside, struct trw_err *err)
{
	uint64_t left = off < view->size ? view->size - off : 0;

	*inside = len < left ? len : left;
	return len <= UINT64_MAX - off
		       ? TRW_OK
		       : trw_fail(err, TRW_EUSAGE,
				 "%" PRIu64 " bytes from %" PRIu64 " on pass the end of 64 bits",
				 len, off);
}

enum trw_status
trw_view_read(const struct trw_view *view, uint64_t off, void *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_ranges met = {0};
	uint64_t inside;
	enum trw_status st = clip(view, off, len, &inside, err);

	if (st != TRW_OK)
		return st;
	memset((uint8_t *)buf + inside, 0, len - (size_t)inside);
	if (inside > 0)
		st = view->kind->read(
			view, off, buf, (size_t)inside, damage != NULL ? damage : &met, err);
	if (st == TRW_OK && damage != NULL)
		st = trw_ranges_add(damage, off + inside, len - inside, TRW_DAMAGE_MISSING, err);
	trw_ranges_clear(&met);
	return st;
}

bool
trw_view_read_sound(const struct trw_view *view, uint64_t off, void *buf, size_t len)
{
	struct trw_ranges met = {0};
	struct trw_err ignored = {0};
	bool is_sound = trw_view_holds(view, off, len) &&
			trw_view_read(view, off, buf, len, &met, &ignored) == TRW_OK && met.n == 0;

	trw_ranges_clear(&met);
	return is_sound;
}

enum trw_status
trw_view_map(const struct trw_view *view, uint64_t off, uint64_t len, trw_view_take take, void *ctx,
	struct trw_err *err)
{
	struct trw_view_piece piece = {.off = off, .parent_off = off};
	uint64_t inside;
	enum trw_status st = clip(view, off, len, &inside, err);

	if (st == TRW_OK && inside > 0 && view->parent != NULL) {
		st = view->kind->map(view, off, inside, take, ctx, err);
	} else if (st == TRW_OK && inside > 0) {
		piece.len = piece.parent_len = inside;
		st = take(ctx, &piece, err);
	}
	if (st != TRW_OK || inside == len)
		return st;
	piece = (struct trw_view_piece){
		.off = off + inside, .len = len - inside, .kind = TRW_PIECE_MISSING};
	return take(ctx, &piece, err);
}

/* One step of a push: view's bytes were asked for to make `of`, a piece of the view above it. */
struct step {
	const struct trw_view *view;
	struct trw_view_piece of;
	trw_view_take take;
	void *ctx;
};

/* The piece in terms of the view that was pushed. */
static struct trw_view_piece
compose(const struct trw_view_piece *of, const struct trw_view_piece *piece)
{
	struct trw_view_piece out = *piece;

	if (of->kind == TRW_PIECE_CODED) {
		out.off = of->off;
		out.len = of->len;
		if (piece->kind != TRW_PIECE_MISSING)
			out.kind = TRW_PIECE_CODED;
	} else {
		out.off = of->off + (piece->off - of->parent_off);
	}
	return out;
}

static enum trw_status
push_piece(void *ctx, const struct trw_view_piece *piece, struct trw_err *err)
{
	const struct step *step = ctx;
	struct step below = {.view = step->view->parent,
		.of = compose(&step->of, piece),
		.take = step->take,
		.ctx = step->ctx};

	if (below.view == NULL || below.of.parent_len == 0)
		return step->take(step->ctx, &below.of, err);
	return trw_view_map(
		below.view, below.of.parent_off, below.of.parent_len, push_piece, &below, err);
}

enum trw_status
trw_view_push(const struct trw_view *view, uint64_t off, uint64_t len, trw_view_take take,
	void *ctx, struct trw_err *err)
{
	struct step step = {.view = view,
		.of = {.off = off, .len = len, .parent_off = off, .parent_len = len},
		.take = take,
		.ctx = ctx};

	return trw_view_map(view, off, len, push_piece, &step, err);
}
