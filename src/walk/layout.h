/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the bytes of one file lie, as a second reader found them: extents in image offsets that add up to the
 * file's size whatever the evidence says. Bytes that no structure accounts for are TRW_EXTENT_LOST.
 */
#pragma once

#include "base/extent.h"
#include "view/view.h"

#define TRW_LAYOUT_READS_MAX ((uint64_t)1 << 18) /* metadata blocks read for one file */

enum trw_layout_kind {
	TRW_LAYOUT_NONE = 0, /* a device, socket or the like: no content */
	TRW_LAYOUT_EXTENTS,
	TRW_LAYOUT_INLINE /* the content lies inside the inode: bytes holds it, and extents say where */
};

/** What an examiner has to know about a layout; a set of bits. */
enum trw_layout_note {
	TRW_LAYOUT_BAD_NODE =
		1 << 0, /* a mapping node is unreadable or breaks its format: its span is lost */
	TRW_LAYOUT_BAD_POINTER = 1 << 1, /* a pointer leaves the file system: its span is lost */
	TRW_LAYOUT_PAST_END = 1 << 2, /* content lies past the end of what the image holds: lost */
	TRW_LAYOUT_CAPPED =
		1 << 3, /* more reads, extents or blocks than a real file has: the rest is lost */
	TRW_LAYOUT_IS_ENCRYPTED = 1 << 4, /* the extents hold cipher text */
	TRW_LAYOUT_HAS_VERITY = 1 << 5,   /* fs-verity data lie past the size */
	TRW_LAYOUT_INLINE_SHORT =
		1 << 6 /* less inline data than the size says: zeros, as Linux reads it */
};
#define TRW_LAYOUT_DAMAGE                                                                          \
	(TRW_LAYOUT_BAD_NODE | TRW_LAYOUT_BAD_POINTER | TRW_LAYOUT_PAST_END | TRW_LAYOUT_CAPPED)

/** All-zero is the empty layout. After a reader is done, extents.total == size unless kind is NONE. */
struct trw_layout {
	enum trw_layout_kind kind;
	unsigned notes;       /* bits of enum trw_layout_note */
	uint64_t size;        /* bytes of the file */
	uint64_t inode_flags; /* as the inode has them; of ext */
	struct trw_extents extents;
	uint8_t *bytes; /* owned; size bytes when kind is INLINE, else NULL */

	/* Budgets of the reader. No block of a sound file is used twice, so an image bounds both. */
	uint64_t reads_left; /* metadata blocks that may still be read */
	uint64_t data_left;  /* bytes that may still be mapped */
};

void trw_layout_clear(struct trw_layout *l); /* frees; l is then empty */

/**
 * Start the layout of a file of `size` bytes; l must be empty. block_size: bytes of a metadata block.
 * Errors: TRW_ECORRUPT when size passes 63 bits.
 */
TRW_NODISCARD enum trw_status trw_layout_begin(struct trw_layout *l, const struct trw_view *bytes,
	uint64_t size, uint32_t block_size, struct trw_err *err);

/**
 * Append len bytes; off is relative to the file system, whose view says where in
 * the image that is. What passes the size is dropped; DATA outside
 * [0, bytes->size) or over budget becomes LOST with a note. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_layout_add(struct trw_layout *l, const struct trw_view *bytes,
	enum trw_extent_kind kind, uint64_t off, uint64_t len, struct trw_err *err);

/** Append up to stream offset `to` (nothing when the layout is there already). Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_layout_fill(
	struct trw_layout *l, enum trw_extent_kind kind, uint64_t to, struct trw_err *err);

/** Read a metadata block within the budget. False: not to be had, and l has its note. */
TRW_NODISCARD bool trw_layout_read(
	struct trw_layout *l, const struct trw_view *bytes, uint64_t off, void *buf, size_t len);
