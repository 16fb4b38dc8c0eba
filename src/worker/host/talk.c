/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/host/talk.h"

/*
 * libtsk can be made to take gigabytes by an image of 100 KB, and needs them for an honest disk with millions of
 * deleted files: so the cap grows with the image.
 */
#define MEMORY_MIN ((uint64_t)768 << 20)
#define MEMORY_MAX ((uint64_t)8 << 30)
#define IMAGE_BYTES_PER_BYTE 64

uint64_t
trw_talk_memory(uint64_t image_size)
{
	uint64_t extra = image_size / IMAGE_BYTES_PER_BYTE;

	return extra < MEMORY_MAX - MEMORY_MIN ? MEMORY_MIN + extra : MEMORY_MAX;
}

void
trw_talk_close(struct trw_talk *talk)
{
	trw_worker_stop(talk->worker);
	talk->worker = NULL;
}

const char *
trw_talk_how_text(const struct trw_talk_end *end)
{
	return end->has_worker_end ? end->worker.text : end->err.text;
}

enum trw_code
trw_talk_code(const struct trw_talk_end *end)
{
	if (!end->has_worker_end)
		return TRW_CODE_WORKER_CRASH;
	if (end->worker.is_hung)
		return TRW_CODE_WORKER_HANG;
	if (end->worker.is_violation)
		return TRW_CODE_WORKER_VIOLATION;
	return end->worker.is_protocol ? TRW_CODE_WORKER_PROTOCOL : TRW_CODE_WORKER_CRASH;
}

/* A worker that has been asked. */
static enum trw_status
ask(struct trw_talk *talk, const struct trw_talk_request *q, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	if (talk->worker == NULL) {
		st = trw_worker_start(&talk->spec, &talk->worker, err);
		if (st == TRW_OK && talk->greet != NULL)
			st = talk->greet(talk->greet_ctx, talk->worker, err);
	}
	return st < 0 ? st : trw_worker_send(talk->worker, q->type, q->payload, q->n, err);
}

/* FAILED: after most of them the worker ends. */
static enum trw_status
take_failed(struct trw_talk *talk, const struct trw_frame *f, struct trw_talk_end *end)
{
	enum trw_status said = trw_frame_failed(f, &end->err);

	end->how = TRW_TALK_FAILED;
	if (said != TRW_EUNSUPPORTED && said != TRW_ECORRUPT)
		trw_talk_close(talk);
	return said == TRW_ENOMEM ? said : TRW_END;
}

/* The next frame. TRW_END: the answer is complete; TRW_EWORKER, TRW_EIO: the worker is lost. */
static enum trw_status
hear(struct trw_talk *talk, const struct trw_talk_request *q, struct trw_talk_end *end,
	bool *is_callers, struct trw_err *err)
{
	struct trw_frame f;
	enum trw_status st = trw_worker_recv(talk->worker, &f, err);

	if (st < 0)
		return st;
	if (f.type == TRW_FRAME_FAILED)
		return take_failed(talk, &f, end);
	st = q->take(q->ctx, &f, err);
	*is_callers = st < 0;
	return st;
}

/* One try. */
static enum trw_status
converse(struct trw_talk *talk, const struct trw_talk_request *q, struct trw_talk_end *end)
{
	bool is_callers = false;
	enum trw_status st = ask(talk, q, &end->err);

	while (st == TRW_OK)
		st = hear(talk, q, end, &is_callers, &end->err);
	if (st == TRW_END)
		return TRW_OK;
	if (is_callers || st == TRW_ENOMEM || st == TRW_ECANCEL || st == TRW_ESANDBOX)
		return st;
	end->how = TRW_TALK_LOST;
	end->has_worker_end = talk->worker != NULL;
	if (talk->worker != NULL)
		end->worker = *trw_worker_ended(talk->worker);
	trw_talk_close(talk);
	return TRW_OK;
}

enum trw_status
trw_talk(struct trw_talk *talk, const struct trw_talk_request *request, struct trw_talk_end *end,
	struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (int tries = 0; st == TRW_OK && tries < 2; tries++) {
		*end = (struct trw_talk_end){0};
		st = converse(talk, request, end);
		if (st < 0 && err != NULL)
			*err = end->err;
		if (st < 0 || end->how != TRW_TALK_LOST || request->again == NULL || tries == 1)
			break;
		st = request->again(request->ctx, end, err);
	}
	if (st < 0)
		trw_talk_close(talk);
	return st < 0 ? st : TRW_OK;
}
