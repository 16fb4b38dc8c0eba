/* SPDX-License-Identifier: Apache-2.0 */
/** Containers read through libtsk (AFF, VMDK, VHD) and libewf (Ex01). Linked into trowel-worker only. */
#pragma once

#include "image/opening/opening.h"

/** A trw_image_foreign_open; hook_ctx is not used. Errors: TRW_EUNSUPPORTED, TRW_ECORRUPT, TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_foreign_hook(void *hook_ctx, enum trw_image_format format,
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);

/* The two readers behind it. */
TRW_NODISCARD enum trw_status trw_foreign_open_tsk(enum trw_image_format format,
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_foreign_open_ewf2(
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err);
