/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A volume's bytes: a size, a way to read them, and a map that says which of the parent's bytes they are made of.
 * Views stack; at the bottom lies a root, which has no parent and whose offsets are those of the database.
 *
 *   image                              root (image/image.h), or bytes in memory (view/memory.h)
 *     └─ linear                        one range of the parent: a partition, a slice (view/linear.h)
 *          └─ linear ...
 *                └─ file system        sees offsets of its view; trw_view_push turns them into the root's
 *
 * Damage travels upwards: a read adds what it met in offsets of the view that was asked, with the reason. Places travel
 * downwards, by map. A kind is one const table (struct trw_view_kind) and a function that makes a view of it; what it
 * needs beside parent and base hangs on ctx. How kinds that are still to come fit in:
 *
 *  - A cipher keeps offsets. read takes whole units (sectors) from the parent and decrypts them; a unit that holds
 *    a damaged byte is damaged as a whole, for the same reason. map gives one CODED piece whose parent range is all
 *    units that the bytes lie in, so it may be longer than the piece; what the cipher leaves plain is BYTES.
 *  - A map that is not one to one (a volume of several segments, a snapshot, a thin volume). map gives one piece for each
 *    run, ascending in the view and anyhow in the parent: BYTES, ZERO, MISSING; what is packed is CODED, with a parent
 *    range of another length. read goes by the same runs.
 *  - Parts in several parents are an image of their own, not a view: a view has one parent.
 *
 * A view is a small value: copy it, but keep what parent and ctx point to until no copy is read any more. Immutable once
 * made. Threads: any number at once read and map a view.
 */
#pragma once

#include "base/range.h"

/** What the bytes of a piece are. */
enum trw_view_piece_kind {
	TRW_PIECE_BYTES = 0, /* the parent's bytes as they are; parent_len is len */
	TRW_PIECE_CODED,     /* made of the parent's bytes by the view: only its read gives them */
	TRW_PIECE_ZERO,      /* zeros that are stored nowhere */
	TRW_PIECE_MISSING    /* nowhere */
};

struct trw_view_piece {
	uint64_t off, len; /* bytes of the view that was asked; len is never 0 */
	uint64_t parent_off,
		parent_len; /* bytes of its parent, or after a push of its root; 0 of ZERO and MISSING */
	enum trw_view_piece_kind kind;
};

typedef enum trw_status (*trw_view_take)(
	void *ctx, const struct trw_view_piece *piece, struct trw_err *err);

struct trw_view;

/** What a kind of view does. Both functions get ranges of at least one byte inside the view. */
struct trw_view_kind {
	/** Fill buf; what cannot be had is zero and added to damage (never NULL). Errors: TRW_ENOMEM, TRW_EWORKER. */
	enum trw_status (*read)(const struct trw_view *view, uint64_t off, void *buf, size_t len,
		struct trw_ranges *damage, struct trw_err *err);
	/** Hand to take the pieces of the range in ascending order, without a gap. Errors: of take. NULL: a root. */
	enum trw_status (*map)(const struct trw_view *view, uint64_t off, uint64_t len,
		trw_view_take take, void *ctx, struct trw_err *err);
};

/** All-zero is a root without a byte. */
struct trw_view {
	const struct trw_view_kind *kind; /* NULL only where size is 0 */
	const struct trw_view *parent;    /* borrowed; NULL: a root */
	uint64_t size;                    /* bytes */
	uint64_t base;                    /* of a linear view: where in the parent it begins */
	void *ctx;                        /* borrowed; the kind's own */
};

/** Whether [off, off + len) lies inside. */
bool trw_view_holds(const struct trw_view *view, uint64_t off, uint64_t len);

/**
 * Fill buf with len bytes from off. Bytes that cannot be had are zero and are added to damage (offsets of the view; may be
 * NULL) with the reason; those past the end are MISSING. Errors: TRW_EUSAGE (off + len passes 64 bits), TRW_ENOMEM,
 * TRW_EWORKER; never for damaged evidence.
 */
TRW_NODISCARD enum trw_status trw_view_read(const struct trw_view *view, uint64_t off, void *buf,
	size_t len, struct trw_ranges *damage, struct trw_err *err);

/** The same for who wants sound bytes or none: false when any of them is outside or damaged. */
TRW_NODISCARD bool trw_view_read_sound(
	const struct trw_view *view, uint64_t off, void *buf, size_t len);

/**
 * Hand to take what [off, off + len) is made of, in ascending order and without a gap; past the end it is MISSING.
 * A root's bytes are its own: one piece, parent_off is off. Errors: TRW_EUSAGE (off + len passes 64 bits), those of take.
 */
TRW_NODISCARD enum trw_status trw_view_map(const struct trw_view *view, uint64_t off, uint64_t len,
	trw_view_take take, void *ctx, struct trw_err *err);

/**
 * trw_view_map, all the way down: parent_off and parent_len are the root's. A piece that some view on the way codes is CODED
 * and comes once for each range of the root that it is made of, MISSING for one that is not there. Errors: as trw_view_map.
 */
TRW_NODISCARD enum trw_status trw_view_push(const struct trw_view *view, uint64_t off, uint64_t len,
	trw_view_take take, void *ctx, struct trw_err *err);
