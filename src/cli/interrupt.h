/* SPDX-License-Identifier: Apache-2.0 */
/** Signals of a long command: the first asks the run to end in order, the second kills. */
#pragma once

/**
 * SIGINT, SIGTERM and SIGHUP set trw_cancelled once and then mean what they always mean. SIGPIPE is ignored: a run must not die
 * because the reader of its progress or a worker is gone.
 */
void trw_interrupt_watch(void);
