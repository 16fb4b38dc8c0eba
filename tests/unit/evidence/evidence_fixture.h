/* SPDX-License-Identifier: Apache-2.0 */
/** What the evidence tests share: a small finished database in a directory of its own. */
#pragma once

#include "base/status.h"
#include "evidence/rows.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* after the standard headers */
#include <cmocka.h>
#include <sqlite3.h>

#define FIXTURE_SIZE 65536 /* bytes of its image */

struct fixture {
	char dir[32], path[64];
	struct trw_err err;
};

int fixture_setup(void **state);

int fixture_teardown(void **state);

/* True when the call went well; else its text is printed. */
bool went_well(struct fixture *f, enum trw_status status);

#define PUT(ev, row_kind, member, row, err)                                                        \
	trw_evidence_put(ev, &(struct trw_row){.kind = TRW_ROW_##row_kind, .u.member = row}, err)

enum trw_status put_blocks(struct trw_evidence *ev, int64_t filesystem_id, uint64_t off,
	uint64_t len, enum trw_block_class kind, struct trw_err *err);

enum trw_status put_items(struct trw_evidence *ev, int64_t filesystem_id,
	enum trw_item_outcome outcome, uint64_t n, struct trw_err *err);

enum trw_status put_status(
	struct trw_evidence *ev, int64_t filesystem_id, const char *status, struct trw_err *err);

enum trw_status add_frame(struct trw_evidence *ev, int64_t run_id, struct trw_err *err);

enum trw_status add_file(struct trw_evidence *ev, int64_t id, const char *path, const char *stream,
	enum trw_file_state state, uint64_t off, uint64_t len, struct trw_err *err);

enum trw_status set_content(struct trw_evidence *ev, int64_t file_id, enum trw_digest_state state,
	uint8_t fill, uint64_t size, const struct trw_ranges *damage, struct trw_err *err);

/* Everything between run_begin and run_end; backwards turns the order round where it must not matter. */
enum trw_status fill_database(struct trw_evidence *ev, int64_t run_id, bool backwards,
	bool *balanced, struct trw_err *err);

enum trw_status make_database(struct fixture *f, bool backwards, bool *balanced);

/* The first column of the first row, as text, by plain SQLite. Static storage. */
const char *ask(const char *path, const char *sql);

void tamper(const char *path, const char *sql);

void print_line(void *ctx, const char *line);

/* Findings of verify; the last line goes to `last` (512 bytes). */
size_t verify_path(struct fixture *f, char *last);
