/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct values {
	bool flag, other;
	const char *text;
	struct trw_texts texts;
	uint64_t number, size;
};

static const struct trw_option table[] = {
	{"flag", 'f', TRW_OPTION_FLAG, NULL, offsetof(struct values, flag), "a flag"},
	{"other", 'o', TRW_OPTION_FLAG, NULL, offsetof(struct values, other), "another flag"},
	{"text", 't', TRW_OPTION_TEXT, "TEXT", offsetof(struct values, text), "a text"},
	{"texts", 'x', TRW_OPTION_TEXTS, "TEXT", offsetof(struct values, texts), "texts"},
	{"number", 'n', TRW_OPTION_NUMBER, "N", offsetof(struct values, number), "a number"},
	{"size", 0, TRW_OPTION_SIZE, "SIZE", offsetof(struct values, size), "a size"},
	TRW_OPTION_HELP_ROW,
};

struct parsed {
	struct values v;
	struct trw_texts operands;
	struct trw_err err;
	enum trw_status status;
};

/* words: the command line without its first word, NULL at the end. */
static struct parsed
parse(const char *const *words)
{
	static char copies[16][128];
	struct parsed p = {0};
	char *argv[17] = {copies[0]};
	int argc = 1;

	for (; words[argc - 1] != NULL; argc++) {
		argv[argc] = copies[argc];
		(void)strncpy(copies[argc], words[argc - 1], sizeof(copies[argc]) - 1);
	}
	p.status = trw_options_parse(
		table, sizeof(table) / sizeof(table[0]), argc, argv, &p.v, &p.operands, &p.err);
	return p;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void
parsed_clear(struct parsed *p)
{
	trw_texts_clear(&p->v.texts);
	trw_texts_clear(&p->operands);
}

static void
both_forms_of_an_argument_are_taken(void **state)
{
	struct parsed p = PARSE("--text=one", "-n", "7", "-x", "a", "--texts", "b", "-xc");
	(void)state;

	assert_int_equal(p.status, TRW_OK);
	assert_string_equal(p.v.text, "one");
	assert_int_equal(p.v.number, 7);
	assert_int_equal(p.v.texts.n, 3);
	assert_string_equal(p.v.texts.v[2], "c");
	parsed_clear(&p);
}

static void
letters_may_stand_together_and_operands_anywhere(void **state)
{
	struct parsed p = PARSE("in", "-fotrest", "-", "--", "--flag");
	(void)state;

	assert_int_equal(p.status, TRW_OK);
	assert_true(p.v.flag && p.v.other);
	assert_string_equal(p.v.text, "rest");
	assert_int_equal(p.operands.n, 3);
	assert_string_equal(p.operands.v[1], "-");
	assert_string_equal(p.operands.v[2], "--flag");
	parsed_clear(&p);
}

static void
an_empty_argument_is_an_argument(void **state)
{
	struct parsed p = PARSE("--text=");
	(void)state;

	assert_int_equal(p.status, TRW_OK);
	assert_string_equal(p.v.text, "");
	parsed_clear(&p);
}

static void
sizes_have_units_of_1024(void **state)
{
	struct parsed p = PARSE("--size=3M");
	(void)state;

	assert_int_equal(p.status, TRW_OK);
	assert_int_equal(p.v.size, 3 << 20);
	parsed_clear(&p);
}

static void
wrong_use_is_refused_with_a_text(void **state)
{
	static const char *const wrong[][3] = {
		{"--unknown", NULL, NULL},
		{"-z", NULL, NULL},
		{"--fla", NULL, NULL},
		{"--flag=yes", NULL, NULL},
		{"--text", NULL, NULL},
		{"--text=a", "--text=b", NULL},
		{"--number=", NULL, NULL},
		{"--number=-1", NULL, NULL},
		{"--number=18446744073709551616", NULL, NULL},
		{"--size=1Q", NULL, NULL},
		{"--size=M", NULL, NULL},
		{"--size=1MB", NULL, NULL},
		{"--size=17000000000000T", NULL, NULL},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct parsed p = parse(wrong[i]);
		assert_int_equal(p.status, TRW_EUSAGE);
		assert_true(strlen(p.err.text) > 0);
		parsed_clear(&p);
	}
}

static void
help_ends_the_parse(void **state)
{
	struct parsed p = PARSE("-h", "--unknown");
	(void)state;

	assert_int_equal(p.status, TRW_END);
	parsed_clear(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_of_an_argument_are_taken),
		cmocka_unit_test(letters_may_stand_together_and_operands_anywhere),
		cmocka_unit_test(an_empty_argument_is_an_argument),
		cmocka_unit_test(sizes_have_units_of_1024),
		cmocka_unit_test(wrong_use_is_refused_with_a_text),
		cmocka_unit_test(help_ends_the_parse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
