/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures at the start are long enough to be trusted. Trailers are not: any disk may hold the footer of
 * a VHD in its last sector, so a trailer counts only when its checksum and its sizes fit the file.
 * A differencing disk without its parent would be read as a disk of holes: it is refused by name.
 * VMDK: VMware, "Virtual Disk Format 1.1"; the descriptor is a text, in KDMV files at the sector that bytes
 * 28 to 35 tell. VHD: Microsoft, "Virtual Hard Disk Image Format Specification" 1.0. DMG: the koly block of UDIF.
 */
#include "image/probe.h"

#include "base/bytes.h"
#include "base/io.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

#define DESCRIPTOR_MAX 16384 /* bytes of a VMDK descriptor that are looked at */
#define VHD_HEADER_SIZE 1024
#define VHD_FIXED 2
#define VHD_DYNAMIC 3
#define VHD_DIFFERENCING 4

void
trw_look_take(const struct trw_source *src, struct trw_look *out)
{
	struct trw_err ignored = {0};
	size_t got = 0;

	*out = (struct trw_look){.src = src};
	if (trw_pread_full(src->fd, out->head, sizeof(out->head), 0, &out->n_head, &ignored) !=
		TRW_OK)
		out->n_head = 0;
	if (src->size >= sizeof(out->tail))
		out->has_tail = trw_pread_full(src->fd, out->tail, sizeof(out->tail),
					src->size - sizeof(out->tail), &got, &ignored) == TRW_OK &&
				got == sizeof(out->tail);
}

bool
trw_probe_empty(struct trw_look *look)
{
	return look->src->size == 0;
}

/* A VHD footer: cookie and one's complement sum of its bytes, the sum itself left out. */
static bool
is_vhd_footer(const uint8_t *p)
{
	uint32_t sum = 0;

	if (memcmp(p, "conectix", 8) != 0)
		return false;
	for (size_t i = 0; i < TRW_LOOK_TAIL; i++)
		if (i < 64 || i >= 68)
			sum += p[i];
	return ~sum == trw_be32(p + 64);
}

/* UTF-16BE, up to a NUL. */
static void
copy_parent_name(const uint8_t *p, size_t n, char *out, size_t cap)
{
	size_t o = 0;

	for (size_t i = 0, used; i + 1 < n && o + TRW_UTF8_MAX < cap; i += used) {
		uint32_t c = trw_utf16_get(p + i, n - i, true, &used);

		if (c == 0)
			break;
		o += trw_utf8_put(c, out + o);
	}
	out[o] = '\0';
	trw_one_line(out, '?');
}

/*
 * A dynamic or differencing disk begins with a copy of its footer, which leads to a second header. Two
 * cookies in their places are enough: files with a stale checksum are about, and readers take them.
 */
static bool
read_vhd_header(const struct trw_look *look, uint32_t type, uint8_t header[VHD_HEADER_SIZE])
{
	const uint8_t *head = look->head;
	struct trw_err ignored = {0};
	size_t got = 0;

	return look->n_head >= TRW_LOOK_TAIL && trw_be32(head + 60) == type &&
	       memcmp(head, "conectix", 8) == 0 &&
	       trw_pread_full(look->src->fd, header, VHD_HEADER_SIZE,
		       trw_be64(head + 16) & INT64_MAX, &got, &ignored) == TRW_OK &&
	       got == VHD_HEADER_SIZE && memcmp(header, "cxsparse", 8) == 0;
}

bool
trw_probe_vhd_child(struct trw_look *look)
{
	uint8_t header[VHD_HEADER_SIZE];

	if (!read_vhd_header(look, VHD_DIFFERENCING, header))
		return false;
	copy_parent_name(header + 64, 512, look->parent, sizeof(look->parent));
	return true;
}

bool
trw_probe_vhd(struct trw_look *look)
{
	uint8_t header[VHD_HEADER_SIZE];
	const uint8_t *tail = look->tail;

	return read_vhd_header(look, VHD_DYNAMIC, header) ||
	       (look->has_tail && is_vhd_footer(tail) && trw_be32(tail + 60) == VHD_FIXED &&
		       trw_be64(tail + 48) == look->src->size - TRW_LOOK_TAIL);
}

bool
trw_probe_dmg(struct trw_look *look)
{
	const uint8_t *tail = look->tail;
	uint64_t xml_off = trw_be64(tail + 216), size = look->src->size;

	return look->has_tail && memcmp(tail, "koly", 4) == 0 &&
	       trw_be32(tail + 8) == TRW_LOOK_TAIL && xml_off <= size &&
	       trw_be64(tail + 224) <= size - xml_off;
}

bool
trw_probe_aff4(struct trw_look *look)
{
	const char *path = look->src->path;
	size_t len = strlen(path);

	return look->n_head >= 4 && memcmp(look->head, "PK\3\4", 4) == 0 &&
	       ((len > 5 && strcasecmp(path + len - 5, ".aff4") == 0) ||
		       memmem(look->head, look->n_head, "container.description", 21) != NULL ||
		       memmem(look->head, look->n_head, "information.turtle", 18) != NULL);
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

/* Where the descriptor of a VMDK lies; false when the file has none of its own. */
static bool
find_descriptor(const struct trw_look *look, uint64_t *off)
{
	const uint8_t *head = look->head;

	*off = 0;
	if (look->n_head >= 21 && memcmp(head, "# Disk DescriptorFile", 21) == 0)
		return true;
	if (look->n_head < 36 || memcmp(head, "KDMV", 4) != 0 || trw_le64(head + 28) == 0 ||
		trw_le64(head + 28) > INT64_MAX / 512)
		return false;
	*off = trw_le64(head + 28) * 512;
	return true;
}

/* A VMDK that names a parent holds only what was changed since. */
bool
trw_probe_vmdk_child(struct trw_look *look)
{
	char text[DESCRIPTOR_MAX + 1], parent_cid[16];
	struct trw_err ignored = {0};
	uint64_t off;
	size_t got = 0;

	if (!find_descriptor(look, &off) ||
		trw_pread_full(look->src->fd, text, DESCRIPTOR_MAX, off, &got, &ignored) != TRW_OK)
		return false;
	text[got] = '\0';
	descriptor_value(text, "parentCID", parent_cid, sizeof(parent_cid));
	if (parent_cid[0] == '\0' || strcasecmp(parent_cid, "ffffffff") == 0)
		return false;
	descriptor_value(text, "parentFileNameHint", look->parent, sizeof(look->parent));
	return true;
}
