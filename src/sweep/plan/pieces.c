/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A radix sort from the top digit down, in place (McIlroy, Bostic, McIlroy: Engineering Radix Sort, 1993:
 * "American flag sort"). qsort would take memory for a copy, and the plan has none to spare. Each level finds the
 * least and the greatest key and takes the 8 highest bits in which keys of the range can differ; so a level
 * costs two readings, a key of 64 bits has at most 8 of them, and what is in order already is left at the
 * first reading. Where all keys are equal the next field decides.
 */
#include "sweep/plan/sorter.h"

#define DIGIT_BITS 8
#define N_DIGITS ((size_t)1 << DIGIT_BITS)
#define N_FIELDS 4
#define INSERTION_MAX 24 /* shorter ranges are sorted by insertion */

static uint64_t
field_of(const struct trw_plan_piece *p, unsigned int field)
{
	switch (field) {
	case 0:
		return p->off;
	case 1:
		return p->stream;
	case 2:
		return p->at;
	default:
		return p->len;
	}
}

int
trw_pieces_compare(const struct trw_plan_piece *a, const struct trw_plan_piece *b)
{
	for (unsigned int field = 0; field < N_FIELDS; field++) {
		uint64_t x = field_of(a, field);
		uint64_t y = field_of(b, field);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static void
insertion_sort(struct trw_plan_piece *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct trw_plan_piece p = v[i];
		size_t to = i;

		for (; to > 0 && trw_pieces_compare(&p, &v[to - 1]) < 0; to--)
			v[to] = v[to - 1];
		v[to] = p;
	}
}

struct span {
	uint64_t min, max; /* of the field */
	bool in_order;     /* by all fields */
};

static struct span
measure(const struct trw_plan_piece *v, size_t n, unsigned int field)
{
	struct span s = {field_of(&v[0], field), field_of(&v[0], field), true};

	for (size_t i = 1; i < n; i++) {
		uint64_t key = field_of(&v[i], field);

		if (key < s.min)
			s.min = key;
		if (key > s.max)
			s.max = key;
		if (s.in_order && trw_pieces_compare(&v[i - 1], &v[i]) > 0)
			s.in_order = false;
	}
	return s;
}

/* Put each piece into the bucket of its digit; ends[d] is then where bucket d ends. */
static void
distribute(struct trw_plan_piece *v, size_t n, unsigned int field, uint64_t min, unsigned int shift,
	size_t ends[N_DIGITS])
{
	size_t next[N_DIGITS]; /* first place of the bucket that is not known to be right */
	size_t counts[N_DIGITS] = {0};
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		counts[(field_of(&v[i], field) - min) >> shift]++;
	for (size_t d = 0; d < N_DIGITS; d++) {
		next[d] = total;
		total += counts[d];
		ends[d] = total;
	}
	for (size_t d = 0; d < N_DIGITS; d++) {
		while (next[d] < ends[d]) {
			struct trw_plan_piece p = v[next[d]];
			size_t to = (size_t)((field_of(&p, field) - min) >> shift);

			while (to != d) {
				struct trw_plan_piece other = v[next[to]];

				v[next[to]++] = p;
				p = other;
				to = (size_t)((field_of(&p, field) - min) >> shift);
			}
			v[next[d]++] = p;
		}
	}
}

static void
sort_field(struct trw_plan_piece *v, size_t n, unsigned int field)
{
	size_t ends[N_DIGITS];
	size_t begin = 0;
	unsigned int shift = 0;
	struct span s;

	if (n <= INSERTION_MAX) {
		insertion_sort(v, n);
		return;
	}
	s = measure(v, n, field);
	while (!s.in_order && s.min == s.max && ++field < N_FIELDS)
		s = measure(v, n, field);
	if (s.in_order)
		return;
	while ((s.max - s.min) >> shift >= N_DIGITS)
		shift++;
	distribute(v, n, field, s.min, shift, ends);
	for (size_t d = 0; d < N_DIGITS; begin = ends[d], d++)
		sort_field(v + begin, ends[d] - begin, field);
}

void
trw_pieces_sort(struct trw_plan_piece *v, size_t n)
{
	sort_field(v, n, 0);
}
