/* SPDX-License-Identifier: Apache-2.0 */
/** What the EWF tests share: a set of three segments, built byte by byte into files of a temporary folder. */
#pragma once

#include "base/buf.h"
#include "base/bytes.h"
#include "unit/fixture/folder.h"
#include "image/image.h"

#include <libdeflate.h>
#include <string.h>

#define SECTOR 512
#define CHUNK 2048 /* 4 sectors */
#define PER_SEGMENT 5
#define N_CHUNKS 15
#define N_SECTORS (N_CHUNKS * 4 - 3) /* the last chunk is one sector long */
#define MEDIA ((size_t)N_SECTORS * SECTOR)
#define N_SEGMENTS 3

extern uint8_t media[N_CHUNKS * CHUNK];

struct set {
	struct trw_buf files[N_SEGMENTS];
	size_t chunk_at[N_CHUNKS]; /* in its file */
	size_t table_at[N_SEGMENTS], table2_at[N_SEGMENTS], sectors_at[N_SEGMENTS];
	uint8_t id;
	bool has_errors;
};

void put(struct trw_buf *b, const void *p, size_t n);

void build(struct set *s, uint8_t id);

void segment_path(size_t seg, char out[96]);

/* The set to files; those with no bytes are not there. */
struct trw_image *write_and_open(const struct set *s, size_t given);

void set_clear(struct set *s);

int make_media(void **state);
