/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/losses.h"

void
trw_losses_add(struct trw_losses *l, const struct trw_entry *e, uint32_t kinds, unsigned carries)
{
	for (uint32_t lost = e->kinds & ~kinds; lost != 0; lost &= lost - 1)
		l->n_digests++;
	if ((carries & TRW_CARRIES_SIZE) == 0 && e->size != TRW_SIZE_ABSENT)
		l->n_sizes++;
	if ((carries & TRW_CARRIES_NAME) == 0 && e->name_len > 0)
		l->n_names++;
	if ((carries & TRW_CARRIES_CATEGORY) == 0 && (e->scheme_len > 0 || e->category_len > 0))
		l->n_categories++;
	if ((carries & TRW_CARRIES_PROPERTIES) == 0)
		l->n_properties += e->n_properties;
}

static uint64_t
count_marks(const struct trw_set *set)
{
	const char *mark;
	size_t at = 0, len;
	uint64_t n_marks = 0;

	while (trw_set_mark(set, &at, &mark, &len))
		n_marks++;
	return n_marks;
}

void
trw_losses_tell(const struct trw_losses *l, const char *without, const struct trw_export *x)
{
	const struct {
		const char *what;
		uint64_t n;
	} told[] = {
		{without, l->n_without},
		{"digests of other kinds", l->n_digests},
		{"sizes", l->n_sizes},
		{"file names", l->n_names},
		{"file names that are not UTF-8, in part", l->n_bent},
		{"categories", l->n_categories},
		{"properties", l->n_properties},
		{"handling marks of the list", l->has_marks ? 0 : count_marks(x->set)},
	};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].n > 0)
			x->leave(x->ctx, told[i].what, told[i].n);
}
