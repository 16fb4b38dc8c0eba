/* SPDX-License-Identifier: Apache-2.0 */
/** Trying one file system type by name, in a worker of its own, before anything is recorded of it. */
#pragma once

#include "index/pass.h"
#include "walk/record.h"

struct trw_probe {
	bool is_open;                /* it opens as this type */
	bool has_file;               /* and has a file record */
	bool has_died;               /* the worker died over it */
	char text[TRW_ERR_TEXT_MAX]; /* why it did not open */
};

/** Errors: TRW_ENOMEM, TRW_ESANDBOX, TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_probe_run(const struct trw_pass *pass,
	const struct trw_fs_where *where, uint64_t quiet_max_ns, struct trw_probe *out,
	struct trw_err *err);
