/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/evidence/evidence_fixture.h"

int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)strcpy(f->dir, "/tmp/trowel-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/case.db", f->dir);
	*state = f;
	return 0;
}

int
fixture_teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-journal", "-shm"};
	struct fixture *f = *state;
	char name[96];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", f->path, suffixes[i]);
		(void)unlink(name);
	}
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

bool
went_well(struct fixture *f, enum trw_status status)
{
	if (status < 0)
		print_error("%s\n", f->err.text);
	return status >= 0;
}

enum trw_status
put_blocks(struct trw_evidence *ev, int64_t filesystem_id, uint64_t off, uint64_t len,
	enum trw_block_class kind, struct trw_err *err)
{
	struct trw_blocks run = {filesystem_id, off, len, kind};

	return PUT(ev, BLOCKS, blocks, run, err);
}

enum trw_status
put_items(struct trw_evidence *ev, int64_t filesystem_id, enum trw_item_outcome outcome, uint64_t n,
	struct trw_err *err)
{
	struct trw_item_count items = {filesystem_id, outcome, n};

	return PUT(ev, ITEMS, items, items, err);
}

enum trw_status
put_status(struct trw_evidence *ev, int64_t filesystem_id, const char *status, struct trw_err *err)
{
	struct trw_filesystem fs = {.filesystem_id = filesystem_id, .status = trw_bytes_of(status)};

	return PUT(ev, FILESYSTEM_STATUS, filesystem, fs, err);
}

enum trw_status
add_frame(struct trw_evidence *ev, int64_t run_id, struct trw_err *err)
{
	struct trw_evidence_image image = {.image_id = 1,
		.run_id = run_id,
		.name = "dir/disk.E01",
		.path = "dir/disk.E01",
		.format = "EWF-E01",
		.size = FIXTURE_SIZE,
		.sector_size = 512};
	struct trw_volume volumes[] = {{.volume_id = 1,
					       .image_id = 1,
					       .kind = TRW_VOLUME_TABLE,
					       .space = trw_space_at(0, 512, 0),
					       .declared_len = 512},
		{.volume_id = 2,
			.image_id = 1,
			.kind = TRW_VOLUME_PARTITION,
			.scheme = trw_bytes_of("DOS"),
			.space = trw_space_at(1024, 32768, 0),
			.declared_len = 32768},
		{.volume_id = 3,
			.image_id = 1,
			.kind = TRW_VOLUME_PARTITION,
			.scheme = trw_bytes_of("DOS"),
			.space = trw_space_at(40960, 8192, 0),
			.declared_len = 8192}};
	struct trw_filesystem fs = {.filesystem_id = 1,
		.volume_id = 2,
		.image_id = 1,
		.family = TRW_FAMILY_FAT,
		.type = trw_bytes_of("FAT16"),
		.off = 1024,
		.len = 16384,
		.block_size = 512,
		.block_count = 32};
	enum trw_status status = trw_evidence_image_add(ev, &image, err);

	if (status == TRW_OK)
		status = trw_evidence_segment_add(ev, 1, 1, "dir/disk.E01", 4096, false, err);
	if (status == TRW_OK)
		status = trw_evidence_fact_add(ev, 1, "examiner", "A. N. Other", err);
	for (size_t i = 0; i < 3 && status == TRW_OK; i++)
		status = PUT(ev, VOLUME, volume, volumes[i], err);
	return status < 0 ? status : PUT(ev, FILESYSTEM, filesystem, fs, err);
}

enum trw_status
add_file(struct trw_evidence *ev, int64_t id, const char *path, const char *stream,
	enum trw_file_state state, uint64_t off, uint64_t len, struct trw_err *err)
{
	struct trw_extent extent = {.off = off, .len = len, .kind = TRW_EXTENT_DATA};
	struct trw_extents extents = {.v = &extent, .n = 1, .cap = 1, .total = len};
	struct trw_file file = {.file_id = id,
		.filesystem_id = 1,
		.image_id = 1,
		.path = trw_bytes_of(path),
		.name = trw_bytes_of(path + 1),
		.stream = trw_bytes_of(stream),
		.inode = (uint64_t)id,
		.kind = TRW_FILE_REGULAR,
		.state = state,
		.size = len,
		.flags = TRW_FLAG_LOCAL_TIME,
		.created_ns = -1,
		.modified_ns = 1500000000,
		.accessed_ns = TRW_TIME_ABSENT,
		.changed_ns = TRW_TIME_ABSENT,
		.content_source = TRW_CONTENT_EXTENTS,
		.extents = extents};

	return PUT(ev, FILE, file, file, err);
}

enum trw_status
set_content(struct trw_evidence *ev, int64_t file_id, enum trw_digest_state state, uint8_t fill,
	uint64_t size, const struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_content_row content = {.file_id = file_id, .state = state, .size = size};

	memset(&content.digests, fill, sizeof(content.digests));
	if (damage != NULL)
		content.damage = *damage;
	return PUT(ev, CONTENT, content, content, err);
}

static enum trw_status
add_problem(struct trw_evidence *ev, enum trw_code code, struct trw_err *err)
{
	struct trw_problem problem = {.image_id = 1,
		.code = code,
		.has_range = true,
		.off = 7,
		.len = 9,
		.text = trw_bytes_of("a text")};

	return PUT(ev, PROBLEM, problem, problem, err);
}

enum trw_status
fill_database(struct trw_evidence *ev, int64_t run_id, bool backwards, bool *balanced,
	struct trw_err *err)
{
	struct trw_range bad = {.off = 100, .len = 50, .why = TRW_DAMAGE_MISSING};
	struct trw_range image_bad[] = {{.off = 4096, .len = 10, .why = TRW_DAMAGE_MISSING},
		{.off = 4106, .len = 20, .why = TRW_DAMAGE_SUBSTITUTED}};
	struct trw_ranges damage = {.v = &bad, .n = 1, .cap = 1};
	struct trw_ranges image_damage = {.v = image_bad, .n = 2, .cap = 2};
	struct trw_evidence_verdict verdict = {
		.verdict = TRW_MEDIA_NONE_STORED, .damage = &image_damage};
	static const enum trw_code codes[] = {TRW_CODE_CONTENT_LAYOUT, TRW_CODE_ISO_RECORD};
	enum trw_status status;

	if ((status = add_frame(ev, run_id, err)) < 0 ||
		(status = add_file(ev, 1, "/a", NULL, TRW_STATE_ALLOCATED, 4096, 1024, err)) < 0 ||
		(status = add_file(ev, 2, "/a", "ads", TRW_STATE_ALLOCATED, 8192, 512, err)) < 0 ||
		(status = add_file(ev, 3,
			 "/\xff"
			 "b",
			 NULL, TRW_STATE_DELETED, 8192, 1024, err)) < 0 ||
		(status = add_file(ev, 4, "/c", NULL, TRW_STATE_ALLOCATED, 9216, 512, err)) < 0 ||
		(status = put_blocks(ev, 1, 1024, 1024, TRW_BLOCK_METADATA, err)) < 0 ||
		(status = put_blocks(ev, 1, 2048, 1024, TRW_BLOCK_ALLOCATED, err)) < 0 ||
		(status = put_blocks(ev, 1, 3072, 1024, TRW_BLOCK_UNALLOCATED, err)) < 0 ||
		(status = put_items(ev, 1, TRW_ITEM_SEEN, 5, err)) < 0 ||
		(status = put_items(ev, 1, TRW_ITEM_DOT, 2, err)) < 0 ||
		(status = put_items(ev, 1, TRW_ITEM_EXTRA, 1, err)) < 0)
		return status;
	for (int i = 0; i < 4 && status == TRW_OK; i++) {
		int64_t id = backwards ? 4 - i : 1 + i;
		if (id == 1)
			status = set_content(ev, id, TRW_DIGEST_PARTIAL, 1, 1024, &damage, err);
		else if (id == 4)
			status = set_content(ev, id, TRW_DIGEST_NONE, 0, 512, NULL, err);
		else
			status = set_content(ev, id, TRW_DIGEST_COMPLETE, 2, 512, NULL, err);
	}
	for (int i = 0; i < 2 && status == TRW_OK; i++)
		status = add_problem(ev, codes[backwards ? 1 - i : i], err);
	if (status < 0 || (status = trw_evidence_image_verdict(ev, 1, &verdict, err)) < 0)
		return status;
	return trw_evidence_close_books(ev, 1, balanced, err);
}

enum trw_status
make_database(struct fixture *f, bool backwards, bool *balanced)
{
	struct trw_evidence_run run = {
		.tool_version = "0.1.0", .options = "verify=yes", .host = "here"};
	struct trw_evidence *ev = NULL;
	struct trw_err ignored;
	int64_t run_id = 0;
	enum trw_status status = trw_evidence_open(f->path, TRW_EVIDENCE_CREATE, &ev, &f->err);

	if (status == TRW_OK)
		status = trw_evidence_run_begin(ev, &run, &run_id, &f->err);
	if (status == TRW_OK)
		status = fill_database(ev, run_id, backwards, balanced, &f->err);
	if (status == TRW_OK)
		status = trw_evidence_run_end(ev, run_id, "complete", &f->err);
	if (status == TRW_OK)
		return trw_evidence_close(ev, &f->err);
	(void)!trw_evidence_close(ev, &ignored);
	return status;
}

const char *
ask(const char *path, const char *sql)
{
	static char answer[4096];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	const char *text = NULL;

	(void)strcpy(answer, "(none)");
	if (sqlite3_open(path, &db) == SQLITE_OK &&
		/* as careful readers do: every view must do without functions that SQLite then refuses */
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(stmt, 0);
	(void)snprintf(answer, sizeof(answer), "%s", text == NULL ? "(none)" : text);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return answer;
}

void
tamper(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_total_changes(db) > 0 || strncmp(sql, "DROP", 4) == 0);
	(void)sqlite3_close(db);
}

void
print_line(void *ctx, const char *line)
{
	(void)snprintf(ctx, 512, "%s", line);
}

size_t
verify_path(struct fixture *f, char *last)
{
	struct trw_evidence *ev = NULL;
	size_t n = 999;

	last[0] = '\0';
	assert_true(went_well(f, trw_evidence_open(f->path, TRW_EVIDENCE_READ, &ev, &f->err)));
	assert_true(went_well(f, trw_evidence_verify(ev, print_line, last, &n, &f->err)));
	assert_true(went_well(f, trw_evidence_close(ev, &f->err)));
	return n;
}
