/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/format/formats.h"

#include <string.h>

const struct trw_format *const trw_formats[] = {
	&trw_format_plain,
	&trw_format_md5sum,
	&trw_format_bloom,
	&trw_format_hfind,
	&trw_format_vics,
	&trw_format_hashlookup,
	&trw_format_misp,
	&trw_format_misp_manifest,
	&trw_format_misp_hashes,
	&trw_format_stix,
	&trw_format_nsrl_v3,
	&trw_format_nsrl_delta,
	&trw_format_kdb,
	&trw_format_iped,
	&trw_format_stopncii,
	&trw_format_tat,
	&trw_format_threatexchange,
	&trw_format_hashdb_json,
	&trw_format_ncmec,
	&trw_format_csv,
	&trw_format_nsrl_v2,
	&trw_format_hashdeep,
	&trw_format_ilook,
	&trw_format_hashkeeper,
	&trw_format_hashkeeper_sets,
	&trw_format_icse,
	&trw_format_clamav,
	&trw_format_tsk_index,
	&trw_format_encase,
	&trw_format_hashdb_tab,
	&trw_format_threatexchange_local,
	&trw_format_pdq,
	&trw_format_vpdq,
	&trw_format_pss,
	NULL,
};

const struct trw_format *
trw_format_named(const char *name)
{
	for (size_t i = 0; trw_formats[i] != NULL; i++)
		if (strcmp(trw_formats[i]->name, name) == 0)
			return trw_formats[i];
	return NULL;
}
