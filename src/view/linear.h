/* SPDX-License-Identifier: Apache-2.0 */
/** One range of a parent: a partition, a slice, what lies from some place on. */
#pragma once

#include "view/view.h"

#define TRW_VIEW_TO_END UINT64_MAX /* as len: up to the end of the parent */

/** The len bytes from off on, as far as the parent has them. parent is borrowed. */
struct trw_view trw_view_linear(const struct trw_view *parent, uint64_t off, uint64_t len);
