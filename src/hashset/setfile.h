/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A .tset file in the making: sections one after the other, with their checksums, under a name of
 * its own until it is whole.
 */
#pragma once

#include "base/buf.h"
#include "base/first_error.h"
#include "base/queue.h"
#include "base/replace.h"
#include "base/thread.h"
#include "digest/digest.h"
#include "hashset/layout.h"

#define TRW_SETFILE_PIECES 3

/** Bytes of one place in the file, on their way to it. */
struct trw_setfile_piece {
	uint64_t at;
	size_t n;
	uint8_t *v; /* owned */
};

/**
 * All-zero is closed. A thread digests and writes the pieces that the owner has filled, in order;
 * what the two share is only looked at while the other waits. Must not move while it is open.
 */
struct trw_setfile {
	struct trw_replace file; /* immutable after open */
	/* owner: who builds the set */
	uint64_t n; /* bytes, those in piece included */
	struct trw_setfile_piece pieces[TRW_SETFILE_PIECES],
		*piece; /* piece: that is being filled */
	int section;    /* that is open */
	struct trw_tset_place sections[TRW_TSET_SECTIONS];
	struct trw_queue *full, *empty; /* owned; of pieces */
	struct trw_thread thread;
	struct trw_first_error failed; /* of the thread */
	/* owner: the thread; between trw_setfile_end and the next put: who builds */
	struct trw_digester sha256;
	struct trw_buf sums; /* owned; quick checksums of the section's pieces */
};

/** A file beside the path. Errors: those of trw_replace_open, TRW_ENOMEM. Abandon it in any case. */
TRW_NODISCARD enum trw_status trw_setfile_open(
	const struct trw_target *target, struct trw_setfile *f, struct trw_err *err);

/**
 * Sections are begun in ascending order, filled, ended. One that got nothing is not there. Errors:
 * TRW_EIO, naming the path.
 */
TRW_NODISCARD enum trw_status trw_setfile_begin(
	struct trw_setfile *f, int section, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_setfile_put(
	struct trw_setfile *f, const void *p, size_t n, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_setfile_end(struct trw_setfile *f, struct trw_err *err);

/** Bytes of a section that has ended, at an offset in it. Errors: TRW_EIO. */
TRW_NODISCARD enum trw_status trw_setfile_read(const struct trw_setfile *f, int section,
	uint64_t off, void *p, size_t n, struct trw_err *err);

/**
 * Write the header, in which the caller has put sections and file size (n of f) as they are now,
 * sync, take the place of path. Errors: TRW_EIO; path is then as it was.
 */
TRW_NODISCARD enum trw_status trw_setfile_finish(
	struct trw_setfile *f, const struct trw_tset_header *h, struct trw_err *err);

/** Remove what is not finished, free the rest. */
void trw_setfile_abandon(struct trw_setfile *f);
