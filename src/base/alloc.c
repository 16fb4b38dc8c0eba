/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint_least64_t fail_at; /* 0 = never; counts down */

void
trw_alloc_fail_at(uint64_t nth)
{
	atomic_store(&fail_at, nth);
}

static bool
must_fail(void)
{
	return atomic_load_explicit(&fail_at, memory_order_relaxed) != 0 &&
	       atomic_fetch_sub(&fail_at, 1) == 1;
}

void *
trw_alloc(size_t n, size_t size, struct trw_err *err)
{
	void *p = must_fail() ? NULL : calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		(void)trw_fail(err, TRW_ENOMEM, "out of memory (%zu x %zu bytes)", n, size);
	return p;
}

void *
trw_realloc(void *v, size_t n, size_t size, struct trw_err *err)
{
	void *p = must_fail() || n > SIZE_MAX / size ? NULL : realloc(v, n * size);

	if (p == NULL)
		(void)trw_fail(err, TRW_ENOMEM, "out of memory (%zu x %zu bytes)", n, size);
	return p;
}

void *
trw_memdup(const void *src, size_t len, struct trw_err *err)
{
	char *p;

	if (len == SIZE_MAX) {
		(void)trw_fail(err, TRW_ENOMEM, "out of memory");
		return NULL;
	}
	p = trw_alloc(len + 1, 1, err);
	if (p != NULL && len > 0)
		memcpy(p, src, len);
	return p;
}

char *
trw_strdup(const char *s, struct trw_err *err)
{
	return s == NULL ? NULL : trw_memdup(s, strlen(s), err);
}

char *
trw_format(struct trw_err *err, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		(void)trw_fail(err, TRW_EUSAGE, "cannot format a text");
		return NULL;
	}
	s = trw_alloc((size_t)n + 1, 1, err);
	if (s == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void *
trw_grow(void *v, size_t n, size_t *cap, size_t size, size_t max, struct trw_err *err)
{
	size_t want;
	void *p;

	if (n < *cap)
		return v;
	if (n >= max) {
		(void)trw_fail(err, TRW_ELIMIT, "more than %zu entries", max);
		return NULL;
	}
	want = *cap < 8 ? 8 : *cap * 2;
	if (want > max)
		want = max;
	p = trw_realloc(v, want, size, err);
	if (p != NULL)
		*cap = want;
	return p;
}
