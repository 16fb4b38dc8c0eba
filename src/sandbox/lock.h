/* SPDX-License-Identifier: Apache-2.0 */
/** The locks that there are. */
#pragma once

/** Who locks itself down, and when. What each may still do stands in policy.c, and there alone. */
enum trw_lock {
	TRW_LOCK_OPEN, /* a worker that is about to open an image */
	TRW_LOCK_WORK, /* a worker that has opened it: no path, no new descriptor */
	TRW_LOCK_TOOL, /* trowel itself: files and threads, no program, no socket */
	TRW_LOCK_HOST, /* trowel where it starts workers */
	TRW_LOCK_N
};
