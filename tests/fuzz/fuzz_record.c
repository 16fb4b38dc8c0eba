/* SPDX-License-Identifier: Apache-2.0 */
/** The first byte picks a record; the rest is decoded. What decodes must encode to the very same bytes. */
#include "record/encode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(enum trw_status encoded, struct trw_buf *b, const uint8_t *p, size_t n)
{
	if (encoded != TRW_OK || b->n != n || (n > 0 && memcmp(b->v, p, n) != 0))
		abort();
	trw_buf_clear(b);
}

#define ROUND_TRIP(name, type, p, n)                                                               \
	do {                                                                                       \
		static struct type r;                                                              \
		struct trw_buf b = {0};                                                            \
		if (trw_##name##_decode(p, n, &r, NULL) == TRW_OK)                                 \
			check(trw_##name##_encode(&r, &b, NULL), &b, p, n);                        \
	} while (0)

static void
file_round_trip(const uint8_t *p, size_t n)
{
	struct trw_file r;
	struct trw_buf b = {0};

	if (trw_file_decode(p, n, &r, NULL) != TRW_OK)
		return;
	check(trw_file_encode(&r, &b, NULL), &b, p, n);
	trw_file_clear(&r);
}

static void
media_round_trip(const uint8_t *p, size_t n)
{
	struct trw_media_facts r;
	struct trw_buf b = {0};

	if (trw_media_decode(p, n, &r, NULL) != TRW_OK)
		return;
	/* Ranges that touch are joined: what decodes need not be the only encoding, but what it encodes to is. */
	if (trw_media_encode(&r, &b, NULL) != TRW_OK)
		abort();
	trw_ranges_clear(&r.damage);
	trw_buf_clear(&b);
}

static void
blocks_round_trip(const uint8_t *p, size_t n)
{
	struct trw_cur c = {.p = p, .left = n};
	struct trw_blocks r;
	struct trw_buf b = {0};

	while (trw_blocks_decode(&c, &r, NULL) == TRW_OK)
		if (trw_blocks_encode(&r, &b, NULL) != TRW_OK)
			abort();
	if (b.n > n || (b.n > 0 && memcmp(b.v, p, b.n) != 0))
		abort();
	trw_buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 1;
	size_t n = size - 1;

	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'w':
		ROUND_TRIP(walk_request, trw_walk_request, p, n);
		break;
	case 'r':
		ROUND_TRIP(read_request, trw_read_request, p, n);
		break;
	case 'v':
		ROUND_TRIP(volume, trw_volume, p, n);
		break;
	case 's':
		ROUND_TRIP(filesystem, trw_filesystem, p, n);
		break;
	case 'f':
		file_round_trip(p, n);
		break;
	case 'p':
		ROUND_TRIP(problem, trw_problem, p, n);
		break;
	case 'b':
		blocks_round_trip(p, n);
		break;
	case 'd':
		ROUND_TRIP(walk_done, trw_walk_done, p, n);
		break;
	case 'R':
		ROUND_TRIP(pread, trw_pread_request, p, n);
		break;
	case 'D':
		ROUND_TRIP(data, trw_data, p, n);
		break;
	case 'F':
		ROUND_TRIP(failure, trw_failure, p, n);
		break;
	case 'm':
		media_round_trip(p, n);
		break;
	default:
		break;
	}
	return 0;
}
