/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the sweep's tests share: random images and streams, a naive model of them, whose bytes are put together one
 * stream at a time and digested by OpenSSL, and a sweep whose events compare.
 */
#pragma once

#include "unit/image/ewf_fixture.h"
#include "unit/sweep/listener.h"
#include "sweep/digests.h"
#include "sweep/sweep.h"

#include <pthread.h>

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define STREAMS_MAX 64
#define CONTENT_MAX (4 * MIB) /* bytes of one stream */

/* What the sweep has to find out about a stream. */
struct stream {
	uint64_t size;
	struct trw_extents extents;
	struct trw_digests digests;
	struct trw_ranges damage;
	char cause[TRW_ERR_TEXT_MAX];
	struct heard heard; /* what a listener hears of it */
	uint64_t
		n_damaged_windows; /* with damage, up to the last one of the stream's damage; media on */
};

/* An image and its streams; ids are indices. */
struct world {
	uint8_t *bytes, *flat; /* as stored; as trw_image_read gives them */
	size_t size;
	struct trw_image *image;
	struct trw_ranges damage;
	struct trw_digests digests;
	struct stream *v;
	size_t n;
};

void ok(enum trw_status st);

void naive_stream(const struct world *w, struct stream *s);

/* The image is read, and its digests are known; streams come next. */
void world_read(struct world *w);

void world_clear(struct world *w);

void add(struct stream *s, enum trw_extent_kind kind, uint64_t off, uint64_t len);

/* Extents of no more than max bytes: up the image, down, or here and there; some elsewhere. */
void add_extents(const struct world *w, struct stream *s, uint64_t n, uint64_t max, bool is_plain);

void make_world(struct world *w, uint64_t seed);

/* One sweep; guarded by mu: what the events see. */
struct sweep {
	const struct world *w;
	struct trw_sweep_spec spec;
	struct trw_sweep_media media;
	atomic_uint_least64_t bytes_done, piece_bytes_done;
	uint64_t memory; /* of the plan */
	struct trw_consumer row[2];
	struct listener listener; /* the second of the row */
	const uint8_t *skip;      /* streams that an earlier sweep has done; may be NULL */
	pthread_mutex_t mu;
	uint8_t *n_done; /* by stream */
	size_t n_wrong;
	char wrong[200]; /* the first thing that is wrong */
	uint64_t n_checkpoints, n_damaged, n_events, n_stops;
	uint64_t fail_done_at, stop_at, save_at; /* events, from 1; 0: never */
	bool is_saved;
	uint8_t saved[TRW_SWEEP_MEDIA_SAVED], *saved_done; /* at the checkpoint save_at */
	size_t n_saved;
	bool is_from_start;
};

void wrong(struct sweep *s, const char *what, int64_t id);

void sweep_begin(struct sweep *s, const struct world *w, unsigned jobs, bool has_media);

void sweep_end(struct sweep *s);

void fill_plan(struct sweep *s);

enum trw_status run(struct sweep *s, struct trw_err *err);

/* The image's digests are those of its bytes up to where they are. */
void expect_prefix(const struct world *w, const struct trw_sweep_media *m);

/* A sweep that went to its end gave each stream once. */
size_t expect_all(struct sweep *s);

/* How many windows with damage there are up to the last damage of each stream. */
void count_damaged(struct world *w, uint64_t window);
