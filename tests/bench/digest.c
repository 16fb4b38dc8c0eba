/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of every digest kernel that this machine can run: GB of file bytes per second of one core, for one stream
 * and for many files side by side (whole life of a digester: start, lanes, finish). Optional argument: how many
 * times each is measured (default 5); the best counts. Prints, judges nothing.
 */
#include "digest/kernel.h"
#include "digest/lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BYTES ((size_t)16 << 20)
#define FILES_MAX (BYTES / 4096)

static uint8_t *data;
static struct trw_digester digesters[FILES_MAX];
static struct trw_lane lanes[FILES_MAX];
static struct trw_digester *digester_of[FILES_MAX];
static struct trw_digests digests[FILES_MAX];
static struct trw_digests *digests_of[FILES_MAX];

static double
cpu_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
one_stream(unsigned algorithms, size_t unused)
{
	(void)unused;
	trw_digest_start(&digesters[0], algorithms);
	trw_digest_update(&digesters[0], data, BYTES);
	trw_digest_finish(&digesters[0], &digests[0]);
}

static void
all_zeros(unsigned algorithms, size_t unused)
{
	(void)unused;
	trw_digest_start(&digesters[0], algorithms);
	trw_digest_zeros(&digesters[0], BYTES);
	trw_digest_finish(&digesters[0], &digests[0]);
}

/* batch: how many files a call gets, as the sweep does. */
static void
files(unsigned algorithms, size_t size, size_t batch)
{
	size_t n = BYTES / size;

	for (size_t i = 0; i < n; i++) {
		trw_digest_start(&digesters[i], algorithms);
		lanes[i] = (struct trw_lane){&digesters[i], data + i * size, size};
		digester_of[i] = &digesters[i];
		digests_of[i] = &digests[i];
	}
	for (size_t i = 0; i < n; i += batch) {
		size_t m = n - i < batch ? n - i : batch;
		trw_lanes_update(lanes + i, m);
		trw_lanes_finish(digester_of + i, digests_of + i, m);
	}
}

static void
whole_files(unsigned algorithms, size_t size)
{
	files(algorithms, size, 256);
}

static void
few_files(unsigned algorithms, size_t n)
{
	files(algorithms, (size_t)16 << 10, n);
}

static void
print_rate(int rounds, void (*work)(unsigned, size_t), unsigned algorithms, size_t size)
{
	double best = 1e9;

	for (int i = 0; i < rounds; i++) {
		double t = cpu_seconds();
		work(algorithms, size);
		t = cpu_seconds() - t;
		if (t < best)
			best = t;
	}
	printf(" %7.2f", (double)BYTES / best / 1e9);
	(void)fflush(stdout);
}

static void
print_kernel(int rounds, const struct trw_kernel *kernel)
{
	static const struct {
		const char *name;
		unsigned algorithms;
	} sets[] = {{"MD5", TRW_MD5}, {"SHA-1", TRW_SHA1}, {"SHA-256", TRW_SHA256},
		{"MD5+SHA-1", TRW_MD5 | TRW_SHA1}, {"SHA-1+256", TRW_SHA1 | TRW_SHA256},
		{"all three", TRW_DIGEST_ALL}};
	static const size_t sizes[] = {4 << 10, 16 << 10, 64 << 10, 1 << 20};

	printf("\n%s\n%-10s %7s %7s %7s %7s %7s %7s | 16 KiB, n a call: 1 2 3 4 5 6 8 9 12\n",
		kernel->name, "GB/s", "stream", "zeros", "4K", "16K", "64K", "1M");
	trw_kernel_use(kernel);
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		printf("%-10s", sets[s].name);
		print_rate(rounds, one_stream, sets[s].algorithms, 0);
		print_rate(rounds, all_zeros, sets[s].algorithms, 0);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			print_rate(rounds, whole_files, sets[s].algorithms, sizes[i]);
		printf(" |");
		for (size_t n = 1; n <= 12; n += n == 6 ? 2 : (n == 9 ? 3 : 1))
			print_rate(rounds, few_files, sets[s].algorithms, n);
		printf("\n");
	}
}

int
main(int argc, char **argv)
{
	const struct trw_kernel *kernels[TRW_KERNELS_MAX];
	size_t n = trw_kernel_list(kernels);
	int rounds = argc > 1 ? atoi(argv[1]) : 5;

	data = malloc(BYTES);
	if (data == NULL)
		return 1;
	for (size_t i = 0; i < BYTES; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	for (size_t i = 0; i < n; i++)
		print_kernel(rounds, kernels[i]);
	free(data);
	return 0;
}
