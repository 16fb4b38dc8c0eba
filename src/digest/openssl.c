/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVP hides the chaining values, which we must set and save; the deprecated calls are the ones that show them. Given
 * whole blocks and an empty buffer they do nothing but call OpenSSL's assembly for this machine.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "digest/kernel.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <string.h>

void
trw_openssl_md5(struct trw_digester *d, const uint8_t *p, size_t n)
{
	MD5_CTX c = {.A = d->md5[0], .B = d->md5[1], .C = d->md5[2], .D = d->md5[3]};

	(void)MD5_Update(&c, p, n * TRW_DIGEST_BLOCK);
	d->md5[0] = c.A;
	d->md5[1] = c.B;
	d->md5[2] = c.C;
	d->md5[3] = c.D;
}

void
trw_openssl_sha1(struct trw_digester *d, const uint8_t *p, size_t n)
{
	SHA_CTX c = {.h0 = d->sha1[0],
		.h1 = d->sha1[1],
		.h2 = d->sha1[2],
		.h3 = d->sha1[3],
		.h4 = d->sha1[4]};

	(void)SHA1_Update(&c, p, n * TRW_DIGEST_BLOCK);
	d->sha1[0] = c.h0;
	d->sha1[1] = c.h1;
	d->sha1[2] = c.h2;
	d->sha1[3] = c.h3;
	d->sha1[4] = c.h4;
}

void
trw_openssl_sha256(struct trw_digester *d, const uint8_t *p, size_t n)
{
	SHA256_CTX c = {.md_len = SHA256_DIGEST_LENGTH};

	memcpy(c.h, d->sha256, sizeof(c.h));
	(void)SHA256_Update(&c, p, n * TRW_DIGEST_BLOCK);
	memcpy(d->sha256, c.h, sizeof(c.h));
}
