/* SPDX-License-Identifier: Apache-2.0 */
/** Files that are written whole or not at all: buffered, on top of base/replace.h. Threads: one owner. */
#pragma once

#include "base/buf.h"
#include "base/replace.h"
#include "digest/digest.h"

struct trw_output {
	struct trw_replace file;
	const char *path; /* of file; NULL: a descriptor of the caller's, such as standard output */
	int fd;
	struct trw_buf buf;
	uint64_t n;                    /* bytes put */
	struct trw_digester *digester; /* of the caller, gets every byte; NULL */
};

/** A file that appears in trw_output_finish. Errors: those of trw_replace_open. */
TRW_NODISCARD enum trw_status trw_output_open(
	const struct trw_target *target, struct trw_output *out, struct trw_err *err);
/** The same for a new file in a folder. */
TRW_NODISCARD enum trw_status trw_output_open_in(
	const char *folder, const char *name, struct trw_output *out, struct trw_err *err);
/** To a descriptor that is open and stays open. */
void trw_output_to(int fd, struct trw_output *out);

/** Errors: TRW_EIO naming the path, TRW_ENOMEM; out is then good for nothing but abandon. */
TRW_NODISCARD enum trw_status trw_output_put(
	struct trw_output *o, const void *p, size_t n, struct trw_err *err);

/** Flush, and trw_replace_finish. Errors: TRW_EIO; nothing has then changed at path. */
TRW_NODISCARD enum trw_status trw_output_finish(struct trw_output *o, struct trw_err *err);
/** Close and remove what is not finished; fine after finish and on all-zero. */
void trw_output_abandon(struct trw_output *o);
