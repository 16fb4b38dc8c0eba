/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Going on with a run: is it the same evidence, how far is an image, and what of it is left to digest. The rows and
 * rules are those of evidence.h, "resuming". Threads: the one that owns the database handle.
 */
#pragma once

#include "evidence/evidence.h"
#include "image/image.h"
#include "sweep/plan/plan.h"

/**
 * A SHA-256 that tells evidence items apart: format, sizes, segments, notes, stored digests, acquisition record, and
 * samples of the media (64 KiB at both ends, up to 64 pieces of 4 KiB between). Errors: those of trw_image_read.
 */
TRW_NODISCARD enum trw_status trw_resume_fingerprint(
	struct trw_image *image, uint8_t out[TRW_FINGERPRINT_SIZE], struct trw_err *err);

/**
 * How far the run's image with this number (from 0) is, ready to go on: one whose walk had not ended is forgotten
 * and comes as not begun, one that is walked is rewound. The caller clears *out. Errors: as evidence.h.
 */
TRW_NODISCARD enum trw_status trw_resume_image(struct trw_evidence *ev, size_t number,
	struct trw_evidence_state *out, struct trw_err *err);

/**
 * What is left of a walked image: every stream that has no content yet goes into the plan (not sealed), those that must
 * be decoded put off, with a request to read, encoded, as extra; the damage that the state knows becomes that of the image.
 * Errors: those of trw_evidence_streams_left, trw_plan_add and trw_image_damage_add.
 */
TRW_NODISCARD enum trw_status trw_resume_plan(struct trw_evidence *ev,
	const struct trw_evidence_state *state, struct trw_image *image, struct trw_plan *plan,
	struct trw_err *err);
