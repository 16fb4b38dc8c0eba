/* SPDX-License-Identifier: Apache-2.0 */
/** How second readers see a file system: bytes from its start, through a callback. */
#pragma once

#include "base/status.h"

struct trw_fs_bytes {
	/** Fill len bytes from off (relative to the file system). False when any of them cannot be had. */
	bool (*read)(void *ctx, uint64_t off, void *buf, size_t len);
	void *ctx;
	uint64_t base; /* image offset of the file system: added to extents */
	uint64_t size; /* bytes of the file system that lie in the image */
};
