/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Canonical bytes: the typed, length-prefixed form of rows under SHA-256, over which the canonical digest and the
 * audit chain of a database are taken. A value is one letter and its bytes: N (NULL); I and the 64-bit two's complement
 * integer, little endian; T or B, the length in bytes as for I's number, and the bytes of a text or blob.
 * A row is the letter R and its values.
 */
#pragma once

#include "digest/digest.h"

#define TRW_ENCODE_BUFFER ((size_t)16 << 10)

struct trw_encoder {
	struct trw_digester digester;
	size_t n; /* bytes that wait in buf */
	uint8_t buf[TRW_ENCODE_BUFFER];
};

void trw_encode_start(struct trw_encoder *e);
void trw_encode_row(struct trw_encoder *e); /* the letter R */
void trw_encode_null(struct trw_encoder *e);
void trw_encode_int(struct trw_encoder *e, int64_t v);
void trw_encode_text(struct trw_encoder *e, const char *s, size_t n); /* NULL encodes as N */
void trw_encode_blob(struct trw_encoder *e, const void *p, size_t n); /* the same */
void trw_encode_finish(struct trw_encoder *e, uint8_t sha256[32]);
