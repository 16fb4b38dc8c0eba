/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/host/end.h"

#include <inttypes.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define NS_PER_S 1e9
#define CAUSE_MAX 96 /* leaves room in the text for where it was */

struct trw_activity_view
trw_activity_look(const struct trw_activity *activity)
{
	uint64_t step = atomic_load_explicit(&activity->step, memory_order_relaxed);

	return (struct trw_activity_view){
		.inode = atomic_load_explicit(&activity->inode, memory_order_relaxed),
		.step = step < TRW_STEP_N ? (enum trw_step)step : TRW_STEP_NONE,
		.tick = atomic_load_explicit(&activity->tick, memory_order_relaxed),
	};
}

static void
cause(const struct trw_worker_end *end, uint64_t quiet_ns, const char *broke, char out[CAUSE_MAX])
{
	const char *name = end->signal != 0 ? sigabbrev_np(end->signal) : NULL;

	if (end->is_protocol)
		(void)snprintf(
			out, CAUSE_MAX, "broke the protocol: %s", broke != NULL ? broke : "");
	else if (end->is_hung)
		(void)snprintf(
			out, CAUSE_MAX, "no sign of life for %g s", (double)quiet_ns / NS_PER_S);
	else if (end->is_violation)
		(void)snprintf(out, CAUSE_MAX, "stopped by the sandbox (SIGSYS)");
	else if (name != NULL)
		(void)snprintf(out, CAUSE_MAX, "killed by SIG%s", name);
	else if (end->signal != 0)
		(void)snprintf(out, CAUSE_MAX, "killed by signal %d", end->signal);
	else
		(void)snprintf(out, CAUSE_MAX, "exited with status %d", end->status);
}

void
trw_worker_end_fill(
	struct trw_worker_end *end, int wait_status, uint64_t quiet_ns, const char *broke)
{
	char why[CAUSE_MAX];
	int n;

	end->signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
	end->status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
	end->is_violation = end->signal == SIGSYS;
	cause(end, quiet_ns, broke, why);
	n = snprintf(end->text, sizeof(end->text), "%s while %s", why,
		trw_step_text(end->activity.step));
	if (n > 0 && (size_t)n < sizeof(end->text) && trw_step_has_inode(end->activity.step))
		(void)snprintf(end->text + n, sizeof(end->text) - (size_t)n, " of inode %" PRIu64,
			end->activity.inode);
}
