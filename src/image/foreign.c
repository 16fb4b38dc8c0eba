/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that a hook of the caller reads: the hook's failure is a property of the evidence. */
#include "image/formats.h"

#include "base/alloc.h"

#include <stdlib.h>

static enum trw_status
call_hook(const struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	const char **paths = trw_alloc(names->n, sizeof(*paths), err);
	enum trw_status st;

	if (paths == NULL)
		return TRW_ENOMEM;
	for (size_t i = 0; i < names->n; i++)
		paths[i] = names->v[i].path;
	st = o->options->open_foreign(
		o->options->hook_ctx, o->about.info.format, paths, names->n, o, err);
	free(paths);
	return st;
}

/* The hook opens the files itself: none is kept open beside it. */
static enum trw_status
add_segments(struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		struct trw_name *name = &names->v[i];
		enum trw_status st = trw_name_open(name, err);

		if (st == TRW_OK)
			st = trw_about_segment(&o->about, name->path, name->src.size, false, err);
		trw_source_close(&name->src);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}

enum trw_status
trw_foreign_open(struct trw_names *names, struct trw_opening *o, struct trw_err *err)
{
	enum trw_status st = add_segments(names, o, err);
	struct trw_err why;

	if (st != TRW_OK)
		return st;
	if (o->options == NULL || o->options->open_foreign == NULL)
		return trw_opening_refuse(o, TRW_REFUSAL_UNSUPPORTED, err,
			"nothing here reads it: convert it to raw or E01 first");
	st = call_hook(names, o, err);
	if (st == TRW_OK || st == TRW_ENOMEM || st == TRW_ECANCEL)
		return st;
	why = *err;
	*err = (struct trw_err){0};
	return trw_opening_refuse(o, TRW_REFUSAL_UNREADABLE, err, "%s", why.text);
}
