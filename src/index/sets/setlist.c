/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sets/setlist.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
item_clear(struct trw_setlist_item *item)
{
	trw_set_close(item->set);
	free(item->list_id);
	free(item->name);
	free(item->version);
	free(item->marks);
}

void
trw_setlist_close(struct trw_setlist *list)
{
	for (size_t i = 0; i < list->n; i++)
		item_clear(&list->v[i]);
	free(list->v);
	trw_alerts_clear(&list->alerts);
	*list = (struct trw_setlist){0};
}

/* A handling mark, borrowed from the set. */
struct mark {
	const char *s;
	size_t n;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	int order = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);

	return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* In byte order, as the set's identity has them: equal sets must give equal rows. *marks: heap. */
static enum trw_status
sort_marks(const struct trw_set *set, struct mark **marks, size_t *n, struct trw_err *err)
{
	size_t at = 0, cap = 0;
	struct mark mark;

	while (trw_set_mark(set, &at, &mark.s, &mark.n)) {
		void *v = trw_grow(*marks, *n, &cap, sizeof(mark), SIZE_MAX, err);
		if (v == NULL)
			return TRW_ENOMEM;
		*marks = v;
		(*marks)[(*n)++] = mark;
	}
	if (*n > 1)
		qsort(*marks, *n, sizeof(mark), by_bytes);
	return TRW_OK;
}

/* The handling marks of a set: "pap:red, tlp:amber". */
static char *
join_marks(const struct trw_set *set, struct trw_err *err)
{
	struct trw_buf b = {0};
	struct mark *marks = NULL;
	size_t n = 0;
	enum trw_status s = sort_marks(set, &marks, &n, err);
	char *text = NULL;

	for (size_t i = 0; s == TRW_OK && i < n; i++) {
		if (i > 0)
			s = trw_buf_put(&b, ", ", 2, err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, marks[i].s, marks[i].n, err);
	}
	if (s == TRW_OK)
		text = trw_utf8_display(b.v, b.n, err);
	trw_buf_clear(&b);
	free(marks);
	return text;
}

static char *
display(const char *s, struct trw_err *err)
{
	return trw_utf8_display((const uint8_t *)s, strlen(s), err);
}

/* Has none of its entries a category? */
static bool
is_uncategorised(const struct trw_set *set)
{
	const char *scheme, *category;
	size_t scheme_len, category_len;

	for (uint32_t i = 0;
		trw_set_category(set, i, &scheme, &scheme_len, &category, &category_len); i++)
		if (scheme_len > 0 || category_len > 0)
			return false;
	return true;
}

static uint64_t
count_usable(const struct trw_set *set)
{
	const struct trw_set_info *info = trw_set_info(set);
	uint64_t n = 0;

	if ((info->kinds & ~TRW_HASH_OF_CONTENT) == 0)
		return info->n_entries;
	for (uint32_t row = 0; row < info->n_entries; row++)
		n += (trw_set_row_kinds(set, row) & TRW_HASH_OF_CONTENT) != 0;
	return n;
}

static enum trw_status
item_describe(struct trw_setlist_item *item, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(item->set);

	item->list_id = display(info->id, err);
	item->name = display(info->name, err);
	item->version = display(info->version, err);
	item->marks = join_marks(item->set, err);
	item->is_known_good = info->class == TRW_SET_KNOWN_GOOD;
	item->is_alert = info->class == TRW_SET_ALERT && is_uncategorised(item->set);
	return item->list_id == NULL || item->name == NULL || item->version == NULL ||
			       item->marks == NULL
		       ? TRW_ENOMEM
		       : TRW_OK;
}

static enum trw_status
open_item(struct trw_setlist *list, const char *path, struct trw_err *err)
{
	void *v = trw_grow(list->v, list->n, &list->cap, sizeof(*list->v), TRW_SETLIST_MAX, err);
	enum trw_status s;

	if (v == NULL)
		return trw_fail_in(err, "hash sets");
	list->v = v;
	struct trw_setlist_item *item = &list->v[list->n];
	*item = (struct trw_setlist_item){.path = path};
	s = trw_set_open(path, &item->set, err);
	if (s < 0)
		return s;
	list->n++;
	trw_set_will_need(item->set);
	return item_describe(item, err);
}

static const uint8_t *
identity(const struct trw_setlist_item *item)
{
	return trw_set_info(item->set)->identity;
}

static int
by_list(const void *a, const void *b)
{
	const struct trw_setlist_item *x = a, *y = b;
	int order = strcmp(x->list_id, y->list_id);

	if (order == 0)
		order = strcmp(x->name, y->name);
	if (order == 0)
		order = strcmp(x->version, y->version);
	return order != 0 ? order : memcmp(identity(x), identity(y), 32);
}

/* Equal sets lie side by side. */
static enum trw_status
refuse_twins(const struct trw_setlist *list, struct trw_err *err)
{
	for (size_t i = 1; i < list->n; i++)
		if (memcmp(identity(&list->v[i - 1]), identity(&list->v[i]), 32) == 0)
			return trw_fail(err, TRW_EUSAGE, "%s: the same set as %s: give it once",
				list->v[i].path, list->v[i - 1].path);
	return TRW_OK;
}

static bool
has_scheme(const struct trw_set *set, const char *wanted)
{
	const char *scheme, *category;
	size_t scheme_len, category_len, n = strlen(wanted);

	for (uint32_t i = 0;
		trw_set_category(set, i, &scheme, &scheme_len, &category, &category_len); i++)
		if (category_len > 0 && scheme_len == n && memcmp(scheme, wanted, n) == 0)
			return true;
	return false;
}

/* A scheme with a typing error would never give an alert. */
static enum trw_status
check_schemes(const struct trw_setlist *list, struct trw_err *err)
{
	for (size_t i = 0; i < list->alerts.n; i++) {
		const char *scheme = list->alerts.v[i].scheme;
		bool is_known = false;
		for (size_t k = 0; k < list->n && !is_known; k++)
			is_known = has_scheme(list->v[k].set, scheme);
		if (!is_known)
			return trw_fail(err, TRW_EUSAGE,
				"alert scheme '%.100s': no set has categories of that scheme; 'trowel set info' lists them",
				scheme);
	}
	return TRW_OK;
}

/* What can't hit must not look like what did not. */
static enum trw_status
check_item(struct trw_setlist_item *item, struct trw_err *err)
{
	enum trw_status s = trw_set_check(item->set, err);

	if (s < 0)
		return s;
	item->n_usable = count_usable(item->set);
	if (item->n_usable == 0)
		return trw_fail(err, TRW_EUSAGE,
			"%s: none of its entries has an MD5, SHA-1 or SHA-256: no file can match",
			item->path);
	return TRW_OK;
}

enum trw_status
trw_setlist_open(struct trw_setlist *list, const char *const *paths, size_t n,
	const char *const *alerts, size_t n_alerts, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (n == 0 && n_alerts > 0)
		return trw_fail(err, TRW_EUSAGE, "alert categories without a hash set");
	for (size_t i = 0; s == TRW_OK && i < n_alerts; i++)
		s = trw_alerts_add(&list->alerts, alerts[i], err);
	for (size_t i = 0; s == TRW_OK && i < n; i++)
		s = open_item(list, paths[i], err);
	if (s == TRW_OK && n > 0) {
		qsort(list->v, list->n, sizeof(*list->v), by_list);
		s = refuse_twins(list, err);
	}
	if (s == TRW_OK)
		s = check_schemes(list, err);
	for (size_t i = 0; s == TRW_OK && i < n; i++)
		s = check_item(&list->v[i], err);
	return s;
}

uint64_t
trw_setlist_unusable(const struct trw_setlist *list)
{
	uint64_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += trw_set_info(list->v[i].set)->n_entries - list->v[i].n_usable;
	return n;
}

static bool
is_met(const struct trw_setlist *list, struct trw_alert *alert)
{
	const struct trw_alerts one = {.v = alert, .n = 1};
	const char *scheme, *category;
	size_t scheme_len, category_len;

	for (size_t i = 0; i < list->n; i++)
		for (uint32_t k = 0; trw_set_category(
			     list->v[i].set, k, &scheme, &scheme_len, &category, &category_len);
			k++)
			if (trw_alerts_name(&one, scheme, scheme_len, category, category_len))
				return true;
	return false;
}

void
trw_setlist_unmet(const struct trw_setlist *list, char out[TRW_UNMET_SIZE])
{
	const size_t room = TRW_UNMET_SIZE - 32; /* for " and N more" */
	size_t n = 0, n_more = 0;

	out[0] = '\0';
	for (size_t i = 0; i < list->alerts.n; i++) {
		struct trw_alert *alert = &list->alerts.v[i];
		size_t len = strlen(alert->scheme) + strlen(alert->category) + 3;
		if (is_met(list, alert))
			continue;
		if (n_more > 0 || (n > 0 && len >= room - n)) {
			n_more++;
			continue;
		}
		(void)snprintf(out + n, room - n, "%s%s:%s", n == 0 ? "" : ", ", alert->scheme,
			alert->category);
		n += strlen(out + n);
	}
	if (n_more > 0)
		(void)snprintf(out + n, TRW_UNMET_SIZE - n, " and %zu more", n_more);
}

char *
trw_setlist_text(const struct trw_setlist *list, struct trw_err *err)
{
	struct trw_buf b = {0};
	char *policy = trw_alerts_text(&list->alerts, err);
	enum trw_status s = policy == NULL ? TRW_ENOMEM : TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < list->n; i++) {
		char hex[65];
		trw_hex(identity(&list->v[i]), 32, hex);
		s = i == 0 ? trw_buf_put(&b, " sets=", 6, err) : trw_buf_put(&b, ",", 1, err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, hex, 64, err);
	}
	if (s == TRW_OK && policy[0] != '\0') {
		s = trw_buf_put(&b, " alert=", 7, err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, policy, strlen(policy), err);
	}
	if (s == TRW_OK)
		s = trw_buf_put(&b, "", 1, err);
	if (s < 0)
		trw_buf_clear(&b);
	free(policy);
	return (char *)b.v;
}

static enum trw_status
begin(struct trw_setlist *list, struct trw_evidence *ev, const struct trw_evidence_session *session,
	int64_t *ids, struct trw_err *err)
{
	enum trw_status s =
		session->run_id == 0
			? trw_evidence_match_begin(ev, session, &list->session_id, ids, err)
			: trw_evidence_session_begin(ev, session, &list->session_id, ids, err);

	for (size_t i = 0; s == TRW_OK && i < list->n; i++)
		list->v[i].hashset_id = ids[i];
	return s;
}

enum trw_status
trw_setlist_begin(struct trw_setlist *list, struct trw_evidence *ev,
	const struct trw_evidence_session *session, struct trw_err *err)
{
	struct trw_evidence_set *rows = trw_alloc(list->n, sizeof(*rows), err);
	int64_t *ids = trw_alloc(list->n, sizeof(*ids), err);
	char *policy = trw_alerts_text(&list->alerts, err);
	char *options =
		policy == NULL ? NULL
			       : trw_format(err, "%s%s", policy[0] == '\0' ? "" : "alert=", policy);
	enum trw_status s = rows == NULL || ids == NULL || options == NULL ? TRW_ENOMEM : TRW_OK;

	for (size_t i = 0; s == TRW_OK && i < list->n; i++) {
		const struct trw_setlist_item *item = &list->v[i];
		const struct trw_set_info *info = trw_set_info(item->set);
		rows[i] = (struct trw_evidence_set){.list_id = item->list_id,
			.name = item->name,
			.version = item->version,
			.class = trw_set_class_name(info->class),
			.marks = item->marks,
			.n_entries = info->n_entries,
			.n_usable = item->n_usable,
			.identity = info->identity,
			.file = trw_base_name(item->path)};
	}
	if (s == TRW_OK)
		s = begin(list, ev,
			&(struct trw_evidence_session){.run_id = session->run_id,
				.examiner = session->examiner,
				.host = session->host,
				.tool_version = TROWEL_VERSION,
				.options = options,
				.sets = rows,
				.n_sets = list->n},
			ids, err);
	free(rows);
	free(ids);
	free(policy);
	free(options);
	return s;
}
