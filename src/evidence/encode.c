/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/encode.h"

#include "base/bytes.h"

#include <string.h>

void
trw_encode_start(struct trw_encoder *e, struct trw_digester *digester)
{
	e->digester = digester;
	e->n = 0;
	trw_digester_start(digester);
}

static void
flush(struct trw_encoder *e)
{
	trw_digester_update(e->digester, e->buf, e->n);
	e->n = 0;
}

static void
put(struct trw_encoder *e, const void *p, size_t n)
{
	if (n > sizeof(e->buf) - e->n)
		flush(e);
	if (n > sizeof(e->buf)) {
		trw_digester_update(e->digester, p, n);
	} else if (n > 0) {
		memcpy(e->buf + e->n, p, n);
		e->n += n;
	}
}

static void
put_number(struct trw_encoder *e, char type, uint64_t v)
{
	uint8_t b[9] = {(uint8_t)type};

	trw_put_le64(b + 1, v);
	put(e, b, sizeof(b));
}

void
trw_encode_row(struct trw_encoder *e)
{
	put(e, "R", 1);
}

void
trw_encode_null(struct trw_encoder *e)
{
	put(e, "N", 1);
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
	trw_digester_finish(e->digester, &digests);
	memcpy(sha256, digests.sha256, sizeof(digests.sha256));
}

void
trw_encode_columns(struct trw_encoder *e, sqlite3_stmt *stmt, int first, int n)
{
	trw_encode_row(e);
	for (int i = first; i < first + n; i++) {
		switch (sqlite3_column_type(stmt, i)) {
		case SQLITE_INTEGER:
			trw_encode_int(e, sqlite3_column_int64(stmt, i));
			break;
		case SQLITE_TEXT: {
			const char *s = (const char *)sqlite3_column_text(stmt, i);
			trw_encode_text(e, s, (size_t)sqlite3_column_bytes(stmt, i));
			break;
		}
		case SQLITE_BLOB: {
			const void *p = sqlite3_column_blob(stmt, i);
			trw_encode_blob(
				e, p == NULL ? "" : p, (size_t)sqlite3_column_bytes(stmt, i));
			break;
		}
		default:
			trw_encode_null(e);
		}
	}
}
