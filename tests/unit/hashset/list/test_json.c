/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/fixture/folder.h"
#include "hashset/list/import.h"

#include <string.h>

#define MD5 "9a79e2fee965907e2b9df462c0d65c0b"
#define OTHER "8f9448673d9d417d51d3ebafa175c8c7"
#define SHA1 "f31705a7a29a9dcfcc217c7f0ede9a810ba9550b"

/* Import of up to two texts as files, in this order. */
static enum trw_status
import(const char *first, const char *second, bool is_known_good, struct trw_import_result *out,
	struct trw_err *err)
{
	char paths[3][96];
	const char *files[2] = {paths[0], paths[1]};

	path_of("first", paths[0]);
	path_of("second", paths[1]);
	path_of("out.tset", paths[2]);
	write_file("first", first, strlen(first));
	if (second != NULL)
		write_file("second", second, strlen(second));
	const struct trw_import_options o = {.paths = files,
		.n_paths = second == NULL ? 1 : 2,
		.set = {.target = trw_target_look(paths[2]),
			.class = is_known_good ? TRW_SET_KNOWN_GOOD : TRW_SET_TRIAGE,
			.keep_properties = true},
		.list = {.is_known_good = is_known_good},
		.reject_max = 0.6};
	*out = (struct trw_import_result){0};
	return trw_import_run(&o, out, err);
}

/* The number of entries that an import leaves; fails the test when it fails. */
static uint64_t
entries_of(const char *first, const char *second, bool is_known_good)
{
	struct trw_import_result r;
	struct trw_err err = {0};

	if (import(first, second, is_known_good, &r, &err) < 0)
		fail_msg("%s", err.text);
	uint64_t n = r.built.n_entries;
	trw_import_result_clear(&r);
	return n;
}

#define REFUSED(list_, status, word)                                                               \
	do {                                                                                       \
		struct trw_import_result r_;                                                       \
		struct trw_err err_ = {0};                                                         \
		assert_int_equal(import(list_, NULL, false, &r_, &err_), status);                  \
		assert_non_null(strstr(err_.text, word));                                          \
		assert_null(strchr(err_.text, '\n'));                                              \
		trw_import_result_clear(&r_);                                                      \
	} while (0)

static void
whatever_a_record_calls_malicious_is_not_known_good(void **state)
{
	static const char *const values[] = {
		"true", "\"list\"", "[\"a\"]", "{\"a\": 1}", "1", "\"\""};
	(void)state;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char text[512];
		(void)snprintf(text, sizeof(text),
			"{\"MD5\": \"" MD5 "\", \"KnownMalicious\": %s}\n{\"MD5\": \"" OTHER
			"\", \"insert-timestamp\": \"1\"}\n",
			values[i]);
		assert_int_equal(entries_of(text, NULL, true), 1);
		assert_int_equal(entries_of(text, NULL, false), 2);
	}
}

static void
special_codes_of_the_nsrl_are_not_known_good(void **state)
{
	static const char list[] =
		"{\"MD5\": \"" MD5 "\", \"SpecialCode\": \"M\"}\n"
		"{\"SHA-1\": \"" SHA1 "\", \"SpecialCode\": \"S\", \"KnownMalicious\": \"list\"}\n"
		"{\"MD5\": \"" OTHER "\", \"SpecialCode\": \"\"}\n";
	(void)state;

	assert_int_equal(entries_of(list, NULL, true), 1);
	assert_int_equal(entries_of(list, NULL, false), 3);
}

static void
a_first_line_that_is_damaged_or_long_is_one_record_of_many(void **state)
{
	(void)state;

	assert_int_equal(entries_of("{\"MD5\": \"" MD5
				    "\", \"insert-timestamp\": 1} trailing\n{\"MD5\": \"" OTHER
				    "\"}\n{\"SHA-1\": \"" SHA1 "\"}\n",
				 NULL, false),
		2);
	char text[100000];
	int n = snprintf(text, sizeof(text),
		"{\"KnownMalicious\": \"x\", \"MD5\": \"" MD5 "\", \"children\": [\"");
	memset(text + n, 'A', 70000);
	(void)snprintf(text + n + 70000, 200, "\"]}\n{\"MD5\": \"" OTHER "\"}\n");
	assert_int_equal(entries_of(text, NULL, false), 2);
	/* The answer for many at once is one array. */
	assert_int_equal(entries_of("[{\"MD5\": \"" MD5
				    "\", \"hashlookup:trust\": 50},\n {\"MD5\": \"" OTHER "\"}]",
				 NULL, false),
		2);
}

#define EVENT(uuid, more, value)                                                                   \
	"{\"Event\": {\"Attribute\": [{\"uuid\": \"" uuid "\", \"type\": \"md5\", " more           \
	"\"value\": \"" value "\"}, {\"uuid\": \"z\", \"type\": \"sha1\", \"value\": \"" SHA1      \
	"\"}]}}"

static void
a_later_event_takes_back_what_an_earlier_one_said(void **state)
{
	(void)state;

	assert_int_equal(entries_of(EVENT("a", "\"timestamp\": \"1\", ", MD5), NULL, false), 2);
	assert_int_equal(
		entries_of(EVENT("a", "\"timestamp\": \"1\", ", MD5),
			EVENT("a", "\"timestamp\": \"2\", \"deleted\": true, ", MD5), false),
		1);
	assert_int_equal(
		entries_of(EVENT("a", "\"timestamp\": \"1\", ", MD5),
			EVENT("a", "\"timestamp\": \"2\", \"to_ids\": false, ", MD5), false),
		1);
	/* In the other order of files the newer one still counts. */
	assert_int_equal(entries_of(EVENT("a", "\"timestamp\": \"2\", \"deleted\": true, ", MD5),
				 EVENT("a", "\"timestamp\": \"1\", ", MD5), false),
		1);
	REFUSED("{\"response\": {\"no\": 1}}", TRW_ECORRUPT, "no event of MISP");
}

/* The properties of the set's entries as "name=value " to out. */
static void
properties_of_set(char out[256])
{
	struct trw_set *set = NULL;
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;
	char path[96];
	int n = 0;

	path_of("out.tset", path);
	assert_int_equal(trw_set_open(path, &set, NULL), TRW_OK);
	out[0] = '\0';
	for (uint32_t row = 0; row < trw_set_info(set)->n_entries; row++) {
		assert_int_equal(trw_set_entry(set, row, &e, room, NULL), TRW_OK);
		for (size_t i = 0; i < e.n_properties; i++)
			n += snprintf(out + n, 256 - (size_t)n, "%.*s=%.*s ",
				(int)e.properties[i].name_len, e.properties[i].name,
				(int)e.properties[i].value_len, e.properties[i].value);
	}
	trw_set_close(set);
}

static void
an_object_of_misp_keeps_what_its_export_says_of_it(void **state)
{
	char text[256];
	(void)state;

	assert_int_equal(
		entries_of(
			"{\"Event\": {\"Object\": [{\"name\": \"file\", \"uuid\": \"a\", \"comment\": \"why\","
			" \"Attribute\": [{\"type\": \"mime-type\", \"object_relation\": \"mimetype\","
			" \"value\": \"a/b\"}, {\"type\": \"tlsh\", \"object_relation\": \"tlsh\", \"value\":"
			" \"T1\"}, {\"type\": \"md5\", \"object_relation\": \"md5\", \"value\": \"" MD5
			"\", \"Tag\": [{\"name\": \"tlp:red\"}, {\"name\": \"a:b\"}]}, {\"type\": \"sha1\","
			" \"value\": \"" SHA1
			"\", \"Tag\": [{\"name\": \"TLP:RED\"}, {\"name\": \"PAP:RED\"}]},"
			" {\"deleted\": true, \"Tag\": [{\"name\": \"tlp:amber\"}]}]}]}}",
			NULL, false),
		1);
	properties_of_set(text);
	assert_string_equal(text, "comments=why marks=tlp:red pap:red mime=a/b tlsh=T1 ");
	assert_int_equal(
		entries_of("{\"Event\": {\"Attribute\": [{\"type\": \"md5\", \"uuid\": \"a\","
			   " \"comment\": \"why\", \"value\": \"" MD5 "\"}]}}",
			NULL, false),
		1);
	properties_of_set(text);
	assert_string_equal(text, "comments=why ");
}

static void
an_answer_of_any_number_of_events_is_read(void **state)
{
	static const char event[] =
		",{\"Event\": {\"x\": \"%0*d\", \"Attribute\": [{\"uuid\": \"a\", \"type\": \"md5\", \"value\": \"%s\"}]}}";
	static char text[18 << 20];
	int n = snprintf(text, sizeof(text), "{\"response\": [{\"Event\": {}}");
	(void)state;

	for (int i = 0; i < 170; i++)
		n += snprintf(
			text + n, sizeof(text) - (size_t)n, event, 100000, i, i == 0 ? OTHER : MD5);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "]}");
	assert_int_equal(entries_of(text, NULL, false), 1);
}

#define INDICATOR(id, modified, pattern)                                                                 \
	"{\"type\": \"bundle\", \"objects\": [{\"type\": \"indicator\", " id                             \
	" \"created\": \"2000-01-01T00:00:00Z\", \"modified\": \"" modified                              \
	"\", \"pattern_type\": \"stix\", \"pattern\": \"" pattern                                        \
	"\"}, {\"type\": \"indicator\", \"id\": \"other\", \"pattern\": \"[file:hashes.'SHA-1' = '" SHA1 \
	"']\"}]}"
#define ID "\"id\": \"indicator--1\","
#define BOTH "[file:hashes.MD5 = '" MD5 "' OR file:hashes.MD5 = '" OTHER "']"

static void
the_newest_version_of_an_indicator_counts(void **state)
{
	(void)state;

	assert_int_equal(entries_of(INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH), NULL, false), 3);
	assert_int_equal(
		entries_of(INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH),
			INDICATOR(ID, "2000-01-01T00:00:00.5Z", "[file:hashes.MD5 = '" MD5 "']"),
			false),
		2);
	/* In the other order of files, too. */
	assert_int_equal(
		entries_of(INDICATOR(ID, "2000-01-01T00:00:00.5Z", "[file:hashes.MD5 = '" MD5 "']"),
			INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH), false),
		2);
	/* One that says more than a set can is rejected, and what it replaces is gone. */
	assert_int_equal(entries_of(INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH),
				 INDICATOR(ID, "2000-01-02T00:00:00Z",
					 "[file:hashes.MD5 = '" MD5 "' AND file:name = 'x']"),
				 false),
		1);
	struct trw_import_result r;
	struct trw_err err = {0};
	assert_int_equal(
		import(INDICATOR("", "2000-01-02T00:00:00Z", BOTH), NULL, false, &r, &err), TRW_OK);
	assert_int_equal(r.report.n_rejected, 1);
	assert_int_equal(r.report.n_records, 2);
	trw_import_result_clear(&r);
}

#define REVOKED ID "\"revoked\": true,"
#define MARKED                                                                                        \
	ID "\"object_marking_refs\": [\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\", " \
	   "\"marking-definition--x\", \"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1\"],"

static void
an_indicator_is_revoked_or_refused_with_all_its_alternatives(void **state)
{
	(void)state;

	assert_int_equal(entries_of(INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH),
				 INDICATOR(REVOKED, "2000-01-01T00:00:00Z", BOTH), false),
		1);
	assert_int_equal(
		entries_of(INDICATOR(ID, "2000-01-01T00:00:00Z",
				   "[file:hashes.MD5 = '" MD5 "' OR file:hashes.MD5 = 'zz']"),
			NULL, false),
		1);
}

#define MD5_IS "file:hashes.MD5 = '" MD5 "'"
#define MD5_IN "file:hashes.MD5 IN ('" MD5 "', '" OTHER "')"
#define SHA1_IS "file:hashes.'SHA-1' = '" SHA1 "'"

static void
a_pattern_is_taken_for_what_it_means_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		unsigned n_entries; /* beside the one of the other indicator */
	} patterns[] = {
		{INDICATOR(ID, "2000-01-01T00:00:00Z",
			 "[file:hashes.MD5 == '" MD5 "' AND file:size == 8]"),
			1},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[" MD5_IN "]"), 2},
		{INDICATOR(ID, "2000-01-01T00:00:00Z",
			 "[file:hashes.MD5 IN('" MD5 "') AND " SHA1_IS "]"),
			1},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[" MD5_IN " AND file:size = 8]"), 2},
		{INDICATOR(ID, "2000-01-01T00:00:00Z",
			 "[file:size = 8 AND (" MD5_IS " OR file:hashes.MD5='" OTHER "')]"),
			2},
		{INDICATOR(ID, "2000-01-01T00:00:00Z",
			 "[(" MD5_IN ") OR (file:hashes.MD5='" OTHER "')]"),
			3},
		/* more than a set can say */
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[" MD5_IN " AND " SHA1_IS "]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[" MD5_IN " OR file:size = 8]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[(" MD5_IS " OR file:size = 8)]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z",
			 "[" MD5_IS " OR " SHA1_IS " AND file:size = 8]"),
			0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[(" MD5_IS " AND " SHA1_IS ")]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[file:hashes.MD5 NOT IN ('" MD5 "')]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[file:hashes.MD5 IN ('" MD5 "',)]"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[file:hashes.MD5 IN ('" MD5 "']"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[file:hashes.MD5 != '" MD5 "']"), 0},
		{INDICATOR(ID, "2000-01-01T00:00:00Z", "[file:hashes.MD5 === '" MD5 "']"), 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct trw_import_result r;
		struct trw_err err = {0};
		if (import(patterns[i].text, NULL, false, &r, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		if (r.report.n_accepted != patterns[i].n_entries + 1 ||
			r.report.n_rejected != (patterns[i].n_entries == 0))
			fail_msg("pattern %zu: %u accepted, %u rejected", i,
				(unsigned)r.report.n_accepted, (unsigned)r.report.n_rejected);
		trw_import_result_clear(&r);
	}
}

static void
an_indicator_of_something_else_is_left_behind_not_rejected(void **state)
{
	struct trw_import_result r;
	struct trw_err err = {0};
	(void)state;

	assert_int_equal(
		import(INDICATOR(ID, "2000-01-02T00:00:00Z", "[domain-name:value = 'x.example']"),
			INDICATOR(ID, "2000-01-01T00:00:00Z", BOTH), false, &r, &err),
		TRW_OK);
	assert_int_equal(r.report.n_rejected, 0);
	assert_int_equal(r.report.n_left, 1);
	assert_int_equal(r.built.n_entries, 1);
	trw_import_result_clear(&r);
}

static void
an_indicator_keeps_all_its_marks(void **state)
{
	struct trw_import_result r;
	struct trw_err err = {0};
	char text[256];
	(void)state;

	assert_int_equal(
		import(INDICATOR(MARKED, "2000-01-01T00:00:00Z", "[file:hashes.MD5 = '" MD5 "']"),
			NULL, false, &r, &err),
		TRW_OK);
	properties_of_set(text);
	assert_string_equal(text, "marks=tlp:white tlp:red updated=2000-01-01T00:00:00Z ");
	assert_int_equal(r.report.n_left, 1);
	assert_int_equal(r.report.left[0].n, 1);
	trw_import_result_clear(&r);
	/* A statement that is a mark, as the export writes those beside TLP. */
	assert_int_equal(
		entries_of(
			"{\"type\": \"bundle\", \"objects\": [{\"type\": \"marking-definition\", \"id\": \"m\","
			" \"definition\": {\"statement\": \"PAP:RED\"}}, {\"type\": \"indicator\", \"id\": \"i\","
			" \"object_marking_refs\": [\"m\"], \"pattern\": \"[file:hashes.MD5 = '" MD5
			"']\"}]}",
			NULL, false),
		1);
	properties_of_set(text);
	assert_string_equal(text, "marks=pap:red ");
}

static void
the_region_of_a_vics_file_is_found_behind_its_media(void **state)
{
	struct trw_set *set = NULL;
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;
	char path[96];
	(void)state;

	assert_int_equal(
		entries_of(
			"{\"value\": [{\"MD5\": \"" MD5 "\", \"Category\": 2, \"SHA1\": null,"
			" \"x\": [[[{}]]]}, {\"MD5\": \"\", \"SHA1\": \"\"}], \"@odata.context\":"
			" \"http://x/DataModels/2.0.xml/UK/$metadata#Media\"}",
			NULL, false),
		1);
	path_of("out.tset", path);
	assert_int_equal(trw_set_open(path, &set, NULL), TRW_OK);
	assert_int_equal(trw_set_entry(set, 0, &e, room, NULL), TRW_OK);
	assert_int_equal(e.scheme_len, 7);
	assert_memory_equal(e.scheme, "VICS-UK", 7);
	assert_memory_equal(e.category, "2", 1);
	trw_set_close(set);
	REFUSED("{\"@odata.context\": \"http://x/2.0.xml/UK/$metadata#Media\", \"value\": [{\"MD5\": \"" MD5
		"\"",
		TRW_ECORRUPT, "no JSON from here on");
}

static void
a_photodna_is_kept_however_it_is_spelled_and_another_one_is_counted(void **state)
{
	struct trw_import_result r;
	struct trw_err err = {0};
	char text[256];
	(void)state;

	assert_int_equal(
		import("{\"@odata.context\": \"http://x/2.0.xml/UK/$metadata#Media\", \"value\": [{\"MD5\": \"" MD5
		       "\", \"AlternativeHashes\": [{\"HashName\": \"PHOTODNA\", \"HashValue\": \"AAAA\"},"
		       " {\"HashName\": \"PhotoDNA\", \"HashValue\": \"BBBB\"}]}]}",
			NULL, false, &r, &err),
		TRW_OK);
	properties_of_set(text);
	assert_string_equal(text, "photodna=AAAA ");
	assert_int_equal(r.report.n_left, 1);
	trw_import_result_clear(&r);
}

static void
depth_is_bounded_and_a_record_that_is_too_long_costs_itself_alone(void **state)
{
	static char text[18 << 20];
	int n = snprintf(text, sizeof(text),
		"{\"@odata.context\": \"http://x/2.0.xml/UK/$metadata#Media\", \"value\": [{\"MD5\": \"" MD5
		"\", \"Comments\": \"");
	(void)state;

	memset(text + n, 'x', (17 << 20));
	(void)snprintf(text + n + (17 << 20), 200, "\"}, {\"MD5\": \"" OTHER "\"}]}");
	assert_int_equal(entries_of(text, NULL, false), 1);

	n = snprintf(text, sizeof(text),
		"{\"@odata.context\": \"http://x/2.0.xml/UK/$metadata#Media\", \"value\": [{\"MD5\": \"" MD5
		"\", \"x\": ");
	memset(text + n, '[', 1000);
	text[n + 1000] = '\0';
	REFUSED(text, TRW_ECORRUPT, "nested deeper than 64 levels");
}

static void
a_line_that_is_nested_too_deep_costs_itself_alone(void **state)
{
	static const char start[] =
		"{\"MD5\": \"" MD5 "\", \"insert-timestamp\": \"1\"}\n{\"SHA-1\": \"" SHA1
		"\", \"x\": ";
	char text[512];
	int n = snprintf(text, sizeof(text), "%s", start);
	(void)state;

	memset(text + n, '[', 80);
	memset(text + n + 80, ']', 80);
	(void)snprintf(
		text + n + 160, sizeof(text) - (size_t)n - 160, "}\n{\"MD5\": \"" OTHER "\"}\n");
	assert_int_equal(entries_of(text, NULL, false), 2);
}

static void
a_page_without_records_is_a_page_of_its_dump(void **state)
{
	(void)state;

	assert_int_equal(
		entries_of("{\"results\": [{\"algorithm\": \"MD5\", \"hash_digest\": \"" MD5
			   "\", \"id\": 1}]}",
			"{\"count\": 0, \"next\": null, \"checkpoint\": \"1,2\", \"results\": []}",
			false),
		1);
	assert_int_equal(
		entries_of("{\"data\": [{\"type\": \"HASH_MD5\", \"indicator\": \"" MD5 "\"}]}",
			"{\"data\": [], \"paging\": {\"cursors\": {}}}", false),
		1);
}

/* Some 2000 bytes. */
static void
long_text(const char *part, char out[2200])
{
	size_t n = strlen(part);

	for (size_t i = 0; i * n < 2000; i++)
		memcpy(out + i * n, part, n + 1);
}

static void
a_record_past_the_bounds_of_an_entry_costs_itself_alone(void **state)
{
	char part[2200], text[4096];
	(void)state;

	long_text("x", part);
	(void)snprintf(text, sizeof(text),
		"{\"results\": [{\"algorithm\": \"MD5\", \"hash_digest\": \"" MD5
		"\", \"id\": \"%s\"}, {\"algorithm\": \"MD5\", \"hash_digest\": \"" OTHER
		"\", \"id\": 2}]}",
		part);
	assert_int_equal(entries_of(text, NULL, false), 1);

	long_text("<pdna>AAAA</pdna>", part);
	(void)snprintf(text, sizeof(text),
		"<queryResult><images><image><member id='1'/><id>1</id><fingerprints><md5>" MD5
		"</md5>%s</fingerprints></image><image><member id='1'/><id>2</id><fingerprints><md5>" OTHER
		"</md5></fingerprints></image></images></queryResult>",
		part);
	assert_int_equal(entries_of(text, NULL, false), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_a_record_calls_malicious_is_not_known_good),
		cmocka_unit_test(special_codes_of_the_nsrl_are_not_known_good),
		cmocka_unit_test(a_first_line_that_is_damaged_or_long_is_one_record_of_many),
		cmocka_unit_test(a_later_event_takes_back_what_an_earlier_one_said),
		cmocka_unit_test(an_object_of_misp_keeps_what_its_export_says_of_it),
		cmocka_unit_test(an_answer_of_any_number_of_events_is_read),
		cmocka_unit_test(the_newest_version_of_an_indicator_counts),
		cmocka_unit_test(an_indicator_is_revoked_or_refused_with_all_its_alternatives),
		cmocka_unit_test(a_pattern_is_taken_for_what_it_means_or_not_at_all),
		cmocka_unit_test(an_indicator_of_something_else_is_left_behind_not_rejected),
		cmocka_unit_test(an_indicator_keeps_all_its_marks),
		cmocka_unit_test(the_region_of_a_vics_file_is_found_behind_its_media),
		cmocka_unit_test(
			a_photodna_is_kept_however_it_is_spelled_and_another_one_is_counted),
		cmocka_unit_test(depth_is_bounded_and_a_record_that_is_too_long_costs_itself_alone),
		cmocka_unit_test(a_line_that_is_nested_too_deep_costs_itself_alone),
		cmocka_unit_test(a_page_without_records_is_a_page_of_its_dump),
		cmocka_unit_test(a_record_past_the_bounds_of_an_entry_costs_itself_alone),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
