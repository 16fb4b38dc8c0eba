/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/map.h"

#include <stdio.h>

enum trw_status
trw_set_damaged(const struct trw_set *set, const char *what, const char *how, struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT,
		"%s: damaged set: %s %s; get a good copy, or import the list again", set->path,
		what, how);
}

enum trw_status
trw_set_section_damaged(
	const struct trw_set *set, int section, const char *how, struct trw_err *err)
{
	static const char *const names[TRW_TSET_LINES] = {"rows", "categories", "facts", "extras"};
	bool is_order = section >= TRW_TSET_ORDER;
	char of_kind[32];

	if (section < TRW_TSET_LINES)
		return trw_set_damaged(set, names[section], how, err);
	int kind = section - (is_order ? (int)TRW_TSET_ORDER : (int)TRW_TSET_LINES);
	(void)snprintf(of_kind, sizeof(of_kind), "%s of %s", is_order ? "order" : "index",
		trw_hash_name((enum trw_hash_kind)kind));
	return trw_set_damaged(set, of_kind, how, err);
}

enum trw_status
trw_set_interrupted(const struct trw_set *set, struct trw_err *err)
{
	return trw_fail(err, TRW_ECANCEL, "%s: interrupted", set->path);
}
