/* SPDX-License-Identifier: Apache-2.0 */
#include "digest/digest.h"

#include "base/alloc.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define N_ALGORITHMS 3
/* Each algorithm runs over a piece that is still in the first-level cache from the one before. */
#define PIECE ((size_t)16 << 10)

struct trw_digester {
	EVP_MD *md[N_ALGORITHMS];
	EVP_MD_CTX *ctx[N_ALGORITHMS];
};

static const char *const names[N_ALGORITHMS] = {"MD5", "SHA1", "SHA256"};

void
trw_digester_free(struct trw_digester *d)
{
	if (d == NULL)
		return;
	for (int i = 0; i < N_ALGORITHMS; i++) {
		EVP_MD_CTX_free(d->ctx[i]);
		EVP_MD_free(d->md[i]);
	}
	free(d);
}

enum trw_status
trw_digester_new(struct trw_digester **out, struct trw_err *err)
{
	struct trw_digester *d = trw_alloc(1, sizeof(*d), err);

	if (d == NULL)
		return TRW_ENOMEM;
	for (int i = 0; i < N_ALGORITHMS; i++) {
		d->md[i] = EVP_MD_fetch(NULL, names[i], NULL);
		d->ctx[i] = EVP_MD_CTX_new();
		if (d->md[i] == NULL || d->ctx[i] == NULL ||
			EVP_DigestInit_ex2(d->ctx[i], d->md[i], NULL) != 1) {
			trw_digester_free(d);
			return trw_fail(err, TRW_EUNSUPPORTED,
				"%s is not available in this machine's OpenSSL: leave its FIPS mode",
				names[i]);
		}
	}
	*out = d;
	return TRW_OK;
}

/*
 * After a successful fetch and first init the calls below cannot fail for these three digests (the
 * provider functions only copy state); a failure would be a bug of the library, and a wrong digest must
 * never leave this file, so it ends the process.
 */
static void
must(int ok)
{
	if (ok != 1)
		abort();
}

void
trw_digester_start(struct trw_digester *d)
{
	for (int i = 0; i < N_ALGORITHMS; i++)
		must(EVP_DigestInit_ex2(d->ctx[i], NULL, NULL));
}

void
trw_digester_update(struct trw_digester *d, const void *p, size_t len)
{
	const uint8_t *bytes = p;

	while (len > 0) {
		size_t n = len < PIECE ? len : PIECE;
		for (int i = 0; i < N_ALGORITHMS; i++)
			must(EVP_DigestUpdate(d->ctx[i], bytes, n));
		bytes += n;
		len -= n;
	}
}

void
trw_digester_zeros(struct trw_digester *d, uint64_t len)
{
	static const uint8_t zeros[PIECE];

	while (len > 0) {
		size_t n = len < PIECE ? (size_t)len : PIECE;
		trw_digester_update(d, zeros, n);
		len -= n;
	}
}

void
trw_digester_finish(struct trw_digester *d, struct trw_digests *out)
{
	must(EVP_DigestFinal_ex(d->ctx[0], out->md5, NULL));
	must(EVP_DigestFinal_ex(d->ctx[1], out->sha1, NULL));
	must(EVP_DigestFinal_ex(d->ctx[2], out->sha256, NULL));
}
