/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/identity.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/text.h"
#include "digest/digest.h"
#include "hashset/order.h"

#include <stdlib.h>
#include <string.h>

static void
put(struct trw_digester *d, const void *p, size_t n)
{
	uint8_t length[8];

	trw_put_le64(length, n);
	trw_digest_update(d, length, sizeof(length));
	if (n > 0)
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
by_bytes(const void *a, const void *b)
{
	const struct trw_identity_text *x = a, *y = b;

	return trw_order_texts(x->p, x->n, y->p, y->n);
}

static enum trw_status
mark_add(struct trw_identity *x, const struct trw_identity_text *mark, struct trw_err *err)
{
	void *v = trw_grow(
		x->marks, x->n_marks, &x->cap_marks, sizeof(*x->marks), TRW_TSET_FACTS_MAX, err);

	if (v == NULL)
		return trw_fail_in(err, "marks of the list");
	x->marks = v;
	x->marks[x->n_marks++] = *mark;
	return TRW_OK;
}

enum trw_status
trw_identity_fact(struct trw_identity *x, const struct trw_identity_text *key,
	const struct trw_identity_text *value, struct trw_err *err)
{
	static const char *const names[] = {"id", "name", "version", "block-size"};
	struct trw_identity_text *const texts[] = {&x->id, &x->name, &x->version, &x->block_size};

	for (size_t i = 0; i < 4; i++)
		if (trw_text_is(key->p, key->n, names[i]))
			*texts[i] = *value;
	return trw_text_is(key->p, key->n, "mark") ? mark_add(x, value, err) : TRW_OK;
}

void
trw_identity_clear(struct trw_identity *x)
{
	free(x->marks);
	*x = (struct trw_identity){0};
}

void
trw_identity_digest(struct trw_identity *x, const struct trw_tset_header *h, uint8_t out[32])
{
	static const enum trw_tset_section sections[] = {
		TRW_TSET_ROWS, TRW_TSET_PROFILES, TRW_TSET_EXTRAS};
	const struct trw_identity_text *const texts[] = {
		&x->id, &x->name, &x->version, &x->block_size};
	struct trw_digests digests;
	struct trw_digester d;

	trw_digest_start(&d, TRW_SHA256);
	put(&d, "trowel set 1", 12);
	for (size_t i = 0; i < 4; i++)
		put(&d, texts[i]->p, texts[i]->n);
	put_number(&d, h->class);
	put_number(&d, h->kinds);
	if (x->n_marks > 1)
		qsort(x->marks, x->n_marks, sizeof(*x->marks), by_bytes);
	for (size_t i = 0; i < x->n_marks; i++)
		put(&d, x->marks[i].p, x->marks[i].n);
	for (size_t i = 0; i < 3; i++)
		put(&d, h->sections[sections[i]].sha256, 32);
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
}
