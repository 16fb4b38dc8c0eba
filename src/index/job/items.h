/* SPDX-License-Identifier: Apache-2.0 */
/** The evidence items of one call: files grouped into images, all of them open. */
#pragma once

#include "image/image.h"
#include "worker/host/media.h"

/** Images that a call names, and how their workers are to be started. */
struct trw_index_images {
	const char *const *v; /* borrowed */
	size_t n;
	bool no_sandbox;
};

struct trw_item {
	struct trw_image *image; /* owned */
	const char *path;        /* borrowed: the file that it was opened by */
};

struct trw_items {
	struct trw_item *v; /* owned */
	size_t n, cap;
	struct trw_media_options media; /* of foreign containers; lives as long as they */
	struct trw_image_options options;
};

/**
 * Open every path that is not a segment of an image that is open already. media says how to start the workers
 * that read foreign containers; paths are borrowed until close. Errors: those of trw_image_open, TRW_EUSAGE for
 * a file that is named twice. *items must stay where it is until trw_items_close, which is due in any case.
 */
TRW_NODISCARD enum trw_status trw_items_open(struct trw_items *items, const char *const *paths,
	size_t n, const struct trw_media_options *media, struct trw_err *err);
void trw_items_close(struct trw_items *items);
