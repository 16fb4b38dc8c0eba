/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who listens to the bytes of streams. Each stream is handed once, in order and without a gap, to every consumer of a
 * row, wherever it is read: in the sweep, in what the sweep left over, or by the walk itself (resident content).
 * Digests are the first consumer (digests.h); tee.h hands one stream at a time to a row.
 *
 *     begin, then any number of bytes, zeros and missing, head->size bytes in all, then end
 *                                                                           or, at any point, abandon
 *
 * Nothing is copied for a consumer: what it is shown is borrowed for the call. A stream may change the thread between
 * two calls but is never in two at a time, so a consumer needs no locks: what it needs of a thread (buffers, a
 * library's handle) is the thread's clone `self`, what it keeps of a stream is `state`, and `shared` is read only or
 * has a lock of its own that no call for bytes takes.
 */
#pragma once

#include "base/range.h"
#include "digest/digest.h"
#include "sweep/spans.h"

/** What is known of a stream before its first byte. */
struct trw_stream_head {
	int64_t id;
	uint64_t size;  /* bytes */
	bool is_sparse; /* every byte is a zero that the file system supplies; never in the sweep */
};

/** A stream that every consumer has heard to its end, and what they made of it. */
struct trw_stream_done {
	int64_t id;
	uint64_t size;
	struct trw_ranges damage;   /* bytes of the stream; owner: the one who is called */
	const char *cause;          /* one line about the first missing bytes, or empty; borrowed */
	struct trw_digests digests; /* over zeros where bytes are missing */
};

/** Bytes for one of several streams. */
struct trw_share {
	void *state;
	const uint8_t *p; /* borrowed */
	size_t n;
};

/** The end of one of several streams. */
struct trw_ending {
	void *state;
	struct trw_stream_done *done;
};

#define TRW_CONSUMERS_MAX 8
#define TRW_CONSUMER_PARTS_MAX 3
#define TRW_CONSUMER_MANY 128 /* streams side by side in one call at most */

/**
 * A plain value; what it points to outlives every use. Functions that return a status fail with TRW_ENOMEM or what
 * ends a run; never for what the bytes say. After a begin that succeeded comes exactly one end or abandon; both give
 * back what the state took, an end that fails as well.
 */
struct trw_consumer {
	void *shared;
	/** Bytes of a state. The memory is given and counted; its content is undefined before begin. */
	size_t state_size;
	/** A long stream may be heard by so many states at once, each for its own part of the work. */
	unsigned n_parts;
	/** What it has heard cannot be taken back: a stream is not begun a second time. */
	bool is_once;

	/** What one thread needs. NULL: self is shared. */
	enum trw_status (*clone)(const struct trw_consumer *c, void **self, struct trw_err *err);
	void (*free)(void *self); /* of a clone */

	/** part: which of n_parts; 0 of 1 where one state hears all. */
	enum trw_status (*begin)(void *self, void *state, const struct trw_stream_head *head,
		unsigned part, unsigned n_parts, struct trw_err *err);
	/** Bytes of the image, or decoded from them. Where the image is damaged they may be zeros: end has the ranges. */
	enum trw_status (*bytes)(
		void *self, void *state, const uint8_t *p, size_t n, struct trw_err *err);
	/** n zeros that the file system supplies. */
	enum trw_status (*zeros)(void *self, void *state, uint64_t n, struct trw_err *err);
	/** n bytes that nobody has: why is neither DATA nor ZERO. */
	enum trw_status (*missing)(
		void *self, void *state, uint64_t n, enum trw_span_kind why, struct trw_err *err);
	/** done has all but what consumers add: put in what came of it. */
	enum trw_status (*end)(
		void *self, void *state, struct trw_stream_done *done, struct trw_err *err);
	/** Called by any thread, under no lock. NULL: there is nothing to give back. */
	void (*abandon)(void *state);

	/** As bytes and end for each of n different streams, where that is cheaper. Both or neither NULL. */
	enum trw_status (*bytes_many)(
		void *self, const struct trw_share *v, size_t n, struct trw_err *err);
	enum trw_status (*end_many)(
		void *self, const struct trw_ending *v, size_t n, struct trw_err *err);
};

/** A row of consumers, in the order in which they are called. */
struct trw_consumers {
	const struct trw_consumer *v; /* borrowed */
	size_t n;                     /* at most TRW_CONSUMERS_MAX */
};
