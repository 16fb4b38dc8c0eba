/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/layout.h"

#include "base/bytes.h"
#include "digest/digest.h"
#include "hashset/class.h"

#include <string.h>

#define CHECKSUM_AT (TRW_TSET_HEADER - 32)

/* A cursor that writes or reads the fields of the header, one after the other. */
struct field {
	uint8_t *out;      /* NULL: read */
	const uint8_t *in; /* NULL: write */
	size_t at;
};

static void
f16(struct field *f, uint16_t *v)
{
	if (f->out != NULL) {
		f->out[f->at] = (uint8_t)*v;
		f->out[f->at + 1] = (uint8_t)(*v >> 8);
	} else {
		*v = trw_le16(f->in + f->at);
	}
	f->at += 2;
}

static void
f32(struct field *f, uint32_t *v)
{
	if (f->out != NULL)
		trw_put_le32(f->out + f->at, *v);
	else
		*v = trw_le32(f->in + f->at);
	f->at += 4;
}

static void
f64(struct field *f, uint64_t *v)
{
	if (f->out != NULL)
		trw_put_le64(f->out + f->at, *v);
	else
		*v = trw_le64(f->in + f->at);
	f->at += 8;
}

static void
bytes(struct field *f, uint8_t *v, size_t n)
{
	if (f->out != NULL)
		memcpy(f->out + f->at, v, n);
	else
		memcpy(v, f->in + f->at, n);
	f->at += n;
}

/* All fields behind magic, version and length of the header, in their order. */
static void
fields(struct field *f, struct trw_tset_header *h)
{
	f64(f, &h->file_size);
	f64(f, &h->n_rows);
	f32(f, &h->row_width);
	f32(f, &h->kinds);
	f32(f, &h->primary);
	f32(f, &h->class);
	f32(f, &h->n_profiles);
	for (int k = 0; k < TRW_HASH_N; k++)
		f16(f, &h->digest_at[k]);
	f16(f, &h->mask_at);
	f16(f, &h->profile_at);
	f16(f, &h->size_at);
	f16(f, &h->extra_at);
	for (int k = 0; k < TRW_HASH_N; k++)
		f64(f, &h->n_by_kind[k]);
	for (int k = 0; k < TRW_HASH_N; k++)
		f64(f, &h->n_lines[k]);
	for (int s = 0; s < TRW_TSET_SECTIONS; s++) {
		f64(f, &h->sections[s].off);
		f64(f, &h->sections[s].len);
		bytes(f, h->sections[s].quick, 16);
		bytes(f, h->sections[s].sha256, 32);
	}
	bytes(f, h->identity, 32);
}

static void
checksum(const uint8_t header[TRW_TSET_HEADER], uint8_t out[32])
{
	struct trw_digester d;
	struct trw_digests digests;

	trw_digest_start(&d, TRW_SHA256);
	trw_digest_update(&d, header, CHECKSUM_AT);
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
}

void
trw_tset_encode(const struct trw_tset_header *h, uint8_t out[TRW_TSET_HEADER])
{
	struct trw_tset_header copy = *h;
	struct field f = {.out = out, .at = 16};

	memset(out, 0, TRW_TSET_HEADER);
	memcpy(out, TRW_TSET_MAGIC, 8);
	trw_put_le32(out + 8, TRW_TSET_VERSION);
	trw_put_le32(out + 12, TRW_TSET_HEADER);
	fields(&f, &copy);
	checksum(out, out + CHECKSUM_AT);
}

static enum trw_status
damaged(struct trw_err *err, const char *what)
{
	return trw_fail(err, TRW_ECORRUPT,
		"damaged set: %s; import the list again, or get a good copy", what);
}

/* Places of `size` bytes in a row; no byte of a row belongs to two columns. */
static bool
column_fits(const struct trw_tset_header *h, uint16_t at, size_t size, bool *used)
{
	if (at == TRW_TSET_NO_COLUMN)
		return true;
	if (at > h->row_width || size > h->row_width - at)
		return false;
	for (size_t i = at; i < at + size; i++) {
		if (used[i])
			return false;
		used[i] = true;
	}
	return true;
}

static bool
columns_fit(const struct trw_tset_header *h)
{
	bool used[TRW_TSET_ROW_WIDTH_MAX] = {false};

	if (h->row_width == 0 || h->row_width > TRW_TSET_ROW_WIDTH_MAX)
		return false;
	for (int k = 0; k < TRW_HASH_N; k++) {
		bool has = (h->kinds & TRW_HASH_BIT(k)) != 0;
		if (has != (h->digest_at[k] != TRW_TSET_NO_COLUMN) ||
			!column_fits(
				h, h->digest_at[k], trw_hash_size((enum trw_hash_kind)k), used))
			return false;
	}
	return column_fits(h, h->mask_at, 1, used) && column_fits(h, h->profile_at, 2, used) &&
	       column_fits(h, h->size_at, 8, used) && column_fits(h, h->extra_at, 8, used) &&
	       memchr(used, false, h->row_width) == NULL;
}

static uint64_t
lines_due(uint64_t n)
{
	return (n + TRW_TSET_LINE_MEAN - 1) / TRW_TSET_LINE_MEAN;
}

/* Where all rows have a kind there is no mask, and where there is none all rows have all kinds. */
static bool
counts_fit(const struct trw_tset_header *h)
{
	if (h->n_rows == 0 || h->n_rows > TRW_TSET_ROWS_MAX || h->kinds == 0 ||
		h->kinds >= TRW_HASH_BIT(TRW_HASH_N) || h->primary >= TRW_HASH_N ||
		(h->kinds & TRW_HASH_BIT(h->primary)) == 0 || h->class >= TRW_SET_CLASS_N ||
		h->n_profiles == 0 || h->n_profiles > TRW_TSET_PROFILES_MAX ||
		(h->n_profiles > 1) != (h->profile_at != TRW_TSET_NO_COLUMN))
		return false;
	for (int k = 0; k < TRW_HASH_N; k++) {
		bool has = (h->kinds & TRW_HASH_BIT(k)) != 0;
		uint64_t n = h->n_by_kind[k];
		if (has != (n > 0) || n > h->n_rows || h->n_lines[k] != (has ? lines_due(n) : 0))
			return false;
		if (has && h->mask_at == TRW_TSET_NO_COLUMN && n != h->n_rows)
			return false;
	}
	return true;
}

/* How long a section must be; UINT64_MAX: its contents say. */
static uint64_t
length_due(const struct trw_tset_header *h, int section)
{
	if (section == TRW_TSET_ROWS)
		return h->n_rows * h->row_width;
	if (section >= TRW_TSET_ORDER) {
		uint32_t kind = (uint32_t)(section - TRW_TSET_ORDER);
		return kind == h->primary ? 0 : h->n_by_kind[kind] * 4;
	}
	if (section >= TRW_TSET_LINES) {
		uint64_t n = h->n_lines[section - TRW_TSET_LINES];
		return n == 0 ? 0 : (n + 1) * TRW_TSET_LINE;
	}
	return UINT64_MAX;
}

static bool
sections_fit(const struct trw_tset_header *h)
{
	uint64_t end = TRW_TSET_HEADER;

	for (int s = 0; s < TRW_TSET_SECTIONS; s++) {
		const struct trw_tset_place *p = &h->sections[s];
		uint64_t due = length_due(h, s);
		if (due != UINT64_MAX && p->len != due)
			return false;
		if (p->len == 0 && p->off == 0)
			continue;
		if (p->len == 0 ||
			p->off != (end + TRW_TSET_ALIGN - 1) / TRW_TSET_ALIGN * TRW_TSET_ALIGN ||
			p->off > h->file_size || p->len > h->file_size - p->off)
			return false;
		end = p->off + p->len;
	}
	return end == h->file_size && h->sections[TRW_TSET_META].len <= TRW_TSET_META_MAX;
}

enum trw_status
trw_tset_decode(const uint8_t header[TRW_TSET_HEADER], uint64_t file_size,
	struct trw_tset_header *out, struct trw_err *err)
{
	struct trw_tset_header h = {0};
	struct field f = {.in = header, .at = 16};
	uint8_t sum[32];

	if (memcmp(header, TRW_TSET_MAGIC, 8) != 0)
		return trw_fail(err, TRW_ECORRUPT,
			"not a compiled set: make one of the list with 'trowel set import'");
	if (trw_le32(header + 8) > TRW_TSET_VERSION)
		return trw_fail(err, TRW_EUNSUPPORTED,
			"a set of format %" PRIu32
			", later than this program's %d: use a newer trowel",
			trw_le32(header + 8), TRW_TSET_VERSION);
	checksum(header, sum);
	if (memcmp(sum, header + CHECKSUM_AT, 32) != 0 ||
		trw_le32(header + 8) != TRW_TSET_VERSION ||
		trw_le32(header + 12) != TRW_TSET_HEADER)
		return damaged(err, "the header does not have its checksum");
	fields(&f, &h);
	if (h.file_size != file_size)
		return trw_fail(err, TRW_ECORRUPT,
			"cut or grown: %" PRIu64 " bytes instead of %" PRIu64
			"; get a good copy, or import the list again",
			file_size, h.file_size);
	if (!counts_fit(&h) || !columns_fit(&h))
		return damaged(err, "the columns and counts of its header contradict each other");
	if (!sections_fit(&h))
		return damaged(err, "its sections do not lie as the header's counts demand");
	*out = h;
	return TRW_OK;
}
