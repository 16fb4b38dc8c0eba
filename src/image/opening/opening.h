/* SPDX-License-Identifier: Apache-2.0 */
/** An image under construction: what the opener of its format fills. */
#pragma once

#include "image/opening/about.h"
#include "image/opening/backend.h"

/** All-zero is a fine start. One owner until open is done. */
struct trw_opening {
	const struct trw_image_options *options; /* borrowed; NULL: none */
	struct trw_backend backend;
	struct trw_about about;
	struct trw_ranges known; /* damage that is known without reading */
	bool is_doubtful; /* bytes may be wrong although no damage is known: sizes or counts were not told surely */
};

/** Close and free; o is then empty. */
void trw_opening_clear(struct trw_opening *o);

/** Why nothing here reads a container. */
enum trw_refusal {
	TRW_REFUSAL_UNSUPPORTED, /* a known format without a reader */
	TRW_REFUSAL_UNREADABLE,  /* a reader gave it up */
	TRW_REFUSAL_PARENT /* a differencing disk: it holds only what differs from its parent */
};

/** Turn it into an unreadable container of the same name with one note. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_opening_refuse(struct trw_opening *o, enum trw_refusal why,
	struct trw_err *err, const char *fmt, ...) TRW_PRINTF(4, 5);

/**
 * Settle what follows from all that was found: the sector size (wanted, or where that is 0 the container's own, or
 * 512) and whether the image is damaged.
 */
void trw_opening_settle(struct trw_opening *o, uint32_t wanted);
