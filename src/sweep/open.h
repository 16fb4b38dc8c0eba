/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Open streams: those whose pieces come window after window. Pieces are delivered in the order of the image, one window
 * at a time, and heard in the order of the stream, by a chain for each consumer (or several, of a long stream).
 *
 *     part of a window --+--- its turn ------------------> fresh items --queue--> first ... last
 *                        |                                   ^                      ^
 *                        +--- too early: a copy is held -----+ when its turn comes  |
 *                        |                                                          +-- each chain is `at` one of them
 *                        +--- no memory to hold it: the stream is put off               or at NULL: it has heard all
 *
 *     a chain:  idle --queued, is_busy--> in the queue --a hasher takes it--> running --more came--> in the queue
 *                ^                                                               |
 *                +-------------------------------- nothing more ----------------+--- all is heard: done
 *
 * An item is freed when every chain has passed it. References: one for all the pieces that are to come, one for each
 * chain that is busy. At none the stream is over or put off, and is buried by who dropped the last.
 */
#pragma once

#include "sweep/consumer.h"
#include "sweep/held.h"
#include "sweep/plan/stream.h"
#include "sweep/window.h"

#define TRW_OPEN_RUNS 32 /* chains that one hasher takes at a time */

/** Bytes for a stream's chains. */
struct trw_item {
	/* immutable once it is queued, but for next of the last one: guarded by mu */
	struct trw_item *next;
	struct trw_window *window; /* holds a reference; NULL: bytes are owned or there are none */
	uint8_t *owned;            /* held bytes; NULL: of the window, or there are none */
	const uint8_t *p;          /* of DATA */
	uint64_t len;
	enum trw_span_kind kind;
	/* guarded by mu */
	unsigned n_chains; /* that have yet to pass it */
};

/** One consumer's way through an open stream, or a part of its work. */
struct trw_chain {
	/* immutable */
	struct trw_open *open;
	size_t consumer; /* in the row */
	unsigned part, n_parts;
	void *state;
	/* owner: who runs it */
	bool is_begun; /* and neither ended nor abandoned */
	/* guarded by mu */
	struct trw_item *at;    /* next to hear; NULL: all heard */
	bool is_busy;           /* queued or running */
	struct trw_chain *next; /* in the queue */
};

/** What a chain had before it when a hasher took it. */
struct trw_chain_run {
	struct trw_chain *chain;
	struct trw_item *at;         /* NULL: all heard */
	const struct trw_item *last; /* not beyond: its next may be changing */
};

/** A stream that is delivered piece by piece, or gathered from one window. */
struct trw_open {
	/* immutable */
	struct trw_stream_head head;
	struct trw_plan_piece piece; /* one of it, to put it off by */
	struct trw_extents extents;  /* owned, unless it is `one` */
	struct trw_extent one;
	uint64_t cost; /* bytes charged while it is open */
	size_t n_chains;
	/* owner: who delivers; of one that is gathered: its hasher */
	struct trw_spans spans;
	struct trw_span span; /* the one that is next */
	bool has_span;
	uint64_t at;              /* of the stream: all before it is an item */
	struct trw_held held;     /* pieces whose turn has not come */
	struct trw_ranges damage; /* bytes of the stream */
	char cause[TRW_ERR_TEXT_MAX];
	uint64_t left;   /* bytes of pieces that have not been delivered */
	bool is_off;     /* put off: nothing more is queued */
	bool is_ended;   /* all of it is an item */
	bool is_touched; /* in the list of the delivery that runs */
	struct trw_open *next_touched;
	struct trw_item *fresh, *last_fresh; /* owned; not yet in the queue */
	/* guarded by mu */
	struct trw_open *next, *prev;  /* in the list of all; next also in a list of the dead */
	struct trw_item *first, *last; /* owned; the queue: what a chain has not passed yet */
	bool is_whole;                 /* all of it has been in the queue */
	size_t n_done;                 /* chains that have heard all of it */
	unsigned refs;
	struct trw_chain chain[]; /* n_chains; their states lie behind them */
};

struct trw_opens {
	/* immutable after init */
	struct trw_ready *ready; /* borrowed, as windows */
	struct trw_windows *windows;
	struct trw_consumers row;
	bool splits_long; /* long streams get a chain for each part of a consumer's work */
	uint64_t image_size, held_max; /* bytes */
	/* any thread */
	atomic_uint_least64_t held; /* bytes: open streams, states and what they hold */
	/* guarded by mu */
	struct trw_open *all;                  /* a list */
	struct trw_chain *chains, *last_chain; /* a queue: chains with something to hear */
	struct trw_plan_piece *off; /* owned: streams put off by delivery, for the reader to note */
	size_t n_off, cap_off;
};

void trw_opens_init(struct trw_opens *os, struct trw_windows *windows, struct trw_consumers row);
void trw_opens_clear(struct trw_opens *os); /* no other thread uses it */

/** Bytes charged for a stream of so many extents while it is open. */
uint64_t trw_opens_cost(
	const struct trw_opens *os, uint64_t size, size_t n_extents, bool is_gathered);
/** There is memory for so many bytes more. */
bool trw_opens_has_room(const struct trw_opens *os, uint64_t cost);

/**
 * stream: its extents are taken over. NULL stream: the whole piece. left: bytes of its pieces. One that is gathered has
 * no chains. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_open_new(struct trw_opens *os, const struct trw_plan_piece *piece,
	struct trw_plan_stream *stream, int64_t id, uint64_t left, bool is_gathered,
	struct trw_open **out, struct trw_err *err);

/** Drop a reference; at none the stream leaves the list of all and is added to *dead. mu is held. */
void trw_open_unref(struct trw_opens *os, struct trw_open *o, struct trw_open **dead);
/** Free the dead; their consumers abandon what they have not heard to the end. mu is not held. */
void trw_opens_bury(struct trw_opens *os, struct trw_open *dead);

/** Take a piece: make it an item, hold it, or put the stream off. Errors: TRW_ENOMEM, TRW_ECORRUPT. */
TRW_NODISCARD enum trw_status trw_open_take(struct trw_opens *os, struct trw_open *o,
	struct trw_window *w, const struct trw_window_part *part, struct trw_err *err);
/** Put the stream off, unless it is already: no more of its pieces will come. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_open_drop(
	struct trw_opens *os, struct trw_open *o, struct trw_err *err);
/** Note why bytes of a span that is not DATA or ZERO are missing. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_open_note(
	struct trw_opens *os, struct trw_open *o, const struct trw_span *span, struct trw_err *err);

/** Put the fresh items in the queue of the stream's chains, and those that are idle in the queue. mu is held. */
void trw_open_queue(struct trw_opens *os, struct trw_open *o);
/** Take chains from the queue, at most max and no more than a share for each of jobs; how many. mu is held. */
size_t trw_opens_next_chains(
	struct trw_opens *os, unsigned jobs, struct trw_chain_run *runs, size_t max);
/** The chain has heard what the run was given. True: it was the last to hear all of the stream. mu is held. */
bool trw_chain_pass(struct trw_opens *os, const struct trw_chain_run *run);

/** The streams put off since the last call: *v is the caller's. */
size_t trw_opens_take_off(struct trw_opens *os, struct trw_plan_piece **v);
