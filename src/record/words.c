/* SPDX-License-Identifier: Apache-2.0 */
#include "record/words.h"

#define NAME(constant, number, name) [number] = name,

/* The names of a list, and the function that gives them. */
#define NAMES(function, type, list, n)                                                             \
	const char *function(enum type word)                                                       \
	{                                                                                          \
		static const char *const names[n] = {list(NAME)};                                  \
		return (unsigned int)word < (n) ? names[word] : "";                                \
	}

NAMES(trw_volume_kind_text, trw_volume_kind, TRW_VOLUME_KINDS, TRW_VOLUME_N)
NAMES(trw_family_text, trw_family, TRW_FAMILIES, TRW_FAMILY_N)
NAMES(trw_file_kind_text, trw_file_kind, TRW_FILE_KINDS, TRW_FILE_N)
NAMES(trw_file_state_text, trw_file_state, TRW_FILE_STATES, TRW_STATE_N)
NAMES(trw_digest_state_text, trw_digest_state, TRW_DIGEST_STATES, TRW_DIGEST_N)
NAMES(trw_run_status_text, trw_run_status, TRW_RUN_STATUSES, TRW_RUN_N)
NAMES(trw_media_verdict_text, trw_media_verdict, TRW_MEDIA_VERDICTS, TRW_MEDIA_N)
NAMES(trw_verdict_text, trw_verdict, TRW_VERDICTS, TRW_VERDICT_N)
NAMES(trw_item_outcome_text, trw_item_outcome, TRW_ITEM_OUTCOMES, TRW_ITEM_N)
NAMES(trw_stage_text, trw_stage, TRW_STAGES, TRW_STAGE_N)
NAMES(trw_severity_text, trw_severity, TRW_SEVERITIES, TRW_SEVERITY_N)

const char *
trw_damage_text(enum trw_damage why)
{
	return why == TRW_DAMAGE_MISSING ? "missing" : "substituted";
}
