/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/class.h"

const char *trw_set_class_name(enum trw_set_class class)
{
	static const char *const names[TRW_SET_CLASS_N] = {
		[TRW_SET_TRIAGE] = "triage",
		[TRW_SET_ALERT] = "alert",
		[TRW_SET_KNOWN_GOOD] = "known-good",
	};

	return names[class];
}
