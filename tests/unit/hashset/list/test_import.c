/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/import.h"

#include "base/alloc.h"
#include "unit/fixture/folder.h"

#include <string.h>

#define A "0cc175b9c0f1b6a831c399e269772661"
#define B "92eb5ffee6ae2fec3ad71c777531578f"
#define C "4a8a08f09d37b73795649038408b5f33"
#define SHA1_A "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"

struct job {
	const char *text, *format, *map;
	size_t len; /* of the text, where it has NULs; 0 */
	double reject_max;
	bool is_strict, keep_names;
	enum trw_set_class class;
};

static enum trw_status
run(const struct job *job, struct trw_import_result *out, struct trw_err *err)
{
	static const char *const marks[] = {"tlp:red", "tlp:red"};
	char in[96], set[96];
	const char *paths[] = {in};

	path_of("list", in);
	path_of("list.tset", set);
	write_file("list", job->text, job->len > 0 ? job->len : strlen(job->text));
	const struct trw_import_options o = {.paths = paths,
		.n_paths = 1,
		.format = job->format,
		.list = {.map = job->map, .is_strict = job->is_strict, .block_size = 512},
		.set = {.target = trw_target_look(set),
			.class = job->class,
			.n_threads = 1,
			.keep_names = job->keep_names,
			.keep_properties = true},
		.version = "3",
		.marks = marks,
		.n_marks = 2,
		.reject_max = job->reject_max};
	*out = (struct trw_import_result){0};
	return trw_import_run(&o, out, err);
}

static struct trw_set *
set_open(void)
{
	struct trw_set *set = NULL;
	struct trw_err err = {0};
	char path[96];

	path_of("list.tset", path);
	if (trw_set_open(path, &set, &err) < 0 || trw_set_verify(set, &err) < 0)
		fail_msg("%s", err.text);
	return set;
}

/* The first entry, as text; the import must have been done. */
static void
assert_entry(
	uint32_t row, const char *scheme, const char *category, uint64_t size, const char *name)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;
	struct trw_set *set = set_open();

	assert_int_equal(trw_set_entry(set, row, &e, room, NULL), TRW_OK);
	assert_int_equal(e.scheme_len, strlen(scheme));
	assert_memory_equal(e.scheme, scheme, e.scheme_len);
	assert_int_equal(e.category_len, strlen(category));
	assert_memory_equal(e.category, category, e.category_len);
	assert_int_equal(e.name_len, strlen(name));
	if (e.name_len > 0)
		assert_memory_equal(e.name, name, e.name_len);
	assert_true(e.size == size);
	trw_set_close(set);
}

/* What an import of the text accepts and rejects. */
static void
assert_counts(const struct job *job, uint64_t n_accepted, uint64_t n_rejected, uint64_t n_entries)
{
	struct trw_import_result r;
	struct trw_err err = {0};

	if (run(job, &r, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(r.report.n_accepted, n_accepted);
	assert_int_equal(r.report.n_rejected, n_rejected);
	assert_int_equal(r.report.n_records, n_accepted + n_rejected);
	assert_int_equal(r.built.n_entries, n_entries);
	trw_import_result_clear(&r);
}

static void
rejected_records_are_counted_and_told_by_place_and_reason(void **state)
{
	const struct job job = {.text = A "\nxx\n" B "1\n" B "\n", .reject_max = 0.5};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(run(&job, &r, &err), TRW_OK);
	assert_int_equal(r.report.n_rejected, 2);
	assert_int_equal(r.report.rejects[0].place, 2);
	assert_string_equal(r.report.rejects[0].what, "line");
	assert_string_equal(r.report.rejects[0].file, "list");
	assert_int_equal(r.report.rejects[1].place, 3);
	assert_string_equal(r.report.rejects[1].reason, "33 hex digits: no digest has that length");
	trw_import_result_clear(&r);
}

static void
too_many_rejected_records_and_strictness_fail_the_import(void **state)
{
	struct job job = {.text = A "\nxx\n" B "\n", .reject_max = 0.1};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(run(&job, &r, &err), TRW_ECORRUPT);
	assert_non_null(strstr(err.text, "1 of 3 records were rejected"));
	trw_import_result_clear(&r);
	job.reject_max = 1;
	job.is_strict = true;
	assert_int_equal(run(&job, &r, &err), TRW_ECORRUPT);
	assert_non_null(strstr(err.text, "line 2"));
	trw_import_result_clear(&r);
}

static void
facts_are_those_of_the_user_else_of_the_files(void **state)
{
	const struct job job = {.text = A "\n"};
	struct trw_import_result r;
	const char *key, *value;
	size_t key_len, value_len, n_marks = 0, n_sources = 0;
	(void)state;

	assert_int_equal(run(&job, &r, NULL), TRW_OK);
	trw_import_result_clear(&r);
	struct trw_set *set = set_open();
	assert_string_equal(trw_set_info(set)->name, "list");
	assert_string_equal(trw_set_info(set)->id, "list");
	assert_string_equal(trw_set_info(set)->version, "3");
	for (size_t i = 0; trw_set_fact(set, i, &key, &key_len, &value, &value_len); i++) {
		n_marks += key_len == 4 && memcmp(key, "mark", 4) == 0;
		n_sources += key_len == 6 && memcmp(key, "source", 6) == 0;
	}
	assert_int_equal(n_marks, 1);
	assert_int_equal(n_sources, 1);
	trw_set_close(set);
}

static void
a_map_names_the_columns_with_a_header_and_without(void **state)
{
	struct job job = {.text = "a;" A ";7;3\nb;" B ";8;2\n",
		.format = "csv",
		.map = "md5=2,size=3,category=4,scheme=UK,name=1,delimiter=;",
		.keep_names = true};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_counts(&job, 2, 0, 2);
	assert_entry(0, "UK", "3", 7, "a");
	job.text = "what,hash,bytes\n\"x, \"\"y\"\"\nz\"," A ",5\n";
	job.map = "md5=hash,size=bytes,name=what";
	assert_counts(&job, 1, 0, 1);
	assert_entry(0, "", "", 5, "x, \"y\"\nz");
	job.map = "md5=nowhere";
	assert_int_equal(run(&job, &r, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "no column 'nowhere'"));
	trw_import_result_clear(&r);
	job.map = "colour=1";
	assert_int_equal(run(&job, &r, &err), TRW_EUSAGE);
	trw_import_result_clear(&r);
	job.map = "md5=99999999999999999999";
	assert_int_equal(run(&job, &r, &err), TRW_EUSAGE);
	trw_import_result_clear(&r);
}

static void
a_stray_quote_costs_the_lines_that_it_swallows_and_they_are_counted(void **state)
{
	const struct job job = {
		.text = "md5,name\n" A ",x\n" B ",\"open\n" C ",y\n", .reject_max = 1};
	(void)state;

	assert_counts(&job, 1, 2, 1);
}

static void
short_rows_odd_line_ends_and_empty_cells_are_taken_for_what_they_are(void **state)
{
	struct job job = {.text = "\xEF\xBB\xBFMD5,SHA1,size\r\n" A "\r\n," SHA1_A ",\r\n\r\n" B
				  ",,9\r\n,,\r\n",
		.reject_max = 1};
	(void)state;

	assert_counts(&job, 3, 1, 3);
	job.text = "\"SHA-1\",\"FileName\",\"FileSize\",\"MD5\",\"SpecialCode\"\n\"" SHA1_A
		   "\",\"a\"\"b\",\"8\",\"" A "\",\"M\"\n\"" SHA1_A "x\",\"c\",\"8\",\"\",\"\"\n";
	assert_counts(&job, 1, 1, 1);
	assert_entry(0, "NSRL", "M", 8, "");
	job.text = "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n# x\n3," A ",a,b,c\n4,xx,d\n";
	job.keep_names = true;
	assert_counts(&job, 1, 1, 1);
	assert_entry(0, "", "", 3, "a,b,c");
}

static void
lines_that_end_in_nul_or_cr_are_all_taken(void **state)
{
	static const char nul[] = A "  x\0" B "  y\nz\0" C " *z";
	struct job job = {.text = nul, .len = sizeof(nul) - 1, .keep_names = true};
	(void)state;

	assert_counts(&job, 3, 0, 3);
	assert_entry(2, "", "", TRW_SIZE_ABSENT, "y\nz");
	job.text = A "  x\r" B "  y\r" C "  z\r";
	job.len = 0;
	assert_counts(&job, 3, 0, 3);
	assert_entry(0, "", "", TRW_SIZE_ABSENT, "x");
	job.text = "md5,category\r" A ",1\r" B ",2\r";
	assert_counts(&job, 2, 0, 2);
}

static void
a_line_with_a_foreign_line_end_inside_is_rejected(void **state)
{
	struct job job = {.reject_max = 1};
	(void)state;

	job.text = A "  x\n" B "  y\r" C "  z\n";
	assert_counts(&job, 1, 1, 1);
	job.text = A "  x\n" B "  y\0" C "\n";
	job.len = sizeof(A "  x\n" B "  y\0" C "\n") - 1;
	assert_counts(&job, 1, 1, 1);
	job.len = 0;
	job.text = "md5,x\n" A ",1\n" B ",2\r" C ",3\n";
	assert_counts(&job, 1, 1, 1);
	job.text = "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n3," A ",a\n3," B ",b\r3," C ",c\n";
	assert_counts(&job, 1, 1, 1);
}

static void
line_ends_in_a_quoted_value_stay_as_they_are(void **state)
{
	const struct job job = {
		.text = "md5,name\r\n" A ",\"x\r\ny\nz\"\r\n" B ",y\r\n", .keep_names = true};
	(void)state;

	assert_counts(&job, 2, 0, 2);
	assert_entry(0, "", "", TRW_SIZE_ABSENT, "x\r\ny\nz");
}

static void
nsrl_codes_keep_rows_out_of_the_known_good_in_every_guise(void **state)
{
	static const char *const texts[] = {
		"SHA-1,MD5,CRC32,FileName,FileSize,ProductCode,OpSystemCode,SpecialCode\n" SHA1_A
		"," A ",00000000,a,1,2,3,M\n," B ",00000000,b,1,2,3,\n",
		"\"MD5\",\"SHA-1\",\"SHA-256\",\"SpecialCode\"\n\"" A "\",,,\"S\"\n,,\"" A B
		"\",\"\"\n",
		"md5,size,scheme,category,name\n" A ",1,NSRL,M,a\n" B ",1,NSRL,,b\n",
		"sha1;md5;SpecialCode\n" SHA1_A ";" A ";M\n;" B ";\n",
		"md5,scheme,category\n" A ",hashlookup-KnownMalicious,x\n" B ",UK,M\n"};
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct job job = {.text = texts[i], .class = TRW_SET_KNOWN_GOOD};
		struct trw_import_result r;
		struct trw_err err = {0};
		if (run(&job, &r, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(r.report.n_accepted, 2);
		assert_int_equal(r.built.n_suspect, 1);
		assert_int_equal(r.built.n_entries, 1);
		trw_import_result_clear(&r);
	}
}

static void
comments_before_the_first_record_do_not_hide_a_format(void **state)
{
	static const char *const texts[][2] = {{"clamav", "# x\r\n\r\n" A ":1:x\r\n"},
		{"pdq", "#\n" A B ",100,x\n"}, {"vpdq", "\n# x\n0,100," A B ",1.0\n"},
		{"threatexchange-local", "# x\nvideo_md5 " A "\n"}};
	struct trw_import_result r;
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct job job = {.text = texts[i][1]};
		struct trw_err err = {0};
		if (run(&job, &r, &err) < 0)
			fail_msg("%s: %s", texts[i][0], err.text);
		assert_string_equal(r.files[0].format, texts[i][0]);
		assert_int_equal(r.report.n_accepted, 1);
		trw_import_result_clear(&r);
	}
}

static void
an_ilook_digest_is_of_the_algorithm_that_its_row_names(void **state)
{
	const struct job job = {
		.text = "V1Hash,HashType,SetDescription,FileName,FilePath,FileSize\n" A
			",MD5,s,x,p,1\n" B ",MD4,s,y,p,1\n" C ",,s,z,p,1\n" SHA1_A
			",SHA-1,s,v,p,1\n",
		.reject_max = 1,
		.keep_names = true};
	(void)state;

	assert_counts(&job, 3, 1, 3);
	assert_entry(0, "", "", 1, "x");
}

static uint64_t
left(const struct trw_list_report *r, const char *what)
{
	for (size_t i = 0; i < r->n_left; i++)
		if (strcmp(r->left[i].what, what) == 0)
			return r->left[i].n;
	return 0;
}

/* What the list text becomes: n_left of its sizes are left behind, and the first entry has this one. */
static void
assert_sizes(const struct job *job, uint64_t n_left, uint64_t size)
{
	struct trw_import_result r;
	struct trw_err err = {0};

	if (run(job, &r, &err) < 0)
		fail_msg("%s: %s", job->text, err.text);
	assert_int_equal(r.report.n_rejected, 0);
	assert_int_equal(left(&r.report, "sizes that are no numbers of bytes"), n_left);
	assert_entry(0, "", "", size, "");
	trw_import_result_clear(&r);
}

#define VICS(media)                                                                                \
	"{\"@odata.context\": \"http://x/2.0.xml/US/$metadata#Media\", \"value\": [" media "]}"

static void
a_size_that_is_none_costs_no_digest(void **state)
{
	static const char *const none[] = {
		VICS("{\"MD5\":\"" A "\",\"MediaSize\":-1}"),
		VICS("{\"MD5\":\"" A "\",\"MediaSize\":\"x\"}"),
		VICS("{\"MD5\":\"" A "\",\"MediaSize\":12.5}"),
		VICS("{\"MD5\":\"" A "\",\"MediaSize\":18446744073709551615}"),
		"{\"MD5\":\"" A "\",\"FileSize\":\"-1\"}\n",
		"md5,size\n" A ",12 KB\n",
		"SHA-1,MD5,FileSize,SpecialCode\n," A ",-1,\n",
		"\"file_id\",\"hashset_id\",\"hash\",\"file_size\"\n1,1,\"" A "\",unknown\n",
		"V3Hash,HashSHA1,FileName,FilePath,FileSize,HashSHA256,HashSHA384,HashSHA512\n" A
		",,,,?,,,\n",
		"%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n-," A ",x\n",
		B ":1:y\n" A ":-:x\n",
		"{\"file_hash\":\"" A "\",\"filesize\":-1}\n",
		"{\"Event\":{\"Object\":[{\"name\":\"file\",\"uuid\":\"u\",\"Attribute\":[{\"type\":\"md5\","
		"\"value\":\"" A "\"},{\"object_relation\":\"size-in-bytes\",\"value\":\"?\"}]}]}}",
	};
	struct job job = {.text = NULL};
	(void)state;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		job.text = none[i];
		assert_sizes(&job, 1, TRW_SIZE_ABSENT);
	}
	job.text = VICS("{\"MD5\":\"" A "\",\"MediaSize\":12.00}");
	assert_sizes(&job, 0, 12);
	job.text = VICS("{\"MD5\":\"" A "\",\"MediaSize\":9223372036854775807}");
	assert_sizes(&job, 0, INT64_MAX);
	job.text = VICS("{\"MD5\":\"" A "\",\"MediaSize\":18446744073709551616}");
	job.reject_max = 1;
	job.format = "vics";
	struct trw_import_result r;
	assert_int_equal(run(&job, &r, NULL), TRW_EUSAGE); /* damage, and nothing else is there */
	assert_int_equal(r.report.n_rejected, 1);
	trw_import_result_clear(&r);
}

/* A tag of this many bytes, once it is UTF-8; how many values the import says it has cut. */
static uint64_t
n_cut(size_t len, bool is_latin)
{
	static char text[TRW_PROPERTY_VALUE_MAX + 64];
	const struct job job = {.text = text};
	struct trw_import_result r;
	struct trw_err err = {0};
	int n = snprintf(text, sizeof(text), "md5,tags\n%s,%s", A, is_latin ? "\xe4" : "xx");

	memset(text + n, 'x', len - 2);
	text[(size_t)n + len - 2] = '\0';
	if (run(&job, &r, &err) < 0)
		fail_msg("%s", err.text);
	uint64_t n_left = left(&r.report, "texts that are too long, in part");
	trw_import_result_clear(&r);
	return n_left;
}

static void
a_value_that_is_cut_is_told(void **state)
{
	(void)state;

	for (int is_latin = 0; is_latin < 2; is_latin++) {
		assert_int_equal(n_cut(TRW_PROPERTY_VALUE_MAX, is_latin), 0);
		assert_int_equal(n_cut(TRW_PROPERTY_VALUE_MAX + 1, is_latin), 1);
	}
}

static void
an_alternative_hash_of_no_use_costs_only_itself(void **state)
{
	const struct job job = {
		.text = VICS(
			"{\"MD5\":\"" A "\",\"SHA1\":\"" SHA1_A
			"\",\"AlternativeHashes\":[{\"HashName\":\"SHA256\",\"HashValue\":\"12\"},"
			"{\"HashName\":\"MD5\",\"HashValue\":\"" B "\"}]}")};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	if (run(&job, &r, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(r.report.n_accepted, 1);
	assert_int_equal(left(&r.report, "alternative hashes that cannot be used"), 2);
	trw_import_result_clear(&r);
}

static void
a_photodna_in_hex_becomes_base64(void **state)
{
	static char hex[289], base64[193], texts[4][800];
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;
	(void)state;

	for (size_t i = 0; i < 288; i += 6)
		memcpy(hex + i, i == 0 ? "00fbF0" : "fffeFD", 6);
	for (size_t i = 0; i < 192; i += 4)
		memcpy(base64 + i, i == 0 ? "APvw" : "//79", 4);
	(void)snprintf(texts[0], sizeof(texts[0]),
		"MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
		"Number of submissions;File Available;Media Type;Baseline\n%s;;%s;;;;;;;;;\n",
		A, hex);
	(void)snprintf(texts[1], sizeof(texts[1]),
		"<queryResult><images><image><member id=\"1\"/><id>1</id><fingerprints><md5>%s</md5>"
		"<pdna>%s</pdna></fingerprints></image></images></queryResult>",
		A, hex);
	(void)snprintf(texts[2], sizeof(texts[2]), "md5,photoDna\n%s,%s\n", A, hex);
	(void)snprintf(texts[3], sizeof(texts[3]), "md5,photoDna\n%s,%s\n", A, base64);
	for (size_t i = 0; i < 4; i++) {
		const struct job job = {.text = texts[i]};
		assert_counts(&job, 1, 0, 1);
		struct trw_set *set = set_open();
		assert_int_equal(trw_set_entry(set, 0, &e, room, NULL), TRW_OK);
		assert_int_equal(e.n_properties, 1);
		assert_int_equal(room[0].value_len, 192);
		assert_memory_equal(room[0].value, base64, 192);
		trw_set_close(set);
	}
}

static void
the_scheme_of_vics_is_that_of_the_region_and_plain_without_one(void **state)
{
	static const char *const contexts[][2] = {{"DataModels/1.3.xml#Media", "VICS"},
		{"DataModels/2.0.xml/$metadata#Media", "VICS"},
		{"DataModels/2.0.xml//$metadata#Media", "VICS"},
		{"DataModels/2.0.xml/US/$metadata#Media", "VICS-US"},
		{"DataModels/2.0.xml/Default/$metadata#Media", "VICS-Default"}};
	char text[400];
	const struct job job = {.text = text};
	(void)state;

	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		(void)snprintf(text, sizeof(text),
			"{\"@odata.context\":\"http://x/%s\",\"value\":[{\"MD5\":\"%s\",\"Category\":1}]}",
			contexts[i][0], A);
		assert_counts(&job, 1, 0, 1);
		assert_entry(0, contexts[i][1], "1", TRW_SIZE_ABSENT, "");
	}
}

static void
an_index_without_its_first_lines_loses_no_entry(void **state)
{
	const struct job job = {
		.text = A "|0000000000000000\n" B "|0000000000000050\n" C "|0000000000000100\n",
		.format = "tsk-index"};
	(void)state;

	assert_counts(&job, 3, 0, 3);
}

static void
every_record_that_an_encase_file_lacks_counts(void **state)
{
	static char text[1152 + 3 * 18] = "HASH\r\n\xff";
	struct job job = {.text = text, .len = sizeof(text), .reject_max = 0.25};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	for (size_t i = 0; i < 3; i++)
		memset(text + 1152 + i * 18, (int)i + 1, 16);
	text[16] = 3;
	assert_counts(&job, 3, 0, 3);
	text[16] = 100;
	assert_int_equal(run(&job, &r, &err), TRW_ECORRUPT);
	assert_non_null(strstr(err.text, "97 of 100 records were rejected"));
	trw_import_result_clear(&r);
	text[19] = 0x7f; /* 2 billion: told without going through them */
	job.reject_max = 1;
	assert_int_equal(run(&job, &r, &err), TRW_OK);
	assert_int_equal(r.report.n_accepted, 3);
	assert_int_equal(r.report.rejects[TRW_REJECTS_SHOWN - 1].place, 3 + TRW_REJECTS_SHOWN);
	trw_import_result_clear(&r);
	text[16] = 3;
	text[19] = 0;
	job.len--;
	assert_counts(&job, 2, 1, 2);
	text[16] = 2;
	assert_counts(&job, 2, 0, 2);
}

static void
a_mapped_list_without_a_header_does_not_lose_its_first_line(void **state)
{
	const struct job job = {.text = "0cc175b9c0f1b6a831c399e26977266,x\n" B ",y\n" C ",z\n",
		.format = "csv",
		.map = "md5=1",
		.reject_max = 0.5};
	(void)state;

	assert_counts(&job, 2, 1, 2);
}

static void
utf_16_is_named_as_what_it_is(void **state)
{
	const struct job job = {.text = "\xFF\xFE"
					"0\0",
		.len = 4};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(run(&job, &r, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "UTF-16"));
	trw_import_result_clear(&r);
}

static void
a_heading_says_what_the_digests_are(void **state)
{
	struct job job = {.text = "PDQ\n" A B "\n", .reject_max = 1};
	struct trw_import_result r;
	(void)state;

	assert_counts(&job, 1, 0, 1);
	struct trw_set *set = set_open();
	assert_int_equal(trw_set_info(set)->kinds, TRW_HASH_BIT(TRW_HASH_PDQ));
	trw_set_close(set);
	job.text = "SHA-1\n" SHA1_A "\n" A "\n" A "1\n";
	assert_int_equal(run(&job, &r, NULL), TRW_OK);
	assert_int_equal(r.report.n_accepted, 1);
	assert_string_equal(r.report.rejects[0].reason, "another kind of digest than was named");
	assert_string_equal(r.report.rejects[1].reason, "33 hex digits: no digest has that length");
	trw_import_result_clear(&r);
}

static void
every_shape_of_a_checksum_line_is_taken(void **state)
{
	struct job job = {.keep_names = true};
	(void)state;

	job.text = "MD5 (x) = " A "\n\\MD5 (y\\nz) = " B "\n";
	assert_counts(&job, 2, 0, 2);
	assert_entry(1, "", "", TRW_SIZE_ABSENT, "y\nz");
	job.text = A " x y\n" B " ./z\n";
	assert_counts(&job, 2, 0, 2);
	assert_entry(0, "", "", TRW_SIZE_ABSENT, "x y");
	job.text = A "  x\n" B " " SHA1_A "\n"; /* which is not the name of a file */
	job.reject_max = 1;
	assert_counts(&job, 1, 1, 1);
}

static void
an_escaped_name_of_any_length_loses_its_escapes(void **state)
{
	static char text[2 * TRW_ENTRY_NAME_MAX], name[TRW_ENTRY_NAME_MAX];
	const struct job job = {.text = text, .keep_names = true};
	size_t n = sizeof(name) - 1;
	(void)state;

	memset(name, 'n', n);
	name[0] = '\\';
	(void)snprintf(text, sizeof(text), "\\" A "  \\%s\n", name);
	assert_counts(&job, 1, 0, 1);
	assert_entry(0, "", "", TRW_SIZE_ABSENT, name);
}

static void
a_list_of_an_algorithm_with_as_many_digits_as_md5_is_refused(void **state)
{
	static const char *const texts[] = {
		"NTLM\n" A "\n", "# MD4\n" A "\n", "RipeMD160\n" SHA1_A "\n"};
	struct trw_import_result r;
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct job job = {.text = texts[i], .reject_max = 1};
		struct trw_err err = {0};
		assert_int_equal(run(&job, &r, &err), TRW_EUNSUPPORTED);
		assert_non_null(strstr(err.text, "an algorithm that sets do not hold"));
		trw_import_result_clear(&r);
	}
}

static void
what_several_formats_may_be_is_asked_of_the_user(void **state)
{
	static const char pdq_or_csv[] =
		"sha256,quality,name\n" A B ",100,x\n"; /* a header: csv alone */
	const struct job job = {.text = pdq_or_csv, .reject_max = 1};
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_counts(&job, 1, 0, 1);
	const struct job none = {.text = "hello\nworld\n"};
	assert_int_equal(run(&none, &r, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "--format"));
	trw_import_result_clear(&r);
}

static void
every_failing_allocation_fails_the_import_and_keeps_the_old_set(void **state)
{
	static const struct job jobs[] = {
		{.text = A "\n" B "\n"},
		{.text = "md5,name,category\n" A ",x,1\n" B ",y,2\n", .keep_names = true},
		{.text = "{\"@odata.context\": \"http://x/2.0.xml/US/$metadata#Media\", \"value\": "
			 "[{\"MD5\": \"" A "\", \"Category\": 1, \"Tags\": \"t\"}]}"},
		{.text = "{\"type\": \"bundle\", \"objects\": [{\"type\": \"indicator\", \"id\": \"i\", "
			 "\"pattern\": \"[file:hashes.MD5 = '" A "']\"}]}"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		enum trw_status st = TRW_ENOMEM;
		for (uint64_t nth = 1; st != TRW_OK && nth < 500; nth++) {
			struct trw_import_result r;
			struct trw_err err = {0};
			trw_alloc_fail_at(nth);
			st = run(&jobs[i], &r, &err);
			trw_alloc_fail_at(0);
			trw_import_result_clear(&r);
			if (st != TRW_OK && st != TRW_ENOMEM)
				fail_msg("list %zu, allocation %d: %s", i, (int)nth, err.text);
			if (i > 0) /* the set of the list before this one stands */
				trw_set_close(set_open());
		}
		assert_int_equal(st, TRW_OK);
		trw_set_close(set_open());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rejected_records_are_counted_and_told_by_place_and_reason),
		cmocka_unit_test(too_many_rejected_records_and_strictness_fail_the_import),
		cmocka_unit_test(facts_are_those_of_the_user_else_of_the_files),
		cmocka_unit_test(a_map_names_the_columns_with_a_header_and_without),
		cmocka_unit_test(
			a_stray_quote_costs_the_lines_that_it_swallows_and_they_are_counted),
		cmocka_unit_test(
			short_rows_odd_line_ends_and_empty_cells_are_taken_for_what_they_are),
		cmocka_unit_test(lines_that_end_in_nul_or_cr_are_all_taken),
		cmocka_unit_test(a_line_with_a_foreign_line_end_inside_is_rejected),
		cmocka_unit_test(line_ends_in_a_quoted_value_stay_as_they_are),
		cmocka_unit_test(nsrl_codes_keep_rows_out_of_the_known_good_in_every_guise),
		cmocka_unit_test(comments_before_the_first_record_do_not_hide_a_format),
		cmocka_unit_test(an_ilook_digest_is_of_the_algorithm_that_its_row_names),
		cmocka_unit_test(a_size_that_is_none_costs_no_digest),
		cmocka_unit_test(a_value_that_is_cut_is_told),
		cmocka_unit_test(an_alternative_hash_of_no_use_costs_only_itself),
		cmocka_unit_test(a_photodna_in_hex_becomes_base64),
		cmocka_unit_test(the_scheme_of_vics_is_that_of_the_region_and_plain_without_one),
		cmocka_unit_test(an_index_without_its_first_lines_loses_no_entry),
		cmocka_unit_test(every_record_that_an_encase_file_lacks_counts),
		cmocka_unit_test(a_mapped_list_without_a_header_does_not_lose_its_first_line),
		cmocka_unit_test(utf_16_is_named_as_what_it_is),
		cmocka_unit_test(a_heading_says_what_the_digests_are),
		cmocka_unit_test(every_shape_of_a_checksum_line_is_taken),
		cmocka_unit_test(an_escaped_name_of_any_length_loses_its_escapes),
		cmocka_unit_test(a_list_of_an_algorithm_with_as_many_digits_as_md5_is_refused),
		cmocka_unit_test(what_several_formats_may_be_is_asked_of_the_user),
		cmocka_unit_test(every_failing_allocation_fails_the_import_and_keeps_the_old_set),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
