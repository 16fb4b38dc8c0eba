/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Every list format over any bytes: first byte the format (of the table below, whose order make_list.py knows), second byte options, then
 * the file, packed or not. Every probe sees it, too. What a reader hands over must be within the bounds of entry.h.
 */
#include "base/text.h"
#include "hashset/list/contract/draft.h"
#include "hashset/list/detect.h"
#include "hashset/list/format/formats.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"plain", "md5sum", "csv", "nsrl-v2", "hashdeep", "ilook",
	"hashkeeper", "icse", "clamav", "tsk-index", "encase", "hashdb-tab", "threatexchange-local",
	"pdq", "vpdq", "vics", "hashlookup", "misp", "stix", "stopncii", "tat", "threatexchange",
	"hashdb-json", "ncmec", "nsrl-v3", "kdb", "iped", "nsrl-delta"};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* So that the sanitizer looks at every byte. */
static void
touch(const void *p, size_t n)
{
	static volatile uint8_t sum;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)p)[i]);
}

static void
check_text(const char *p, size_t n, size_t max)
{
	if (n > max || (n > 0 && !trw_utf8_valid((const uint8_t *)p, n)))
		abort();
}

static void
check_entry(const struct trw_entry *e)
{
	if (e->name_len > TRW_ENTRY_NAME_MAX || e->n_properties > TRW_PROPERTIES_MAX)
		abort();
	check_text(e->scheme, e->scheme_len, TRW_CATEGORY_MAX);
	check_text(e->category, e->category_len, TRW_CATEGORY_MAX);
	for (size_t i = 0; i < e->n_properties; i++) {
		const struct trw_property *p = &e->properties[i];
		check_text(p->name, p->name_len, TRW_PROPERTY_NAME_MAX);
		check_text(p->value, p->value_len, TRW_PROPERTY_VALUE_MAX);
	}
}

static enum trw_status
take_entry(void *ctx, const struct trw_entry *entry, struct trw_err *err)
{
	(void)ctx;
	(void)err;
	check_entry(entry);
	return TRW_OK;
}

static enum trw_status
take_digests(
	void *ctx, enum trw_hash_kind kind, const uint8_t *digests, size_t n, struct trw_err *err)
{
	(void)ctx;
	(void)err;
	touch(digests, n * trw_hash_size(kind));
	return TRW_OK;
}

static enum trw_status
take_keyed(void *ctx, const void *key, size_t key_len, int64_t rank, const struct trw_entry *entry,
	struct trw_err *err)
{
	(void)ctx;
	(void)rank;
	(void)err;
	touch(key, key_len);
	if (entry != NULL)
		check_entry(entry);
	return TRW_OK;
}

static enum trw_status
take_fact(void *ctx, const char *key, const char *value, size_t n, struct trw_err *err)
{
	(void)ctx;
	(void)err;
	touch(key, strlen(key));
	touch(value, n);
	return TRW_OK;
}

static void
probe_all(struct trw_input *input)
{
	const struct trw_format *format;
	struct trw_err err = {0};

	if (trw_format_detect(input, &format, &err) < 0 && err.text[0] == '\0')
		abort();
}

static void
read_as(const struct trw_format *format, struct trw_input *input, uint8_t flags)
{
	static const struct trw_list_sink sink = {
		NULL, take_entry, take_digests, take_entry, take_keyed, take_fact};
	const struct trw_list_options options = {
		.map = (flags & 1) != 0 ? "md5=1,category=2,scheme=X,delimiter=;" : NULL,
		.is_strict = (flags & 2) != 0,
		.with_unconfirmed = (flags & 4) != 0,
		.keep_names = (flags & 8) != 0,
		.block_size = 512,
	};
	struct trw_list_report report = {0};
	struct trw_draft draft = {0};
	struct trw_list list = {.input = input,
		.options = &options,
		.sink = &sink,
		.report = &report,
		.draft = &draft};
	struct trw_err err = {0};
	enum trw_status st = format->read(&list, &err);

	trw_draft_clear(&draft);
	if (st > 0 || (st < 0 && (err.text[0] == '\0' || strchr(err.text, '\n') != NULL)) ||
		report.n_left > TRW_LEFT_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_input *input = NULL;
	uint8_t sum[32];

	if (size < 2)
		return 0;
	const struct trw_format *format = trw_format_named(names[data[0] % N_NAMES]);
	if (format == NULL || format->read == NULL)
		abort();
	if (trw_input_memory(data + 2, size - 2, &input, NULL) < 0)
		return 0;
	probe_all(input);
	read_as(format, input, data[1]);
	(void)!trw_input_sha256(input, sum, NULL);
	trw_input_close(input);
	return 0;
}
