/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Digest lanes: many streams at once, side by side in the vector registers of one core. One stream of MD5 is a
 * chain of dependent steps that leaves most of a core idle; sixteen of them take little longer than one.
 */
#pragma once

#include "digest/digest.h"

/** One stream's next bytes. */
struct trw_lane {
	struct trw_digester *digester; /* borrowed; each of a call's lanes has its own */
	const uint8_t *p;              /* borrowed */
	size_t len;
};

/** As trw_digest_update(lane->digester, lane->p, lane->len) for each; lanes is used up: order, p and len change. O(sum of len). */
void trw_lanes_update(struct trw_lane *lanes, size_t n);

/** As trw_digest_finish(digesters[i], outs[i]) for each. */
void trw_lanes_finish(
	struct trw_digester *const *digesters, struct trw_digests *const *outs, size_t n);

/** What computes here, in words for `trowel --version` and the record: "MD5 avx512 x16, SHA-1 sha-ni x2, ...". */
const char *trw_lanes_name(void);
