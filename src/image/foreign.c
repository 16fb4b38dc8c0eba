/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that a hook of the caller reads: the hook's failure is a property of the evidence. */
#include "image/backend.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static enum trw_status
foreign_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct trw_image_foreign *f = ctx;

	return f->read(f->ctx, off, buf, len, damage, err);
}

static void
foreign_close(void *ctx)
{
	struct trw_image_foreign *f = ctx;

	if (f->close != NULL)
		f->close(f->ctx);
	free(f);
}

static void
adopt(struct trw_opening *o, struct trw_image_foreign *f)
{
	struct trw_image_info *info = &o->about.info;

	o->backend = (struct trw_backend){.read = foreign_read, .close = foreign_close, .ctx = f};
	info->size = f->size;
	info->sector_size = f->sector_size;
	info->has_md5 = f->has_md5;
	info->has_sha1 = f->has_sha1;
	memcpy(info->md5, f->md5, sizeof(info->md5));
	memcpy(info->sha1, f->sha1, sizeof(info->sha1));
}

static enum trw_status
call_hook(const struct trw_image_options *options, enum trw_image_format format,
	const struct trw_names *names, struct trw_image_foreign *f, struct trw_err *err)
{
	const char **paths = trw_alloc(names->n, sizeof(*paths), err);
	enum trw_status st;

	if (paths == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < names->n; i++)
		paths[i] = names->v[i].path;
	st = options->open_foreign(options->hook_ctx, format, paths, names->n, f, err);
	free(paths);
	return st;
}

static enum trw_status
add_segments(const struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		struct trw_source src = {.fd = -1};
		enum trw_status st = trw_source_open(names->v[i].path, &src, err);

		if (st == TRW_OK)
			st = trw_about_segment(&o->about, names->v[i].path, src.size, false, err);
		trw_source_close(&src);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}

enum trw_status
trw_foreign_open(const struct trw_names *names, const struct trw_image_options *options,
	struct trw_opening *o, struct trw_err *err)
{
	const char *name = o->about.info.format_name;
	struct trw_image_foreign *f;
	enum trw_status st = add_segments(names, o, err);
	char text[TRW_ERR_TEXT_MAX];

	if (st != TRW_OK)
		return st;
	if (options == NULL || options->open_foreign == NULL)
		return trw_opening_refuse(o, name, TRW_CODE_CONTAINER_UNSUPPORTED,
			"nothing here reads it: convert it to raw or E01 first", err);
	f = trw_alloc(1, sizeof(*f), err);
	if (f == NULL)
		return TRW_ENOMEM;
	st = call_hook(options, o->about.info.format, names, f, err);
	if (st == TRW_OK) {
		adopt(o, f);
		return TRW_OK;
	}
	free(f);
	if (st == TRW_ENOMEM || st == TRW_ECANCEL)
		return st;
	memcpy(text, err->text, sizeof(text));
	*err = (struct trw_err){0};
	return trw_opening_refuse(o, name, TRW_CODE_CONTAINER_UNREADABLE, text, err);
}
