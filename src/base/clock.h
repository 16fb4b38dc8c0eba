/* SPDX-License-Identifier: Apache-2.0 */
/** Clocks in nanoseconds, and times as ISO 8601. */
#pragma once

#include <stdint.h>

#define TRW_ISO8601_SIZE 40

/** ns since 1970-01-01 UTC as "2012-03-12T20:49:58.633000000Z" (any year, proleptic Gregorian). */
void trw_iso8601(int64_t ns, char out[TRW_ISO8601_SIZE]);

/** The wall clock in ns since 1970-01-01 UTC. */
int64_t trw_now_ns(void);

/** A clock that never goes back, in ns from an arbitrary start. */
int64_t trw_monotonic_ns(void);
