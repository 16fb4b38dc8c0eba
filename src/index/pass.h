/* SPDX-License-Identifier: Apache-2.0 */
/** One image's way through the job: what its threads share. */
#pragma once

#include "image/image.h"
#include "index/index.h"
#include "base/first_error.h"
#include "index/writer.h"
#include "sweep/consumer.h"
#include "sweep/plan/plan.h"
#include "worker/host/worker.h"

/** Immutable while the image's threads run, but for ids. Everything is borrowed. */
struct trw_pass {
	const struct trw_index_options *options; /* with the defaults filled in */
	struct trw_image *image;
	const char *const *paths; /* of the image, for workers */
	size_t n_paths;
	int64_t image_id;
	const struct trw_setlist *sets; /* that contents are looked up in */
	struct trw_first_error *first_error;
	struct trw_writer *writer;
	struct trw_plan *plan;
	struct trw_consumers consumers; /* who hears every stream */
	struct trw_progress *progress;  /* never NULL */
	struct trw_evidence_ids *ids;   /* the next free ones; owner: walker */
	uint64_t n_files;               /* owner: walker; read after its end */
};

/** Address space of a worker for an image of this size, in bytes; it stands before the image is opened. */
uint64_t trw_pass_memory(uint64_t image_size);

/** How to start a worker of this role for the pass's image. */
struct trw_worker_spec trw_pass_worker(const struct trw_pass *pass, const char *role);

/** "worker-crash", "worker-hang", "worker-violation" or "worker-protocol": the code of a problem row. */
const char *trw_pass_end_code(const struct trw_worker_end *end);
