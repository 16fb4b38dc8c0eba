/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A file system for SQLite that has one file: a descriptor, read-only and never changing. Temporary
 * files are those of the system; anything else cannot be opened. (A path under /proc will not do:
 * SQLite resolves it, and a file without a name has none.)
 */
#pragma once

#include "base/status.h"

#include <sqlite3.h>

struct trw_listdb_vfs {
	sqlite3_vfs vfs;
	char name[48];
	int fd; /* borrowed */
	bool is_registered;
};

/**
 * Make it known to SQLite under v->name; v stays where it is until trw_listdb_vfs_close. Errors:
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_listdb_vfs_open(
	int fd, struct trw_listdb_vfs *v, struct trw_err *err);
/** After its database was closed. Fine on all-zero. */
void trw_listdb_vfs_close(struct trw_listdb_vfs *v);
