/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The first consumer: MD5, SHA-1 and SHA-256 of each stream, into done->digests. Many streams go through the digest
 * lanes side by side; a long one can be heard by a state for each digest.
 */
#pragma once

#include "sweep/consumer.h"
#include "sweep/zeros.h"

/** zeros: digests of sparse streams, remembered between them; borrowed, may be NULL. */
struct trw_consumer trw_digests_consumer(struct trw_zeros *zeros);
