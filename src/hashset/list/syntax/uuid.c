/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/uuid.h"

#include "base/text.h"
#include "digest/digest.h"

#include <stdio.h>
#include <string.h>

const struct trw_uuid trw_uuid_trowel = {{0x5c, 0x1d, 0x6e, 0x0b, 0x7a, 0x43, 0x4e, 0x92, 0xa8,
	0x0f, 0x3b, 0xd7, 0x26, 0x94, 0xe1, 0xc5}};

static void
finish(struct trw_digester *digester, struct trw_uuid *out)
{
	struct trw_digests digests;

	trw_digest_finish(digester, &digests);
	memcpy(out->bytes, digests.sha1, sizeof(out->bytes));
	out->bytes[6] = (uint8_t)((out->bytes[6] & 0x0f) | 0x50);
	out->bytes[8] = (uint8_t)((out->bytes[8] & 0x3f) | 0x80);
}

void
trw_uuid_v5(const struct trw_uuid *space, const void *name, size_t n, struct trw_uuid *out)
{
	struct trw_digester digester;

	trw_digest_start(&digester, TRW_SHA1);
	trw_digest_update(&digester, space->bytes, sizeof(space->bytes));
	trw_digest_update(&digester, name, n);
	finish(&digester, out);
}

/* The name is "md5:HEX sha1:HEX 0": kinds in their order, then nth. */
void
trw_uuid_of_entry(
	const struct trw_uuid *space, const struct trw_entry *e, uint64_t nth, struct trw_uuid *out)
{
	struct trw_digester digester;
	char room[2 * TRW_HASH_SIZE_MAX + 24];

	trw_digest_start(&digester, TRW_SHA1);
	trw_digest_update(&digester, space->bytes, sizeof(space->bytes));
	for (unsigned k = 0; k < TRW_HASH_N; k++) {
		size_t size = trw_hash_size((enum trw_hash_kind)k);
		int n;
		if ((e->kinds & TRW_HASH_BIT(k)) == 0)
			continue;
		n = snprintf(room, sizeof(room), "%s:", trw_hash_name((enum trw_hash_kind)k));
		trw_hex(e->digest[k], size, room + n);
		room[(size_t)n + 2 * size] = ' ';
		trw_digest_update(&digester, room, (size_t)n + 2 * size + 1);
	}
	trw_digest_update(&digester, room, (size_t)snprintf(room, sizeof(room), "%" PRIu64, nth));
	finish(&digester, out);
}

void
trw_uuid_text(const struct trw_uuid *uuid, char out[TRW_UUID_TEXT])
{
	char hex[33];

	trw_hex(uuid->bytes, sizeof(uuid->bytes), hex);
	(void)snprintf(out, TRW_UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		hex + 16, hex + 20);
}

uint64_t
trw_uuid_twin(struct trw_uuid_twins *t, const struct trw_entry *e)
{
	bool is_twin = t->kinds == e->kinds;

	for (unsigned k = 0; k < TRW_HASH_N && is_twin; k++)
		if ((e->kinds & TRW_HASH_BIT(k)) != 0 &&
			memcmp(t->digest[k], e->digest[k], trw_hash_size((enum trw_hash_kind)k)) !=
				0)
			is_twin = false;
	t->nth = is_twin && t->kinds != 0 ? t->nth + 1 : 0;
	t->kinds = e->kinds;
	for (unsigned k = 0; k < TRW_HASH_N; k++)
		if ((e->kinds & TRW_HASH_BIT(k)) != 0)
			memcpy(t->digest[k], e->digest[k], trw_hash_size((enum trw_hash_kind)k));
	return t->nth;
}
