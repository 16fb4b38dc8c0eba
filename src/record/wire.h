/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How records are written into a frame's payload and read back: little-endian base-128 numbers (7 bits a
 * byte, low ones first, top bit on all but the last, the shortest form only) and length-prefixed bytes.
 * Every record has exactly one encoding.
 */
#pragma once

#include "base/buf.h"
#include "base/extent.h"

/** Writes on the end of b. The first failure sticks: check once, at trw_wire_finish. */
struct trw_wire {
	struct trw_buf *b; /* borrowed */
	size_t before;     /* b->n at the start */
	enum trw_status status;
	struct trw_err *err; /* may be NULL */
};

struct trw_wire trw_wire_begin(struct trw_buf *b, struct trw_err *err);
/** Errors: those of the puts (TRW_ELIMIT, TRW_EUSAGE, TRW_ENOMEM); b is then as it was at the start. */
TRW_NODISCARD enum trw_status trw_wire_finish(struct trw_wire *w, const char *what);

void trw_wire_number(struct trw_wire *w, uint64_t v);
/** Small differences of either sign in few bytes. */
void trw_wire_delta(struct trw_wire *w, uint64_t from, uint64_t to);
void trw_wire_bool(struct trw_wire *w, bool v);
void trw_wire_time(struct trw_wire *w, int64_t ns);
/** TRW_EUSAGE when v is past max: the writer has a bug, or passes on what it should have checked. */
void trw_wire_limited(struct trw_wire *w, uint64_t v, uint64_t max, const char *what);
/** A place: off + len must fit in 63 bits. */
void trw_wire_span(struct trw_wire *w, uint64_t off, uint64_t len);
void trw_wire_bytes(struct trw_wire *w, struct trw_bytes bytes, size_t max, const char *what);
/** One extent of a list. *end: of the last one with data, 0 at first: the next one is often near. */
void trw_wire_extent(struct trw_wire *w, const struct trw_extent *x, uint64_t *end);

/* The reading side: each sets c->bad and returns 0 where the bytes break the rule. */
uint64_t trw_wire_get_number(struct trw_cur *c);
uint64_t trw_wire_get_delta(struct trw_cur *c, uint64_t from);
bool trw_wire_get_bool(struct trw_cur *c);
int64_t trw_wire_get_time(struct trw_cur *c);
uint64_t trw_wire_get_limited(struct trw_cur *c, uint64_t max);
void trw_wire_get_span(struct trw_cur *c, uint64_t *off, uint64_t *len);
struct trw_extent trw_wire_get_extent(struct trw_cur *c, uint64_t *end);
struct trw_bytes trw_wire_get_bytes(struct trw_cur *c, size_t max);
/** TRW_ECORRUPT when c went bad or has bytes left. */
TRW_NODISCARD enum trw_status trw_wire_end(
	const struct trw_cur *c, const char *what, struct trw_err *err);
