/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The digests of the image itself on their way: one chain of all three, or one of each. A plain value; what a
 * killed run saved goes on from digester.len, which is the offset that the chain has reached.
 */
#pragma once

#include "digest/digest.h"

#define TRW_SWEEP_MEDIA_MAX 3

struct trw_sweep_media {
	size_t n; /* chains; 0: the image is not digested */
	struct trw_digester chain[TRW_SWEEP_MEDIA_MAX];
};

/** In how many chains a long run of bytes is digested: one of all three, or one of each. */
unsigned trw_sweep_chains(unsigned jobs);

/** At offset 0, in as many chains as are good for so many hashers. */
void trw_sweep_media_start(struct trw_sweep_media *m, unsigned jobs);
void trw_sweep_media_finish(const struct trw_sweep_media *m, struct trw_digests *out);
/** Where the chain that is furthest behind has got to, in bytes of the image. */
uint64_t trw_sweep_media_off(const struct trw_sweep_media *m);

#define TRW_SWEEP_MEDIA_SAVED (8 + TRW_SWEEP_MEDIA_MAX * TRW_DIGEST_SAVED)
/** Returns the bytes used in out. */
size_t trw_sweep_media_save(const struct trw_sweep_media *m, uint8_t out[TRW_SWEEP_MEDIA_SAVED]);
/** Errors: TRW_ECORRUPT. */
TRW_NODISCARD enum trw_status trw_sweep_media_load(
	struct trw_sweep_media *m, const uint8_t *p, size_t n, struct trw_err *err);
