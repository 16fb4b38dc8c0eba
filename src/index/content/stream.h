/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads one data stream in order, wherever its bytes are: extents of the image, or a read worker that decodes
 * them. What cannot be had is missing for the consumers, and reported as damage.
 */
#pragma once

#include "image/image.h"
#include "index/content/task.h"
#include "sweep/tee.h"
#include "worker/host/talk.h"

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
 * Read the task's stream into the tee, which it begins; the end is the caller's, with what *report says, which is
 * filled anew. What a read worker dies over is tried a second time, from the start, where the consumers allow that.
 * stops, when not NULL, is asked every so often and ends the read with TRW_ECANCEL. Errors: those of the consumers,
 * TRW_ENOMEM, TRW_ESANDBOX, TRW_ECANCEL; never for evidence that cannot be read. report->damage is the caller's in any
 * case.
 */
TRW_NODISCARD enum trw_status trw_stream_read(struct trw_stream *s, const struct trw_task *task,
	struct trw_tee *tee, bool (*stops)(void *ctx), void *stops_ctx,
	struct trw_stream_report *report, struct trw_err *err);
