/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/formats.h"

const struct trw_format *const trw_formats[] = {
	NULL,
};
