/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Asking a worker: a request goes out, frames come back until DONE, FAILED or the worker's end, and what a worker dies
 * over is tried once more with a fresh one. Threads: one owner at a time.
 */
#pragma once

#include "record/codes.h"
#include "worker/host/worker.h"

/** Whom to ask. spec is set by the owner, all that it points to is borrowed. */
struct trw_talk {
	struct trw_worker_spec spec;
	struct trw_worker *worker; /* owned; NULL: none runs, the next request starts one */
	/* NULL, or asked after a start what the worker says first. A failure is the worker's. */
	enum trw_status (*greet)(void *ctx, struct trw_worker *worker, struct trw_err *err);
	void *greet_ctx;
};

enum trw_talk_how {
	TRW_TALK_DONE = 0, /* the caller has all that it wants */
	TRW_TALK_FAILED,   /* FAILED came: err says with what */
	TRW_TALK_LOST /* the worker died, hung, broke the protocol, or could not be started: err says how */
};

/** How a request ended. */
struct trw_talk_end {
	enum trw_talk_how how;
	struct trw_err err;
	bool has_worker_end; /* LOST: it had been started */
	struct trw_worker_end worker;
};

struct trw_talk_request {
	enum trw_frame_type type;
	const void *payload; /* borrowed */
	size_t n;
	/*
	 * Gets every frame but FAILED. TRW_END: that was the last. TRW_OK: go on; after trw_worker_distrust the worker is
	 * lost. A failure ends the conversation and is returned.
	 */
	enum trw_status (*take)(void *ctx, const struct trw_frame *frame, struct trw_err *err);
	/*
	 * NULL, or called when the first worker is lost: TRW_OK takes back what had come and has a fresh one asked,
	 * TRW_END leaves it at that.
	 */
	enum trw_status (*again)(void *ctx, const struct trw_talk_end *end, struct trw_err *err);
	void *ctx;
};

/**
 * Errors: TRW_ENOMEM, TRW_ECANCEL, TRW_ESANDBOX, those of take and again; no worker runs then. What a worker does is told
 * in *end and no error; one that is lost, or that ends after its FAILED, is stopped.
 */
TRW_NODISCARD enum trw_status trw_talk(struct trw_talk *talk,
	const struct trw_talk_request *request, struct trw_talk_end *end, struct trw_err *err);

/** Stop the worker, if one runs. */
void trw_talk_close(struct trw_talk *talk);

/** "killed by SIGSEGV while reading the directory of inode 5": of one that is lost. Borrowed from end. */
const char *trw_talk_how_text(const struct trw_talk_end *end);
/** The code of the problem that it is. */
enum trw_code trw_talk_code(const struct trw_talk_end *end);

/** The address space of a worker for an image of this size. */
uint64_t trw_talk_memory(uint64_t image_size);
