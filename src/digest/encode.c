/* SPDX-License-Identifier: Apache-2.0 */
#include "digest/encode.h"

#include "base/bytes.h"

#include <string.h>

void
trw_encode_start(struct trw_encoder *e)
{
	e->n = 0;
	trw_digest_start(&e->digester, TRW_SHA256);
}

static void
flush(struct trw_encoder *e)
{
	trw_digest_update(&e->digester, e->buf, e->n);
	e->n = 0;
}

static void
put(struct trw_encoder *e, const void *p, size_t n)
{
	if (n > sizeof(e->buf) - e->n)
		flush(e);
	if (n > sizeof(e->buf)) {
		trw_digest_update(&e->digester, p, n);
	} else if (n > 0) {
		memcpy(e->buf + e->n, p, n);
		e->n += n;
	}
}

static void
put_letter(struct trw_encoder *e, char type)
{
	if (e->n == sizeof(e->buf))
		flush(e);
	e->buf[e->n++] = (uint8_t)type;
}

static void
put_number(struct trw_encoder *e, char type, uint64_t v)
{
	if (sizeof(e->buf) - e->n < 9)
		flush(e);
	e->buf[e->n] = (uint8_t)type;
	trw_put_le64(e->buf + e->n + 1, v);
	e->n += 9;
}

void
trw_encode_row(struct trw_encoder *e)
{
	put_letter(e, 'R');
}

void
trw_encode_null(struct trw_encoder *e)
{
	put_letter(e, 'N');
}

void
trw_encode_int(struct trw_encoder *e, int64_t v)
{
	put_number(e, 'I', (uint64_t)v);
}

void
trw_encode_text(struct trw_encoder *e, const char *s, size_t n)
{
	if (s == NULL) {
		trw_encode_null(e);
		return;
	}
	put_number(e, 'T', n);
	put(e, s, n);
}

void
trw_encode_blob(struct trw_encoder *e, const void *p, size_t n)
{
	if (p == NULL) {
		trw_encode_null(e);
		return;
	}
	put_number(e, 'B', n);
	put(e, p, n);
}

void
trw_encode_finish(struct trw_encoder *e, uint8_t sha256[32])
{
	struct trw_digests digests;

	flush(e);
	trw_digest_finish(&e->digester, &digests);
	memcpy(sha256, digests.sha256, sizeof(digests.sha256));
}
