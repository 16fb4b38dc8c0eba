/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the given files are, their content tells; which files belong to them, their names propose and the reader of
 * the format decides. Each file is opened once: what was opened to look at it goes on to the reader.
 */
#include "image/open.h"

#include "image/formats.h"

/* Which format the opened file has. */
static const struct trw_container_format *
identify(const struct trw_source *src)
{
	struct trw_look look;

	trw_look_take(src, &look);
	return trw_container_find(&look);
}

static void
describe(struct trw_opening *o, const struct trw_container_format *f)
{
	o->about.info.format = f->format;
	o->about.info.format_name = f->name;
}

static enum trw_status
refuse(const struct trw_source *src, const struct trw_container_format *f, struct trw_look *look,
	struct trw_opening *o, struct trw_err *err)
{
	enum trw_status st = trw_about_segment(&o->about, src->path, src->size, false, err);

	if (st != TRW_OK)
		return st;
	if (f->refusal != TRW_REFUSAL_PARENT)
		return trw_opening_refuse(o, f->refusal, err, "%s", f->advice);
	return trw_opening_refuse(o, f->refusal, err,
		"a differencing disk holds only the changes to %s: %s",
		look->parent[0] != '\0' ? look->parent : "a parent that it does not name",
		f->advice);
}

/* The format of a file beside the given one, when it is an EWF file; else NULL. */
static const struct trw_container_format *
find_ewf(struct trw_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct trw_container_format *f;
		struct trw_err ignored = {0};

		if (names->v[i].is_given || trw_name_open(&names->v[i], &ignored) != TRW_OK)
			continue;
		f = identify(&names->v[i].src);
		if (f->format == TRW_IMAGE_EWF)
			return f;
	}
	return NULL;
}

/* A raw file that is called .E01 may be an E01 whose start is destroyed: its siblings tell. */
static enum trw_status
doubt_raw(const char *path, struct trw_opening *o, const struct trw_container_format **f,
	struct trw_err *err)
{
	const struct trw_container_format *ewf;
	struct trw_names names;
	uint32_t number;
	enum trw_status st;

	if (!trw_names_number(path, TRW_NAMES_EWF, &number) || number > 99)
		return TRW_OK;
	st = trw_names_find(path, TRW_NAMES_EWF, &names, err);
	if (st != TRW_OK)
		return st;
	ewf = find_ewf(&names);
	trw_names_clear(&names);
	if (ewf != NULL) {
		*f = ewf;
		return TRW_OK;
	}
	return trw_about_note(&o->about, TRW_CODE_CONTAINER_MISMATCH, 0, 0, err,
		"%s is called like an E01 file but does not begin like one: read as raw", path);
}

/* The given file has the format f; its set is found by its name. src is moved. */
static enum trw_status
open_found(struct trw_source *src, const struct trw_container_format *f, struct trw_opening *o,
	struct trw_err *err)
{
	struct trw_names names;
	enum trw_status st = trw_names_find(src->path, f->naming, &names, err);

	if (st != TRW_OK)
		return st;
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i].is_given) {
			names.v[i].src = *src;
			*src = (struct trw_source){.fd = -1};
		}
	st = f->open(&names, o, err);
	trw_names_clear(&names);
	return st;
}

static enum trw_status
open_one(const char *path, struct trw_opening *o, struct trw_err *err)
{
	const struct trw_container_format *f;
	struct trw_source src;
	struct trw_look look;
	enum trw_status st = trw_source_open(path, &src, err);

	if (st != TRW_OK)
		return st;
	trw_look_take(&src, &look);
	f = trw_container_find(&look);
	if (f == trw_container_raw())
		st = doubt_raw(path, o, &f, err);
	describe(o, f);
	if (st == TRW_OK)
		st = f->open == NULL ? refuse(&src, f, &look, o, err) : open_found(&src, f, o, err);
	trw_source_close(&src);
	return st;
}

static enum trw_status
add_given(const char *path, struct trw_names *names, struct trw_err *err)
{
	enum trw_status st = trw_names_add(names, path, 0, true, err);
	const struct trw_source *src;

	if (st == TRW_OK)
		st = trw_name_open(&names->v[names->n - 1], err);
	if (st != TRW_OK)
		return st;
	src = &names->v[names->n - 1].src;
	for (size_t i = 0; i + 1 < names->n; i++)
		if (names->v[i].src.dev == src->dev && names->v[i].src.ino == src->ino)
			return trw_fail(err, TRW_EUSAGE, "%s and %s are the same file",
				names->v[i].path, path);
	return TRW_OK;
}

/* The format of the first EWF file, else of the first file; several that nothing here reads are pieces of one. */
static const struct trw_container_format *
identify_all(const struct trw_names *names)
{
	const struct trw_container_format *f = NULL;

	for (size_t i = 0; i < names->n && (f == NULL || f->format != TRW_IMAGE_EWF); i++) {
		const struct trw_container_format *of = identify(&names->v[i].src);

		if (i == 0 || of->format == TRW_IMAGE_EWF)
			f = of;
	}
	return f != NULL && f->open != NULL ? f : trw_container_raw();
}

/* Numbers from the names: without them nothing else tells the order of raw files. */
static enum trw_status
number_all(struct trw_names *names, const struct trw_container_format *f, struct trw_err *err)
{
	bool must_have = f == trw_container_raw();

	for (size_t i = 0; i < names->n; i++)
		if (!trw_names_number(names->v[i].path, f->naming, &names->v[i].number) &&
			must_have)
			return trw_fail(err, TRW_EUSAGE,
				"%s: several files are one image only when their names are numbered "
				"(.001, .aa)",
				names->v[i].path);
	trw_names_sort(names);
	for (size_t i = 1; i < names->n && must_have; i++)
		if (names->v[i].number == names->v[i - 1].number)
			return trw_fail(err, TRW_EUSAGE,
				"%s and %s have the same number in the set", names->v[i - 1].path,
				names->v[i].path);
	return TRW_OK;
}

static enum trw_status
open_many(const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err)
{
	const struct trw_container_format *f;
	struct trw_names names = {0};
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < n && st == TRW_OK; i++)
		st = add_given(paths[i], &names, err);
	if (st == TRW_OK) {
		f = identify_all(&names);
		describe(o, f);
		st = number_all(&names, f, err);
		if (st == TRW_OK)
			st = f->open(&names, o, err);
	}
	trw_names_clear(&names);
	return st;
}

enum trw_status
trw_open_set(const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err)
{
	if (n == 0 || n > TRW_SEGMENTS_MAX)
		return trw_fail(err, TRW_EUSAGE, "an image has 1 to %d files, not %zu",
			TRW_SEGMENTS_MAX, n);
	return n == 1 ? open_one(paths[0], o, err) : open_many(paths, n, o, err);
}
