/* SPDX-License-Identifier: Apache-2.0 */
/** A file that takes the place of another when it is whole, and not before. Threads: one owner. */
#pragma once

#include "base/status.h"

/** All-zero is closed. */
struct trw_replace {
	char *path, *temp; /* owned; temp: its name beside path until it is finished */
	int fd;            /* for reading and writing, while path is not NULL */
};

/**
 * An empty file beside path, with the rights that the umask leaves. Errors: TRW_EIO, with path and what to do; TRW_EUSAGE when path is there
 * and no file; TRW_ENOMEM. *out is then closed.
 */
TRW_NODISCARD enum trw_status trw_replace_open(
	const char *path, struct trw_replace *out, struct trw_err *err);

/** Sync, rename over path, sync the folder, close. Errors: TRW_EIO; path is as it was, and abandon is due. */
TRW_NODISCARD enum trw_status trw_replace_finish(struct trw_replace *r, struct trw_err *err);

/** Remove what is not finished. Fine after finish. */
void trw_replace_abandon(struct trw_replace *r);
