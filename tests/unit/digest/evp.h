/* SPDX-License-Identifier: Apache-2.0 */
/** What digests must be: OpenSSL's EVP, which shares no code with what is tested but the assembly of a fallback. */
#pragma once

#include "digest/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/** The digests of p's n bytes; out's fields of algorithms that are not in the set are left alone. */
static inline void
evp_digests(unsigned algorithms, const void *p, size_t n, struct trw_digests *out)
{
	if ((algorithms & TRW_MD5) != 0 && EVP_Digest(p, n, out->md5, NULL, EVP_md5(), NULL) != 1)
		abort();
	if ((algorithms & TRW_SHA1) != 0 &&
		EVP_Digest(p, n, out->sha1, NULL, EVP_sha1(), NULL) != 1)
		abort();
	if ((algorithms & TRW_SHA256) != 0 &&
		EVP_Digest(p, n, out->sha256, NULL, EVP_sha256(), NULL) != 1)
		abort();
}
