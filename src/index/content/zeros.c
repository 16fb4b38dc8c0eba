/* SPDX-License-Identifier: Apache-2.0 */
#include "index/content/zeros.h"

void
trw_zeros_init(struct trw_zeros *z)
{
	*z = (struct trw_zeros){0};
	(void)pthread_mutex_init(&z->mu, NULL);
}

void
trw_zeros_destroy(struct trw_zeros *z)
{
	(void)pthread_mutex_destroy(&z->mu);
}

bool
trw_zeros_find(struct trw_zeros *z, uint64_t size, struct trw_digests *out)
{
	bool found = false;

	(void)pthread_mutex_lock(&z->mu);
	size_t n = z->n < TRW_ZEROS_SLOTS ? z->n : TRW_ZEROS_SLOTS;
	for (size_t i = 0; i < n && !found; i++) {
		found = z->slots[i].size == size;
		if (found)
			*out = z->slots[i].digests;
	}
	(void)pthread_mutex_unlock(&z->mu);
	return found;
}

void
trw_zeros_add(struct trw_zeros *z, uint64_t size, const struct trw_digests *digests)
{
	(void)pthread_mutex_lock(&z->mu);
	size_t i = z->n++ % TRW_ZEROS_SLOTS;
	z->slots[i].size = size;
	z->slots[i].digests = *digests;
	(void)pthread_mutex_unlock(&z->mu);
}
