/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sets/alert.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void
alert_clear(struct trw_alert *alert)
{
	free(alert->scheme);
	free(alert->category);
}

void
trw_alerts_clear(struct trw_alerts *a)
{
	for (size_t i = 0; i < a->n; i++)
		alert_clear(&a->v[i]);
	free(a->v);
	*a = (struct trw_alerts){0};
}

static int
compare(const struct trw_alert *x, const struct trw_alert *y)
{
	int order = strcmp(x->scheme, y->scheme);

	return order != 0 ? order : strcmp(x->category, y->category);
}

/* Takes over what alert owns. */
static enum trw_status
insert(struct trw_alerts *a, struct trw_alert *alert, struct trw_err *err)
{
	size_t at = 0;
	void *v;

	while (at < a->n && compare(&a->v[at], alert) < 0)
		at++;
	if (at < a->n && compare(&a->v[at], alert) == 0) {
		alert_clear(alert);
		return TRW_OK;
	}
	v = trw_grow(a->v, a->n, &a->cap, sizeof(*a->v), TRW_ALERTS_MAX, err);
	if (v == NULL) {
		alert_clear(alert);
		return err == NULL ? TRW_ENOMEM : err->status;
	}
	a->v = v;
	memmove(&a->v[at + 1], &a->v[at], (a->n - at) * sizeof(*a->v));
	a->v[at] = *alert;
	a->n++;
	return TRW_OK;
}

/* People write "1, 2", and lists have " 1": blanks at the ends tell no category from another. */
static const char *
trim(const char *s, size_t *n)
{
	while (*n > 0 && (s[*n - 1] == ' ' || s[*n - 1] == '\t'))
		--*n;
	while (*n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		--*n;
	}
	return s;
}

static enum trw_status
category_add(struct trw_alerts *a, const char *scheme, size_t scheme_len, const char *category,
	size_t category_len, struct trw_err *err)
{
	struct trw_alert alert = {.scheme = trw_memdup(scheme, scheme_len, err),
		.category = trw_memdup(category, category_len, err)};

	if (alert.scheme == NULL || alert.category == NULL) {
		alert_clear(&alert);
		return TRW_ENOMEM;
	}
	return insert(a, &alert, err);
}

enum trw_status
trw_alerts_add(struct trw_alerts *a, const char *text, struct trw_err *err)
{
	const char *colon = strchr(text, ':');
	enum trw_status s = TRW_OK;

	if (!trw_utf8_valid((const uint8_t *)text, strlen(text)))
		return trw_fail(err, TRW_EUSAGE, "an alert category that is not UTF-8");
	if (colon == NULL)
		return trw_fail(err, TRW_EUSAGE,
			"'%.100s' names no alert category: write SCHEME:CATEGORY", text);
	for (const char *at = colon + 1; s == TRW_OK; at++) {
		size_t n = strcspn(at, ","), n_category = n;
		const char *category = trim(at, &n_category);
		if (n_category == 0)
			return trw_fail(err, TRW_EUSAGE,
				"'%.100s': a category is missing: write SCHEME:CATEGORY,CATEGORY",
				text);
		s = category_add(a, text, (size_t)(colon - text), category, n_category, err);
		at += n;
		if (*at == '\0')
			break;
	}
	return s;
}

static bool
is_text(const char *text, const char *s, size_t n)
{
	return strlen(text) == n && memcmp(text, s, n) == 0;
}

bool
trw_alerts_name(const struct trw_alerts *a, const char *scheme, size_t scheme_len,
	const char *category, size_t category_len)
{
	category = trim(category, &category_len);
	if (category_len == 0)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (is_text(a->v[i].scheme, scheme, scheme_len) &&
			(strcmp(a->v[i].category, "*") == 0 ||
				is_text(a->v[i].category, category, category_len)))
			return true;
	return false;
}

char *
trw_alerts_text(const struct trw_alerts *a, struct trw_err *err)
{
	struct trw_buf b = {0};
	enum trw_status s = TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < a->n; i++) {
		if (i > 0)
			s = trw_buf_put(&b, ",", 1, err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, a->v[i].scheme, strlen(a->v[i].scheme), err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, ":", 1, err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, a->v[i].category, strlen(a->v[i].category), err);
	}
	if (s == TRW_OK)
		s = trw_buf_put(&b, "", 1, err);
	if (s < 0)
		trw_buf_clear(&b);
	return (char *)b.v;
}
