/* SPDX-License-Identifier: Apache-2.0 */
/** The volumes of an image: partition tables, the gaps between partitions, APFS pools, and what lies in each. */
#pragma once

#include "image/image.h"

/** Answer a VOLUMES request: VOLUME frames, the whole image first, then DONE. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_volumes(struct trw_image *image, struct trw_err *err);
