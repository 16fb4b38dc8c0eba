/* SPDX-License-Identifier: Apache-2.0 */
/** Every format there is: the table is trw_formats (format.h), in formats.c. */
#pragma once

#include "hashset/list/format.h"
