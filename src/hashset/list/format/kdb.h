/* SPDX-License-Identifier: Apache-2.0 */
/** Autopsy's and TSK's hash databases (.kdb): what their reader and their writer share. */
#pragma once

#include "hashset/list/contract/writer.h"

/** The `write` of trw_format_kdb; see writers.h. Entries without an MD5 are left out. */
TRW_NODISCARD enum trw_status trw_kdb_write(struct trw_export *x, struct trw_err *err);
