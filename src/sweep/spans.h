/* SPDX-License-Identifier: Apache-2.0 */
/** How a stream's bytes lie: its extents as what can be read, what is zero and what is lost, without a gap up to its size. */
#pragma once

#include "base/extent.h"

enum trw_span_kind {
	TRW_SPAN_DATA = 0, /* bytes of the image, all inside it */
	TRW_SPAN_ZERO,     /* holes and what the file system never wrote */
	TRW_SPAN_LOST,     /* the file system does not say where these bytes are */
	TRW_SPAN_OUTSIDE,  /* past the end of the image */
	TRW_SPAN_SHORT, /* the extents, or the record that holds it, end before the stream does */
	TRW_SPAN_UNREAD /* who decodes the stream did not give these bytes; not of extents */
};

struct trw_span {
	enum trw_span_kind kind;
	uint64_t off; /* bytes of the image; of DATA. Of OUTSIDE: where the extent would end */
	uint64_t at;  /* bytes of the stream */
	uint64_t len; /* never 0 */
};

/** A walk over the spans of one stream, in stream order. Set the first three, the rest zero. */
struct trw_spans {
	const struct trw_extents *extents; /* borrowed */
	uint64_t size, image_size;         /* bytes */
	uint64_t at;                       /* of the stream: what is done */
	size_t i;                          /* the extent that is next */
	uint64_t used;                     /* bytes of it that are done */
};

/** The next span; false at the end. */
bool trw_spans_next(struct trw_spans *l, struct trw_span *out);

/** Why a span's bytes are missing, in one line of at most n bytes; an empty line when they are not. */
void trw_span_cause(const struct trw_span *span, uint64_t image_size, char *text, size_t n);

/** True when every byte of the stream is a zero that the file system supplies; false when it has none. */
bool trw_spans_are_sparse(const struct trw_extents *extents, uint64_t size);
