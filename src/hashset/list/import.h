/* SPDX-License-Identifier: Apache-2.0 */
/** The import as a whole: list files in, one compiled set out. Threads: one owner. */
#pragma once

#include "hashset/builder.h"
#include "hashset/list/contract/list.h"

struct trw_import_options {
	/* files, or folders that are MISP feeds; in order: a delta follows its database */
	const char *const *paths;
	size_t n_paths;
	const char *member; /* of zip files; NULL */
	const char *format; /* of all files; NULL = each is detected */
	struct trw_list_options list;
	struct trw_set_builder_options set; /* path, class, memory, ... */
	/*
	 * NULL: what the files say; the id else the name, the name else the first file's base name
	 */
	const char *id, *name, *version;
	const char *const *marks; /* handling marks beside those of the files */
	size_t n_marks;
	/*
	 * share of records; past it the import fails and the old set stays. 0 = none may be
	 * rejected; default in the command
	 */
	double reject_max;
	void (*progress)(void *ctx, uint64_t done, uint64_t size,
		uint64_t n_records); /* bytes of the files; may be NULL */
	void *ctx;
};

struct trw_import_result {
	struct trw_list_report report;
	struct trw_set_built built;
	struct {
		char *path;         /* owned */
		const char *format; /* a literal */
		uint64_t n_accepted, n_rejected, n_withdrawn;
	} * files; /* owned */
	size_t n_files;
};
void trw_import_result_clear(struct trw_import_result *r);

/**
 * Errors: those of trw_input_open and trw_format_detect, with the path before them; TRW_ECORRUPT
 * when too much was rejected or the import is strict; TRW_ECANCEL; those of the builder. The old
 * set at the path then stays as it was, and *out says how far it came: clear it in any case.
 */
TRW_NODISCARD enum trw_status trw_import_run(const struct trw_import_options *options,
	struct trw_import_result *out, struct trw_err *err);
