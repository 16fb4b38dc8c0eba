/* SPDX-License-Identifier: Apache-2.0 */
/** Which container a file is, by its content. */
#pragma once

#include "image/image.h"
#include "image/source.h"

#define TRW_CONTAINER_PARENT_MAX 256

struct trw_container {
	enum trw_image_format format;          /* RAW when nothing else fits */
	const char *name;                      /* literal, as trw_image_info.format_name */
	enum trw_code code;                    /* of an UNREADABLE one: of the note about it */
	const char *advice;                    /* the same: what to do; a literal */
	char parent[TRW_CONTAINER_PARENT_MAX]; /* of a differencing disk, where it is named */
};

/** Errors: none for odd content (then raw); a file that cannot be read is raw, too. Threads: any. */
void trw_container_identify(const struct trw_source *src, struct trw_container *out);
