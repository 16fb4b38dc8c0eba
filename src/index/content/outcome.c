/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/outcome.h"

#include <stdio.h>

/* The state that the damage leaves the stream in. */
static enum trw_digest_state
judge(const struct trw_outcome *o)
{
	if (o->refusal != TRW_CODE_NONE || o->is_unknown)
		return TRW_DIGEST_NONE;
	switch (trw_ranges_worst(&o->damage)) {
	case TRW_DAMAGE_NONE:
		return TRW_DIGEST_COMPLETE;
	case TRW_DAMAGE_SUBSTITUTED:
		return TRW_DIGEST_SUBSTITUTED;
	case TRW_DAMAGE_MISSING:
		break;
	}
	return trw_ranges_total(&o->damage, TRW_DAMAGE_MISSING) >= o->size ? TRW_DIGEST_NONE
									   : TRW_DIGEST_PARTIAL;
}

static void
damage_text(const struct trw_outcome *o, enum trw_digest_state state, char *text, size_t n)
{
	uint64_t missing = trw_ranges_total(&o->damage, TRW_DAMAGE_MISSING);
	uint64_t replaced = trw_ranges_total(&o->damage, TRW_DAMAGE_SUBSTITUTED);
	const char *colon = o->cause[0] == '\0' ? "" : ": ";

	if (state == TRW_DIGEST_NONE)
		(void)snprintf(text, n, "none of the %" PRIu64 " bytes can be read%s%s", o->size,
			colon, o->cause);
	else if (state == TRW_DIGEST_PARTIAL)
		(void)snprintf(text, n,
			"%" PRIu64 " of %" PRIu64 " bytes are missing and %" PRIu64
			" replaced, in %zu ranges; the digests are over zeros there%s%s",
			missing, o->size, replaced, o->damage.n, colon, o->cause);
	else
		(void)snprintf(text, n,
			"%" PRIu64 " of %" PRIu64
			" bytes, in %zu ranges, were replaced by the container or the acquisition%s%s",
			replaced, o->size, o->damage.n, colon, o->cause);
}

static enum trw_status
post_problem(struct trw_outbox *outbox, const struct trw_outcome *o, enum trw_code code,
	const struct trw_range *bad, const char *text, struct trw_err *err)
{
	struct trw_problem p = {
		.image_id = o->image_id,
		.file_id = o->file_id, /* place, path and inode are the file's */
		.stage = TRW_STAGE_READ,
		.code = code,
		.has_range = bad != NULL,
		.off = bad != NULL ? bad->off : 0,
		.len = bad != NULL ? bad->len : 0,
		.text = trw_bytes_of(text),
	};

	return trw_outbox_problem(outbox, &p, err);
}

static enum trw_status
post_problems(struct trw_outbox *outbox, const struct trw_outcome *o, enum trw_digest_state state,
	struct trw_err *err)
{
	static const enum trw_code codes[TRW_DIGEST_N] = {
		[TRW_DIGEST_PARTIAL] = TRW_CODE_CONTENT_MISSING,
		[TRW_DIGEST_SUBSTITUTED] = TRW_CODE_CONTENT_SUBSTITUTED,
		[TRW_DIGEST_NONE] = TRW_CODE_CONTENT_UNREADABLE,
	};
	char text[TRW_ERR_TEXT_MAX + 200];
	enum trw_status s = TRW_OK;

	if (o->refusal != TRW_CODE_NONE)
		return post_problem(outbox, o, o->refusal, NULL, o->cause, err);
	if (o->lost != NULL) {
		(void)snprintf(text, sizeof(text), "the read worker was %s", o->lost->worker.text);
		s = post_problem(outbox, o, trw_talk_code(o->lost), NULL, text, err);
	}
	if (s < 0 || state == TRW_DIGEST_COMPLETE)
		return s;
	damage_text(o, state, text, sizeof(text));
	return post_problem(
		outbox, o, codes[state], o->damage.n > 0 ? &o->damage.v[0] : NULL, text, err);
}

enum trw_status
trw_outcome_post(struct trw_outbox *outbox, struct trw_outcome *o, struct trw_err *err)
{
	struct trw_row row = {.kind = TRW_ROW_CONTENT,
		.u.content = {.file_id = o->file_id,
			.size = o->size,
			.state = judge(o),
			.digests = o->digests,
			.damage = o->damage}};
	enum trw_status s = post_problems(outbox, o, row.u.content.state, err);

	if (s == TRW_OK)
		s = trw_outbox_put(outbox, &row, err);
	trw_ranges_clear(&o->damage);
	return s;
}
