/* SPDX-License-Identifier: Apache-2.0 */
/** What one data stream consists of: decided by libtsk's attribute, or by a second reader where libtsk errs. */
#pragma once

#include "walk/tsk/place.h"

/** All-zero is "no content". */
struct trw_content {
	enum trw_content_source source;
	uint64_t size;
	uint32_t flags; /* TRW_FLAG_* that follow from the content */
	bool has_inode_flags;
	uint64_t inode_flags;       /* as the inode has them, where a second reader has read it */
	struct trw_extents extents; /* owned */
	uint8_t *bytes;             /* owned; INLINE: size bytes */
	char problem[TRW_ERR_TEXT_MAX]; /* "" or one line for a problem row */
};

void trw_content_clear(struct trw_content *c); /* frees; c is then empty */

/** The stream behind a libtsk attribute. Errors: TRW_ENOMEM; what the evidence lacks is in c->problem. */
TRW_NODISCARD enum trw_status trw_content_of_attr(const struct trw_place *p,
	const TSK_FS_ATTR *attr, struct trw_content *c, struct trw_err *err);

/**
 * The main stream of `meta` by a second reader. TRW_END: none is responsible, ask libtsk. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_content_of_inode(const struct trw_place *p,
	const TSK_FS_META *meta, struct trw_content *c, struct trw_err *err);
