/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/left.h"

#include <string.h>

void
trw_left_add(struct trw_left *v, size_t *n_left, const char *what, uint64_t n)
{
	size_t i = 0;

	while (i < *n_left && strcmp(v[i].what, what) != 0)
		i++;
	if (i == TRW_LEFT_MAX)
		v[--i].what = "values of other kinds";
	else if (i == *n_left)
		v[(*n_left)++] = (struct trw_left){.what = what};
	v[i].n += n;
}
