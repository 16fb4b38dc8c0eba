/* SPDX-License-Identifier: Apache-2.0 */
/** What lies at the start of a volume, by its magic numbers: to name it, and to see when two things lie there. */
#pragma once

#include "record/words.h"
#include "view/view.h"

#define TRW_PROBE_FOUND_MAX 16

struct trw_probe {
	const char *name; /* "NTFS", "BitLocker", "all zero", "no known file system"; static */
	const char *
		note; /* what else to say about it ("high entropy, possibly encrypted"), or ""; static */
	uint32_t holds;     /* a set of enum trw_holds */
	uint32_t plausible; /* families to try by name; 0: libtsk knows nothing of what was found */
	const char *found
		[TRW_PROBE_FOUND_MAX]; /* everything found, name first: two file systems are ambiguous */
	unsigned n_found;
};

/**
 * Look at a volume. When nothing is known there, up to zero_max bytes are read to tell "all zero". Bytes that
 * can't be read count as "not found" and never as zero. Threads: any, on different bytes.
 */
void trw_probe(const struct trw_view *bytes, uint64_t zero_max, struct trw_probe *out);
