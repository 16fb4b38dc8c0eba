/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every stream with whole blocks to take in is a job. The longest start first; all active ones advance together by
 * what the shortest of them has left, and a job that ends gives its lane to the next. At the end, when fewer lanes
 * are active than a wide kernel needs to pay, a narrower one goes on, and the last ones run by themselves.
 */
#include "digest/lanes.h"

#include "digest/kernel.h"

#include <string.h>

#define GROUP 256       /* lanes of trw_lanes_update that are scheduled together */
#define FINISH_GROUP 64 /* their padding is on the stack */

struct job {
	struct trw_digester *digester; /* borrowed, as p */
	const uint8_t *p;
	size_t n_blocks; /* never 0 */
};

/* Shell sort by length, longest first; the gaps are Ciura's. */
static void
sort_jobs(struct job *jobs, size_t n)
{
	static const size_t gaps[] = {132, 57, 23, 10, 4, 1};

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
		size_t gap = gaps[g];
		for (size_t i = gap; i < n; i++) {
			struct job job = jobs[i];
			size_t at = i;
			for (; at >= gap && jobs[at - gap].n_blocks < job.n_blocks; at -= gap)
				jobs[at] = jobs[at - gap];
			jobs[at] = job;
		}
	}
}

/* The kernel for that many active lanes; NULL where they are too few for any. */
static const struct trw_wide *
pick(const struct trw_kernel *kernel, unsigned algorithms, size_t n)
{
	for (size_t i = 0; i < TRW_WIDE_MAX && kernel->wide[i].run != NULL; i++)
		if (n >= kernel->wide[i].least[algorithms] && kernel->wide[i].width >= n)
			return &kernel->wide[i];
	return NULL;
}

/* Advance the first n jobs together until one of them ends; the ended ones have 0 blocks left. */
static void
advance(const struct trw_wide *wide, unsigned algorithms, struct job *jobs, size_t n)
{
	struct trw_digester *digesters[TRW_LANES_MAX];
	const uint8_t *p[TRW_LANES_MAX];
	size_t step = jobs[0].n_blocks;

	for (size_t i = 0; i < n; i++) {
		digesters[i] = jobs[i].digester;
		p[i] = jobs[i].p;
		if (jobs[i].n_blocks < step)
			step = jobs[i].n_blocks;
	}
	wide->run(algorithms, digesters, p, n, step);
	for (size_t i = 0; i < n; i++) {
		jobs[i].p += step * TRW_DIGEST_BLOCK;
		jobs[i].n_blocks -= step;
	}
}

/* Run all jobs for a set of algorithms, which may be less than their digesters'. Uses the jobs up. */
static void
run_jobs(unsigned algorithms, struct job *jobs, size_t n)
{
	const struct trw_kernel *kernel = trw_kernel_get();
	const struct trw_wide *wide = NULL;
	size_t n_active = 0, next = 0;

	sort_jobs(jobs, n);
	/* The active jobs are at the front, jobs[next] is the first that waits. */
	for (;;) {
		while (next < n && n_active < kernel->wide[0].width)
			jobs[n_active++] = jobs[next++];
		wide = pick(kernel, algorithms, n_active);
		if (wide == NULL)
			break;
		advance(wide, algorithms, jobs, n_active);
		for (size_t i = n_active; i-- > 0;)
			if (jobs[i].n_blocks == 0)
				jobs[i] = jobs[--n_active];
	}
	/* None waits, or no kernel is worth it for this set at any number of lanes. */
	for (size_t i = 0; i < n_active; i++)
		kernel->stream[algorithms](jobs[i].digester, jobs[i].p, jobs[i].n_blocks);
	for (; next < n; next++)
		kernel->stream[algorithms](jobs[next].digester, jobs[next].p, jobs[next].n_blocks);
}

/* Complete the tails of the lanes that use this set of algorithms; what fills a block becomes a job. */
static size_t
fill_tails(unsigned set, struct trw_lane *lanes, size_t n, struct job *jobs)
{
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		struct trw_digester *d = lanes[i].digester;
		size_t used = d->len % TRW_DIGEST_BLOCK;
		if (d->algorithms != set || used == 0 || lanes[i].len == 0)
			continue;
		size_t room = TRW_DIGEST_BLOCK - used;
		size_t len = lanes[i].len < room ? lanes[i].len : room;
		memcpy(d->tail + used, lanes[i].p, len);
		d->len += len;
		lanes[i].p += len;
		lanes[i].len -= len;
		if (len == room)
			jobs[n_jobs++] = (struct job){d, d->tail, 1};
	}
	return n_jobs;
}

static size_t
take_blocks(unsigned set, struct trw_lane *lanes, size_t n, struct job *jobs)
{
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		size_t n_blocks = lanes[i].len / TRW_DIGEST_BLOCK;
		if (lanes[i].digester->algorithms == set && n_blocks > 0)
			jobs[n_jobs++] = (struct job){lanes[i].digester, lanes[i].p, n_blocks};
	}
	return n_jobs;
}

/* Tails are empty here, or the lane has nothing left. */
static void
keep_rest(unsigned set, const struct trw_lane *lanes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct trw_digester *d = lanes[i].digester;
		size_t rest = lanes[i].len % TRW_DIGEST_BLOCK;
		if (d->algorithms != set || lanes[i].len == 0)
			continue;
		memcpy(d->tail, lanes[i].p + (lanes[i].len - rest), rest);
		d->len += lanes[i].len;
	}
}

static void
update_group(unsigned set, struct trw_lane *lanes, size_t n)
{
	struct job jobs[GROUP];

	run_jobs(set, jobs, fill_tails(set, lanes, n, jobs));
	run_jobs(set, jobs, take_blocks(set, lanes, n, jobs));
	keep_rest(set, lanes, n);
}

void
trw_lanes_update(struct trw_lane *lanes, size_t n)
{
	for (size_t group; n > 0; n -= group, lanes += group) {
		unsigned sets = 0;
		group = n < GROUP ? n : GROUP;
		for (size_t i = 0; i < group; i++)
			sets |= 1u << lanes[i].digester->algorithms;
		for (unsigned set = 1; set <= TRW_DIGEST_ALL; set++)
			if (sets >> set & 1)
				update_group(set, lanes, group);
	}
}

/* The padding of MD5 and of the SHAs ends in the same length in another order of bytes. */
static void
finish_set(unsigned set, bool big_endian, struct trw_digester *const *digesters, size_t n)
{
	struct job jobs[FINISH_GROUP];
	uint8_t pads[FINISH_GROUP][2 * TRW_DIGEST_BLOCK];
	unsigned family = big_endian ? TRW_SHA1 | TRW_SHA256 : TRW_MD5;
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		if ((digesters[i]->algorithms & family) != set)
			continue;
		size_t n_blocks = trw_digest_pad(digesters[i], big_endian, pads[n_jobs]);
		jobs[n_jobs] = (struct job){digesters[i], pads[n_jobs], n_blocks};
		n_jobs++;
	}
	run_jobs(set, jobs, n_jobs);
}

void
trw_lanes_finish(struct trw_digester *const *digesters, struct trw_digests *const *outs, size_t n)
{
	for (size_t group; n > 0; n -= group, digesters += group, outs += group) {
		group = n < FINISH_GROUP ? n : FINISH_GROUP;
		finish_set(TRW_MD5, false, digesters, group);
		finish_set(TRW_SHA1, true, digesters, group);
		finish_set(TRW_SHA256, true, digesters, group);
		finish_set(TRW_SHA1 | TRW_SHA256, true, digesters, group);
		for (size_t i = 0; i < group; i++)
			trw_digest_write(digesters[i], outs[i]);
	}
}

const char *
trw_lanes_name(void)
{
	return trw_kernel_get()->name;
}
