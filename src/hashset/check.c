/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quick check before a set is used. It is bound by memory, and one thread does not use all that memory gives: threads take pieces of sections
 * as they come to them and note their sums, which are put together and compared when all are there.
 */
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/cpus.h"
#include "base/team.h"
#include "hashset/map.h"
#include "hashset/quicksum.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define THREADS_MAX 16
#define TAKEN ((uint64_t)4) /* pieces at a time */

struct check {
	const struct trw_set *set;             /* immutable */
	uint64_t first[TRW_TSET_SECTIONS + 1]; /* immutable; number of each section's first piece */
	uint8_t (*sums)
		[TRW_QUICKSUM_SIZE]; /* owned; each written by the thread that took the piece */
};

static void
pieces_count(struct check *c)
{
	for (int s = 0; s < TRW_TSET_SECTIONS; s++)
		c->first[s + 1] =
			c->first[s] +
			(c->set->h.sections[s].len + TRW_QUICKSUM_PIECE - 1) / TRW_QUICKSUM_PIECE;
}

/* The map is advised for random access, which ends the kernel's own reading ahead: here it pays. */
static void
read_ahead(const struct trw_set *set, uint64_t off)
{
	uint64_t at = off / TRW_TSET_ALIGN * TRW_TSET_ALIGN, left = set->h.file_size - at;
	uint64_t wanted = 2 * TAKEN * TRW_QUICKSUM_PIECE;

	(void)madvise((void *)(uintptr_t)(set->map + at),
		left < wanted ? (size_t)left : (size_t)wanted, MADV_WILLNEED);
}

static void
piece_sum(struct check *c, int section, uint64_t piece)
{
	const struct trw_tset_place *place = &c->set->h.sections[section];
	uint64_t at = (piece - c->first[section]) * TRW_QUICKSUM_PIECE, left = place->len - at;

	if (piece % TAKEN == 0)
		read_ahead(c->set, place->off + at);
	trw_quicksum(c->set->map + place->off + at,
		left < TRW_QUICKSUM_PIECE ? (size_t)left : TRW_QUICKSUM_PIECE, c->sums[piece]);
}

static void
pieces_sum(void *ctx, unsigned member, size_t taken)
{
	struct check *c = ctx;
	uint64_t n = c->first[TRW_TSET_SECTIONS], piece = taken * TAKEN;
	uint64_t end = piece + TAKEN < n ? piece + TAKEN : n;
	int section = 0;

	(void)member;
	for (; piece < end && !trw_is_cancelled(); piece++) {
		while (piece >= c->first[section + 1])
			section++;
		piece_sum(c, section, piece);
	}
}

static enum trw_status
sums_compare(const struct check *c, struct trw_err *err)
{
	const struct trw_set *set = c->set;

	for (int s = 0; s < TRW_TSET_SECTIONS; s++) {
		const struct trw_tset_place *place = &set->h.sections[s];
		uint8_t sum[TRW_QUICKSUM_SIZE];
		if (place->len == 0)
			continue;
		trw_quicksum(c->sums[c->first[s]],
			(size_t)(c->first[s + 1] - c->first[s]) * TRW_QUICKSUM_SIZE, sum);
		if (memcmp(sum, place->quick, sizeof(sum)) != 0)
			return trw_set_section_damaged(set, s, "does not have its checksum", err);
	}
	return TRW_OK;
}

enum trw_status
trw_set_check(const struct trw_set *set, struct trw_err *err)
{
	struct check c = {.set = set};
	enum trw_status st;

	pieces_count(&c);
	c.sums = trw_alloc((size_t)c.first[TRW_TSET_SECTIONS], sizeof(*c.sums), err);
	if (c.sums == NULL)
		return TRW_ENOMEM;
	uint64_t n_taken = (c.first[TRW_TSET_SECTIONS] + TAKEN - 1) / TAKEN;
	trw_team_run(trw_cpus(THREADS_MAX), (size_t)n_taken, pieces_sum, &c);
	st = trw_is_cancelled() ? trw_set_interrupted(set, err) : sums_compare(&c, err);
	free(c.sums);
	return st;
}
