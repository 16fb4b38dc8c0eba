/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the threads of a sweep share; only for files of this folder.
 *
 *     planner.c   (reader)   which pieces a window gets; opens streams
 *     reader.c    (reader)   fetches windows
 *     deliver.c   (hashers)  hands a window out: one window at a time, in order
 *     open.c      (hashers)  an open stream: held pieces, the queue of its chains
 *     hash.c      (hashers)  the digesting jobs
 *     pool.c      (hashers)  which job is next
 *
 * A window goes: free -> planned, fetched (reader) -> unpacked (any hasher) -> delivered (in order) -> free again
 * when nobody holds a reference. Locks: mu alone; it is never held while reading, inflating, digesting or calling
 * back.
 */
#pragma once

#include "sweep/spans.h"
#include "sweep/sweep.h"

#include <pthread.h>

#define TRW_SWEEP_WINDOW ((size_t)4 << 20) /* bytes, where chunks are not larger */
#define TRW_SWEEP_ENTRIES                                                                          \
	((size_t)1 << 17)   /* per window: streams and pieces; past it streams are put off */
#define TRW_SWEEP_GROUP 128 /* whole streams that one hasher takes at a time */
#define TRW_SWEEP_CHAINS 32 /* chains of open streams, likewise */

struct trw_open;

/** A stream that lies in one window as a whole. */
struct trw_sweep_file {
	int64_t id;
	size_t skip, len; /* bytes of the window; of one that is gathered: 0 */
	struct trw_open
		*open; /* owned; NULL: one run of bytes; else it is gathered from its spans */
};

/** A piece, or part of one, of an open stream. len 0: no more will come, put the stream off. */
struct trw_sweep_part {
	struct trw_open *open; /* holds a reference until it is delivered */
	uint64_t at;           /* bytes of the stream */
	size_t skip, len;      /* bytes of the window */
};

enum trw_window_state {
	TRW_WINDOW_FREE = 0,
	TRW_WINDOW_FETCHED,
	TRW_WINDOW_UNPACKED,
	TRW_WINDOW_DELIVERED
};

struct trw_window {
	uint8_t *buf;                /* owned */
	struct trw_image_span *span; /* owned */
	/* owner: the reader until FETCHED, then who unpacks, then who delivers; read-only from then on */
	uint64_t off;
	size_t len;
	struct trw_sweep_file *files; /* owned */
	size_t n_files, cap_files;
	struct trw_sweep_part *parts; /* owned */
	size_t n_parts, cap_parts;
	uint64_t piece_bytes;     /* of the plan's pieces that lie in it */
	struct trw_ranges damage; /* image offsets */
	/* guarded by mu */
	enum trw_window_state state;
	size_t next_file; /* files before it are taken */
	unsigned refs;
	struct trw_window *next; /* in the free list, or in the queue of files */
};

/** Bytes or zeros for a stream's chains. */
struct trw_open_item {
	struct trw_open_item *next;
	struct trw_window *window; /* holds a reference; NULL: bytes are owned or there are none */
	uint8_t *owned;            /* held bytes; NULL: of the window, or zeros */
	const uint8_t *p;          /* NULL: zeros */
	uint64_t len;
	unsigned n_chains; /* that have yet to take it; guarded by mu */
};

/** One digester of an open stream. */
struct trw_open_chain {
	struct trw_open *open;
	struct trw_digester digester; /* owner: who runs it */
	struct trw_open_item *at; /* next to take; NULL: all taken; guarded by mu, as all below */
	bool is_busy;             /* queued or running */
	struct trw_open_chain *next; /* in the queue */
};

/** What a chain had in its queue when a hasher took it. */
struct trw_chain_run {
	struct trw_open_chain *chain;
	struct trw_open_item *at;         /* NULL: all done */
	const struct trw_open_item *last; /* not beyond: its next may be changing */
};

struct trw_held {
	uint64_t at;
	size_t len;
	uint8_t *bytes; /* owned */
};

/** A stream that is delivered piece by piece. */
struct trw_open {
	int64_t id;
	uint64_t size;
	struct trw_plan_piece piece; /* one of it, to put it off by */
	struct trw_extents extents;  /* owned, unless it is `one` */
	struct trw_extent one;
	uint64_t cost;                /* bytes charged while it is open */
	struct trw_open *next, *prev; /* in the list of all; guarded by mu */
	/* owner: who delivers */
	struct trw_spans spans;
	struct trw_span span; /* the one that is next */
	bool has_span;
	uint64_t at;           /* of the stream: all before it is queued */
	struct trw_held *held; /* owned; a heap by at */
	size_t n_held, cap_held;
	struct trw_ranges damage;
	char cause[TRW_ERR_TEXT_MAX];
	uint64_t left;   /* bytes of pieces that have not been delivered */
	bool is_off;     /* put off: nothing more is queued */
	bool is_ended;   /* everything has been taken */
	bool is_touched; /* in the list of the delivery that runs */
	struct trw_open *next_touched;
	struct trw_open_item *fresh, *last_fresh; /* not yet in the queue */
	/* guarded by mu */
	struct trw_open_item *first, *last; /* the queue: what a chain has not passed yet */
	bool is_whole;                      /* everything is in the queue */
	size_t n_chains, n_done;
	unsigned refs; /* pieces to come (one reference in all), chains that are busy */
	struct trw_open_chain chain[TRW_SWEEP_MEDIA_MAX];
};

struct trw_media_chain {
	struct trw_digester digester; /* owner: who runs it */
	uint64_t seq;                 /* of the window that is next; guarded by mu, as the next */
	bool is_running;
};

struct trw_planner;

struct trw_sweep {
	struct trw_sweep_spec spec;    /* immutable, but for what spec.media points to */
	size_t window_size, n_windows; /* immutable */
	unsigned open_chains;          /* of a long stream; immutable */
	struct trw_window *windows;    /* owned */
	struct trw_planner *planner;   /* owner: reader */
	atomic_uint_least64_t held;    /* bytes: open streams and what they hold */
	uint64_t held_max;             /* immutable */

	pthread_mutex_t mu;
	pthread_cond_t has_work, has_room, has_saved;
	/* all below: guarded by mu */
	struct trw_window *free;
	struct trw_window **
		order; /* owned; by number, modulo n_windows: those that media or delivery have yet to take */
	struct trw_open *opens; /* all that there are */
	uint64_t n_fetched, n_unpacking,
		n_delivered; /* windows: fetched; taken to unpack; delivered */
	bool is_delivering, is_fetched, has_failed;
	size_t n_in_use; /* windows that are not free */
	struct trw_media_chain media[TRW_SWEEP_MEDIA_MAX];
	struct trw_sweep_media saved; /* the chains as they were when they last stopped */
	int64_t saved_ns;
	bool is_saving;
	bool is_damage_new; /* a window with damage has been unpacked since the last checkpoint */
	struct trw_window *files, *last_files;      /* windows with files to take */
	struct trw_open_chain *chains, *last_chain; /* open streams with something to digest */
	struct trw_plan_piece *off; /* streams put off by delivery, for the reader to note */
	size_t n_off, cap_off;
	struct trw_err err; /* the first */
};

/* The window with this number, while it is in use. */
struct trw_window *trw_sweep_window(struct trw_sweep *s, uint64_t seq);
/** Keep the first error and end everything. */
void trw_sweep_fail(struct trw_sweep *s, const struct trw_err *err);
bool trw_sweep_stops(struct trw_sweep *s);
/** One reference less; at none the window is free. mu is held. */
void trw_window_unref(struct trw_sweep *s, struct trw_window *w);

/** Not used after all. mu is not held. */
void trw_window_give_back(struct trw_sweep *s, struct trw_window *w);

/* media.c */
/** In how many chains a long run of bytes is digested: one of all three, or one of each. */
unsigned trw_sweep_chains(unsigned jobs);

/* reader.c */
void *trw_sweep_reader(void *sweep);

/* planner.c */
TRW_NODISCARD enum trw_status trw_planner_new(
	struct trw_sweep *s, struct trw_planner **out, struct trw_err *err);
void trw_planner_free(struct trw_planner *p);
/** Fill in place and entries of the next window. TRW_END: there is none. */
TRW_NODISCARD enum trw_status trw_planner_window(
	struct trw_planner *p, struct trw_window *w, struct trw_err *err);

/* open.c */
/** stream: its extents are taken over. NULL stream: the whole piece. left: bytes of its pieces. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_open_new(struct trw_sweep *s, const struct trw_plan_piece *piece,
	struct trw_plan_stream *stream, int64_t id, uint64_t left, struct trw_open **out,
	struct trw_err *err);
void trw_open_free(struct trw_sweep *s, struct trw_open *o); /* nobody uses it; mu is held */
/** One reference less; at none it is freed. mu is held. */
void trw_open_unref(struct trw_sweep *s, struct trw_open *o);
/** Take a piece: queue it, hold it, or put the stream off. */
TRW_NODISCARD enum trw_status trw_open_take(struct trw_sweep *s, struct trw_open *o,
	struct trw_window *w, const struct trw_sweep_part *part, struct trw_err *err);
/** Put the stream off, unless it is already: no more of its pieces will come. */
TRW_NODISCARD enum trw_status trw_open_drop(
	struct trw_sweep *s, struct trw_open *o, struct trw_err *err);
/** Put what was taken in the queue of the stream's chains. mu is held. */
void trw_open_queue(struct trw_sweep *s, struct trw_open *o);
/** Note why bytes of a span that is not DATA or ZERO are missing. */
TRW_NODISCARD enum trw_status trw_open_note(
	struct trw_sweep *s, struct trw_open *o, const struct trw_span *span, struct trw_err *err);

/** The chain has taken what the run was given. mu is held. */
void trw_open_pass(struct trw_sweep *s, const struct trw_chain_run *run);

/* deliver.c */
TRW_NODISCARD enum trw_status trw_sweep_deliver(
	struct trw_sweep *s, struct trw_window *w, unsigned hasher, struct trw_err *err);

/* hash.c */
/** files [from, to) of the window. */
TRW_NODISCARD enum trw_status trw_hash_files(struct trw_sweep *s, struct trw_window *w, size_t from,
	size_t to, unsigned hasher, struct trw_err *err);
/** Digest the runs, of different streams side by side. */
TRW_NODISCARD enum trw_status trw_hash_chains(struct trw_sweep *s, struct trw_chain_run *runs,
	size_t n, unsigned hasher, struct trw_err *err);

/* pool.c */
/** It has something to digest. mu is held. */
void trw_sweep_queue_chain(struct trw_sweep *s, struct trw_open_chain *chain);
/** Call events.checkpoint; waits until no other call is under way. */
TRW_NODISCARD enum trw_status trw_sweep_checkpoint(
	struct trw_sweep *s, unsigned hasher, bool is_damaged, struct trw_err *err);
void *trw_sweep_hasher(void *arg);
struct trw_sweep_hasher {
	struct trw_sweep *sweep;
	unsigned number;
	pthread_t thread;
};
