/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/alloc.h"
#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

const char *
trw_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

char *
trw_folder_of(const char *path, struct trw_err *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return trw_strdup(".", err);
	return trw_format(err, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

void
trw_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
trw_unhex(const char *s, uint8_t *out, size_t n)
{
	if (strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = nibble(s[2 * i]), lo = nibble(s[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

/* Unicode 15, table 3-7. */
size_t
trw_utf8_length(const uint8_t *p, size_t n)
{
	uint8_t lo = 0x80, hi = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return p[0] != 0 ? 1 : 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool
trw_utf8_valid(const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t len = trw_utf8_length(p, n);
		if (len == 0)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

char *
trw_utf8_display(const uint8_t *p, size_t n, struct trw_err *err)
{
	char *out, *o;

	if (n > SIZE_MAX / 4) {
		(void)trw_fail(err, TRW_ELIMIT, "a name of %zu bytes", n);
		return NULL;
	}
	out = o = trw_alloc(3 * n + 1, 1, err);
	if (out == NULL)
		return NULL;
	while (n > 0) {
		size_t len = trw_utf8_length(p, n);
		if (len > 0) {
			memcpy(o, p, len);
			o += len;
		} else {
			len = 1;
			memcpy(o, "\xef\xbf\xbd", 3);
			o += 3;
		}
		p += len;
		n -= len;
	}
	*o = '\0';
	return out;
}

char *
trw_utf8_line(const uint8_t *p, size_t n, struct trw_err *err)
{
	char *text = trw_utf8_display(p, n, err);

	if (text != NULL)
		trw_one_line(text, ' ');
	return text;
}

size_t
trw_utf8_put(uint32_t c, char out[TRW_UTF8_MAX])
{
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[n] | c);
	return n;
}

uint32_t
trw_utf16_get(const uint8_t *p, size_t n, bool is_big, size_t *used)
{
	uint32_t c = is_big ? trw_be16(p) : trw_le16(p), low = 0;

	*used = 2;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c < 0xdc00 && n >= 4)
		low = is_big ? trw_be16(p + 2) : trw_le16(p + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*used = 4;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

void
trw_size_text(uint64_t bytes, char out[TRW_SIZE_TEXT])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double v = (double)bytes / 1024;
	size_t u = 0;

	if (bytes < 1024) {
		(void)snprintf(out, TRW_SIZE_TEXT, "%" PRIu64 " B", bytes);
		return;
	}
	for (; v >= 1024 && u + 1 < sizeof(units) / sizeof(units[0]); u++)
		v /= 1024;
	(void)snprintf(out, TRW_SIZE_TEXT, "%.1f %s", v, units[u]);
}
