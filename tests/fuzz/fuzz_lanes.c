/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The input decides kernels, the number of lanes, sets of algorithms, lengths and splits; its bytes are what is
 * digested. Whatever it decides, the digests must be those of OpenSSL.
 */
#include "digest/lanes.h"

#include "unit/digest/evp.h"
#include "digest/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LANES_MAX 40

struct stream {
	struct trw_digester digester;
	const uint8_t *p;
	size_t len, done;
	unsigned set;
};

struct input {
	const uint8_t *p;
	size_t left;
};

/* 0 where the input is used up. */
static size_t
take(struct input *in, size_t n_bytes)
{
	size_t v = 0;

	for (; n_bytes > 0 && in->left > 0; n_bytes--, in->left--)
		v = v << 8 | *in->p++;
	return v;
}

static void
update(struct input *in, struct stream *streams, size_t n, bool is_last)
{
	struct trw_lane lanes[LANES_MAX];

	for (size_t i = 0; i < n; i++) {
		struct stream *s = &streams[i];
		size_t left = s->len - s->done;
		size_t len = is_last ? left : take(in, 1) * 3 % (left + 1);
		lanes[i] = (struct trw_lane){&s->digester, s->p + s->done, len};
		s->done += len;
	}
	trw_lanes_update(lanes, n);
}

static void
check(struct stream *streams, size_t n)
{
	struct trw_digester *digesters[LANES_MAX];
	struct trw_digests outs[LANES_MAX];
	struct trw_digests *to[LANES_MAX];

	memset(outs, 0, sizeof(outs));
	for (size_t i = 0; i < n; i++) {
		digesters[i] = &streams[i].digester;
		to[i] = &outs[i];
	}
	trw_lanes_finish(digesters, to, n);
	for (size_t i = 0; i < n; i++) {
		struct trw_digests expected;
		memset(&expected, 0, sizeof(expected));
		evp_digests(streams[i].set, streams[i].p, streams[i].len, &expected);
		if (memcmp(&expected, &outs[i], sizeof(expected)) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct stream streams[LANES_MAX];
	const struct trw_kernel *kernels[TRW_KERNELS_MAX];
	size_t n_kernels = trw_kernel_list(kernels);
	size_t n = take(&in, 1) % (LANES_MAX + 1);

	for (size_t i = 0; i < n; i++) {
		struct stream *s = &streams[i];
		unsigned set = (unsigned)take(&in, 1);
		size_t off = take(&in, 2) % (size + 1);
		*s = (struct stream){.p = data + off, .len = take(&in, 2) % (size - off + 1)};
		s->set = set % 4 == 0 ? set / 4 % (TRW_DIGEST_ALL + 1) : TRW_DIGEST_ALL;
		trw_digest_start(&s->digester, s->set);
	}
	for (size_t i = take(&in, 1) % 8; i > 0; i--) {
		trw_kernel_use(kernels[take(&in, 1) % n_kernels]);
		update(&in, streams, n, false);
	}
	trw_kernel_use(kernels[take(&in, 1) % n_kernels]);
	update(&in, streams, n, true);
	check(streams, n);
	return 0;
}
