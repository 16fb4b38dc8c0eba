/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/profiles.h"

#include "base/alloc.h"
#include "hashset/layout.h"
#include "hashset/order.h"

#include <stdlib.h>
#include <string.h>

void
trw_profiles_clear(struct trw_profiles *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		free(ps->v[i].text);
	free(ps->v);
	free(ps->sorted);
	*ps = (struct trw_profiles){0};
}

/* A profile against a scheme and a category. */
static int
compare(const struct trw_profile *p, const char *scheme, size_t scheme_len, const char *category,
	size_t category_len)
{
	int c = trw_order_texts(p->text, p->scheme_len, scheme, scheme_len);

	return c != 0 ? c
		      : trw_order_texts(
				p->text + p->scheme_len, p->category_len, category, category_len);
}

static enum trw_status
insert(struct trw_profiles *ps, size_t place, const char *scheme, size_t scheme_len,
	const char *category, size_t category_len, struct trw_err *err)
{
	struct trw_profile *v =
		trw_grow(ps->v, ps->n, &ps->cap, sizeof(*ps->v), TRW_TSET_PROFILES_MAX, err);
	if (v == NULL)
		return trw_fail_in(err, "categories of the list");
	ps->v = v;
	uint32_t *sorted = trw_grow(ps->sorted, ps->n, &ps->cap_sorted, sizeof(*ps->sorted),
		TRW_TSET_PROFILES_MAX, err);
	if (sorted == NULL)
		return trw_fail_in(err, "categories of the list");
	ps->sorted = sorted;
	char *text = trw_alloc(scheme_len + category_len + 1, 1, err);
	if (text == NULL)
		return TRW_ENOMEM;
	if (scheme_len > 0)
		memcpy(text, scheme, scheme_len);
	if (category_len > 0)
		memcpy(text + scheme_len, category, category_len);
	memmove(sorted + place + 1, sorted + place, (ps->n - place) * sizeof(*sorted));
	sorted[place] = (uint32_t)ps->n;
	ps->v[ps->n++] = (struct trw_profile){
		.text = text, .scheme_len = scheme_len, .category_len = category_len};
	return TRW_OK;
}

enum trw_status
trw_profiles_number(struct trw_profiles *ps, const char *scheme, size_t scheme_len,
	const char *category, size_t category_len, uint16_t *out, struct trw_err *err)
{
	size_t low = 0, high = ps->n;
	enum trw_status st;

	/* Most entries have the category of the one before. */
	if (ps->n > 0 &&
		compare(&ps->v[ps->last], scheme, scheme_len, category, category_len) == 0) {
		*out = (uint16_t)ps->last;
		return TRW_OK;
	}
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = compare(
			&ps->v[ps->sorted[mid]], scheme, scheme_len, category, category_len);
		if (c == 0) {
			ps->last = ps->sorted[mid];
			*out = (uint16_t)ps->last;
			return TRW_OK;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	st = insert(ps, low, scheme, scheme_len, category, category_len, err);
	if (st < 0)
		return st;
	ps->last = ps->n - 1;
	*out = (uint16_t)ps->last;
	return TRW_OK;
}

size_t
trw_profiles_settle(struct trw_profiles *ps)
{
	size_t n = 0;

	for (size_t i = 0; i < ps->n; i++) {
		struct trw_profile *p = &ps->v[ps->sorted[i]];
		if (p->is_used)
			p->final = (uint16_t)n++;
	}
	return n;
}
