/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads one data stream in order, wherever its bytes are: extents of the image, or a read worker that decodes
 * them. What cannot be had is delivered as zeros and reported as damage.
 */
#pragma once

#include "image/image.h"
#include "index/content/task.h"
#include "worker/host/talk.h"

/**
 * Where the bytes go, in order and without gaps, task->size in all. An error ends the read and is returned.
 * restart takes back what came so far: the stream begins anew. NULL where that cannot be done (bytes that
 * were written to standard output): what a read worker dies over is then not tried a second time.
 */
struct trw_stream_sink {
	enum trw_status (*bytes)(void *ctx, const uint8_t *p, size_t n, struct trw_err *err);
	enum trw_status (*zeros)(void *ctx, uint64_t n, struct trw_err *err);
	void *ctx;
	enum trw_status (*restart)(void *ctx, struct trw_err *err);
};

/** What went wrong in one read. */
struct trw_stream_report {
	struct trw_ranges damage;     /* bytes of the stream; owner: the caller */
	char cause[TRW_ERR_TEXT_MAX]; /* one line, or empty */
	bool is_retried; /* a read worker died over this stream, a fresh one tried again */
	char first[TRW_ERR_TEXT_MAX]; /* is_retried: how the first one ended */
	bool has_end;                 /* the last read worker died over this stream */
	struct trw_talk_end end;
};

struct trw_stream;

/** spec: how to start the read worker (borrowed, with all it points to). Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_stream_new(struct trw_image *image,
	const struct trw_worker_spec *spec, struct trw_stream **out, struct trw_err *err);
void trw_stream_free(struct trw_stream *s); /* NULL is fine */

/**
 * Read the task's stream into sink; *report is filled anew. stops, when not NULL, is asked every so often and
 * ends the read with TRW_ECANCEL. Errors: those of the sink, TRW_ENOMEM, TRW_ESANDBOX, TRW_ECANCEL; never for
 * evidence that cannot be read. report->damage is the caller's in any case.
 */
TRW_NODISCARD enum trw_status trw_stream_read(struct trw_stream *s, const struct trw_task *task,
	const struct trw_stream_sink *sink, bool (*stops)(void *ctx), void *stops_ctx,
	struct trw_stream_report *report, struct trw_err *err);
