/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/fixture/folder.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/text.h"
#include "digest/digest.h"
#include "hashset/builder.h"
#include "hashset/list/export.h"
#include "hashset/list/syntax/uuid.h"
#include "hashset/list/format/writers.h"

#include <string.h>

#define PROPERTY(n, v)                                                                             \
	{                                                                                          \
		.name = (n), .name_len = sizeof(n) - 1, .value = (v), .value_len = sizeof(v) - 1   \
	}

/* Made-up entries: digest k of entry i is filled with 0x10 * (i + 1) + k, and its place in the last byte. */
struct made {
	uint32_t kinds;
	uint64_t size;
	const char *scheme, *category, *name;
	const struct trw_property *properties;
	size_t n_properties;
};

#define MD5 TRW_HASH_BIT(TRW_HASH_MD5)
#define SHA1 TRW_HASH_BIT(TRW_HASH_SHA1)
#define SHA256 TRW_HASH_BIT(TRW_HASH_SHA256)

static const struct trw_property first_properties[] = {PROPERTY("comments", "a \"b\"\nc, d"),
	PROPERTY("is_distributed", "true"), PROPERTY("photodna", "AAAA"),
	PROPERTY("updated", "2000-01-02T03:04:05Z")};
static const struct trw_property second_properties[] = {
	PROPERTY("crc32", "699ce9a5"), PROPERTY("tags", "t1"), PROPERTY("tags", "t2")};

static const struct made mixed[] = {
	{MD5 | SHA1 | SHA256, 8, "VICS-US", "1", "one, \"two\".bin", first_properties, 4},
	{MD5 | SHA1, TRW_SIZE_ABSENT, "NSRL", "M", "back\\slash\nline", second_properties, 3},
	{MD5, 0, "", "", "", NULL, 0},
	{SHA1, 12, "", "", "", NULL, 0},
	{SHA256, 13, "VICS-US", "0", "odd \xff name", NULL, 0},
};
#define N_MIXED (sizeof(mixed) / sizeof(mixed[0]))

static void
make_entry(const struct made *m, size_t i, struct trw_entry *e)
{
	trw_entry_reset(e);
	e->kinds = m->kinds;
	e->size = m->size;
	e->scheme = m->scheme;
	e->scheme_len = strlen(m->scheme);
	e->category = m->category;
	e->category_len = strlen(m->category);
	e->name = m->name;
	e->name_len = strlen(m->name);
	e->properties = m->properties;
	e->n_properties = m->n_properties;
	for (unsigned k = 0; k < TRW_HASH_N; k++) {
		memset(e->digest[k], (int)(0x10 * (i + 1) + k), TRW_HASH_SIZE_MAX);
		e->digest[k][trw_hash_size((enum trw_hash_kind)k) - 1] = (uint8_t)i;
		trw_put_le32(
			e->digest[k] + 4, i > UINT8_MAX ? (uint32_t)i : trw_le32(e->digest[k] + 4));
	}
}

static void
build(const char *name, enum trw_set_class class, const struct made *v, size_t n)
{
	struct trw_set_builder_options options = {.memory = TRW_SET_MEMORY_MIN,
		.n_threads = 1,
		.class = class,
		.keep_names = true,
		.keep_properties = true};
	struct trw_set_builder *b;
	struct trw_set_built built;
	struct trw_err err = {0};
	char path[96];

	path_of(name, path);
	options.target = trw_target_look(path);
	assert_int_equal(trw_set_builder_new(&options, &b, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "id", "made-up", 7, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "name", "made-up list", 12, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "version", "1", 1, &err), TRW_OK);
	assert_int_equal(trw_set_builder_fact(b, "mark", "tlp:amber", 9, &err), TRW_OK);
	for (size_t i = 0; i < n; i++) {
		struct trw_entry e;
		make_entry(&v[i], i, &e);
		assert_int_equal(trw_set_builder_add(b, &e, &err), TRW_OK);
	}
	assert_int_equal(trw_set_builder_finish(b, &built, &err), TRW_OK);
	assert_int_equal(built.n_entries, n);
	trw_set_builder_free(b);
}

static enum trw_status
export_kind(const char *set, const char *format, const char *to, enum trw_hash_kind kind,
	struct trw_export_result *r, struct trw_err *err)
{
	char set_path[96], path[96];
	struct trw_export_options options = {.set_path = set_path, .format = format, .kind = kind};

	path_of(set, set_path);
	path_of(to, path);
	options.target = trw_target_look(path);
	return trw_export_run(&options, r, err);
}

static enum trw_status
export_as(const char *format, const char *to, struct trw_export_result *r)
{
	struct trw_err err = {0};
	enum trw_status status = export_kind("mixed.tset", format, to, TRW_HASH_N, r, &err);

	if (status < 0)
		print_message("%s: %s\n", format, err.text);
	return status;
}

static uint64_t
left(const struct trw_export_result *r, const char *what)
{
	for (size_t i = 0; i < r->n_left; i++)
		if (strcmp(r->left[i].what, what) == 0)
			return r->left[i].n;
	return 0;
}

/* The file as a string. Heap. */
static char *
text_of(const char *name)
{
	char path[96], *text = calloc(1, 65536);
	FILE *f;

	assert_non_null(text);
	path_of(name, path);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) < 65535);
	(void)fclose(f);
	return text;
}

static void
assert_text(const char *name, const char *expected)
{
	char *text = text_of(name);

	assert_string_equal(text, expected);
	free(text);
}

static void
assert_holds(const char *name, const char *part)
{
	char *text = text_of(name);

	if (strstr(text, part) == NULL)
		fail_msg("%s lacks %s:\n%s", name, part, text);
	free(text);
}

#define MD5_0 "10101010101010101010101010101000"
#define MD5_1 "20202020202020202020202020202001"
#define MD5_2 "30303030303030303030303030303002"
#define SHA1_0 "1111111111111111111111111111111111111100"
#define SHA1_1 "2121212121212121212121212121212121212101"
#define SHA1_3 "4141414141414141414141414141414141414103"
#define SHA256_0 "1212121212121212121212121212121212121212121212121212121212121200"
#define SHA256_4 "5252525252525252525252525252525252525252525252525252525252525204"

static void
plain_list_is_sorted_and_says_what_it_lacks(void **state)
{
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(
		export_kind("mixed.tset", "plain", "plain.txt", TRW_HASH_MD5, &r, &err), TRW_OK);
	assert_text("plain.txt", MD5_0 "\n" MD5_1 "\n" MD5_2 "\n");
	assert_int_equal(r.n_entries, 5);
	assert_int_equal(r.n_written, 3);
	assert_int_equal(r.n_bytes, 99);
	assert_int_equal(left(&r, "entries without an MD5"), 2);
	assert_int_equal(left(&r, "digests of other kinds"), 3);
	assert_int_equal(left(&r, "categories"), 2);
	assert_int_equal(left(&r, "properties"), 7);
	assert_int_equal(left(&r, "handling marks of the list"), 1);
}

static void
checksum_file_escapes_names_as_coreutils_do(void **state)
{
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(
		export_kind("mixed.tset", "md5sum", "sums", TRW_HASH_MD5, &r, &err), TRW_OK);
	assert_text(
		"sums", MD5_0 "  one, \"two\".bin\n\\" MD5_1 "  back\\\\slash\\nline\n" MD5_2 "\n");
	assert_int_equal(left(&r, "file names"), 0);
}

static void
nsrl_rows_have_both_digests_and_the_special_code(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("nsrl-v2", "NSRLFile.txt", &r), TRW_OK);
	assert_text("NSRLFile.txt",
		"\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\","
		"\"OpSystemCode\",\"SpecialCode\"\n"
		"\"" SHA1_0 "\",\"" MD5_0 "\",\"00000000\",\"one, \"\"two\"\".bin\",8,,\"\",\"M\"\n"
		"\"" SHA1_1 "\",\"" MD5_1 "\",\"699CE9A5\",\"\",,,\"\",\"M\"\n");
	assert_int_equal(left(&r, "entries without both an MD5 and a SHA-1"), 3);
	assert_int_equal(left(&r, "categories"), 1);
	assert_int_equal(left(&r, "file names"), 1);
}

static void
hashdeep_takes_the_columns_that_lose_the_fewest_entries(void **state)
{
	struct trw_export_result r;
	(void)state;

	/* With a size: SHA-256 has two entries, so has MD5, so has SHA-1; the strongest it is. */
	assert_int_equal(export_as("hashdeep", "known.txt", &r), TRW_OK);
	assert_text("known.txt", "%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n"
				 "8," SHA256_0 ",one, \"two\".bin\n"
				 "13," SHA256_4 ",odd \xff name\n");
	assert_int_equal(left(&r, "entries without a size or a digest of the columns"), 3);
}

static void
csv_has_a_column_for_everything(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("csv", "list.csv", &r), TRW_OK);
	assert_int_equal(r.n_written, 5);
	assert_int_equal(r.n_left, 1);
	assert_holds("list.csv", "md5,sha1,sha256,size,scheme,category,name,comments,crc32,"
				 "is_distributed,photodna,tags,tags,updated\n");
	assert_holds("list.csv", MD5_0 "," SHA1_0 "," SHA256_0
				       ",8,VICS-US,1,\"one, \"\"two\"\".bin\",\"a \"\"b\"\"\nc, "
				       "d\",,true,AAAA,,,2000-01-02T03:04:05Z\n");
	assert_holds("list.csv",
		MD5_1 "," SHA1_1 ",,,NSRL,M,\"back\\slash\nline\",,699ce9a5,,,t1,t2,\n");
	assert_holds("list.csv", ",," SHA256_4 ",13,VICS-US,0,odd \xff name,,,,,,,\n");
}

static void
csv_leaves_out_properties_that_would_be_read_as_something_else(void **state)
{
	static const struct trw_property properties[] = {PROPERTY("file_name", "a"),
		PROPERTY("filesize", "1"), PROPERTY("md5hash", "x"), PROPERTY("media", "y")};
	static const struct made v[] = {{MD5, 8, "", "", "", properties, 4}};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("odd.tset", TRW_SET_TRIAGE, v, 1);
	assert_int_equal(export_kind("odd.tset", "csv", "odd.csv", TRW_HASH_N, &r, &err), TRW_OK);
	assert_int_equal(left(&r, "properties"), 3);
	assert_holds("odd.csv", "md5,size,scheme,category,name,media\n");
}

static void
vics_writes_what_its_readers_want(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("vics", "vics.json", &r), TRW_OK);
	assert_holds("vics.json",
		"{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/"
		"DataModels/2.0.xml/US/$metadata#Media\",\"value\":[\n");
	assert_holds("vics.json",
		"{\"MediaID\":1,\"Category\":1,\"MD5\":\"" MD5_0 "\",\"SHA1\":\"" SHA1_0
		"\",\"MediaSize\":8,\"IsDistributed\":true,\"Comments\":\"a \\\"b\\\"\\u000ac, d\","
		"\"DateUpdated\":\"2000-01-02T03:04:05Z\",\"AlternativeHashes\":[{\"HashName\":"
		"\"SHA256\",\"HashValue\":\"" SHA256_0 "\"},{\"HashName\":\"PhotoDNA\","
		"\"HashValue\":\"AAAA\"}]},\n");
	assert_holds("vics.json", "{\"MediaID\":3,\"MD5\":\"" MD5_2 "\",\"MediaSize\":0}\n]}\n");
	assert_int_equal(left(&r, "entries without an MD5"), 2);
	assert_int_equal(left(&r, "categories"), 1);
}

static void
vics_regions_are_never_mixed(void **state)
{
	static const struct made two[] = {
		{MD5, 1, "VICS-US", "1", "", NULL, 0}, {MD5, 2, "VICS-UK", "1", "", NULL, 0}};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("regions.tset", TRW_SET_ALERT, two, 2);
	assert_int_equal(export_kind("regions.tset", "vics", "regions.json", TRW_HASH_N, &r, &err),
		TRW_EUSAGE);
	assert_non_null(strstr(err.text, "regions"));
}

static void
stix_has_an_indicator_for_each_entry_under_its_mark(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("stix", "bundle.json", &r), TRW_OK);
	assert_int_equal(r.n_written, 5);
	assert_holds("bundle.json",
		"\"id\":\"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82\"");
	assert_holds("bundle.json",
		"\"pattern\":\"[file:hashes.MD5 = '" MD5_0 "' AND file:hashes.'SHA-1' = '" SHA1_0
		"' AND file:hashes.'SHA-256' = '" SHA256_0 "' AND file:size = 8]\"");
	assert_holds("bundle.json", "\"modified\":\"2000-01-02T03:04:05Z\"");
	assert_int_equal(left(&r, "handling marks of the list"), 0);
}

static void
stix_marks_that_tlp_1_lacks_are_objects_of_tlp_2(void **state)
{
	static const struct trw_property marks[] = {PROPERTY("marks", "TLP:AMBER+STRICT pap:red")};
	static const struct made one[] = {{MD5, 8, "", "", "", marks, 1}};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("strict.tset", TRW_SET_ALERT, one, 1);
	assert_int_equal(
		export_kind("strict.tset", "stix", "strict.json", TRW_HASH_N, &r, &err), TRW_OK);
	assert_holds("strict.json",
		"\"id\":\"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003\",\"created\":"
		"\"2022-10-01T00:00:00.000Z\",\"name\":\"TLP:AMBER+STRICT\",\"extensions\":{");
	assert_holds("strict.json",
		"\"created\":\"1970-01-01T00:00:01Z\",\"definition_type\":\"statement\",\"definition\":"
		"{\"statement\":\"pap:red\"}}");
}

static void
known_good_sets_are_no_indicators(void **state)
{
	static const char *const formats[] = {"stix", "misp"};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("good.tset", TRW_SET_KNOWN_GOOD, mixed, N_MIXED);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			export_kind("good.tset", formats[i], "good.out", TRW_HASH_N, &r, &err),
			TRW_EUSAGE);
}

static void
hashlookup_records_are_lines_of_strings(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("hashlookup", "list.ndjson", &r), TRW_OK);
	assert_int_equal(r.n_written, 5);
	assert_holds("list.ndjson",
		"{\"MD5\":\"" MD5_0 "\",\"SHA-1\":\"" SHA1_0 "\",\"SHA-256\":\"" SHA256_0
		"\",\"FileName\":\"one, \\\"two\\\".bin\",\"FileSize\":\"8\","
		"\"KnownMalicious\":\"made-up list\"}\n");
	assert_holds("list.ndjson", "\"SpecialCode\":\"M\",\"KnownMalicious\":\"made-up list\"");
	assert_int_equal(left(&r, "categories"), 2);
	assert_holds("list.ndjson", "\"FileName\":\"odd \xef\xbf\xbd name\"");
	assert_int_equal(left(&r, "file names that are not UTF-8, in part"), 1);
}

static void
what_hashlookup_calls_malicious_stays_so_in_its_records(void **state)
{
	static const struct made one[] = {
		{MD5, 8, "hashlookup-KnownMalicious", "a list", "", NULL, 0}};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("malicious.tset", TRW_SET_TRIAGE, one, 1);
	assert_int_equal(export_kind("malicious.tset", "hashlookup", "malicious.ndjson", TRW_HASH_N,
				 &r, &err),
		TRW_OK);
	assert_text("malicious.ndjson",
		"{\"MD5\":\"" MD5_0 "\",\"FileSize\":\"8\",\"KnownMalicious\":\"a list\"}\n");
	assert_int_equal(left(&r, "categories"), 0);
}

static void
the_formats_of_known_files_say_of_each_entry_that_it_is_none(void **state)
{
	static const struct made two[] = {{MD5 | SHA1, 8, "VICS-US", "0", "", NULL, 0},
		{MD5 | SHA1, 9, "NSRL", "a code\nof many letters", "", NULL, 0}};
	static const struct {
		enum trw_set_class class;
		const char *record, *row;
	} cases[] = {{TRW_SET_ALERT, "\"FileSize\":\"8\",\"KnownMalicious\":\"made-up list\"}\n",
			     "8,,\"\",\"M\"\n"},
		{TRW_SET_TRIAGE, "\"FileSize\":\"8\",\"SpecialCode\":\"S\"}\n", "8,,\"\",\"S\"\n"},
		{TRW_SET_KNOWN_GOOD, "\"FileSize\":\"8\"}\n", "8,,\"\",\"\"\n"}};
	struct trw_export_result r;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		build("class.tset", cases[i].class, two, 2);
		assert_int_equal(
			export_kind("class.tset", "hashlookup", "class.out", TRW_HASH_N, &r, NULL),
			TRW_OK);
		assert_holds("class.out", cases[i].record);
		assert_int_equal(
			left(&r, "categories"), cases[i].class == TRW_SET_KNOWN_GOOD ? 1 : 2);
		assert_int_equal(
			export_kind("class.tset", "nsrl-v2", "class.out", TRW_HASH_N, &r, NULL),
			TRW_OK);
		assert_holds("class.out", cases[i].row);
		assert_int_equal(left(&r, "categories"), 2);
	}
}

static void
a_comment_that_an_entry_has_twice_is_no_error_of_the_kdb(void **state)
{
	static const struct trw_property twice[] = {
		PROPERTY("comments", "same"), PROPERTY("comments", "same")};
	static const struct made one[] = {{MD5, 8, "", "", "", twice, 2}};
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	build("twice.tset", TRW_SET_ALERT, one, 1);
	assert_int_equal(
		export_kind("twice.tset", "kdb", "twice.kdb", TRW_HASH_N, &r, &err), TRW_OK);
	assert_int_equal(r.n_written, 1);
}

/* Empties and removes a folder in the test's. */
static void
remove_inner(const char *name)
{
	char path[96];
	DIR *dir;
	const struct dirent *entry;

	path_of(name, path);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static void
hfind_folder_has_a_list_and_its_indexes(void **state)
{
	struct trw_export_result r;
	(void)state;

	assert_int_equal(export_as("hfind", "hf", &r), TRW_OK);
	assert_int_equal(r.n_written, 4);
	assert_int_equal(left(&r, "entries without an MD5 or SHA-1"), 1);
	assert_text("hf/hashes.txt", MD5_0 "  one, \"two\".bin\n" MD5_1 "\n" MD5_2 "\n");
	assert_text("hf/hashes.txt-md5.idx",
		"00000000000000000000000000000000000000000|md5sum\n"
		"00000000000000000000000000000000000000001|hashes.txt\n" MD5_0
		"|0000000000000000\n" MD5_1 "|0000000000000049\n" MD5_2 "|0000000000000082\n");
	assert_text("hf/hashes-sha1.idx",
		"00000000000000000000000000000000000000000|md5sum\n"
		"00000000000000000000000000000000000000001|hashes\n" SHA1_0
		"|0000000000000000\n" SHA1_1 "|0000000000000000\n" SHA1_3 "|0000000000000000\n");
	remove_inner("hf");
}

/* The name of the n-th event in the manifest, and what it says of its digest. */
static void
event_of(const char *manifest, size_t n, char name[64], char sha256[65])
{
	static const char key[] = "\"integrity:sha256\":\"";
	const char *at = manifest;

	for (size_t i = 0; i <= n; i++) {
		at = strstr(at, "\n\"");
		assert_non_null(at);
		at += 2;
	}
	(void)snprintf(name, 64, "feed/%.36s.json", at);
	at = strstr(at, key);
	assert_non_null(at);
	(void)snprintf(sha256, 65, "%.64s", at + sizeof(key) - 1);
}

static void
assert_event(const char *name, const char *sha256)
{
	char path[96], hex[65];
	struct trw_digester digester;
	struct trw_digests digests;
	uint8_t bytes[4096];
	size_t n;
	FILE *f;

	path_of(name, path);
	f = fopen(path, "rb");
	assert_non_null(f);
	trw_digest_start(&digester, TRW_SHA256);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		trw_digest_update(&digester, bytes, n);
	(void)fclose(f);
	trw_digest_finish(&digester, &digests);
	trw_hex(digests.sha256, 32, hex);
	assert_string_equal(hex, sha256);
}

static void
misp_feed_has_an_object_for_each_entry(void **state)
{
	struct trw_export_result r;
	char name[64], sha256[65], *manifest;
	(void)state;

	assert_int_equal(export_as("misp", "feed", &r), TRW_OK);
	assert_int_equal(r.n_written, 5);
	manifest = text_of("feed/manifest.json");
	event_of(manifest, 0, name, sha256);
	assert_event(name, sha256);
	assert_non_null(strstr(manifest, "\"Tag\":[{\"name\":\"tlp:amber\","));
	assert_non_null(strstr(manifest, "\"date\":\"2000-01-02\""));
	assert_holds(name, "\"object_relation\":\"sha1\",\"value\":\"" SHA1_3 "\"}");
	assert_holds(name, "\"comment\":\"a \\\"b\\\"\\u000ac, d\"");
	/* MD5 of the text "8": the first entry's size */
	assert_holds("feed/hashes.csv", "c9f0f895fb98ab9159f51fd0297e236d,");
	assert_int_equal(left(&r, "handling marks of the list"), 0);
	free(manifest);
	remove_inner("feed");
}

static void
misp_events_have_a_bound(void **state)
{
	enum { N = 50001 };
	struct made *many = calloc(N, sizeof(*many));
	struct trw_export_result r;
	struct trw_err err = {0};
	char name[64], sha256[65], *manifest;
	(void)state;

	assert_non_null(many);
	for (size_t i = 0; i < N; i++)
		many[i] = (struct made){
			.kinds = MD5, .size = i, .scheme = "", .category = "", .name = ""};
	build("many.tset", TRW_SET_ALERT, many, N);
	free(many);
	assert_int_equal(export_kind("many.tset", "misp", "feed", TRW_HASH_N, &r, &err), TRW_OK);
	assert_int_equal(r.n_written, N);
	manifest = text_of("feed/manifest.json");
	for (size_t i = 0; i < 2; i++) {
		event_of(manifest, i, name, sha256);
		assert_event(name, sha256);
	}
	free(manifest);
	remove_inner("feed");
}

static void
full_disk_is_an_error(void **state)
{
	struct trw_export_options options = {
		.format = "csv", .target = {.path = "-"}, .kind = TRW_HASH_N};
	struct trw_export_result r;
	struct trw_err err = {0};
	char set_path[96];
	(void)state;

	path_of("mixed.tset", set_path);
	options.set_path = set_path;
	options.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (options.fd < 0) {
		print_message("SKIPPED: no /dev/full\n");
		skip();
	}
	assert_int_equal(trw_export_run(&options, &r, &err), TRW_EIO);
	options.format = "misp";
	assert_int_equal(trw_export_run(&options, &r, &err), TRW_EUSAGE);
	(void)close(options.fd);
}

static void
same_set_gives_the_same_bytes(void **state)
{
	static const char *const formats[] = {"plain", "md5sum", "nsrl-v2", "hashdeep", "csv",
		"vics", "stix", "hashlookup", "bloom"};
	(void)state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct trw_export_result r;
		char *a, *b;
		assert_int_equal(export_as(formats[i], "a", &r), TRW_OK);
		a = text_of("a");
		assert_int_equal(export_as(formats[i], "b", &r), TRW_OK);
		b = text_of("b");
		assert_true(r.n_bytes > 0 && r.n_bytes < 65535);
		assert_memory_equal(a, b, r.n_bytes);
		free(a);
		free(b);
	}
}

static void
targets_that_must_not_be_replaced_are_refused(void **state)
{
	struct trw_export_result r;
	struct trw_err err = {0};
	char path[96];
	(void)state;

	path_of("full", path);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("full/file", "x", 1);
	assert_int_equal(export_kind("mixed.tset", "hfind", "full", TRW_HASH_N, &r, &err), TRW_EIO);
	assert_int_equal(
		export_kind("mixed.tset", "csv", "full", TRW_HASH_N, &r, &err), TRW_EUSAGE);
	assert_non_null(strstr(err.text, "not a file"));
	assert_text("full/file", "x");
	remove_inner("full");
	assert_int_equal(
		export_kind("mixed.tset", "csv", "no/such/folder", TRW_HASH_N, &r, &err), TRW_EIO);
}

static void
failed_export_leaves_the_older_file(void **state)
{
	struct trw_export_result r;
	struct trw_err err = {0};
	(void)state;

	write_file("older", "older", 5);
	assert_int_equal(
		export_kind("mixed.tset", "plain", "older", TRW_HASH_PDQ, &r, &err), TRW_EUSAGE);
	assert_int_equal(
		export_kind("mixed.tset", "no-such", "older", TRW_HASH_N, &r, &err), TRW_EUSAGE);
	assert_text("older", "older");
}

static void
out_of_memory_anywhere_leaves_nothing_behind(void **state)
{
	static const char *const formats[] = {"csv", "stix", "bloom", "md5sum", "hfind", "misp"};
	(void)state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		for (uint64_t nth = 1;; nth++) {
			struct trw_export_result r;
			struct trw_err err = {0};
			enum trw_status status;
			char path[96];
			trw_alloc_fail_at(nth);
			status = export_kind(
				"mixed.tset", formats[i], "scarce", TRW_HASH_N, &r, &err);
			trw_alloc_fail_at(0);
			path_of("scarce", path);
			if (status == TRW_OK) {
				if (r.is_folder)
					remove_inner("scarce");
				else
					assert_int_equal(unlink(path), 0);
				assert_true(nth > 3);
				break;
			}
			assert_int_equal(status, TRW_ENOMEM);
			assert_int_equal(access(path, F_OK), -1);
		}
}

static void
uuid_of_a_name_is_the_one_of_the_standard(void **state)
{
	static const struct trw_uuid dns = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80,
		0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
	struct trw_uuid uuid;
	char text[TRW_UUID_TEXT];
	(void)state;

	trw_uuid_v5(&dns, "python.org", 10, &uuid);
	trw_uuid_text(&uuid, text);
	assert_string_equal(text, "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

static int
set_up(void **state)
{
	if (make_folder(state) != 0)
		return -1;
	build("mixed.tset", TRW_SET_ALERT, mixed, N_MIXED);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_list_is_sorted_and_says_what_it_lacks),
		cmocka_unit_test(checksum_file_escapes_names_as_coreutils_do),
		cmocka_unit_test(nsrl_rows_have_both_digests_and_the_special_code),
		cmocka_unit_test(hashdeep_takes_the_columns_that_lose_the_fewest_entries),
		cmocka_unit_test(csv_has_a_column_for_everything),
		cmocka_unit_test(csv_leaves_out_properties_that_would_be_read_as_something_else),
		cmocka_unit_test(vics_writes_what_its_readers_want),
		cmocka_unit_test(vics_regions_are_never_mixed),
		cmocka_unit_test(stix_marks_that_tlp_1_lacks_are_objects_of_tlp_2),
		cmocka_unit_test(stix_has_an_indicator_for_each_entry_under_its_mark),
		cmocka_unit_test(known_good_sets_are_no_indicators),
		cmocka_unit_test(hashlookup_records_are_lines_of_strings),
		cmocka_unit_test(a_comment_that_an_entry_has_twice_is_no_error_of_the_kdb),
		cmocka_unit_test(what_hashlookup_calls_malicious_stays_so_in_its_records),
		cmocka_unit_test(the_formats_of_known_files_say_of_each_entry_that_it_is_none),
		cmocka_unit_test(hfind_folder_has_a_list_and_its_indexes),
		cmocka_unit_test(misp_feed_has_an_object_for_each_entry),
		cmocka_unit_test(misp_events_have_a_bound),
		cmocka_unit_test(full_disk_is_an_error),
		cmocka_unit_test(same_set_gives_the_same_bytes),
		cmocka_unit_test(targets_that_must_not_be_replaced_are_refused),
		cmocka_unit_test(failed_export_leaves_the_older_file),
		cmocka_unit_test(out_of_memory_anywhere_leaves_nothing_behind),
		cmocka_unit_test(uuid_of_a_name_is_the_one_of_the_standard),
	};

	return cmocka_run_group_tests(tests, set_up, remove_folder);
}
