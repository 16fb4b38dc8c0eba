/* SPDX-License-Identifier: Apache-2.0 */
/**
 * MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4) of one byte stream, as a plain value: it may be copied, and
 * saved in one run to go on in another. Many streams side by side: lanes.h. The code that computes is chosen
 * once for the machine (kernel.h); every choice gives the same digests.
 *
 * Threads: a digester has one owner at a time; nothing is shared.
 */
#pragma once

#include "base/status.h"
#include "digest/digester.h"

/** algorithms: which to compute, a set of the above. */
void trw_digest_start(struct trw_digester *d, unsigned algorithms);
void trw_digest_update(struct trw_digester *d, const void *p, size_t len);
void trw_digest_zeros(struct trw_digester *d, uint64_t len); /* as update with len zero bytes */
/** Write the digests that are computed; the other fields of out are left alone. d must be started anew. */
void trw_digest_finish(struct trw_digester *d, struct trw_digests *out);

#define TRW_DIGEST_SAVED 148 /* bytes of a saved state */
/** The state in a form that does not depend on the machine (little endian; the layout is in digest.c). */
void trw_digest_save(const struct trw_digester *d, uint8_t out[TRW_DIGEST_SAVED]);
/** Errors: TRW_ECORRUPT when p is no saved state; d is then unchanged. */
TRW_NODISCARD enum trw_status trw_digest_load(
	struct trw_digester *d, const uint8_t *p, size_t n, struct trw_err *err);
