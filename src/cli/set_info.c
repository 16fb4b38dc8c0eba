/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/set.h"

#include <string.h>

struct info_values {
	bool is_json, no_sandbox;
};

static const struct trw_option options[] = {
	{"json", 0, TRW_OPTION_FLAG, NULL, offsetof(struct info_values, is_json), "as JSON"},
	TRW_OPTION_NO_SANDBOX_ROW(offsetof(struct info_values, no_sandbox)),
	TRW_OPTION_HELP_ROW,
};

static void
text_row(const char *key, const char *value, size_t n)
{
	printf("  %-12s ", key);
	trw_say_name(stdout, value, n);
	putchar('\n');
}

static void
show_text(const struct trw_set *set)
{
	const struct trw_set_info *info = trw_set_info(set);
	const char *key, *value, *category;
	size_t key_len, value_len, category_len;
	char identity[65];

	trw_hex(info->identity, 32, identity);
	trw_say_name(stdout, info->path, strlen(info->path));
	putchar('\n');
	text_row("class", trw_set_class_name(info->class), strlen(trw_set_class_name(info->class)));
	text_row("identity", identity, 64);
	printf("  %-12s %" PRIu64 " (%" PRIu64 " bytes, %.1f each)\n", "entries", info->n_entries,
		info->file_size, (double)info->file_size / (double)info->n_entries);
	for (int k = 0; k < TRW_HASH_N; k++)
		if (info->n_by_kind[k] > 0)
			printf("  %-12s %" PRIu64 "%s\n", trw_hash_name((enum trw_hash_kind)k),
				info->n_by_kind[k],
				(TRW_HASH_OF_CONTENT & TRW_HASH_BIT(k)) != 0
					? ""
					: " (not compared with files)");
	for (uint32_t i = 0; trw_set_category(set, i, &key, &key_len, &category, &category_len);
		i++) {
		if (category_len == 0)
			continue;
		printf("  %-12s ", "category");
		trw_say_name(stdout, key, key_len);
		putchar(':');
		trw_say_name(stdout, category, category_len);
		putchar('\n');
	}
	for (size_t i = 0; trw_set_fact(set, i, &key, &key_len, &value, &value_len); i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "%.*s", (int)(key_len < 63 ? key_len : 63), key);
		text_row(name, value, value_len);
	}
}

static void
member(const char *key, const char *value)
{
	printf("\"%s\": ", key);
	trw_say_json(stdout, value, strlen(value));
	fputs(", ", stdout);
}

static void
facts_json(const struct trw_set *set)
{
	const char *key, *value;
	size_t key_len, value_len;

	fputs("\"facts\": [", stdout);
	for (size_t i = 0; trw_set_fact(set, i, &key, &key_len, &value, &value_len); i++) {
		fputs(i == 0 ? "[" : ", [", stdout);
		trw_say_json(stdout, key, key_len);
		fputs(", ", stdout);
		trw_say_json(stdout, value, value_len);
		putchar(']');
	}
	putchar(']');
}

static void
show_json(const struct trw_set *set)
{
	const struct trw_set_info *info = trw_set_info(set);
	const char *scheme, *category, *comma = "";
	size_t scheme_len, category_len;
	char identity[65];

	trw_hex(info->identity, 32, identity);
	putchar('{');
	member("path", info->path);
	member("id", info->id);
	member("name", info->name);
	member("version", info->version);
	member("class", trw_set_class_name(info->class));
	member("identity", identity);
	printf("\"entries\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"digests\": {", info->n_entries,
		info->file_size);
	for (int k = 0; k < TRW_HASH_N; k++) {
		if (info->n_by_kind[k] == 0)
			continue;
		printf("%s\"%s\": %" PRIu64, comma, trw_hash_name((enum trw_hash_kind)k),
			info->n_by_kind[k]);
		comma = ", ";
	}
	fputs("}, \"categories\": [", stdout);
	comma = "";
	for (uint32_t i = 0;
		trw_set_category(set, i, &scheme, &scheme_len, &category, &category_len); i++) {
		if (category_len == 0)
			continue;
		printf("%s[", comma);
		trw_say_json(stdout, scheme, scheme_len);
		fputs(", ", stdout);
		trw_say_json(stdout, category, category_len);
		putchar(']');
		comma = ", ";
	}
	fputs("], ", stdout);
	facts_json(set);
	fputs("}\n", stdout);
}

static enum trw_exit
info_run(const struct trw_command *self, int argc, char **argv)
{
	struct info_values values = {0};
	struct trw_texts operands = {0};
	enum trw_exit over = TRW_EXIT_DONE;

	if (!trw_command_parse(self, argc, argv, &values, &operands, 1, SIZE_MAX, &over))
		goto out;
	for (size_t i = 0; i < operands.n; i++) {
		struct trw_set *set = NULL;
		struct trw_err err = {0};
		if (trw_cli_set_open(operands.v[i], &set, &err) < 0) {
			over = trw_say_failure(&err);
			continue;
		}
		if (values.is_json)
			show_json(set);
		else
			show_text(set);
		trw_set_close(set);
	}
out:
	trw_texts_clear(&operands);
	return over;
}

const struct trw_command trw_command_set_info = {
	.name = "set info",
	.operands = "SET...",
	.summary = "Show what a set is: list, version, class, counts, where it came from.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.run = info_run,
};
