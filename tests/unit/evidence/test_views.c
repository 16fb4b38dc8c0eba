/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "unit/evidence/evidence_fixture.h"

static void
views_have_exactly_the_documented_columns(void **state)
{
	static const char *const views[][2] = {
		{"report_runs",
			"run_id,status,tool_version,libraries,arguments,options,case_number,examiner,"
			"evidence_id,host,started_utc,ended_utc,images"},
		{"report_images",
			"image_id,image,run_id,evidence_id,path,format,size,sector_size,chunk_size,"
			"segments,segments_missing,stored_md5,stored_sha1,md5,sha1,sha256,verdict,"
			"bytes_substituted,bytes_missing,problems"},
		{"report_volumes",
			"volume_id,image_id,image,parent_id,number,kind,scheme,offset,length,"
			"declared_length,description,content,filesystem_id,fs_type,label,uuid,fs_offset,"
			"fs_length,block_size,block_count,pool_block,ambiguous,forced,fs_status"},
		{"report_files",
			"file_id,image,volume,fs_type,path,name,inode,stream,kind,state,size,md5,sha1,"
			"sha256,digest_state,mime,created_utc,modified_utc,accessed_utc,changed_utc,hits,"
			"image_id,filesystem_id,content_id,parent_id,sequence,attr_type,attr_id,target,"
			"flags,recovered,time_zone,mode,uid,gid,links,raw_name,raw_path,alerts,known,"
			"attr_flags"},
		{"report_hits",
			"file_id,image,path,size,state,set_name,set_version,category,verdict,agreed,md5,"
			"sha1,sha256,entry,session_id,content_id,image_id,alert,excluded,set_class,list_id,"
			"scheme,marks,entry_size,entry_md5,entry_sha1,entry_sha256,properties,set_id,"
			"entry_row,unrecorded"},
		{"report_problems",
			"image,stage,path,offset,length,code,message,problem_id,image_id,volume_id,"
			"filesystem_id,file_id,inode"},
		{"report_artifacts",
			"artifact_id,file_id,image,path,plugin,plugin_version,kind,field,value"},
		{"report_timeline",
			"time_utc,time_ns,kind,file_id,image_id,image,path,size,state,time_zone"},
		{"report_ledger", "image,item,outcome,count,bytes,image_id"},
		{"report_sets",
			"set_id,name,version,category,entries,sha256,list_id,class,marks,file,usable"},
		{"report_sessions",
			"session_id,set_id,set_name,set_version,matches,conflicts,damaged,alerts,excluded,"
			"status,contents,first_file,last_file,run_id,tool_version,options,started_utc,"
			"ended_utc,examiner,host,unrecorded"}};
	struct fixture *f = *state;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		char sql[128];
		(void)snprintf(sql, sizeof(sql),
			"SELECT group_concat(name) FROM pragma_table_info('%s')", views[i][0]);
		assert_string_equal(ask(f->path, sql), views[i][1]);
	}
	assert_string_equal(
		ask(f->path, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), "11");
}

static void
report_files_says_what_was_stored(void **state)
{
	struct fixture *f = *state;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	assert_string_equal(
		ask(f->path, "SELECT group_concat(path || '=' || digest_state || '=' || state)"
			     " FROM report_files"),
		"/a=partial=allocated,/a:ads=complete=allocated,/\xef\xbf\xbd"
		"b=complete=deleted,/c=none=allocated");
	assert_string_equal(
		ask(f->path, "SELECT raw_name || raw_path FROM report_files WHERE file_id = 3"),
		"ff622fff62");
	assert_string_equal(ask(f->path, "SELECT md5 FROM report_files WHERE file_id = 1"),
		"01010101010101010101010101010101");
	assert_string_equal(
		ask(f->path,
			"SELECT count(*) FROM report_files WHERE file_id = 4 AND md5 IS NULL"
			" AND sha256 IS NULL AND time_zone = 'local' AND accessed_utc IS NULL"),
		"1");
	assert_string_equal(
		ask(f->path, "SELECT count(DISTINCT content_id) FROM report_files"), "3");
	assert_string_equal(ask(f->path, "SELECT off || '+' || len || why FROM content_damage"),
		"100+50missing");
	assert_string_equal(ask(f->path, "SELECT count(*) FROM report_timeline"), "8");
}

static void
times_are_exact_on_both_sides_of_1970(void **state)
{
	static const int64_t times[] = {0, 1, -1, 999999999, -999999999, -1000000000, -1000000001,
		1600000000123456789, INT64_MAX, INT64_MIN + 1, -6847804799999999999};
	struct fixture *f = *state;
	bool balanced;

	assert_true(went_well(f, make_database(f, false, &balanced)));
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char sql[128], expected[TRW_ISO8601_SIZE];
		(void)snprintf(sql, sizeof(sql),
			"UPDATE file SET created_ns = %" PRId64 " WHERE file_id = 1", times[i]);
		tamper(f->path, sql);
		trw_iso8601(times[i], expected);
		assert_string_equal(
			ask(f->path, "SELECT created_utc FROM report_files WHERE file_id = 1"),
			expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			views_have_exactly_the_documented_columns, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			report_files_says_what_was_stored, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			times_are_exact_on_both_sides_of_1970, fixture_setup, fixture_teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
