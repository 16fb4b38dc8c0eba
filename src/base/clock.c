/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

/* Days since 1970-01-01 to a civil date: H. Hinnant, "chrono-compatible low-level date algorithms". */
static void
civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

void
trw_iso8601(int64_t ns, char out[TRW_ISO8601_SIZE])
{
	int64_t s = ns / NS_PER_S, frac = ns % NS_PER_S, days, rest, year;
	unsigned month, day;

	if (frac < 0) {
		frac += NS_PER_S;
		s--;
	}
	days = s / 86400;
	rest = s % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days(days, &year, &month, &day);
	(void)snprintf(out, TRW_ISO8601_SIZE,
		"%04" PRId64 "-%02u-%02uT%02d:%02d:%02d.%09" PRId64 "Z", year, month, day,
		(int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60), frac);
}

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t
trw_now_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t
trw_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
