/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved state, all integers little endian: the letters "TDg1", algorithms (32 bits), len (64), the chaining
 * values of MD5 (4 x 32), SHA-1 (5 x 32) and SHA-256 (8 x 32), the tail (64 bytes; zeros from len % 64 on).
 */
#include "digest/digest.h"

#include "base/bytes.h"
#include "digest/kernel.h"

#include <assert.h>
#include <string.h>

static const uint8_t saved_magic[4] = {'T', 'D', 'g', '1'};

void
trw_digest_start(struct trw_digester *d, unsigned algorithms)
{
	assert((algorithms & ~(unsigned)TRW_DIGEST_ALL) == 0);
	*d = (struct trw_digester){
		.md5 = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476},
		.sha1 = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
		.sha256 = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
			0x1f83d9ab, 0x5be0cd19},
		.algorithms = algorithms,
	};
}

void
trw_digest_update(struct trw_digester *d, const void *p, size_t len)
{
	const uint8_t *bytes = p;
	size_t used = d->len % TRW_DIGEST_BLOCK;
	trw_stream_fn *stream = trw_kernel_get()->stream[d->algorithms];

	if (len == 0 || d->algorithms == 0)
		return;
	d->len += len;
	if (used > 0) {
		size_t n = TRW_DIGEST_BLOCK - used;
		if (n > len)
			n = len;
		memcpy(d->tail + used, bytes, n);
		if (used + n < TRW_DIGEST_BLOCK)
			return;
		stream(d, d->tail, 1);
		bytes += n;
		len -= n;
	}
	if (len >= TRW_DIGEST_BLOCK)
		stream(d, bytes, len / TRW_DIGEST_BLOCK);
	memcpy(d->tail, bytes + (len & ~(size_t)(TRW_DIGEST_BLOCK - 1)), len % TRW_DIGEST_BLOCK);
}

void
trw_digest_zeros(struct trw_digester *d, uint64_t len)
{
	static const uint8_t zeros[64 * TRW_DIGEST_BLOCK];

	while (len > 0) {
		size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		trw_digest_update(d, zeros, n);
		len -= n;
	}
}

size_t
trw_digest_pad(const struct trw_digester *d, bool big_endian, uint8_t out[2 * TRW_DIGEST_BLOCK])
{
	size_t used = d->len % TRW_DIGEST_BLOCK;
	size_t n = used < TRW_DIGEST_BLOCK - 8 ? TRW_DIGEST_BLOCK : 2 * TRW_DIGEST_BLOCK;

	memcpy(out, d->tail, used);
	out[used] = 0x80;
	memset(out + used + 1, 0, n - used - 1);
	trw_put_le64(out + n - 8, big_endian ? __builtin_bswap64(d->len * 8) : d->len * 8);
	return n / TRW_DIGEST_BLOCK;
}

void
trw_digest_write(const struct trw_digester *d, struct trw_digests *out)
{
	if (d->algorithms & TRW_MD5)
		for (size_t i = 0; i < 4; i++)
			trw_put_le32(out->md5 + 4 * i, d->md5[i]);
	if (d->algorithms & TRW_SHA1)
		for (size_t i = 0; i < 5; i++)
			trw_put_le32(out->sha1 + 4 * i, __builtin_bswap32(d->sha1[i]));
	if (d->algorithms & TRW_SHA256)
		for (size_t i = 0; i < 8; i++)
			trw_put_le32(out->sha256 + 4 * i, __builtin_bswap32(d->sha256[i]));
}

void
trw_digest_finish(struct trw_digester *d, struct trw_digests *out)
{
	unsigned shas = d->algorithms & (TRW_SHA1 | TRW_SHA256);
	const struct trw_kernel *kernel = trw_kernel_get();
	uint8_t pad[2 * TRW_DIGEST_BLOCK];

	if (d->algorithms & TRW_MD5)
		kernel->stream[TRW_MD5](d, pad, trw_digest_pad(d, false, pad));
	if (shas != 0)
		kernel->stream[shas](d, pad, trw_digest_pad(d, true, pad));
	trw_digest_write(d, out);
}

static uint8_t *
put_words(uint8_t *out, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++, out += 4)
		trw_put_le32(out, v[i]);
	return out;
}

static const uint8_t *
get_words(const uint8_t *p, uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++, p += 4)
		v[i] = trw_le32(p);
	return p;
}

void
trw_digest_save(const struct trw_digester *d, uint8_t out[TRW_DIGEST_SAVED])
{
	size_t used = d->len % TRW_DIGEST_BLOCK;

	memcpy(out, saved_magic, 4);
	trw_put_le32(out + 4, d->algorithms);
	trw_put_le64(out + 8, d->len);
	uint8_t *tail = put_words(out + 16, d->md5, 4);
	tail = put_words(tail, d->sha1, 5);
	tail = put_words(tail, d->sha256, 8);
	memcpy(tail, d->tail, used);
	memset(tail + used, 0, TRW_DIGEST_BLOCK - used);
}

enum trw_status
trw_digest_load(struct trw_digester *d, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct trw_digester new = {0};

	if (n != TRW_DIGEST_SAVED)
		return trw_fail(err, TRW_ECORRUPT, "saved digest state: %zu bytes, not %d", n,
			TRW_DIGEST_SAVED);
	if (memcmp(p, saved_magic, 4) != 0 || (trw_le32(p + 4) & ~(uint32_t)TRW_DIGEST_ALL) != 0)
		return trw_fail(
			err, TRW_ECORRUPT, "saved digest state: not in the form of this version");
	new.algorithms = trw_le32(p + 4);
	new.len = trw_le64(p + 8);
	const uint8_t *tail = get_words(p + 16, new.md5, 4);
	tail = get_words(tail, new.sha1, 5);
	tail = get_words(tail, new.sha256, 8);
	memcpy(new.tail, tail, TRW_DIGEST_BLOCK);
	for (size_t i = new.len % TRW_DIGEST_BLOCK; i < TRW_DIGEST_BLOCK; i++)
		if (new.tail[i] != 0)
			return trw_fail(err, TRW_ECORRUPT,
				"saved digest state: byte %zu of the tail is past its end", i);
	*d = new;
	return TRW_OK;
}
