/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSRLFile.txt as of RDS 2.x (NIST: Data Formats of the NSRL Reference Data Set Distribution). The
 * Sleuth Kit counts characters up to the name: SHA-1, MD5 and CRC32 must be there in full, or it
 * shows wrong names and breaks off at such a row. So entries that lack SHA-1 or MD5 stay out, and
 * an unknown CRC32 is eight zeros. It breaks off at a row of more than 511 bytes as well: longer
 * names stay out. Of a set that is not known good every row has a SpecialCode, or it would be taken
 * for such.
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/writers.h"
#include "hashset/list/syntax/quoted.h"

#include <string.h>

#define KINDS (TRW_HASH_BIT(TRW_HASH_SHA1) | TRW_HASH_BIT(TRW_HASH_MD5))
#define CRC32_DIGITS 8
#define NAME_MAX_QUOTED 300 /* bytes, doubled quotes counted; the rest of a row has less than 200 */
#define CODE_MAX 32

static const char header[] =
	"\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\","
	"\"OpSystemCode\",\"SpecialCode\"\n";

struct nsrl {
	struct trw_export *x;
	struct trw_losses losses;
};

/* Upper-case digits of the property, or zeros. True when it was there. */
static bool
crc32_of(const struct trw_entry *e, char out[CRC32_DIGITS + 1])
{
	const struct trw_property *p = trw_export_property(e, "crc32");
	uint8_t raw[CRC32_DIGITS / 2];

	memcpy(out, "00000000", CRC32_DIGITS + 1);
	if (p == NULL || p->value_len != CRC32_DIGITS ||
		!trw_hash_unhex(p->value, CRC32_DIGITS, raw))
		return false;
	for (size_t i = 0; i < CRC32_DIGITS; i++) {
		char c = p->value[i];
		out[i] = c >= 'a' && c <= 'f' ? (char)(c - 'a' + 'A') : c;
	}
	return true;
}

/* A code as it was in a list of this kind: bare digits. */
static const struct trw_property *
product_of(const struct trw_entry *e)
{
	const struct trw_property *p = trw_export_property(e, "product");

	if (p != NULL && p->value_len > CODE_MAX)
		return NULL;
	for (size_t i = 0; p != NULL && i < p->value_len; i++)
		if (p->value[i] < '0' || p->value[i] > '9')
			return NULL;
	return p;
}

static bool
has_line_name(const struct trw_entry *e)
{
	size_t n = e->name_len;

	for (size_t i = 0; i < e->name_len; i++) {
		if (e->name[i] == '\0' || e->name[i] == '\n' || e->name[i] == '\r')
			return false;
		n += e->name[i] == '"';
	}
	return n <= NAME_MAX_QUOTED;
}

/*
 * M and S have one letter; a long code would make the row too long, and its first letter is what
 * counts.
 */
static const char *
code_of(const struct nsrl *w, const struct trw_entry *e, size_t *n)
{
	const char *code = trw_export_special_code(w->x->set, e, n);
	size_t n_plain = 0;

	while (n_plain < *n && code[n_plain] >= ' ')
		n_plain++;
	if (n_plain < *n || *n > CODE_MAX / 2)
		*n = n_plain > 0;
	return code;
}

static void
put_digests(struct trw_put *out, const struct trw_entry *e)
{
	trw_put(out, "\"", 1);

	trw_put_hex(out, e->digest[TRW_HASH_SHA1], 20, true);
	trw_put(out, "\",\"", 3);
	trw_put_hex(out, e->digest[TRW_HASH_MD5], 16, true);
}

static void
put_codes(struct nsrl *w, const struct trw_entry *e)
{
	struct trw_put *out = w->x->out;
	const struct trw_property *product = product_of(e);
	size_t n;
	const char *code = code_of(w, e, &n);

	w->losses.n_categories +=
		e->category_len > 0 && (code != e->category || n < e->category_len);
	if (e->size != TRW_SIZE_ABSENT)
		trw_put_text(out, "%" PRIu64, e->size);
	trw_put_text(out, ",%.*s,\"\",", product != NULL ? (int)product->value_len : 0,
		product != NULL ? product->value : "");
	trw_quoted_put(out, code, n);
	trw_put(out, "\n", 1);
}

static enum trw_status
put_row(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct nsrl *w = ctx;
	struct trw_put *out = w->x->out;
	char crc32[CRC32_DIGITS + 1];
	bool has_name = has_line_name(e), has_crc32 = crc32_of(e, crc32);

	(void)err;
	if ((e->kinds & KINDS) != KINDS) {
		w->losses.n_without++;
		return TRW_OK;
	}
	w->x->n_written++;
	trw_losses_add(&w->losses, e, KINDS,
		TRW_CARRIES_SIZE | TRW_CARRIES_CATEGORY | TRW_CARRIES_PROPERTIES |
			(has_name ? TRW_CARRIES_NAME : 0U));
	w->losses.n_properties += e->n_properties - has_crc32 - (product_of(e) != NULL);
	put_digests(out, e);
	trw_put_text(out, "\",\"%s\",", crc32);
	trw_quoted_put(out, e->name, has_name ? e->name_len : 0);
	trw_put(out, ",", 1);
	put_codes(w, e);
	return w->x->out->status;
}

enum trw_status
trw_nsrl_v2_write(struct trw_export *x, struct trw_err *err)
{
	struct nsrl w = {.x = x};
	enum trw_status status;

	trw_put(x->out, header, sizeof(header) - 1);
	status = trw_rows_each(x->set, TRW_HASH_SHA1, put_row, &w, err);
	if (status < 0)
		return status;
	w.losses.n_without +=
		trw_set_info(x->set)->n_entries - trw_set_info(x->set)->n_by_kind[TRW_HASH_SHA1];
	trw_losses_tell(&w.losses, "entries without both an MD5 and a SHA-1", x);
	return TRW_OK;
}
