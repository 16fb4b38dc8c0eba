/* SPDX-License-Identifier: Apache-2.0 */
#include "image/foreign/foreign.h"

enum trw_status
trw_foreign_hook(void *hook_ctx, enum trw_image_format format, const char *const *paths, size_t n,
	struct trw_opening *o, struct trw_err *err)
{
	(void)hook_ctx;
	if (format == TRW_IMAGE_EWF2)
		return trw_foreign_open_ewf2(paths, n, o, err);
	return trw_foreign_open_tsk(format, paths, n, o, err);
}
