/* SPDX-License-Identifier: Apache-2.0 */
/** One image's way through the job: what its threads share. */
#pragma once

#include "base/first_error.h"
#include "image/image.h"
#include "index/index.h"
#include "index/write/writer.h"
#include "sweep/consumer.h"
#include "sweep/plan/plan.h"
#include "worker/host/talk.h"

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

/** A conversation with workers of this role for the pass's image; none runs yet. */
struct trw_talk trw_pass_talk(const struct trw_pass *pass, const char *role);
