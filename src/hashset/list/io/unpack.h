/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the bytes of a list come from: a file or memory, and on top of it what unpacks gzip (zlib)
 * and zip (libarchive). Threads: one owner.
 */
#pragma once

#include "digest/digest.h"

#include <stdatomic.h>

#define TRW_UNPACK_RATIO_MAX 2000    /* unpacked to packed bytes, from 64 MiB unpacked on */
#define TRW_UNPACK_PACKS_MAX 3       /* a gzip in a zip in a gzip */
#define TRW_UNPACK_MEMBERS_MAX 65536 /* files in a zip */

struct trw_unpack;

/**
 * Open the chain for the file fd (which stays the caller's) of n bytes or, when fd is -1, for n
 * bytes at p, borrowed. member: as trw_input_open. done: gets the bytes of the file that have been
 * read. Errors: those of trw_input_open.
 */
TRW_NODISCARD enum trw_status trw_unpack_open(int fd, const void *p, size_t n, const char *member,
	atomic_uint_fast64_t *done, struct trw_unpack **out, struct trw_err *err);
void trw_unpack_close(struct trw_unpack *s); /* NULL is fine */

/**
 * The next unpacked bytes, len of them, fewer only at the end. Errors: TRW_EIO, TRW_ECORRUPT,
 * TRW_ELIMIT, TRW_EUSAGE (a second file in a zip).
 */
TRW_NODISCARD enum trw_status trw_unpack_read(
	struct trw_unpack *s, void *buf, size_t len, size_t *got, struct trw_err *err);

/** The bytes come as they lie in the file. */
bool trw_unpack_is_plain(const struct trw_unpack *s);
/** The file in a zip that was taken; NULL when there is none. Borrowed. */
const char *trw_unpack_member(const struct trw_unpack *s);
/** SHA-256 of what has been read of the file, if that was all of it, once; false otherwise. */
bool trw_unpack_sha256(const struct trw_unpack *s, uint64_t size, uint8_t out[32]);
