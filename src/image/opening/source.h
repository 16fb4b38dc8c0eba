/* SPDX-License-Identifier: Apache-2.0 */
/** One file or block device of evidence, read-only, with its size. */
#pragma once

#include "base/range.h"

#define TRW_SOURCE_SECTOR 512 /* bytes; the finest piece an unreadable spot is narrowed down to */

/** fd is -1 when closed. Immutable after open. */
struct trw_source {
	char *path; /* owned */
	int fd;
	uint64_t size;     /* bytes */
	uint64_t dev, ino; /* which file it is, whatever its name */
};

/**
 * Open a regular file or a block device. Errors: TRW_EUSAGE (no such file, not permitted, neither file nor
 * device, more files than the system lets one process open), TRW_EIO, TRW_ENOMEM; out is then closed.
 */
TRW_NODISCARD enum trw_status trw_source_open(
	const char *path, struct trw_source *out, struct trw_err *err);

/** Frees the path, too. A closed or all-zero-with-fd--1 source is fine. */
void trw_source_close(struct trw_source *src);

/**
 * Fill buf with len bytes from off. A failed read is halved until the sectors that cannot be read are
 * alone; those, and what lies past the end, are zero and go to damage as MISSING, moved so that off becomes
 * at. Errors: TRW_ENOMEM. Threads: any.
 */
TRW_NODISCARD enum trw_status trw_source_read(const struct trw_source *src, uint64_t off,
	uint8_t *buf, size_t len, uint64_t at, struct trw_ranges *damage, struct trw_err *err);

/**
 * Hint: the len bytes from off are going to be read soon, and the file in ascending order. Starts the reading
 * and does not wait for it. Threads: any.
 */
void trw_source_ahead(const struct trw_source *src, uint64_t off, uint64_t len);
