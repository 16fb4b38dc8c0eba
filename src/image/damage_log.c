/* SPDX-License-Identifier: Apache-2.0 */
#include "image/damage_log.h"

enum trw_status
trw_damage_log_init(struct trw_damage_log *log, struct trw_err *err)
{
	*log = (struct trw_damage_log){0};
	if (pthread_mutex_init(&log->mu, NULL) != 0)
		return trw_fail(err, TRW_ENOMEM, "out of memory (a mutex)");
	if (pthread_cond_init(&log->idle, NULL) != 0) {
		(void)pthread_mutex_destroy(&log->mu);
		return trw_fail(err, TRW_ENOMEM, "out of memory (a condition)");
	}
	return TRW_OK;
}

void
trw_damage_log_clear(struct trw_damage_log *log)
{
	trw_ranges_clear(&log->seen);
	trw_ranges_clear(&log->unreported);
	trw_ranges_clear(&log->reporting);
	(void)pthread_cond_destroy(&log->idle);
	(void)pthread_mutex_destroy(&log->mu);
}

/* Whether all of r is in rs, for no better reason. */
static bool
is_covered(const struct trw_ranges *rs, const struct trw_range *r)
{
	uint64_t at = r->off, end = r->off + r->len;

	for (size_t i = trw_ranges_find(rs, at);
		at < end && i < rs->n && rs->v[i].off <= at && rs->v[i].why >= r->why; i++)
		at = rs->v[i].off + rs->v[i].len;
	return at >= end;
}

/* Add to unreported first: a range in seen is never reported again. */
enum trw_status
trw_damage_log_meet(struct trw_damage_log *log, const struct trw_ranges *met, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	(void)pthread_mutex_lock(&log->mu);
	for (size_t i = 0; st == TRW_OK && i < met->n; i++) {
		const struct trw_range *r = &met->v[i];

		if (is_covered(&log->seen, r))
			continue;
		st = trw_ranges_add(&log->unreported, r->off, r->len, r->why, err);
		if (st == TRW_OK)
			st = trw_ranges_add(&log->seen, r->off, r->len, r->why, err);
	}
	(void)pthread_mutex_unlock(&log->mu);
	return st;
}

enum trw_status
trw_damage_log_recall(struct trw_damage_log *log, const struct trw_ranges *met, struct trw_err *err)
{
	enum trw_status st;

	(void)pthread_mutex_lock(&log->mu);
	st = trw_ranges_add_part(&log->seen, met, 0, UINT64_MAX, 0, err);
	(void)pthread_mutex_unlock(&log->mu);
	return st;
}

enum trw_status
trw_damage_log_seen(struct trw_damage_log *log, struct trw_ranges *out, struct trw_err *err)
{
	enum trw_status st;

	(void)pthread_mutex_lock(&log->mu);
	st = trw_ranges_add_part(out, &log->seen, 0, UINT64_MAX, 0, err);
	(void)pthread_mutex_unlock(&log->mu);
	return st;
}

/* What this thread may report alone: what an earlier report left, else what has come since. */
static void
begin(struct trw_damage_log *log, bool *is_left)
{
	(void)pthread_mutex_lock(&log->mu);
	*is_left = log->reporting.n > 0;
	if (!*is_left) {
		log->reporting = log->unreported;
		log->unreported = (struct trw_ranges){0};
	}
	(void)pthread_mutex_unlock(&log->mu);
}

enum trw_status
trw_damage_log_report(struct trw_damage_log *log,
	enum trw_status (*take)(void *ctx, const struct trw_ranges *met, struct trw_err *err),
	void *ctx, struct trw_err *err)
{
	enum trw_status st = TRW_OK;
	bool is_left;

	(void)pthread_mutex_lock(&log->mu);
	while (log->is_reporting)
		(void)pthread_cond_wait(&log->idle, &log->mu);
	log->is_reporting = true;
	(void)pthread_mutex_unlock(&log->mu);

	do { /* A second round delivers what came after the ranges that an earlier take refused. */
		begin(log, &is_left);
		if (log->reporting.n > 0)
			st = take(ctx, &log->reporting, err);
		if (st == TRW_OK)
			trw_ranges_clear(&log->reporting);
	} while (st == TRW_OK && is_left);

	(void)pthread_mutex_lock(&log->mu);
	log->is_reporting = false;
	(void)pthread_cond_signal(&log->idle);
	(void)pthread_mutex_unlock(&log->mu);
	return st;
}
