/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Windows: a bounded number of buffers that a sweep's bytes pass through, and who still needs them.
 *
 *      take (reader)          fetched (reader)        unpacked (a hasher)      delivered (a hasher)
 *     FREE ---------> PLANNED ---------> FETCHED ---------> UNPACKED ---------> DELIVERED
 *      ^  \             |  give_back        in the ring by number until             |
 *      |   \____________|  (not needed)     media and delivery have taken it        | the last unref
 *      |____________________________________________________________________________|
 *
 * Numbers are dealt by `fetched`, in the order of the image. The media's digests and delivery take the windows in that
 * order, unpacking is free to run ahead. References: one of each media chain and one of delivery, from `fetched` on;
 * then one of each item of an open stream that lies in it, one of each job that has some of its whole streams, and one
 * of the queue while there are any to take.
 */
#pragma once

#include "base/range.h"
#include "image/image.h"
#include "sweep/ready.h"

#include <stdatomic.h>

struct trw_open;

/** A stream that lies in one window as a whole. */
struct trw_window_file {
	int64_t id;
	size_t skip, len; /* bytes of the window; of one that is gathered: 0 */
	struct trw_open
		*open; /* owned; NULL: one run of bytes; else it is gathered from its spans */
};

/** A piece, or part of one, of an open stream. len 0: no more will come, put the stream off. */
struct trw_window_part {
	struct trw_open *open; /* holds a reference until it is delivered */
	uint64_t at;           /* bytes of the stream */
	size_t skip, len;      /* bytes of the window */
};

enum trw_window_state {
	TRW_WINDOW_FREE = 0,
	TRW_WINDOW_PLANNED,
	TRW_WINDOW_FETCHED,
	TRW_WINDOW_UNPACKED,
	TRW_WINDOW_DELIVERED
};

struct trw_window {
	/* owner: the reader until FETCHED, then who unpacks, then who delivers; read only from then on */
	uint8_t *buf;                /* owned */
	struct trw_image_span *span; /* owned */
	uint64_t off;                /* bytes of the image */
	size_t len;
	struct trw_window_file *files; /* owned */
	size_t n_files, cap_files;
	struct trw_window_part *parts; /* owned */
	size_t n_parts, cap_parts;
	uint64_t piece_bytes;     /* of the plan's pieces that lie in it */
	struct trw_ranges damage; /* bytes of the image */
	/* guarded by mu */
	enum trw_window_state state;
	size_t next_file; /* files before it are taken */
	unsigned refs;
	struct trw_window *next; /* in the free list, or in the queue of files */
};

struct trw_windows {
	/* immutable after init */
	struct trw_ready *ready; /* borrowed */
	struct trw_window *v;    /* owned */
	size_t n, size;          /* windows; bytes of one at most */
	unsigned n_media; /* chains of the image's own digests, each of which takes every window */
	/* raised as windows are given back, may be NULL: bytes of the image; of pieces of the plan */
	atomic_uint_least64_t *bytes_done, *piece_bytes_done;
	/* guarded by mu */
	struct trw_window *free;
	struct trw_window **ring;              /* owned; by number, modulo n */
	uint64_t n_fetched;                    /* numbers that are dealt */
	size_t n_in_use;                       /* windows that are not FREE */
	struct trw_window *files, *last_files; /* a queue: delivered, with whole streams to take */
};

/** n windows of size bytes, all free. Errors: TRW_ENOMEM; clear it in any case. */
TRW_NODISCARD enum trw_status trw_windows_init(struct trw_windows *ws, struct trw_ready *ready,
	size_t n, size_t size, unsigned n_media, struct trw_err *err);
void trw_windows_clear(struct trw_windows *ws);

/** Wait for a free window. NULL: the sweep has failed. Threads: the reader. */
struct trw_window *trw_windows_take(struct trw_windows *ws);
/** True when trw_windows_take need not wait. mu is held. */
bool trw_windows_has_room(const struct trw_windows *ws);
/** Not needed after all. Threads: the reader. */
void trw_window_give_back(struct trw_windows *ws, struct trw_window *w);
/** Its stored bytes are there: give it the next number, and a reference for each who takes every window. */
void trw_window_fetched(struct trw_windows *ws, struct trw_window *w);

/** The window with this number; it must be one that media or delivery has yet to take. mu is held. */
struct trw_window *trw_windows_at(const struct trw_windows *ws, uint64_t number);
/** Its bytes are there. mu is held. */
void trw_window_unpacked(struct trw_windows *ws, struct trw_window *w);
/** It has been handed out: queue its whole streams, and drop delivery's reference. mu is held. */
void trw_window_delivered(struct trw_windows *ws, struct trw_window *w);

/**
 * At most max whole streams that are next in the queue, [*from, *to) of the window that is returned, with a reference
 * for who asked; NULL: there are none. mu is held.
 */
struct trw_window *trw_windows_next_files(
	struct trw_windows *ws, size_t max, size_t *from, size_t *to);

void trw_window_ref(struct trw_windows *ws, struct trw_window *w); /* mu is held */
/** One reference less; at none the window is free. mu is held. */
void trw_window_unref(struct trw_windows *ws, struct trw_window *w);
