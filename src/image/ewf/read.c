/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks in, media bytes out. A lane is an inflater with its buffers; it remembers the chunk that it
 * inflated last, so the free lanes together are the cache for small reads: a taker gets the lane that holds
 * its chunk, else the one that was idle longest. A whole chunk is inflated straight into the caller's
 * buffer and leaves the lane's chunk alone. The mutex guards only the list, never I/O or inflating.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"
#include "base/io.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_BYTES                                                                                \
	((size_t)1 << 20) /* of chunks in idle lanes, where a chunk is not larger itself */
#define NO_CHUNK UINT64_MAX

/* One owner at a time: the thread that took it. */
struct lane {
	struct lane *next; /* guarded by mu; idle ones only */
	struct libdeflate_decompressor *inflater;
	uint8_t *stored; /* owned: a chunk as the file has it */
	uint8_t *plain;  /* owned: the media bytes of chunk */
	uint64_t chunk;  /* NO_CHUNK: none */
};

struct trw_ewf_lanes {
	uint32_t chunk_size; /* immutable after new */
	size_t stored_cap;   /* immutable after new */
	size_t max_idle;     /* immutable after new */
	pthread_mutex_t mu;
	struct lane *idle; /* guarded by mu; the one that was used last is first */
	size_t n_idle;     /* guarded by mu */
};

static void
lane_free(struct lane *lane)
{
	if (lane == NULL)
		return;
	libdeflate_free_decompressor(lane->inflater);
	free(lane->stored);
	free(lane->plain);
	free(lane);
}

static struct lane *
lane_new(const struct trw_ewf_lanes *lanes, struct trw_err *err)
{
	struct lane *lane = trw_alloc(1, sizeof(*lane), err);

	if (lane == NULL)
		return NULL;
	lane->chunk = NO_CHUNK;
	lane->stored = trw_alloc(lanes->stored_cap, 1, err);
	lane->plain = lane->stored == NULL ? NULL : trw_alloc(lanes->chunk_size, 1, err);
	lane->inflater = lane->plain == NULL ? NULL : libdeflate_alloc_decompressor();
	if (lane->inflater != NULL)
		return lane;
	if (lane->plain != NULL)
		(void)trw_fail(err, TRW_ENOMEM, "out of memory (inflater)");
	lane_free(lane);
	return NULL;
}

enum trw_status
trw_ewf_lanes_new(uint32_t chunk_size, struct trw_ewf_lanes **out, struct trw_err *err)
{
	struct trw_ewf_lanes *lanes = trw_alloc(1, sizeof(*lanes), err);

	if (lanes == NULL)
		return TRW_ENOMEM;
	if (pthread_mutex_init(&lanes->mu, NULL) != 0) {
		free(lanes);
		return trw_fail(err, TRW_ENOMEM, "out of memory (a mutex)");
	}
	lanes->chunk_size = chunk_size;
	lanes->stored_cap = trw_ewf_stored_max(chunk_size);
	lanes->max_idle = CACHE_BYTES / chunk_size;
	if (lanes->max_idle < 2)
		lanes->max_idle = 2;
	if (lanes->max_idle > 64)
		lanes->max_idle = 64;
	*out = lanes;
	return TRW_OK;
}

void
trw_ewf_lanes_free(struct trw_ewf_lanes *lanes)
{
	if (lanes == NULL)
		return;
	while (lanes->idle != NULL) {
		struct lane *next = lanes->idle->next;

		lane_free(lanes->idle);
		lanes->idle = next;
	}
	(void)pthread_mutex_destroy(&lanes->mu);
	free(lanes);
}

/* The idle lane that holds the chunk; else the last of the list, where it is full; else a new one. */
static struct lane *
lane_take(struct trw_ewf_lanes *lanes, uint64_t chunk, struct trw_err *err)
{
	struct lane **at, *lane = NULL;

	(void)pthread_mutex_lock(&lanes->mu);
	for (at = &lanes->idle; *at != NULL; at = &(*at)->next)
		if ((*at)->chunk == chunk ||
			((*at)->next == NULL && lanes->n_idle >= lanes->max_idle))
			break;
	lane = *at;
	if (lane != NULL) {
		*at = lane->next;
		lanes->n_idle--;
	}
	(void)pthread_mutex_unlock(&lanes->mu);
	return lane != NULL ? lane : lane_new(lanes, err);
}

static void
lane_give(struct trw_ewf_lanes *lanes, struct lane *lane)
{
	(void)pthread_mutex_lock(&lanes->mu);
	if (lanes->n_idle < lanes->max_idle) {
		lane->next = lanes->idle;
		lanes->idle = lane;
		lanes->n_idle++;
		lane = NULL;
	}
	(void)pthread_mutex_unlock(&lanes->mu);
	lane_free(lane);
}

/* The chunk's media bytes to out, which has room for a whole chunk. */
static enum trw_ewf_state
fetch(const struct trw_ewf *ewf, struct lane *lane, uint64_t chunk, uint8_t *out)
{
	struct trw_ewf_place p;
	size_t got = 0;
	struct trw_err ignored = {0};

	if (!trw_ewf_place_find(ewf, chunk, &p) ||
		trw_pread_full(p.src->fd, lane->stored, p.len, p.off, &got, &ignored) != TRW_OK)
		return TRW_EWF_ABSENT;
	return trw_ewf_decode(ewf, &p, lane->stored, got, lane->inflater, out);
}

/* n bytes of one chunk from its byte `skip` on. Damage is reported for these bytes only. */
static enum trw_status
read_chunk(const struct trw_ewf *ewf, uint64_t chunk, size_t skip, uint8_t *buf, size_t n,
	struct trw_ranges *damage, struct trw_err *err)
{
	struct lane *lane = lane_take(ewf->lanes, chunk, err);
	enum trw_ewf_state state = TRW_EWF_GOOD;

	if (lane == NULL)
		return TRW_ENOMEM;
	if (lane->chunk == chunk) {
		memcpy(buf, lane->plain + skip, n);
	} else if (n == ewf->chunk_size) {
		state = fetch(ewf, lane, chunk, buf);
	} else {
		state = fetch(ewf, lane, chunk, lane->plain);
		lane->chunk = state == TRW_EWF_GOOD ? chunk : NO_CHUNK;
		if (state == TRW_EWF_GOOD)
			memcpy(buf, lane->plain + skip, n);
	}
	lane_give(ewf->lanes, lane);
	if (state == TRW_EWF_GOOD)
		return TRW_OK;
	memset(buf, 0, n);
	return trw_ewf_damage_add(state, chunk * ewf->chunk_size + skip, n, damage, err);
}

enum trw_status
trw_ewf_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	const struct trw_ewf *ewf = ctx;

	while (len > 0) {
		uint64_t chunk = off / ewf->chunk_size;
		size_t skip = (size_t)(off % ewf->chunk_size);
		size_t n = trw_ewf_chunk_len(ewf, chunk) - skip;
		enum trw_status st;

		if (n > len)
			n = len;
		st = read_chunk(ewf, chunk, skip, buf, n, damage, err);
		if (st != TRW_OK)
			return st;
		off += n;
		buf += n;
		len -= n;
	}
	return TRW_OK;
}

/* The chunk at off, whose place only its own checksum confirms; the stored bytes it takes, 0 = none. */
static size_t
probe(const struct trw_ewf *ewf, struct lane *lane, const struct trw_ewf_run *run, uint64_t off,
	uint64_t chunk, bool *is_deflated)
{
	size_t len = trw_ewf_chunk_len(ewf, chunk), want = trw_ewf_stored_max(ewf->chunk_size);
	size_t n = 0, used = 0, got = 0;
	struct trw_err ignored = {0};

	if (run->end - off < want)
		want = (size_t)(run->end - off);
	if (trw_pread_full(ewf->parts[run->part].src.fd, lane->stored, want, off, &n, &ignored) !=
		TRW_OK)
		return 0;
	*is_deflated = libdeflate_zlib_decompress_ex(lane->inflater, lane->stored, n, lane->plain,
			       ewf->chunk_size, &used, &got) == LIBDEFLATE_SUCCESS &&
		       (got == ewf->chunk_size || got == len);
	if (*is_deflated)
		return used;
	if (trw_ewf_plain_take(lane->stored, n, lane->plain, ewf->chunk_size, ewf->chunk_size))
		return (size_t)ewf->chunk_size + 4;
	return trw_ewf_plain_take(lane->stored, n, lane->plain, len, len) ? len + 4 : 0;
}

enum trw_status
trw_ewf_recover(const struct trw_ewf *ewf, struct trw_ewf_run *run, uint64_t max, bool *is_whole,
	struct trw_err *err)
{
	uint64_t off = run->data;
	struct lane *lane;
	size_t cap = 0;
	bool is_deflated;
	enum trw_status st = TRW_OK;

	*is_whole = false;
	run->base = run->data;
	run->n = 0;
	lane = lane_take(ewf->lanes, NO_CHUNK, err);
	if (lane == NULL)
		return TRW_ENOMEM;
	lane->chunk = NO_CHUNK;
	if (max > TRW_EWF_ENTRIES_MAX)
		max = TRW_EWF_ENTRIES_MAX;
	while (run->n < max && off < run->end && off - run->base <= INT32_MAX) {
		size_t used = probe(ewf, lane, run, off, run->first + run->n, &is_deflated);
		void *v;

		if (used == 0)
			break;
		v = trw_grow(run->entries, run->n, &cap, sizeof(*run->entries), TRW_EWF_ENTRIES_MAX,
			err);
		if (v == NULL) {
			st = TRW_ENOMEM;
			break;
		}
		run->entries = v;
		run->entries[run->n++] =
			(uint32_t)(off - run->base) | (is_deflated ? UINT32_C(1) << 31 : 0);
		off += used;
	}
	lane_give(ewf->lanes, lane);
	run->wide_from = run->n;
	*is_whole = st == TRW_OK && off == run->end && run->n > 0;
	run->end = off;
	return st;
}
