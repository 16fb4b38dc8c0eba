/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a file begins and ends with, and the probes of those containers that one magic number does not tell. A file
 * that cannot be read begins and ends with nothing, and is then raw.
 */
#pragma once

#include "image/opening/source.h"

#define TRW_LOOK_HEAD 4096
#define TRW_LOOK_TAIL 512

struct trw_look {
	const struct trw_source *src; /* borrowed */
	uint8_t head[TRW_LOOK_HEAD];
	size_t n_head; /* bytes of head that the file has */
	uint8_t tail[TRW_LOOK_TAIL];
	bool has_tail;    /* the file has that many bytes, and they can be read */
	char parent[256]; /* of a differencing disk that names its parent; filled by its probe */
};

void trw_look_take(const struct trw_source *src, struct trw_look *out);

/* Probes; in that order where both of a kind fit. */
bool trw_probe_empty(struct trw_look *look);
bool trw_probe_vmdk_child(struct trw_look *look);
bool trw_probe_vhd_child(struct trw_look *look);
bool trw_probe_vhd(struct trw_look *look);
bool trw_probe_dmg(struct trw_look *look);
bool trw_probe_aff4(struct trw_look *look);
