/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The bytes of a list file, plain or packed with gzip or zip: from a peer, so everything is
 * bounded. Reading runs ahead on a thread of its own, which also digests the file. Threads: one
 * owner.
 */
#pragma once

#include "base/status.h"

struct trw_input;

#define TRW_INPUT_HEAD ((size_t)64 << 10)    /* bytes that are looked at to tell the format */
#define TRW_INPUT_LINE_MAX ((size_t)1 << 20) /* bytes of a line */
#define TRW_INPUT_STANDARD "standard input"  /* its path and name, which is asked for as "-" */

/**
 * Open a file, or a pipe ("-": standard input), which is read to its end at once; member: which of
 * the files in a zip, NULL = the only one there is. folder: for a temporary copy of what comes
 * through a pipe, and see trw_input_fd; borrowed. Errors: TRW_EIO; TRW_ECORRUPT (a damaged
 * archive); TRW_ELIMIT (a bomb); TRW_EUSAGE for a zip of several files without a member (the text
 * lists the first), or a directory; TRW_EUNSUPPORTED (encrypted).
 */
TRW_NODISCARD enum trw_status trw_input_open(const char *path, const char *member,
	const char *folder, struct trw_input **out, struct trw_err *err);

/**
 * From bytes in memory, which are borrowed: for tests and fuzzing. The name is "memory". Errors:
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_input_memory(
	const void *p, size_t n, struct trw_input **out, struct trw_err *err);

void trw_input_close(struct trw_input *in); /* NULL is fine */

/**
 * Back to the first byte, whatever was read. Not after trw_input_fd. Errors: those of
 * trw_input_open.
 */
TRW_NODISCARD enum trw_status trw_input_rewind(struct trw_input *in, struct trw_err *err);

const char *trw_input_path(
	const struct trw_input *in); /* as given, or TRW_INPUT_STANDARD; borrowed */
const char *trw_input_name(
	const struct trw_input *in); /* base name, with "/member" for one in a zip */

/**
 * The first TRW_INPUT_HEAD bytes, or all when there are fewer, without a UTF-8 byte order mark;
 * reading then starts behind the mark as well. *is_all: there are no more. Errors: as
 * trw_input_read.
 */
TRW_NODISCARD enum trw_status trw_input_head(
	struct trw_input *in, const uint8_t **p, size_t *n, bool *is_all, struct trw_err *err);

/**
 * The next bytes, at least one and at most len, to buf. TRW_END at the end. Errors: TRW_EIO,
 * TRW_ECORRUPT, TRW_ELIMIT.
 */
TRW_NODISCARD enum trw_status trw_input_read(
	struct trw_input *in, void *buf, size_t len, size_t *got, struct trw_err *err);

/**
 * The next bytes as they lie, borrowed until the next call: for parsers that take pieces of any
 * length. TRW_END at the end. Errors: as trw_input_read.
 */
TRW_NODISCARD enum trw_status trw_input_piece(
	struct trw_input *in, const uint8_t **p, size_t *n, struct trw_err *err);

/**
 * The next line without its end (LF, CRLF; CR in a file whose first block has no LF; the last may
 * lack it), borrowed until the next call. TRW_END at the end. Of a line longer than
 * TRW_INPUT_LINE_MAX *is_cut is true and the rest is passed over. Errors: as trw_input_read.
 */
TRW_NODISCARD enum trw_status trw_input_line(
	struct trw_input *in, const char **p, size_t *n, bool *is_cut, struct trw_err *err);
/** Lines end in this byte instead, and it alone: before the first of them is read. */
void trw_input_lines_end_in(struct trw_input *in, char end);
/**
 * What the line that was returned last ended in: "\n", "\r\n" ..., a literal; "" for the last when
 * it lacks it.
 */
const char *trw_input_line_end(const struct trw_input *in);
uint64_t trw_input_line_number(
	const struct trw_input *in); /* of the line that was returned last, from 1 */

/**
 * Bytes of the file as it lies on disk that have been read, and its size: for progress. Any thread.
 */
uint64_t trw_input_done(const struct trw_input *in);
uint64_t trw_input_size(const struct trw_input *in);

/**
 * A descriptor of the unpacked bytes for random access (SQLite): of the file itself, or of a
 * temporary copy without a name in the folder. Owned by the input; not to be mixed with reading.
 * Errors: as trw_input_read, and those of base/temp.h.
 */
TRW_NODISCARD enum trw_status trw_input_fd(struct trw_input *in, int *fd, struct trw_err *err);

/**
 * SHA-256 of the file as it lies on disk: after everything was read, or by reading what was not.
 * Errors: TRW_EIO, also when the file has grown or shrunk since it was opened.
 */
TRW_NODISCARD enum trw_status trw_input_sha256(
	struct trw_input *in, uint8_t out[32], struct trw_err *err);
