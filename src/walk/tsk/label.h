/* SPDX-License-Identifier: Apache-2.0 */
/** The label of a file system: libtsk has no call for it. */
#pragma once

#include "walk/tsk/place.h"

#define TRW_LABEL_MAX 512 /* bytes, with the NUL */

/** The label as UTF-8, "" when there is none or it is not known how to find it (HFS+, UFS, YAFFS2). */
void trw_label_of(const struct trw_place *p, char out[TRW_LABEL_MAX]);
