/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/export.h"

#include "hashset/list/contract/writer.h"
#include "hashset/list/format/formats.h"

#include <string.h>

static void
leave(void *ctx, const char *what, uint64_t n)
{
	struct trw_export_result *r = ctx;

	trw_left_add(r->left, &r->n_left, what, n);
}

static enum trw_status
write_to(const struct trw_format *format, struct trw_export *x, struct trw_err *err)
{
	enum trw_status status = format->write(x, err);

	if (status == TRW_OK && x->out != NULL)
		status = x->out->status;
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
	struct trw_put put = {.out = &output, .err = err};
	enum trw_status status = TRW_OK;

	if (strcmp(o->target.path, "-") == 0)
		trw_output_to(o->fd, &output);
	else
		status = trw_output_open(&o->target, &output, err);
	x->out = &put;
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
