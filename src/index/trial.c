/* SPDX-License-Identifier: Apache-2.0 */
#include "index/trial.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static enum trw_status
ask(const struct trw_pass *pass, const struct trw_fs_where *where, uint64_t quiet_max_ns,
	struct trw_worker **worker, struct trw_err *err)
{
	struct trw_worker_spec spec = trw_pass_worker(pass, "walk");
	struct trw_walk_request *request = trw_alloc(1, sizeof(*request), err);
	struct trw_buf b = {0};

	if (request == NULL)
		return TRW_ENOMEM;
	spec.quiet_max_ns = quiet_max_ns;
	request->where = *where;
	request->names_max = 1000;
	request->dir_max = 1000;
	request->depth_max = 10;
	request->no_orphans = true;
	request->no_blocks = true;
	enum trw_status s = trw_worker_start(&spec, worker, err);
	if (s == TRW_OK)
		s = trw_walk_request_encode(request, &b, err);
	if (s == TRW_OK)
		s = trw_worker_send(*worker, TRW_FRAME_WALK, b.v, b.n, err);
	trw_buf_clear(&b);
	free(request);
	return s;
}

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
hear(struct trw_worker *worker, struct trw_trial *out, struct trw_err *err)
{
	for (;;) {
		struct trw_frame f;
		enum trw_status s = trw_worker_recv(worker, &f, err);
		if (s < 0)
			return s;
		switch ((int)f.type) {
		case TRW_FRAME_FILESYSTEM:
			out->is_open = true;
			break;
		case TRW_FRAME_FILE:
			out->has_file = out->is_open && is_from_evidence(&f);
			if (out->has_file || !out->is_open)
				return TRW_OK;
			break;
		case TRW_FRAME_PROBLEM:
		case TRW_FRAME_BLOCKS:
			break;
		default: /* DONE, FAILED, nonsense */
			return TRW_OK;
		}
	}
}

static void
note_death(struct trw_trial *out, const struct trw_worker *worker, const struct trw_err *lost)
{
	const struct trw_worker_end *end = worker != NULL ? trw_worker_ended(worker) : NULL;

	out->n_deaths++;
	out->has_died = out->n_deaths > 1;
	out->code = end != NULL ? trw_pass_end_code(end) : TRW_CODE_WORKER_CRASH;
	out->inode = end != NULL ? end->activity.inode : 0;
	(void)snprintf(out->text, sizeof(out->text), "%s", lost->text);
}

static enum trw_status
try_once(const struct trw_pass *pass, const struct trw_fs_where *where, uint64_t quiet_max_ns,
	struct trw_trial *out, struct trw_err *err)
{
	struct trw_worker *worker = NULL;
	struct trw_err lost = {0};

	out->is_open = out->has_file = false;
	enum trw_status s = ask(pass, where, quiet_max_ns, &worker, &lost);
	if (s == TRW_OK)
		s = hear(worker, out, &lost);
	if (s == TRW_EWORKER || s == TRW_EIO) {
		note_death(out, worker, &lost);
		s = TRW_OK;
	} else if (s < 0 && err != NULL) {
		*err = lost;
	}
	trw_worker_stop(worker);
	return s;
}

enum trw_status
trw_trial_run(const struct trw_pass *pass, const struct trw_fs_where *where, uint64_t quiet_max_ns,
	struct trw_trial *out, struct trw_err *err)
{
	*out = (struct trw_trial){0};
	enum trw_status s = try_once(pass, where, quiet_max_ns, out, err);
	if (s >= 0 && out->n_deaths == 1)
		s = try_once(pass, where, quiet_max_ns, out, err);
	return s;
}
