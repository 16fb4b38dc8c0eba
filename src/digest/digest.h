/* SPDX-License-Identifier: Apache-2.0 */
/** MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4) of one byte stream, side by side. */
#pragma once

#include "base/status.h"

struct trw_digests {
	uint8_t md5[16], sha1[20], sha256[32];
};

struct trw_digester; /* one thread at a time; reuse it for stream after stream */

/** Errors: TRW_ENOMEM, TRW_EUNSUPPORTED when the crypto library has a digest switched off (FIPS mode). */
TRW_NODISCARD enum trw_status trw_digester_new(struct trw_digester **out, struct trw_err *err);
void trw_digester_free(struct trw_digester *d);

void trw_digester_start(struct trw_digester *d);
void trw_digester_update(struct trw_digester *d, const void *p, size_t len);
void trw_digester_zeros(struct trw_digester *d, uint64_t len); /* as update with len zero bytes */
void trw_digester_finish(struct trw_digester *d, struct trw_digests *out);
