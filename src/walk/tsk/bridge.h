/* SPDX-License-Identifier: Apache-2.0 */
/** The bridge from libtsk to a view: libtsk sees a TSK_IMG_INFO, its reads end in trw_view_read. */
#pragma once

#include "view/view.h"

#include <tsk/libtsk.h>

struct trw_bridge;

/** The view is borrowed until close. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_bridge_open(const struct trw_view *view, uint32_t sector_size,
	struct trw_bridge **out, struct trw_err *err);
void trw_bridge_close(struct trw_bridge *b); /* NULL is fine */

/** What libtsk takes. Borrowed until close; libtsk must not close it. */
TSK_IMG_INFO *trw_bridge_tsk(struct trw_bridge *b);

/** A new item begins: reads count as signs of life again when they pass the highest offset of this item. */
void trw_bridge_item(struct trw_bridge *b);

/** Damaged bytes of the view that libtsk's own reads have met (as zeros) so far. Borrowed. */
const struct trw_ranges *trw_bridge_damage(const struct trw_bridge *b);

/** libtsk's last error as one line ("" when none), and it is reset. Static storage. */
const char *trw_bridge_error(void);
