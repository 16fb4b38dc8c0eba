/* SPDX-License-Identifier: Apache-2.0 */
/** Trying one file system type by name, in a worker of its own, before anything is recorded of it. */
#pragma once

#include "index/pass/pass.h"
#include "record/encode.h"

struct trw_trial {
	bool is_open;       /* it opens as this type */
	bool has_file;      /* and has a file beside its root directory */
	unsigned n_deaths;  /* a first one leads to a second try; text says how the last one was */
	bool has_died;      /* both died; code and inode say over what */
	enum trw_code code; /* of the problem that this is */
	uint64_t inode;
	char text[TRW_ERR_TEXT_MAX];
};

/** Errors: TRW_ENOMEM, TRW_ESANDBOX, TRW_ECANCEL. */
TRW_NODISCARD enum trw_status trw_trial_run(const struct trw_pass *pass,
	const struct trw_fs_where *where, uint64_t quiet_max_ns, struct trw_trial *out,
	struct trw_err *err);
