/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures at the start are long enough to be trusted. Trailers are not: any disk may hold the footer of
 * a VHD in its last sector, so a trailer counts only when its checksum and its sizes fit the file.
 * A differencing disk without its parent would be read as a disk of holes: it is refused by name.
 * VMDK: VMware, "Virtual Disk Format 1.1"; the descriptor is a text, in KDMV files at the sector that bytes
 * 28 to 35 tell. VHD: Microsoft, "Virtual Hard Disk Image Format Specification" 1.0. DMG: the koly block of UDIF.
 */
#include "image/container.h"

#include "base/bytes.h"
#include "base/io.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEAD_SIZE 4096
#define TRAILER_SIZE 512
#define DESCRIPTOR_MAX 16384 /* bytes of a VMDK descriptor that are looked at */
#define VHD_HEADER_SIZE 1024
#define VHD_FIXED 2
#define VHD_DYNAMIC 3
#define VHD_DIFFERENCING 4

#define CONVERT "convert it first: qemu-img convert -O raw IMAGE OUT.dd"

struct signature {
	const char *bytes;
	size_t len;
	enum trw_image_format format;
	const char *name, *advice;
};

static const struct signature signatures[] = {
	{"EVF\x09\x0d\x0a\xff\x00", 8, TRW_IMAGE_EWF, "EWF-E01", NULL},
	{"EVF2\x0d\x0a\x81\x00", 8, TRW_IMAGE_EWF2, "EWF2-Ex01", NULL},
	{"LVF\x09\x0d\x0a\xff\x00", 8, TRW_IMAGE_UNREADABLE, "LVF",
		"it is a logical evidence file (L01) and holds files, not a disk: export them first"},
	{"LEF2\x0d\x0a\x81\x00", 8, TRW_IMAGE_UNREADABLE, "LEF2",
		"it is a logical evidence file (Lx01) and holds files, not a disk: export them first"},
	{"DVF\x09\x0d\x0a\xff\x00", 8, TRW_IMAGE_UNREADABLE, "DVF",
		"it is a delta of an EWF image: export the whole image with ewfexport first"},
	{"AFF10\r\n\0", 8, TRW_IMAGE_AFF, "AFF", NULL},
	{"KDMV", 4, TRW_IMAGE_VMDK, "VMDK", NULL},
	{"COWD", 4, TRW_IMAGE_VMDK, "VMDK", NULL},
	{"# Disk DescriptorFile", 21, TRW_IMAGE_VMDK, "VMDK", NULL},
	{"QFI\xfb", 4, TRW_IMAGE_UNREADABLE, "QCOW2", CONVERT},
	{"vhdxfile", 8, TRW_IMAGE_UNREADABLE, "VHDX", CONVERT},
};

static bool
find_signature(const uint8_t *head, size_t n, struct trw_container *out)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *s = &signatures[i];

		if (n < s->len || memcmp(head, s->bytes, s->len) != 0)
			continue;
		out->format = s->format;
		out->name = s->name;
		out->code = TRW_CODE_CONTAINER_UNSUPPORTED;
		out->advice = s->advice;
		if (strcmp(s->name, "QCOW2") == 0 && n >= 8 && trw_be32(head + 4) == 1)
			out->name = "QCOW";
		return true;
	}
	return false;
}

/* A VHD footer: cookie and one's complement sum of its bytes, the sum itself left out. */
static bool
is_vhd_footer(const uint8_t *p)
{
	uint32_t sum = 0;

	if (memcmp(p, "conectix", 8) != 0)
		return false;
	for (size_t i = 0; i < TRAILER_SIZE; i++)
		if (i < 64 || i >= 68)
			sum += p[i];
	return ~sum == trw_be32(p + 64);
}

/* UTF-16BE to UTF-8, up to a NUL; surrogates become '?', as the name is only shown. */
static void
copy_parent_name(const uint8_t *p, size_t n, char *out, size_t cap)
{
	size_t o = 0;

	for (size_t i = 0; i + 1 < n && o + 4 < cap; i += 2) {
		unsigned c = trw_be16(p + i);

		if (c == 0)
			break;
		if (c < 0x20 || (c >= 0xd800 && c < 0xe000))
			c = '?';
		if (c < 0x80) {
			out[o++] = (char)c;
		} else if (c < 0x800) {
			out[o++] = (char)(0xc0 | c >> 6);
			out[o++] = (char)(0x80 | (c & 0x3f));
		} else {
			out[o++] = (char)(0xe0 | c >> 12);
			out[o++] = (char)(0x80 | (c >> 6 & 0x3f));
			out[o++] = (char)(0x80 | (c & 0x3f));
		}
	}
	out[o] = '\0';
}

/*
 * A dynamic or differencing disk begins with a copy of its footer, which leads to a second header. Two
 * cookies in their places are enough: files with a stale checksum are about, and readers take them.
 */
static bool
read_vhd_header(const struct trw_source *src, const uint8_t *head, uint8_t header[VHD_HEADER_SIZE])
{
	struct trw_err ignored = {0};
	size_t got = 0;

	return memcmp(head, "conectix", 8) == 0 &&
	       trw_pread_full(src->fd, header, VHD_HEADER_SIZE, trw_be64(head + 16) & INT64_MAX,
		       &got, &ignored) == TRW_OK &&
	       got == VHD_HEADER_SIZE && memcmp(header, "cxsparse", 8) == 0;
}

static bool
find_vhd(const struct trw_source *src, const uint8_t *head, size_t n, const uint8_t *tail,
	struct trw_container *out)
{
	uint8_t header[VHD_HEADER_SIZE];
	uint32_t type = n >= TRAILER_SIZE ? trw_be32(head + 60) : 0;

	if ((type == VHD_DYNAMIC || type == VHD_DIFFERENCING) &&
		read_vhd_header(src, head, header)) {
		out->format = type == VHD_DYNAMIC ? TRW_IMAGE_VHD : TRW_IMAGE_UNREADABLE;
		out->name = "VHD";
		out->code = TRW_CODE_PARENT_MISSING;
		out->advice = "merge it with its parent disk first and give the result";
		if (type == VHD_DIFFERENCING)
			copy_parent_name(header + 64, 512, out->parent, sizeof(out->parent));
		return true;
	}
	if (tail == NULL || !is_vhd_footer(tail) || trw_be32(tail + 60) != VHD_FIXED ||
		trw_be64(tail + 48) != src->size - TRAILER_SIZE)
		return false;
	out->format = TRW_IMAGE_VHD;
	out->name = "VHD";
	return true;
}

static bool
find_dmg(const struct trw_source *src, const uint8_t *tail, struct trw_container *out)
{
	uint64_t xml_off, xml_len;

	if (tail == NULL || memcmp(tail, "koly", 4) != 0 || trw_be32(tail + 8) != TRAILER_SIZE)
		return false;
	xml_off = trw_be64(tail + 216);
	xml_len = trw_be64(tail + 224);
	if (xml_off > src->size || xml_len > src->size - xml_off)
		return false;
	out->format = TRW_IMAGE_UNREADABLE;
	out->name = "DMG";
	out->code = TRW_CODE_CONTAINER_UNSUPPORTED;
	out->advice = "convert it first: 7z x IMAGE, or dmg2img IMAGE OUT.dd";
	return true;
}

static bool
find_aff4(const struct trw_source *src, const uint8_t *head, size_t n, struct trw_container *out)
{
	size_t len = strlen(src->path);

	if (n < 4 || memcmp(head, "PK\3\4", 4) != 0)
		return false;
	if (!(len > 5 && strcasecmp(src->path + len - 5, ".aff4") == 0) &&
		memmem(head, n, "container.description", 21) == NULL &&
		memmem(head, n, "information.turtle", 18) == NULL)
		return false;
	out->format = TRW_IMAGE_UNREADABLE;
	out->name = "AFF4";
	out->code = TRW_CODE_CONTAINER_UNSUPPORTED;
	out->advice = "export the disk first with an AFF4 tool (such as aff4imager -e)";
	return true;
}

/* The value of key in the descriptor, without quotes; empty when it is not there. text ends with a NUL. */
static void
descriptor_value(const char *text, const char *key, char *out, size_t cap)
{
	const char *at = text;
	size_t n;

	out[0] = '\0';
	while ((at = strcasestr(at, key)) != NULL && at != text && at[-1] != '\n')
		at++;
	if (at == NULL)
		return;
	at += strlen(key);
	at += strspn(at, " \t=\"");
	n = strcspn(at, "\"\r\n");
	if (n >= cap)
		n = cap - 1;
	memcpy(out, at, n);
	out[n] = '\0';
}

/* A VMDK that names a parent holds only what was changed since. */
static void
refuse_vmdk_child(
	const struct trw_source *src, const uint8_t *head, size_t n, struct trw_container *out)
{
	char text[DESCRIPTOR_MAX + 1], parent_cid[16], hint[TRW_CONTAINER_PARENT_MAX];
	struct trw_err ignored = {0};
	uint64_t off = 0;
	size_t got = 0;

	if (n >= 36 && memcmp(head, "KDMV", 4) == 0)
		off = trw_le64(head + 28);
	if (off > INT64_MAX / 512 || (off == 0 && head[0] != '#') ||
		trw_pread_full(src->fd, text, DESCRIPTOR_MAX, off * 512, &got, &ignored) != TRW_OK)
		return;
	text[got] = '\0';
	descriptor_value(text, "parentCID", parent_cid, sizeof(parent_cid));
	if (parent_cid[0] == '\0' || strcasecmp(parent_cid, "ffffffff") == 0)
		return;
	descriptor_value(text, "parentFileNameHint", hint, sizeof(hint));
	out->format = TRW_IMAGE_UNREADABLE;
	out->code = TRW_CODE_PARENT_MISSING;
	out->advice = "merge it with its parent disk first and give the result";
	(void)snprintf(out->parent, sizeof(out->parent), "%s", hint);
}

void
trw_container_identify(const struct trw_source *src, struct trw_container *out)
{
	uint8_t head[HEAD_SIZE], last[TRAILER_SIZE];
	const uint8_t *tail = NULL;
	struct trw_err ignored = {0};
	size_t n = 0, got = 0;

	*out = (struct trw_container){.format = TRW_IMAGE_RAW, .name = "raw"};
	if (src->size == 0) {
		out->format = TRW_IMAGE_UNREADABLE;
		out->name = "empty";
		out->code = TRW_CODE_CONTAINER_UNREADABLE;
		out->advice = "it has no bytes: look for a failed copy";
		return;
	}
	if (trw_pread_full(src->fd, head, sizeof(head), 0, &n, &ignored) != TRW_OK)
		n = 0;
	if (src->size >= TRAILER_SIZE &&
		trw_pread_full(src->fd, last, sizeof(last), src->size - TRAILER_SIZE, &got,
			&ignored) == TRW_OK &&
		got == sizeof(last))
		tail = last;
	if (find_signature(head, n, out)) {
		if (out->format == TRW_IMAGE_VMDK)
			refuse_vmdk_child(src, head, n, out);
		return;
	}
	if (find_vhd(src, head, n, tail, out) || find_dmg(src, tail, out))
		return;
	(void)find_aff4(src, head, n, out);
}
