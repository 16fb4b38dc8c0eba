/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The writers of the formats: each is the `write` of its trw_format, puts a set into x->out or
 * x->folder, counts the entries in x->n_written and tells x->leave what the format could not carry.
 * Errors: TRW_EUSAGE when the set cannot be said in the format at all; those of output.h,
 * trw_set_entry and trw_rows_each.
 */
#pragma once

#include "hashset/list/contract/writer.h"

TRW_NODISCARD enum trw_status trw_plain_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_md5sum_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_nsrl_v2_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_hashdeep_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_csv_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_vics_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_misp_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_stix_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_hfind_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_hashlookup_write(struct trw_export *x, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_bloom_write(struct trw_export *x, struct trw_err *err);
