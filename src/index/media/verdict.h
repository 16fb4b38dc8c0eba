/* SPDX-License-Identifier: Apache-2.0 */
/** What the container itself says at open, and what the read of the whole media says at the end. */
#pragma once

#include "digest/digest.h"
#include "evidence/evidence.h"
#include "image/image.h"

/** Write the image row, its segments, facts and the notes as problems. Errors: as evidence.h. */
TRW_NODISCARD enum trw_status trw_verdict_begin(struct trw_evidence *ev, struct trw_image *image,
	const struct trw_evidence_image *row, uint64_t *n_problems, struct trw_err *err);

/**
 * Write verdict, damage and their problems. digests: of the media, NULL = not verified. Errors: as evidence.h.
 */
TRW_NODISCARD enum trw_status trw_verdict_end(struct trw_evidence *ev, struct trw_image *image,
	int64_t image_id, const struct trw_digests *digests, uint64_t *n_problems,
	struct trw_err *err);

/** True when every digest that the container stores equals the computed one (also when none is stored). */
bool trw_verdict_agrees(const struct trw_image_info *info, const struct trw_digests *digests);

/** "stored MD5 aa.., computed bb..; stored SHA-1 .." of those that differ, into text. */
void trw_verdict_differences(
	const struct trw_image_info *info, const struct trw_digests *digests, char *text, size_t n);
