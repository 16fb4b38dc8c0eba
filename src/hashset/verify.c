/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/set.h"

#include "base/cancel.h"
#include "digest/digest.h"
#include "hashset/identity.h"
#include "hashset/map.h"
#include "hashset/order.h"

#include <stdio.h>
#include <string.h>

#define PIECE ((size_t)4 << 20) /* bytes between two looks at trw_cancelled */
#define BATCH 256               /* rows that are looked up side by side */

static enum trw_status
sha256_check(const struct trw_set *set, int section, struct trw_err *err)
{
	const struct trw_tset_place *place = &set->h.sections[section];
	struct trw_digester d;
	struct trw_digests digests;

	trw_digest_start(&d, TRW_SHA256);
	for (uint64_t at = 0; at < place->len; at += PIECE) {
		uint64_t left = place->len - at;
		if (trw_is_cancelled())
			return trw_set_interrupted(set, err);
		trw_digest_update(
			&d, set->map + place->off + at, left < PIECE ? (size_t)left : PIECE);
	}
	trw_digest_finish(&d, &digests);
	return memcmp(digests.sha256, place->sha256, 32) == 0
		       ? TRW_OK
		       : trw_set_section_damaged(set, section, "does not have its SHA-256", err);
}

/* What lies between two sections is in no checksum. */
static enum trw_status
gap_check(const struct trw_set *set, int section, struct trw_err *err)
{
	const struct trw_tset_place *place = &set->h.sections[section];

	for (uint64_t at = place->off + place->len;
		at < set->h.file_size && at % TRW_TSET_ALIGN != 0; at++)
		if (set->map[at] != 0)
			return trw_set_section_damaged(
				set, section, "is followed by what belongs to no section", err);
	return TRW_OK;
}

static enum trw_status
identity_gather(const struct trw_set *set, struct trw_identity *x, struct trw_err *err)
{
	struct trw_identity_text key, value;
	enum trw_status st = TRW_OK;

	for (size_t i = 0; st == TRW_OK && trw_set_fact(set, i, &key.p, &key.n, &value.p, &value.n);
		i++)
		st = trw_identity_fact(x, &key, &value, err);
	return st;
}

static enum trw_status
identity_check(const struct trw_set *set, struct trw_err *err)
{
	struct trw_identity x = {0};
	uint8_t digest[32];
	enum trw_status st = identity_gather(set, &x, err);

	if (st == TRW_OK) {
		trw_identity_digest(&x, &set->h, digest);
		if (memcmp(digest, set->h.identity, 32) != 0)
			st = trw_set_damaged(
				set, "the identity", "is not that of the content", err);
	}
	trw_identity_clear(&x);
	return st;
}

static enum trw_status
row_damaged(const struct trw_set *set, uint32_t row, const char *how, struct trw_err *err)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "entry %" PRIu32, row);
	return trw_set_damaged(set, what, how, err);
}

static enum trw_status
row_order_check(const struct trw_set *set, uint32_t row, const struct trw_entry *before,
	const struct trw_entry *entry, struct trw_err *err)
{
	if (row == 0)
		return TRW_OK;
	if (trw_order_entries(before, entry, (enum trw_hash_kind)set->h.primary) > 0)
		return row_damaged(set, row, "is out of order", err);
	if (memcmp(trw_set_row_bytes(set, row - 1), trw_set_row_bytes(set, row),
		    set->h.row_width) == 0)
		return row_damaged(set, row, "is there twice", err);
	return TRW_OK;
}

/* One of the positions that were found leads to the row; they are in the order of rows. */
static bool
leads_to(const struct trw_set *set, enum trw_hash_kind kind, struct trw_set_found found,
	uint32_t row)
{
	uint32_t low = found.at, high = found.at + found.n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2, there = trw_set_row(set, kind, mid);
		if (there == row)
			return true;
		if (there < row)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static enum trw_status
lookups_check(const struct trw_set *set, uint32_t first, uint32_t n, enum trw_hash_kind kind,
	uint64_t *n_with, struct trw_err *err)
{
	uint8_t digests[BATCH * TRW_HASH_SIZE_MAX];
	struct trw_set_found found[BATCH];
	uint32_t rows[BATCH], count = 0;
	size_t size = trw_hash_size(kind);

	for (uint32_t row = first; row < first + n; row++) {
		const uint8_t *digest = trw_set_row_digest(set, row, kind);
		if (digest == NULL)
			continue;
		if (trw_hash_is_trivial(kind, digest))
			return row_damaged(set, row, "is of a file that every disk has", err);
		memcpy(digests + count * size, digest, size);
		rows[count++] = row;
	}
	trw_set_lookup(set, kind, digests, count, found);
	for (uint32_t i = 0; i < count; i++)
		if (!leads_to(set, kind, found[i], rows[i]))
			return row_damaged(set, rows[i], "is not found by its own digest", err);
	*n_with += count;
	return TRW_OK;
}

/* before: the entry of the row before the first, and then of the last. */
static enum trw_status
rows_check(const struct trw_set *set, uint32_t first, uint32_t n, struct trw_entry *before,
	struct trw_err *err)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	enum trw_status st = TRW_OK;

	for (uint32_t row = first; st == TRW_OK && row < first + n; row++) {
		struct trw_entry entry;
		if (trw_set_entry(set, row, &entry, room, err) < 0)
			return trw_fail_in(err, "%s", set->path);
		st = row_order_check(set, row, before, &entry, err);
		*before = entry;
	}
	return st;
}

enum trw_status
trw_set_verify(const struct trw_set *set, struct trw_err *err)
{
	uint64_t n_with[TRW_HASH_N] = {0};
	struct trw_entry before;
	enum trw_status st = trw_set_check(set, err);

	for (int s = 0; st == TRW_OK && s < TRW_TSET_SECTIONS; s++) {
		if (set->h.sections[s].len == 0)
			continue;
		st = sha256_check(set, s, err);
		if (st == TRW_OK)
			st = gap_check(set, s, err);
	}
	if (st == TRW_OK)
		st = identity_check(set, err);
	for (uint64_t row = 0; st == TRW_OK && row < set->h.n_rows; row += BATCH) {
		uint64_t left = set->h.n_rows - row;
		uint32_t n = left < BATCH ? (uint32_t)left : BATCH;
		if (trw_is_cancelled())
			return trw_set_interrupted(set, err);
		st = rows_check(set, (uint32_t)row, n, &before, err);
		for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++)
			if ((set->h.kinds & TRW_HASH_BIT(k)) != 0)
				st = lookups_check(set, (uint32_t)row, n, (enum trw_hash_kind)k,
					&n_with[k], err);
	}
	for (int k = 0; st == TRW_OK && k < TRW_HASH_N; k++)
		if (n_with[k] != set->h.n_by_kind[k])
			st = trw_set_damaged(set, trw_hash_name((enum trw_hash_kind)k),
				"is held by more or fewer entries than the header says", err);
	return st;
}
