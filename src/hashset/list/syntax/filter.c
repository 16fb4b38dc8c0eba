/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/filter.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/io.h"
#include "hashset/list/io/input.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)
#define MODULUS UINT64_C(18446744073709551557)
#define GENERATOR UINT64_C(18446744073709550147)
#define VERSION 1

struct trw_filter {
	struct trw_input *input; /* owned; NULL = on a descriptor of the caller's */
	int fd;
	struct trw_filter_shape shape;
};

/* The bits of a text, one after the other. */
struct bits {
	uint64_t h, m;
};

static struct bits
bits_of(const struct trw_filter_shape *s, const char *text, size_t len)
{
	uint64_t h = FNV_START;

	for (size_t i = 0; i < len; i++)
		h = (h * FNV_PRIME) ^ (uint8_t)text[i];
	return (struct bits){.h = h % MODULUS, .m = s->m};
}

static uint64_t
next_bit(struct bits *b)
{
	b->h = (b->h * GENERATOR) % MODULUS;
	return b->h % b->m;
}

uint64_t
trw_filter_words_size(uint64_t m)
{
	return (m / 64 + (m % 64 != 0)) * 8;
}

enum trw_status
trw_filter_plan(uint64_t n, double p, struct trw_filter_shape *out, struct trw_err *err)
{
	double m, k;

	if (n == 0 || !(p > 0 && p < 1))
		return trw_fail(err, TRW_EUSAGE,
			"a Bloom filter needs entries, and a rate between 0 and 1");
	/* The makers' code takes the ceiling of a negative number: it rounds down. */
	m = fabs(ceil((double)n * log(p) / pow(log(2.0), 2.0)));
	k = ceil(log(2.0) * m / (double)n);
	if (m < 1 || k < 1 || k > TRW_FILTER_K_MAX)
		return trw_fail(err, TRW_EUSAGE, "a Bloom filter with this rate is of no use");
	if (m / 8 > (double)TRW_FILTER_BYTES_MAX)
		return trw_fail(err, TRW_ELIMIT,
			"the Bloom filter would have %.0f bytes; %" PRIu64
			" are the most: choose a higher rate",
			m / 8, TRW_FILTER_BYTES_MAX);
	*out = (struct trw_filter_shape){.n = n, .p = p, .k = (uint64_t)k, .m = (uint64_t)m};
	return TRW_OK;
}

bool
trw_filter_add(const struct trw_filter_shape *s, uint8_t *words, const char *text, size_t len)
{
	struct bits bits = bits_of(s, text, len);
	bool is_new = false;

	/* Bit i of little-endian words is bit i % 8 of byte i / 8. */
	for (uint64_t i = 0; i < s->k; i++) {
		uint64_t at = next_bit(&bits);
		uint8_t bit = (uint8_t)(1U << (at % 8));
		is_new |= (words[at / 8] & bit) == 0;
		words[at / 8] |= bit;
	}
	return is_new;
}

void
trw_filter_encode(const struct trw_filter_shape *s, uint8_t out[TRW_FILTER_HEADER])
{
	uint64_t p;

	memcpy(&p, &s->p, sizeof(p));
	trw_put_le64(out, VERSION);
	trw_put_le64(out + 8, s->n);
	trw_put_le64(out + 16, p);
	trw_put_le64(out + 24, s->k);
	trw_put_le64(out + 32, s->m);
	trw_put_le64(out + 40, s->n_inserted);
}

enum trw_status
trw_filter_decode(
	const uint8_t bytes[TRW_FILTER_HEADER], struct trw_filter_shape *out, struct trw_err *err)
{
	uint64_t flags = trw_le64(bytes), p = trw_le64(bytes + 16);
	struct trw_filter_shape s = {.n = trw_le64(bytes + 8),
		.k = trw_le64(bytes + 24),
		.m = trw_le64(bytes + 32),
		.n_inserted = trw_le64(bytes + 40)};

	memcpy(&s.p, &p, sizeof(s.p));
	if (s.n == 0 || !(s.p > 0 && s.p < 1) || s.k == 0 || s.k > TRW_FILTER_K_MAX || s.m == 0)
		return trw_fail(err, TRW_ECORRUPT, "no Bloom filter: its header makes no sense");
	if (flags != VERSION)
		return trw_fail(err, TRW_EUNSUPPORTED,
			"a Bloom filter of version %u, flags %#" PRIx64
			": this program reads version 1",
			(unsigned)(flags & 0xff), flags);
	*out = s;
	return TRW_OK;
}

static enum trw_status
read_header(struct trw_filter *f, struct trw_err *err)
{
	uint8_t header[TRW_FILTER_HEADER];
	enum trw_status status;
	uint64_t size;
	struct stat st;
	size_t got;

	if (fstat(f->fd, &st) != 0)
		return trw_fail_errno(err, errno, "cannot tell its size");
	status = trw_pread_full(f->fd, header, sizeof(header), 0, &got, err);
	if (status < 0)
		return status;
	if (got < sizeof(header))
		return trw_fail(err, TRW_ECORRUPT, "no Bloom filter: %zu bytes", got);
	status = trw_filter_decode(header, &f->shape, err);
	if (status < 0)
		return status;
	size = (uint64_t)st.st_size - sizeof(header);
	if (trw_filter_words_size(f->shape.m) > size)
		return trw_fail(err, TRW_ECORRUPT,
			"the Bloom filter is cut: its header speaks of %" PRIu64
			" bits, but %" PRIu64 " bytes follow",
			f->shape.m, size);
	return TRW_OK;
}

enum trw_status
trw_filter_on(int fd, struct trw_filter **out, struct trw_err *err)
{
	struct trw_filter *f = trw_alloc(1, sizeof(*f), err);
	enum trw_status status;

	*out = NULL;
	if (f == NULL)
		return TRW_ENOMEM;
	f->fd = fd;
	status = read_header(f, err);
	if (status < 0)
		trw_filter_close(f);
	else
		*out = f;
	return status;
}

enum trw_status
trw_filter_open(const char *path, const char *folder, struct trw_filter **out, struct trw_err *err)
{
	struct trw_input *input = NULL;
	enum trw_status status;
	int fd;

	*out = NULL;
	status = trw_input_open(path, NULL, folder, &input, err);
	if (status < 0)
		return status;
	status = trw_input_fd(input, &fd, err);
	if (status == TRW_OK) {
		status = trw_filter_on(fd, out, err);
		if (status < 0)
			(void)trw_fail_in(err, "%s", path);
	}
	if (status < 0)
		trw_input_close(input);
	else
		(*out)->input = input;
	return status;
}

void
trw_filter_close(struct trw_filter *f)
{
	if (f == NULL)
		return;
	trw_input_close(f->input);
	free(f);
}

const struct trw_filter_shape *
trw_filter_shape(const struct trw_filter *f)
{
	return &f->shape;
}

enum trw_status
trw_filter_test(
	const struct trw_filter *f, const char *text, size_t len, bool *maybe, struct trw_err *err)
{
	struct bits bits = bits_of(&f->shape, text, len);

	*maybe = false;
	for (uint64_t i = 0; i < f->shape.k; i++) {
		uint64_t at = next_bit(&bits);
		uint8_t byte;
		size_t got;
		enum trw_status status =
			trw_pread_full(f->fd, &byte, 1, TRW_FILTER_HEADER + at / 8, &got, err);
		if (status < 0)
			return status;
		if (got == 0)
			return trw_fail(err, TRW_EIO, "the Bloom filter was cut under way");
		if ((byte >> (at % 8) & 1) == 0)
			return TRW_OK;
	}
	*maybe = true;
	return TRW_OK;
}
