/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/put.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_ROOM 1024 /* of a text; longer ones go over the heap */
#define HEX_PIECE 64   /* bytes */

void
trw_put(struct trw_put *p, const void *bytes, size_t n)
{
	if (p->status == TRW_OK)
		p->status = trw_output_put(p->out, bytes, n, p->err);
}

void
trw_put_text(struct trw_put *p, const char *fmt, ...)
{
	char room[TEXT_ROOM], *text = room;
	va_list ap;
	int n;

	if (p->status < 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(room, sizeof(room), fmt, ap);
	va_end(ap);
	if (n < 0) {
		p->status = trw_fail(p->err, TRW_EUSAGE, "cannot format a text");
		return;
	}
	if ((size_t)n >= sizeof(room)) {
		text = trw_alloc((size_t)n + 1, 1, p->err);
		if (text == NULL) {
			p->status = TRW_ENOMEM;
			return;
		}
		va_start(ap, fmt);
		(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	trw_put(p, text, (size_t)n);
	if (text != room)
		free(text);
}

void
trw_put_hex(struct trw_put *p, const uint8_t *bytes, size_t n, bool is_upper)
{
	const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";

	while (n > 0 && p->status == TRW_OK) {
		char room[2 * HEX_PIECE];
		size_t piece = n < HEX_PIECE ? n : HEX_PIECE;
		for (size_t i = 0; i < piece; i++) {
			room[2 * i] = digits[bytes[i] >> 4];
			room[2 * i + 1] = digits[bytes[i] & 15];
		}
		trw_put(p, room, 2 * piece);
		bytes += piece;
		n -= piece;
	}
}

static enum trw_status
put_piece(void *p, const void *bytes, size_t n, struct trw_err *err)
{
	struct trw_put *put = p;

	(void)err; /* it is the put's own */
	trw_put(put, bytes, n);
	return put->status;
}

void
trw_put_json(struct trw_put *p, const char *s, size_t n)
{
	if (p->status == TRW_OK)
		p->status = trw_json_string(s, n, put_piece, p, p->err);
}

enum trw_status
trw_put_file_open(const char *folder, const char *name, struct trw_put_file *f, struct trw_err *err)
{
	f->put = (struct trw_put){.out = &f->output, .err = err};
	return trw_output_open_in(folder, name, &f->output, err);
}

enum trw_status
trw_put_file_finish(struct trw_put_file *f, struct trw_err *err)
{
	return f->put.status < 0 ? f->put.status : trw_output_finish(&f->output, err);
}

void
trw_put_file_abandon(struct trw_put_file *f)
{
	trw_output_abandon(&f->output);
}
