/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/output.h"

#include "base/alloc.h"
#include "base/io.h"

#include <stdlib.h>

#define BUFFER ((size_t)256 << 10) /* bytes before they are written */

static const char *
shown(const struct trw_output *o)
{
	return o->path != NULL ? o->path : "output";
}

enum trw_status
trw_output_open(const struct trw_target *target, struct trw_output *out, struct trw_err *err)
{
	*out = (struct trw_output){0};
	enum trw_status status = trw_replace_open(target, &out->file, err);

	out->path = out->file.path;
	out->fd = out->file.fd;
	return status;
}

enum trw_status
trw_output_open_in(
	const char *folder, const char *name, struct trw_output *out, struct trw_err *err)
{
	char *path = trw_format(err, "%s/%s", folder, name);
	enum trw_status status;

	*out = (struct trw_output){0};
	if (path == NULL)
		return TRW_ENOMEM;
	status = trw_output_open(&(struct trw_target){.path = path}, out, err);
	free(path);
	return status;
}

void
trw_output_to(int fd, struct trw_output *out)
{
	*out = (struct trw_output){.fd = fd};
}

static enum trw_status
write_out(struct trw_output *o, const void *p, size_t n, struct trw_err *err)
{
	if (o->digester != NULL)
		trw_digest_update(o->digester, p, n);
	if (trw_write_full(o->fd, p, n, err) < 0)
		return trw_fail_in(err, "%s", shown(o));
	return TRW_OK;
}

static enum trw_status
flush(struct trw_output *o, struct trw_err *err)
{
	enum trw_status status = write_out(o, o->buf.v, o->buf.n, err);

	o->buf.n = 0;
	return status;
}

enum trw_status
trw_output_put(struct trw_output *o, const void *p, size_t n, struct trw_err *err)
{
	enum trw_status status = TRW_OK;

	if (o->buf.n > 0 && n > BUFFER - o->buf.n)
		status = flush(o, err);
	if (status == TRW_OK)
		status = n >= BUFFER ? write_out(o, p, n, err) : trw_buf_put(&o->buf, p, n, err);
	if (status == TRW_OK)
		o->n += n;
	return status;
}

enum trw_status
trw_output_finish(struct trw_output *o, struct trw_err *err)
{
	enum trw_status status = flush(o, err);

	if (status == TRW_OK && o->path != NULL)
		status = trw_replace_finish(&o->file, err);
	if (status == TRW_OK)
		trw_output_abandon(o);
	return status;
}

void
trw_output_abandon(struct trw_output *o)
{
	trw_replace_abandon(&o->file);
	trw_buf_clear(&o->buf);
	*o = (struct trw_output){.n = o->n};
}
