/* SPDX-License-Identifier: Apache-2.0 */
/** What came of digesting one stream, as the rows that say so. */
#pragma once

#include "digest/digest.h"
#include "index/write/outbox.h"
#include "worker/host/talk.h"

struct trw_outcome {
	int64_t image_id, file_id;
	uint64_t size;
	struct trw_digests digests; /* over zeros where bytes are missing */
	struct trw_ranges damage;   /* bytes of the stream; owned, taken over by trw_outcome_post */
	const char *cause;          /* one line about what is missing, or empty */
	const struct trw_talk_end *lost; /* a read worker died over it; else NULL */
	enum trw_code refusal; /* why it was not digested; the text is cause. NONE: it was */
	bool is_unknown;       /* the file system does not say where the content is */
};

/**
 * Post the problems first, then the content: who has the content has all. What is posted depends on the outcome alone,
 * never on who posts or when: that is what makes one thread and many give the same database.
 * Errors: as outbox.h; the damage is then gone as well.
 */
TRW_NODISCARD enum trw_status trw_outcome_post(
	struct trw_outbox *outbox, struct trw_outcome *outcome, struct trw_err *err);
