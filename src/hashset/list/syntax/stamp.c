/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/syntax/stamp.h"

#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"

#include <string.h>
#include <time.h>

#define SECONDS_LEN 19 /* "2000-01-02T03:04:05" */
#define FRACTION_MAX 9

const struct trw_stamp trw_stamp_none = {.s = 1, .text = "1970-01-01T00:00:01Z"};

/* The digits at p as a number within the bounds; false else. */
static bool
number(const char *p, size_t n, int least, int most, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return *out >= least && *out <= most;
}

static bool
read_seconds(const char *p, int64_t *s)
{
	struct tm tm = {0}, back;
	time_t t;

	if (p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' ||
		p[16] != ':')
		return false;
	if (!number(p, 4, 1970, 9999, &tm.tm_year) || !number(p + 5, 2, 1, 12, &tm.tm_mon) ||
		!number(p + 8, 2, 1, 31, &tm.tm_mday) || !number(p + 11, 2, 0, 23, &tm.tm_hour) ||
		!number(p + 14, 2, 0, 59, &tm.tm_min) || !number(p + 17, 2, 0, 59, &tm.tm_sec))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	back = tm;
	t = timegm(&back);
	*s = t;
	/* The 31st of a month with 30 days is moved by timegm: no such day. */
	return back.tm_mday == tm.tm_mday && t > 0;
}

bool
trw_stamp_read(const char *p, size_t n, struct trw_stamp *out)
{
	size_t end = SECONDS_LEN, digits = 0;

	if (n < SECONDS_LEN || !read_seconds(p, &out->s))
		return false;
	if (end < n && p[end] == '.') {
		while (end + 1 + digits < n && p[end + 1 + digits] >= '0' &&
			p[end + 1 + digits] <= '9')
			digits++;
		if (digits == 0 || digits > FRACTION_MAX)
			return false;
		end += 1 + digits;
	}
	if (end < n && (p[end] != 'Z' || end + 1 != n))
		return false;
	memcpy(out->text, p, end);
	out->text[10] = 'T';
	memcpy(out->text + end, "Z", 2);
	return true;
}

bool
trw_stamp_of(const struct trw_entry *e, const char *property, struct trw_stamp *out)
{
	const struct trw_property *p = trw_export_property(e, property);

	return p != NULL && trw_stamp_read(p->value, p->value_len, out);
}

static enum trw_status
take_later(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct trw_stamp *latest = ctx, stamp;
	(void)err;

	if (trw_stamp_of(e, "updated", &stamp) && stamp.s > latest->s)
		*latest = stamp;
	return TRW_OK;
}

enum trw_status
trw_stamp_latest(const struct trw_set *set, struct trw_stamp *out, struct trw_err *err)
{
	*out = trw_stamp_none;
	return trw_rows_each(set, TRW_HASH_N, take_later, out, err);
}
