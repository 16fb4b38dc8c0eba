/* SPDX-License-Identifier: Apache-2.0 */
/** The paths that a process may still use once it is locked down, and for what. */
#pragma once

#include "base/status.h"

enum trw_right {
	TRW_RIGHT_READ,    /* a file; or what is below a folder, and the folder's list */
	TRW_RIGHT_TEMP,    /* also make, write and remove files below a folder */
	TRW_RIGHT_WRITE,   /* also make, rename and remove folders below it */
	TRW_RIGHT_EXECUTE, /* read and execute */
	TRW_RIGHT_N
};

struct trw_grant {
	char *path; /* owned */
	enum trw_right right;
};

/** All-zero is "nothing". */
struct trw_grants {
	struct trw_grant *v; /* owned */
	size_t n, cap;
};

/** What isn't there grants nothing, and is no error: who opens it later says so. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_grant_add(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err);

/** The folder that path is an entry of. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_grant_folder_of(
	struct trw_grants *grants, const char *path, enum trw_right right, struct trw_err *err);

/**
 * Read a file and all that lies beside it (a folder and all that lies below it), and the files that symbolic links
 * there lead to: the parts of a set have names that only the set tells. Errors: TRW_ENOMEM, TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_grant_beside(
	struct trw_grants *grants, const char *path, struct trw_err *err);

void trw_grants_clear(struct trw_grants *grants);
