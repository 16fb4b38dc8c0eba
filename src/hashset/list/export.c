/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/export.h"

#include <string.h>

enum trw_status
trw_export_kind(
	const struct trw_export *x, uint32_t fits, enum trw_hash_kind *out, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	enum trw_hash_kind kind = x->kind == TRW_HASH_N ? info->primary : x->kind;

	if (info->n_by_kind[kind] == 0)
		return trw_fail(err, TRW_EUSAGE, "the set has no %s", trw_hash_name(kind));
	if ((fits & TRW_HASH_BIT(kind)) == 0)
		return trw_fail(err, TRW_EUSAGE,
			"values of kind %s would be taken for something else in this format: "
			"export as csv, or choose another kind",
			trw_hash_name(kind));
	*out = kind;
	return TRW_OK;
}

const char *
trw_export_without(enum trw_hash_kind kind)
{
	static const char *const texts[TRW_HASH_N] = {
		[TRW_HASH_MD5] = "entries without an MD5",
		[TRW_HASH_SHA1] = "entries without a SHA-1",
		[TRW_HASH_SHA256] = "entries without a SHA-256",
		[TRW_HASH_SHA512] = "entries without a SHA-512",
		[TRW_HASH_SHA224] = "entries without a SHA-224",
		[TRW_HASH_SHA384] = "entries without a SHA-384",
		[TRW_HASH_PDQ] = "entries without a PDQ value",
		[TRW_HASH_BLOCK_MD5] = "entries without a block MD5",
	};

	return texts[kind];
}

bool
trw_export_has_scheme(const struct trw_entry *e, const char *scheme)
{
	return e->scheme_len == strlen(scheme) && memcmp(e->scheme, scheme, e->scheme_len) == 0;
}

const char *
trw_export_special_code(const struct trw_set *set, const struct trw_entry *e, size_t *n)
{
	enum trw_set_class class = trw_set_info(set)->class;
	bool is_nsrl = trw_export_has_scheme(e, "NSRL");
	bool is_suspect =
		trw_category_is_suspect(e->scheme, e->scheme_len, e->category, e->category_len);

	if (is_nsrl && (is_suspect || class == TRW_SET_KNOWN_GOOD)) {
		*n = e->category_len;
		return e->category;
	}
	*n = is_suspect || class != TRW_SET_KNOWN_GOOD;
	return is_suspect || class == TRW_SET_ALERT ? "M" : "S";
}

const struct trw_property *
trw_export_property(const struct trw_entry *e, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < e->n_properties; i++)
		if (e->properties[i].name_len == n && memcmp(e->properties[i].name, name, n) == 0)
			return &e->properties[i];
	return NULL;
}

static void
leave(void *ctx, const char *what, uint64_t n)
{
	struct trw_export_result *r = ctx;
	size_t i = 0;

	while (i < r->n_left && strcmp(r->left[i].what, what) != 0)
		i++;
	if (i == TRW_LEFT_MAX) {
		/* Formats have fewer; were there more, the last place would stand for the rest. */
		r->left[--i].what = "other things";
	} else if (i == r->n_left) {
		r->n_left++;
		r->left[i].what = what;
	}
	r->left[i].n += n;
}

static enum trw_status
write_to(const struct trw_format *format, struct trw_export *x, struct trw_err *err)
{
	enum trw_status status = format->write(x, err);

	if (status == TRW_OK && x->n_written == 0)
		return trw_fail(err, TRW_EUSAGE, "no entry of the set has what the format %s needs",
			format->name);
	return status;
}

static enum trw_status
export_file(const struct trw_export_options *o, const struct trw_format *format,
	struct trw_export *x, struct trw_export_result *r, struct trw_err *err)
{
	struct trw_output output = {0};
	enum trw_status status = TRW_OK;

	if (strcmp(o->target.path, "-") == 0)
		trw_output_to(o->fd, &output);
	else
		status = trw_output_open(&o->target, &output, err);
	x->out = &output;
	if (status == TRW_OK)
		status = write_to(format, x, err);
	if (status == TRW_OK)
		status = trw_output_finish(&output, err);
	r->n_bytes = output.n;
	trw_output_abandon(&output);
	return status;
}

static enum trw_status
export_folder(const struct trw_export_options *o, const struct trw_format *format,
	struct trw_export *x, struct trw_err *err)
{
	struct trw_replace folder = {0};
	enum trw_status status;

	if (strcmp(o->target.path, "-") == 0)
		return trw_fail(err, TRW_EUSAGE,
			"the format %s is a folder of files: give it a path", format->name);
	status = trw_replace_folder(&o->target, &folder, err);
	x->folder = folder.temp;
	if (status == TRW_OK)
		status = write_to(format, x, err);
	if (status == TRW_OK)
		status = trw_replace_finish(&folder, err);
	trw_replace_abandon(&folder);
	return status;
}

static enum trw_status
export_set(const struct trw_export_options *o, const struct trw_format *format,
	const struct trw_set *set, struct trw_export_result *r, struct trw_err *err)
{
	struct trw_export x = {.set = set,
		.leave = leave,
		.ctx = r,
		.kind = o->kind,
		.filter_rate = o->filter_rate};
	enum trw_status status = trw_set_check(set, err);

	if (status < 0)
		return status;
	r->n_entries = trw_set_info(set)->n_entries;
	r->is_folder = format->is_folder;
	status = format->is_folder ? export_folder(o, format, &x, err)
				   : export_file(o, format, &x, r, err);
	r->n_written = x.n_written;
	return status;
}

enum trw_status
trw_export_run(const struct trw_export_options *options, struct trw_export_result *out,
	struct trw_err *err)
{
	const struct trw_format *format = trw_format_named(options->format);
	struct trw_set *opened = NULL;
	enum trw_status status = TRW_OK;

	*out = (struct trw_export_result){0};
	if (format == NULL)
		return trw_fail(err, TRW_EUSAGE, "there is no list format \"%s\"", options->format);
	if (format->write == NULL)
		return trw_fail(
			err, TRW_EUSAGE, "the format %s is only read, never written", format->name);
	if (options->set == NULL)
		status = trw_set_open(options->set_path, &opened, err);
	if (status == TRW_OK)
		status = export_set(
			options, format, options->set != NULL ? options->set : opened, out, err);
	trw_set_close(opened);
	return status;
}
