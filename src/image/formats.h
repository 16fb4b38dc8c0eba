/* SPDX-License-Identifier: Apache-2.0 */
/** Every container that trowel knows, in one table: how to tell it, which files belong to it, who reads it. */
#pragma once

#include "image/opening/names.h"
#include "image/opening/opening.h"
#include "image/probe.h"

struct trw_container_format {
	const char *name;  /* as trw_image_info.format_name */
	const char *magic; /* what its first file begins with; NULL: whatever */
	size_t n_magic;    /* bytes of magic */
	bool (*probe)(
		struct trw_look *look); /* asked when the magic is there; NULL: that is enough */
	enum trw_image_format format;
	enum trw_names_style naming; /* of the files of a set */
	/**
	 * Take the files of names (sorted; open or still closed) and fill o, in which format and format_name are set.
	 * Errors: as trw_image_open. NULL: nothing here reads it.
	 */
	enum trw_status (*open)(
		struct trw_names *names, struct trw_opening *o, struct trw_err *err);
	enum trw_refusal refusal; /* of one that nothing here reads, as is advice: what to do */
	const char *advice;
};

/** The first format of the table that fits; the last one, raw, fits everything. Static storage. */
const struct trw_container_format *trw_container_find(struct trw_look *look);

/** The last one. */
const struct trw_container_format *trw_container_raw(void);

/* The readers that the table names beside ewf/, each in the file of its name; all are `open` of struct trw_container_format. */

/** Raw and split raw. Files missing between the numbers become MISSING ranges. */
TRW_NODISCARD enum trw_status trw_raw_open(
	struct trw_names *names, struct trw_opening *o, struct trw_err *err);

/** A container that the hook of the options reads: its failure is a property of the evidence. */
TRW_NODISCARD enum trw_status trw_foreign_open(
	struct trw_names *names, struct trw_opening *o, struct trw_err *err);
