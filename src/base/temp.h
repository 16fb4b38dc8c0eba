/* SPDX-License-Identifier: Apache-2.0 */
/** A temporary file without a name: made at the first append, gone when it is closed or the process ends. */
#pragma once

#include "base/status.h"

/**
 * Where temporary files go that belong beside no file: the first of $SQLITE_TMPDIR, $TMPDIR, /var/tmp, /tmp that can be
 * written to. Borrowed until the environment changes.
 */
const char *trw_temp_folder(void);

/** All-zero but for the folder is a file that holds nothing and was not made yet. */
struct trw_temp {
	const char *folder; /* where it is made; borrowed */
	uint64_t n;         /* bytes appended */
	bool is_open;
	int fd; /* when is_open */
};

void trw_temp_close(struct trw_temp *t); /* t is then an empty file in the same folder */

/**
 * Append len bytes. Errors: TRW_EIO, with a text that names the folder and says what to do; how much of the
 * bytes is in the file is then unknown.
 */
TRW_NODISCARD enum trw_status trw_temp_append(
	struct trw_temp *t, const void *p, size_t len, struct trw_err *err);

/** Read len bytes at off, all of which were appended. Errors: TRW_EIO, as above. */
TRW_NODISCARD enum trw_status trw_temp_read(
	const struct trw_temp *t, void *p, size_t len, uint64_t off, struct trw_err *err);
