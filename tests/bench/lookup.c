/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of lookups: lookup FILE N builds a set of N made-up SHA-1 digests in FILE (it is kept for the next time) and prints ms to open it and ns a lookup,
 * for misses and hits, one at a time and in batches; the best of 3. Prints, judges nothing.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "hashset/builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SIZE 20
#define ASKED ((size_t)1 << 22) /* their lines and rows fit in no cache */
#define BATCH ((size_t)4096)

static uint8_t digests[ASKED * SIZE];
static struct trw_set_found found[ASKED];

/* splitmix64 (Steele, Lea, Flood 2014) of a counter: any digest can be made again from its number. */
static uint64_t
mixed(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
	x = (x ^ x >> 27) * 0x94D049BB133111EB;
	return x ^ x >> 31;
}

static void
digest_make(uint64_t number, uint8_t *out)
{
	trw_put_le64(out, mixed(number * 3 + 1));
	trw_put_le64(out + 8, mixed(number * 3 + 2));
	trw_put_le32(out + 16, (uint32_t)mixed(number * 3 + 3));
}

static enum trw_status
build(const char *path, uint64_t n, struct trw_err *err)
{
	const struct trw_set_builder_options options = {.target = trw_target_look(path)};
	struct trw_set_builder *b = NULL;
	struct trw_set_built built;
	enum trw_status st = trw_set_builder_new(&options, &b, err);

	for (uint64_t i = 0; st == TRW_OK && i < n; i += BATCH) {
		size_t count = n - i < BATCH ? (size_t)(n - i) : BATCH;
		for (size_t k = 0; k < count; k++)
			digest_make(i + k, digests + k * SIZE);
		st = trw_set_builder_add_digests(b, TRW_HASH_SHA1, digests, count, err);
	}
	if (st == TRW_OK)
		st = trw_set_builder_finish(b, &built, err);
	trw_set_builder_free(b);
	return st;
}

static bool
is_there(const char *path, uint64_t n)
{
	struct trw_set *set = NULL;
	bool is = trw_set_open(path, &set, NULL) == TRW_OK && trw_set_info(set)->n_entries == n;

	trw_set_close(set);
	return is;
}

static void
measure(const struct trw_set *set, size_t batch, const char *what)
{
	double best = 1e9;

	for (int turn = 0; turn < 3; turn++) {
		struct timespec from, to;
		size_t n = 0;
		(void)clock_gettime(CLOCK_MONOTONIC, &from);
		for (size_t i = 0; i < ASKED; i += batch)
			trw_set_lookup(set, TRW_HASH_SHA1, digests + i * SIZE, batch, found + i);
		(void)clock_gettime(CLOCK_MONOTONIC, &to);
		for (size_t i = 0; i < ASKED; i++)
			n += found[i].n;
		double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 +
			    (double)(to.tv_nsec - from.tv_nsec);
		if (ns / (double)ASKED < best)
			best = ns / (double)ASKED;
		if (turn == 2)
			printf("%-5s batch %4zu: %6.1f ns (%zu found)\n", what, batch, best, n);
	}
}

int
main(int argc, char **argv)
{
	struct trw_err err = {0};
	struct trw_set *set = NULL;
	uint64_t n = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (n == 0) {
		(void)fprintf(stderr, "usage: lookup FILE N\n");
		return 2;
	}
	if (!is_there(argv[1], n) && build(argv[1], n, &err) < 0) {
		(void)fprintf(stderr, "lookup: %s\n", err.text);
		return 1;
	}
	int64_t before = trw_monotonic_ns();
	if (trw_set_open(argv[1], &set, &err) < 0) {
		(void)fprintf(stderr, "lookup: %s\n", err.text);
		return 1;
	}
	printf("open: %.3f ms\n", (double)(trw_monotonic_ns() - before) / 1e6);
	for (size_t i = 0; i < ASKED; i++)
		digest_make(n + i, digests + i * SIZE);
	measure(set, 1, "miss");
	measure(set, BATCH, "miss");
	for (size_t i = 0; i < ASKED; i++)
		digest_make(mixed(i) % n, digests + i * SIZE);
	measure(set, 1, "hit");
	measure(set, BATCH, "hit");
	trw_set_close(set);
	return 0;
}
