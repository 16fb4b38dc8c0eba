/* SPDX-License-Identifier: Apache-2.0 */
/** Digests of streams that hold only zeros, remembered by size: sparse images repeat them. */
#pragma once

#include "digest/digest.h"

#include <pthread.h>

#define TRW_ZEROS_SLOTS 64

struct trw_zeros {
	pthread_mutex_t mu;
	size_t n; /* ever added; guarded by mu, as all below */
	struct {
		uint64_t size;
		struct trw_digests digests;
	} slots[TRW_ZEROS_SLOTS];
};

void trw_zeros_init(struct trw_zeros *z);
void trw_zeros_destroy(struct trw_zeros *z);
TRW_NODISCARD bool trw_zeros_find(struct trw_zeros *z, uint64_t size, struct trw_digests *out);
void trw_zeros_add(struct trw_zeros *z, uint64_t size, const struct trw_digests *digests);
