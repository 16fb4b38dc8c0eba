/* SPDX-License-Identifier: Apache-2.0 */
/** What a hit in a set means. Threads: any. */
#pragma once

/** Stored in .tset files: never renumber. */
enum trw_set_class {
	TRW_SET_TRIAGE = 0, /* a hit is worth knowing, no more */
	TRW_SET_ALERT = 1,
	TRW_SET_KNOWN_GOOD = 2,
	TRW_SET_CLASS_N
};
const char *trw_set_class_name(enum trw_set_class class); /* "triage", "alert", "known-good" */
