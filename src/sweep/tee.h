/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One thread's way to a row of consumers: it has the thread's clone of each, and hands it streams that the thread
 * reads to their end, one at a time or a group of whole ones side by side. What it is given is passed on as it is.
 *
 * Errors of all functions: what a consumer returns; trw_tee_abandon is then still to be called, or trw_tee_begin.
 * Threads: one owner.
 */
#pragma once

#include "sweep/consumer.h"

struct trw_tee {
	struct trw_consumers row;           /* borrowed */
	void *self[TRW_CONSUMERS_MAX];      /* owned: the clones */
	size_t n_cloned;                    /* consumers from the first that have one */
	uint8_t *states[TRW_CONSUMERS_MAX]; /* owned: of one stream, or of a group */
	size_t n_begun;                     /* consumers from the first that hear a stream */
};

/** Errors: TRW_ENOMEM, and what a clone returns; *out is then NULL. */
TRW_NODISCARD enum trw_status trw_tee_new(
	struct trw_consumers row, struct trw_tee **out, struct trw_err *err);
void trw_tee_free(struct trw_tee *t); /* NULL is fine; a stream that is begun is abandoned */

/** Begin a stream. One that is begun is abandoned: see trw_tee_can_restart. */
TRW_NODISCARD enum trw_status trw_tee_begin(
	struct trw_tee *t, const struct trw_stream_head *head, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_tee_bytes(
	struct trw_tee *t, const uint8_t *p, size_t n, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_tee_zeros(struct trw_tee *t, uint64_t n, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_tee_missing(
	struct trw_tee *t, uint64_t n, enum trw_span_kind why, struct trw_err *err);
/** The stream is over; *done has all but what the consumers add to it. */
TRW_NODISCARD enum trw_status trw_tee_end(
	struct trw_tee *t, struct trw_stream_done *done, struct trw_err *err);
void trw_tee_abandon(struct trw_tee *t); /* nothing when no stream is begun */

/** True when every consumer can hear a stream a second time from its start. */
bool trw_tee_can_restart(const struct trw_tee *t);

/** A stream that is one run of bytes. */
struct trw_whole {
	struct trw_stream_head head;
	const uint8_t *p;            /* borrowed; head.size bytes */
	struct trw_stream_done done; /* in: all but what the consumers add; out: with that */
};

/** Hand over n whole streams, at most TRW_CONSUMER_MANY, from begin to end. */
TRW_NODISCARD enum trw_status trw_tee_whole(
	struct trw_tee *t, struct trw_whole *v, size_t n, struct trw_err *err);

/** Bytes that a state of the consumer takes, so that states in a row are aligned. */
size_t trw_tee_stride(const struct trw_consumer *c);
