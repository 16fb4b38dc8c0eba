/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interrupt.h"

#include "base/cancel.h"

#include <signal.h>
#include <stddef.h>

static void
cancel(int signal_number)
{
	(void)signal_number;
	atomic_store(&trw_cancelled, true);
}

void
trw_interrupt_watch(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = cancel, .sa_flags = (int)SA_RESETHAND};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;

	(void)sigemptyset(&action.sa_mask);
	(void)sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* What nohup or a shell's & had switched off stays off. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &action, NULL);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
}
