/* SPDX-License-Identifier: Apache-2.0 */
/** Every format there is. A new one: its descriptor here and in the table of formats.c. */
#pragma once

#include "hashset/list/contract/format.h"

/** All of them, NULL at the end. */
extern const struct trw_format *const trw_formats[];

/** NULL when there is none of this name. */
const struct trw_format *trw_format_named(const char *name);

extern const struct trw_format trw_format_bloom;                    /* bloom.c */
extern const struct trw_format trw_format_hfind;                    /* hfind.c */
extern const struct trw_format trw_format_nsrl_v3;                  /* nsrl_db.c */
extern const struct trw_format trw_format_nsrl_delta;               /* nsrl_delta.c */
extern const struct trw_format trw_format_kdb;                      /* kdb.c */
extern const struct trw_format trw_format_iped;                     /* iped_db.c */
extern const struct trw_format trw_format_stopncii;                 /* stopncii.c */
extern const struct trw_format trw_format_tat;                      /* tat.c */
extern const struct trw_format trw_format_threatexchange;           /* threatexchange.c */
extern const struct trw_format trw_format_hashdb_json;              /* hashdb_json.c */
extern const struct trw_format trw_format_ncmec;                    /* ncmec.c */
extern const struct trw_format trw_format_plain, trw_format_md5sum; /* plain.c */
extern const struct trw_format trw_format_vics;                     /* vics.c */
extern const struct trw_format trw_format_hashlookup;               /* hashlookup.c */
extern const struct trw_format trw_format_misp, trw_format_misp_manifest,
	trw_format_misp_hashes;                     /* misp.c */
extern const struct trw_format trw_format_stix;     /* stix.c */
extern const struct trw_format trw_format_csv;      /* generic_csv.c */
extern const struct trw_format trw_format_nsrl_v2;  /* nsrl_text.c */
extern const struct trw_format trw_format_hashdeep; /* hashdeep.c */
extern const struct trw_format trw_format_ilook;    /* ilook.c */
extern const struct trw_format trw_format_hashkeeper, trw_format_hashkeeper_sets; /* hashkeeper.c */
extern const struct trw_format trw_format_icse;                                   /* icse.c */
extern const struct trw_format trw_format_clamav;                                 /* clamav.c */
extern const struct trw_format trw_format_tsk_index;                              /* tskindex.c */
extern const struct trw_format trw_format_encase;                                 /* encase.c */
extern const struct trw_format trw_format_hashdb_tab;                             /* hashdb_tab.c */
extern const struct trw_format trw_format_threatexchange_local; /* local_signals.c */
extern const struct trw_format trw_format_pdq;                  /* pdq.c */
extern const struct trw_format trw_format_vpdq;                 /* pdq.c */
extern const struct trw_format trw_format_pss;                  /* pss.c */
