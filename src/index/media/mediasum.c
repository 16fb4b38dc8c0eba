/* SPDX-License-Identifier: Apache-2.0 */
#include "index/media/mediasum.h"

#include "base/cancel.h"
#include "base/cpus.h"
#include "index/index.h"
#include "sweep/sweep.h"

#define JOBS_MAX 64

/*
 * Bytes that come from nowhere (lost chunks, holes of a sparse container) cost as much to digest as others.
 * An honest sparse disk image has terabytes of them at most, a damaged set as many as it lost.
 */
#define ZEROS_MAX ((uint64_t)4 << 40)    /* of a sparse container */
#define MISSING_MAX ((uint64_t)64 << 30) /* beyond MISSING_FACTOR times what the files hold */
#define MISSING_FACTOR 4

enum trw_status
trw_mediasum_is_bounded(
	struct trw_image *image, bool *is_bounded, uint64_t *zeros, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(image);
	struct trw_ranges damage = {0};
	uint64_t files = 0, missing;
	enum trw_status s = trw_image_damage(image, &damage, err);

	for (size_t i = 0; i < info->n_segments; i++)
		files += info->segments[i].size;
	missing = trw_ranges_total(&damage, TRW_DAMAGE_MISSING);
	trw_ranges_clear(&damage);
	*zeros = info->size > files ? info->size - files : 0;
	/* Compressed chunks hold up to a thousand times their bytes. */
	*is_bounded = *zeros / 1024 <= files + ZEROS_MAX / 1024 &&
		      missing / MISSING_FACTOR <= files + MISSING_MAX / MISSING_FACTOR;
	if (!*is_bounded && missing > *zeros)
		*zeros = missing;
	return s;
}

static enum trw_status
no_streams(void *ctx, unsigned hasher, struct trw_stream_done *done, struct trw_err *err)
{
	(void)ctx;
	(void)hasher;
	return trw_fail(err, TRW_ECORRUPT, "stream %" PRId64 " without a plan", done->id);
}

static bool
stops(void *ctx)
{
	(void)ctx;
	return trw_is_cancelled();
}

enum trw_status
trw_mediasum_digest(struct trw_image *image, struct trw_progress *progress, struct trw_digests *out,
	struct trw_err *err)
{
	struct trw_sweep_media media;
	struct trw_sweep_spec spec = {.image = image,
		.media = &media,
		.jobs = trw_cpus(JOBS_MAX),
		.memory = TRW_INDEX_MEMORY,
		.events = {.done = no_streams, .stops = stops},
		.bytes_done = progress != NULL ? &progress->bytes_done : NULL};

	trw_sweep_media_start(&media, spec.jobs);
	enum trw_status s = trw_sweep_run(&spec, err);
	if (s == TRW_OK)
		trw_sweep_media_finish(&media, out);
	return s;
}
