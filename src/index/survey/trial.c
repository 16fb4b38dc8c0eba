/* SPDX-License-Identifier: Apache-2.0 */
#include "index/survey/trial.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

/* A name from the evidence: libtsk makes virtual files up for whatever opens. */
static bool
is_from_evidence(const struct trw_frame *f)
{
	struct trw_file r;
	bool is_own = trw_file_decode(f->payload, f->len, &r, NULL) == TRW_OK && r.name.n > 0 &&
		      r.kind != TRW_FILE_VIRTUAL && r.kind != TRW_FILE_VIRTUAL_DIRECTORY;

	trw_file_clear(&r);
	return is_own;
}

/* Up to the first name behind the root: more is not needed to know. */
static enum trw_status
take_frame(void *ctx, const struct trw_frame *f, struct trw_err *err)
{
	struct trw_trial *out = ctx;

	(void)err;
	switch ((int)f->type) {
	case TRW_FRAME_FILESYSTEM:
		out->is_open = true;
		return TRW_OK;
	case TRW_FRAME_FILE:
		out->has_file = out->is_open && is_from_evidence(f);
		return out->has_file || !out->is_open ? TRW_END : TRW_OK;
	case TRW_FRAME_PROBLEM:
	case TRW_FRAME_BLOCKS:
		return TRW_OK;
	default: /* DONE, nonsense */
		return TRW_END;
	}
}

static void
note_death(struct trw_trial *out, const struct trw_talk_end *end)
{
	out->n_deaths++;
	out->has_died = out->n_deaths > 1;
	out->code = trw_talk_code(end);
	out->inode = end->has_worker_end ? end->worker.activity.inode : 0;
	(void)snprintf(out->text, sizeof(out->text), "%s", end->err.text);
}

static enum trw_status
again(void *ctx, const struct trw_talk_end *end, struct trw_err *err)
{
	struct trw_trial *out = ctx;

	(void)err;
	note_death(out, end);
	out->is_open = out->has_file = false;
	return TRW_OK;
}

enum trw_status
trw_trial_run(const struct trw_pass *pass, const struct trw_fs_where *where, uint64_t quiet_max_ns,
	struct trw_trial *out, struct trw_err *err)
{
	struct trw_walk_request *walk = trw_alloc(1, sizeof(*walk), err);
	struct trw_talk talk = trw_pass_talk(pass, "walk");
	struct trw_talk_request request = {
		.type = TRW_FRAME_WALK, .take = take_frame, .again = again, .ctx = out};
	struct trw_talk_end end;
	struct trw_buf b = {0};

	*out = (struct trw_trial){0};
	if (walk == NULL)
		return TRW_ENOMEM;
	*walk = (struct trw_walk_request){.where = *where,
		.names_max = 1000,
		.dir_max = 1000,
		.depth_max = 10,
		.no_orphans = true,
		.no_blocks = true};
	talk.spec.quiet_max_ns = quiet_max_ns;
	enum trw_status s = trw_walk_request_encode(walk, &b, err);
	request.payload = b.v;
	request.n = b.n;
	if (s == TRW_OK)
		s = trw_talk(&talk, &request, &end, err);
	if (s == TRW_OK && end.how == TRW_TALK_LOST)
		note_death(out, &end);
	trw_talk_close(&talk);
	trw_buf_clear(&b);
	free(walk);
	return s;
}
