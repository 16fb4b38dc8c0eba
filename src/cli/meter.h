/* SPDX-License-Identifier: Apache-2.0 */
/** The meter: a thread that shows how far a job has come, on standard error. */
#pragma once

#include "base/status.h"
#include "index/write/progress.h"

enum trw_meter_mode {
	TRW_METER_AUTO = 0, /* live on a terminal, else plain */
	TRW_METER_PLAIN,    /* a line every ten seconds */
	TRW_METER_JSON,     /* an object a line every second, and one at the end */
	TRW_METER_NONE,
	TRW_METER_LIVE /* one line that is drawn over itself; chosen by AUTO alone */
};

struct trw_meter;

/** False when name is no mode of --progress. */
TRW_NODISCARD bool trw_meter_mode_parse(const char *name, enum trw_meter_mode *out);

/** Show progress (borrowed until stop). Errors: TRW_ENOMEM, TRW_EIO when no thread can be had. */
TRW_NODISCARD enum trw_status trw_meter_start(enum trw_meter_mode mode,
	const struct trw_progress *progress, struct trw_meter **out, struct trw_err *err);

/** Stop, wipe the live line. NULL is fine. */
void trw_meter_stop(struct trw_meter *m);
