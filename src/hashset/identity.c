/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/identity.h"

#include "base/bytes.h"
#include "digest/digest.h"

#include <stdlib.h>
#include <string.h>

static void
put(struct trw_digester *d, const void *p, size_t n)
{
	uint8_t length[8];

	trw_put_le64(length, n);
	trw_digest_update(d, length, sizeof(length));
	trw_digest_update(d, p, n);
}

static void
put_number(struct trw_digester *d, uint32_t v)
{
	uint8_t bytes[4];

	trw_put_le32(bytes, v);
	put(d, bytes, sizeof(bytes));
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
trw_identity_digest(const struct trw_identity *x, const struct trw_tset_header *h,
	const char **sorted, uint8_t out[32])
{
	static const enum trw_tset_section sections[] = {
		TRW_TSET_ROWS, TRW_TSET_PROFILES, TRW_TSET_EXTRAS};
	const char *const texts[] = {x->id, x->name, x->version, x->block_size};
	struct trw_digests digests;
	struct trw_digester d;

	trw_digest_start(&d, TRW_SHA256);
	put(&d, "trowel set 1", 12);
	for (size_t i = 0; i < 4; i++)
		put(&d, texts[i], strlen(texts[i]));
	put_number(&d, h->class);
	put_number(&d, h->kinds);
	for (size_t i = 0; i < x->n_marks; i++)
		sorted[i] = x->marks[i];
	if (x->n_marks > 1)
		qsort(sorted, x->n_marks, sizeof(*sorted), by_text);
	for (size_t i = 0; i < x->n_marks; i++)
		put(&d, sorted[i], strlen(sorted[i]));
	for (size_t i = 0; i < 3; i++)
		put(&d, h->sections[sections[i]].sha256, 32);
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
}
