/* SPDX-License-Identifier: Apache-2.0 */
/** How many threads are worth starting. */
#pragma once

/** Processors that are online, at least 1 and at most max. */
unsigned trw_cpus(unsigned max);
