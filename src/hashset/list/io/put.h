/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a writer puts into one output. The first failure is kept, and what comes behind it is passed
 * over: so a writer puts one thing after the other and asks once. Threads: one owner.
 */
#pragma once

#include "hashset/list/io/output.h"

struct trw_put {
	struct trw_output *out;
	struct trw_err *err;    /* of the first failure */
	enum trw_status status; /* the same; TRW_OK: none */
};

void trw_put(struct trw_put *p, const void *bytes, size_t n);
void trw_put_text(struct trw_put *p, const char *fmt, ...) TRW_PRINTF(2, 3);
/** Hex digits of n bytes. */
void trw_put_hex(struct trw_put *p, const uint8_t *bytes, size_t n, bool is_upper);
/** A JSON string with its quotes; bytes that are not UTF-8 as U+FFFD. */
void trw_put_json(struct trw_put *p, const char *s, size_t n);

/** A file of a folder, and what is put into it. All-zero: not open. */
struct trw_put_file {
	struct trw_output output;
	struct trw_put put;
};

/** Errors: those of trw_output_open_in. f stays where it is until it is finished or abandoned. */
TRW_NODISCARD enum trw_status trw_put_file_open(
	const char *folder, const char *name, struct trw_put_file *f, struct trw_err *err);
/** Errors: the first failure of what was put, those of trw_output_finish. */
TRW_NODISCARD enum trw_status trw_put_file_finish(struct trw_put_file *f, struct trw_err *err);
/** As trw_output_abandon. */
void trw_put_file_abandon(struct trw_put_file *f);
