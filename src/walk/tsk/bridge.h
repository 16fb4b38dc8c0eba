/* SPDX-License-Identifier: Apache-2.0 */
/** The bridge from libtsk to the image layer: libtsk sees a TSK_IMG_INFO, its reads end in trw_image_read. */
#pragma once

#include "image/image.h"

#include <tsk/libtsk.h>

struct trw_bridge;

/** image is borrowed until close. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_bridge_open(
	struct trw_image *image, struct trw_bridge **out, struct trw_err *err);
void trw_bridge_close(struct trw_bridge *b); /* NULL is fine */

/** What libtsk takes. Borrowed until close; libtsk must not close it. */
TSK_IMG_INFO *trw_bridge_tsk(struct trw_bridge *b);

/** A new item begins: reads count as signs of life again when they pass the highest offset of this item. */
void trw_bridge_item(struct trw_bridge *b);

/** Damaged image bytes that libtsk's own reads have met (as zeros) so far. Borrowed. */
const struct trw_ranges *trw_bridge_damage(const struct trw_bridge *b);

/** libtsk's last error as one line ("" when none), and it is reset. Static storage. */
const char *trw_bridge_error(void);
