/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acquisition record: lines of tab-separated text. The line after "main" names the fields, the next
 * one holds their values. header2 is UTF-16 with a byte order mark, header is in a codepage that nothing
 * names: it is taken as UTF-8 where it is that, else as Latin-1.
 */
#include "image/ewf/ewf.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field {
	const char *tag, *key;
	bool is_date;
};

static const struct field fields[] = {
	{"c", "case_number", false},
	{"n", "evidence_number", false},
	{"a", "description", false},
	{"e", "examiner", false},
	{"t", "notes", false},
	{"av", "acquisition_software", false},
	{"ov", "acquisition_os", false},
	{"m", "acquisition_date", true},
	{"u", "system_date", true},
	{"md", "model", false},
	{"sn", "serial_number", false},
	{"l", "device_label", false},
	{"pid", "process_identifier", false},
	{"ext", "extents", false},
};

struct span {
	const char *p;
	size_t n;
};

/* Cut the next piece up to sep off the front of rest; false when rest is used up. */
static bool
cut(struct span *rest, char sep, struct span *out)
{
	const char *end;

	if (rest->p == NULL)
		return false;
	end = memchr(rest->p, sep, rest->n);
	*out = (struct span){rest->p, end == NULL ? rest->n : (size_t)(end - rest->p)};
	if (end == NULL)
		*rest = (struct span){NULL, 0};
	else
		*rest = (struct span){end + 1, rest->n - out->n - 1};
	return true;
}

static bool
cut_line(struct span *rest, struct span *out)
{
	if (!cut(rest, '\n', out))
		return false;
	if (out->n > 0 && out->p[out->n - 1] == '\r')
		out->n--;
	return true;
}

/* Seconds since 1970 (header2), or "2012 3 12 20 49 58" in the acquiring machine's local time. */
static enum trw_status
add_date(struct trw_about *about, const char *key, struct span value, struct trw_err *err)
{
	char raw[64], text[TRW_ISO8601_SIZE];
	int y, mo, d, h, mi, s, used = 0;
	long long t;

	if (value.n >= sizeof(raw))
		return trw_about_fact(about, key, value.p, value.n, err);
	memcpy(raw, value.p, value.n);
	raw[value.n] = '\0';
	if (sscanf(raw, "%4d %2d %2d %2d %2d %2d%n", &y, &mo, &d, &h, &mi, &s, &used) == 6 &&
		raw[used] == '\0') {
		(void)snprintf(
			text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d", y, mo, d, h, mi, s);
		return trw_about_fact(about, key, text, strlen(text), err);
	}
	if (sscanf(raw, "%11lld%n", &t, &used) == 1 && raw[used] == '\0' && t > 0 &&
		t < INT64_MAX / 1000000000) {
		trw_iso8601((int64_t)t * 1000000000, text);
		return trw_about_fact(about, key, text, strlen(text), err);
	}
	return trw_about_fact(about, key, value.p, value.n, err);
}

static enum trw_status
add_field(struct trw_about *about, struct span tag, struct span value, struct trw_err *err)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *f = &fields[i];

		if (strlen(f->tag) != tag.n || memcmp(f->tag, tag.p, tag.n) != 0)
			continue;
		if (f->is_date && value.n > 0)
			return add_date(about, f->key, value, err);
		return trw_about_fact(about, f->key, value.p, value.n, err);
	}
	return TRW_OK;
}

static enum trw_status
parse_text(const char *p, size_t n, struct trw_about *about, struct trw_err *err)
{
	struct span rest = {p, n}, line, tags, values, tag, value;
	enum trw_status st = TRW_OK;

	while (cut_line(&rest, &line))
		if (line.n == 4 && memcmp(line.p, "main", 4) == 0)
			break;
	if (!cut_line(&rest, &tags) || !cut_line(&rest, &values))
		return TRW_OK;
	while (st == TRW_OK && cut(&tags, '\t', &tag) && cut(&values, '\t', &value))
		st = add_field(about, tag, value, err);
	return st;
}

/* UTF-16 behind its byte order mark; out holds 3 bytes for each 2 of p. Returns the bytes put there. */
static size_t
from_utf16(const uint8_t *p, size_t n, char *out)
{
	bool is_big = p[0] == 0xfe;
	size_t o = 0;

	for (size_t i = 2, used; i + 1 < n; i += used)
		o += trw_utf8_put(trw_utf16_get(p + i, n - i, is_big, &used), out + o);
	return o;
}

static size_t
from_latin1(const uint8_t *p, size_t n, char *out)
{
	size_t o = 0;

	for (size_t i = 0; i < n; i++)
		o += trw_utf8_put(p[i], out + o);
	return o;
}

enum trw_status
trw_ewf_header_parse(const uint8_t *p, size_t n, struct trw_about *about, struct trw_err *err)
{
	enum trw_status st;
	char *text;
	size_t len;

	while (n > 0 && p[n - 1] == 0 && !(n >= 2 && (p[0] == 0xff || p[0] == 0xfe)))
		n--;
	text = trw_alloc(n, 2, err);
	if (text == NULL)
		return TRW_ENOMEM;
	if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))) {
		len = from_utf16(p, n, text);
	} else if (trw_utf8_valid(p, n)) {
		len = n;
		memcpy(text, p, n);
	} else {
		len = from_latin1(p, n, text);
	}
	st = parse_text(text, len, about, err);
	free(text);
	return st;
}

static enum trw_status
number_fact(struct trw_about *about, const char *key, uint64_t value, struct trw_err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRIu64, value);

	return trw_about_fact(about, key, text, (size_t)n, err);
}

static const char *
media_type_name(uint8_t type)
{
	switch (type) {
	case 0x00:
		return "removable disk";
	case 0x01:
		return "fixed disk";
	case 0x03:
		return "optical disk";
	case 0x0e:
		return "logical evidence";
	case 0x10:
		return "memory";
	default:
		return "unknown";
	}
}

static enum trw_status
identifier_fact(struct trw_about *about, const uint8_t *id, struct trw_err *err)
{
	static const uint8_t none[16];
	char text[37];

	if (memcmp(id, none, sizeof(none)) == 0)
		return TRW_OK;
	(void)snprintf(text, sizeof(text),
		"%08" PRIx32 "-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", trw_le32(id),
		(unsigned)trw_le16(id + 4), (unsigned)trw_le16(id + 6), (unsigned)id[8],
		(unsigned)id[9], (unsigned)id[10], (unsigned)id[11], (unsigned)id[12],
		(unsigned)id[13], (unsigned)id[14], (unsigned)id[15]);
	return trw_about_fact(about, "set_identifier", text, strlen(text), err);
}

enum trw_status
trw_ewf_geometry_facts(
	const struct trw_ewf_geometry *g, struct trw_about *about, struct trw_err *err)
{
	static const char *const levels[] = {"none", "fast", "best"};
	const char *level = g->compression < 3 ? levels[g->compression] : "unknown";
	const char *type = media_type_name(g->media_type);
	const char *physical = (g->media_flags & 0x02) != 0 ? "yes" : "no";
	enum trw_status st = TRW_OK;

	if (!g->is_smart) {
		st = trw_about_fact(about, "media_type", type, strlen(type), err);
		if (st == TRW_OK)
			st = trw_about_fact(about, "is_physical", physical, strlen(physical), err);
		if (st == TRW_OK)
			st = trw_about_fact(about, "compression", level, strlen(level), err);
		if (st == TRW_OK)
			st = number_fact(
				about, "error_granularity_sectors", g->error_granularity, err);
		if (st == TRW_OK)
			st = identifier_fact(about, g->set_identifier, err);
	}
	if (st == TRW_OK)
		st = number_fact(about, "n_sectors", g->n_sectors, err);
	if (st == TRW_OK)
		st = number_fact(about, "sectors_per_chunk", g->sectors_per_chunk, err);
	return st;
}
