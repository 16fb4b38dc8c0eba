/* SPDX-License-Identifier: Apache-2.0 */
/** What a file is, by its bytes alone: what the rule of outputs (cli/target.h) has to tell apart. */
#pragma once

#include "base/status.h"

enum trw_sniffed {
	TRW_SNIFFED_OTHER = 0,
	TRW_SNIFFED_SET,       /* a .tset */
	TRW_SNIFFED_CONTAINER, /* an image, or a segment of one */
	TRW_SNIFFED_EVIDENCE,  /* an evidence database */
	TRW_SNIFFED_SQLITE     /* another SQLite database */
};

struct trw_sniff {
	enum trw_sniffed kind;
	const char *name;  /* a literal; of a container */
	uint64_t dev, ino; /* of the file that was looked at */
};

/** Look at the start and the end of a file. Errors: TRW_EUSAGE (not there, no file, not permitted), TRW_EIO, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_sniff(
	const char *path, struct trw_sniff *out, struct trw_err *err);

/**
 * Could it be a raw image? It passes 1 MiB, has a multiple of 512 bytes and is no set, text, zip or SQLite database; to tell a
 * text it is read up to the first byte that is none. Errors also: TRW_ECANCEL.
 */
TRW_NODISCARD enum trw_status trw_sniff_raw(const char *path, bool *is, struct trw_err *err);
