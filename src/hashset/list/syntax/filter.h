/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Bloom filters in the file format of DCSO's bloom (version 1), as hashlookup ships them (bloom.go
 * of github.com/DCSO/bloom). A filter knows texts, such as upper-case hex of SHA-1, and can say
 * "no" or "maybe", never "yes"; what is in it cannot be listed.
 *
 *     u64 flags (low byte: version 1), u64 n capacity, f64 p, u64 k, u64 m bits, u64 N inserted;
 *     m / 64 rounded up u64 words; the rest is free data. Little endian.
 *
 *     h = FNV-1 of the text % 18446744073709551557; k times: h = h * 18446744073709550147 (64 bits)
 *     % 18446744073709551557, and bit h % m is one of the text's.
 */
#pragma once

#include "base/status.h"

#define TRW_FILTER_HEADER 48                     /* bytes */
#define TRW_FILTER_K_MAX 256                     /* bits of a text; p = 1e-4 has 14 */
#define TRW_FILTER_BYTES_MAX ((uint64_t)8 << 30) /* of a filter that is made */
#define TRW_FILTER_RATE 0.0001                   /* p, when nothing else is said */

/** What the header says. n_inserted is the maker's claim. */
struct trw_filter_shape {
	uint64_t n, n_inserted; /* texts that it was made for; that it has */
	double p;               /* false positives, of n texts */
	uint64_t k, m;          /* bits of a text; bits in all */
};

/**
 * k and m for n and p as the format's makers compute them. Errors: TRW_EUSAGE (n 0; p not between 0
 * and 1), TRW_ELIMIT past TRW_FILTER_BYTES_MAX.
 */
TRW_NODISCARD enum trw_status trw_filter_plan(
	uint64_t n, double p, struct trw_filter_shape *out, struct trw_err *err);

/** Bytes of the words of m bits. */
uint64_t trw_filter_words_size(uint64_t m);

/**
 * Set the bits of a text in words (trw_filter_words_size bytes, little endian). True when one of
 * them was not set before.
 */
bool trw_filter_add(const struct trw_filter_shape *s, uint8_t *words, const char *text, size_t len);

void trw_filter_encode(const struct trw_filter_shape *s, uint8_t out[TRW_FILTER_HEADER]);
/** From hostile bytes. Errors: TRW_ECORRUPT, TRW_EUNSUPPORTED (another version). */
TRW_NODISCARD enum trw_status trw_filter_decode(
	const uint8_t bytes[TRW_FILTER_HEADER], struct trw_filter_shape *out, struct trw_err *err);

struct trw_filter;

/**
 * Open a filter file, plain or packed (see trw_input_open); folder: for the unpacked copy. Of its
 * bits only those that are asked for are read. Errors: those of trw_input_open; TRW_ECORRUPT for a
 * header that is none, or that speaks of more than the file has.
 */
TRW_NODISCARD enum trw_status trw_filter_open(
	const char *path, const char *folder, struct trw_filter **out, struct trw_err *err);
/** The same on a descriptor of unpacked bytes, which stays the caller's and open. */
TRW_NODISCARD enum trw_status trw_filter_on(int fd, struct trw_filter **out, struct trw_err *err);
void trw_filter_close(struct trw_filter *f); /* NULL is fine */

const struct trw_filter_shape *trw_filter_shape(const struct trw_filter *f);

/** Is the text in it? *maybe false: certainly not. Errors: TRW_EIO. Threads: any. */
TRW_NODISCARD enum trw_status trw_filter_test(
	const struct trw_filter *f, const char *text, size_t len, bool *maybe, struct trw_err *err);
