/* SPDX-License-Identifier: Apache-2.0 */
#include "index/job/items.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The same file, by whatever name. */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

static bool
is_segment(const struct trw_image *image, const char *path)
{
	const struct trw_image_info *info = trw_image_info(image);

	for (size_t i = 0; i < info->n_segments; i++)
		if (!info->segments[i].is_missing && is_same_file(info->segments[i].path, path))
			return true;
	return false;
}

static enum trw_status
open_item(struct trw_items *items, const char *path, struct trw_err *err)
{
	for (size_t i = 0; i < items->n; i++)
		if (is_segment(items->v[i].image, path))
			return TRW_OK;
	void *v = trw_grow(items->v, items->n, &items->cap, sizeof(*items->v), SIZE_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	items->v = v;
	struct trw_item *item = &items->v[items->n];
	*item = (struct trw_item){.path = path};
	enum trw_status s = trw_image_open(&item->path, 1, &items->options, &item->image, err);
	if (s == TRW_OK)
		items->n++;
	return s;
}

enum trw_status
trw_items_open(struct trw_items *items, const char *const *paths, size_t n,
	const struct trw_media_options *media, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	*items = (struct trw_items){.media = *media};
	items->options = (struct trw_image_options){.open_foreign = trw_media_open,
		.hook_ctx = &items->media,
		.sector_size = media->sector_size};
	for (size_t i = 0; s == TRW_OK && i < n; i++) {
		for (size_t k = 0; k < i; k++)
			if (is_same_file(paths[k], paths[i]))
				return trw_fail(
					err, TRW_EUSAGE, "%s: the file is named twice", paths[i]);
		s = open_item(items, paths[i], err);
	}
	return s;
}

void
trw_items_close(struct trw_items *items)
{
	for (size_t i = 0; i < items->n; i++)
		trw_image_close(items->v[i].image);
	free(items->v);
	items->v = NULL;
	items->n = items->cap = 0;
}
