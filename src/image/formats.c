/* SPDX-License-Identifier: Apache-2.0 */
#include "image/formats.h"

#include <string.h>

#define MAGIC(text) .magic = (text), .n_magic = sizeof(text) - 1
#define REFUSED(why, what) .format = TRW_IMAGE_UNREADABLE, .refusal = (why), .advice = (what)
#define CONVERT "convert it first: qemu-img convert -O raw IMAGE OUT.dd"
#define EXPORT "holds files, not a disk: export them first"
#define MERGE "merge it with its parent disk first and give the result"

/* In the order of asking: what is longest at the start, then what only a trailer or a name tells. */
static const struct trw_container_format formats[] = {
	{.name = "empty",
		.probe = trw_probe_empty,
		REFUSED(TRW_REFUSAL_UNREADABLE, "it has no bytes: look for a failed copy")},
	{.name = "EWF-E01",
		.format = TRW_IMAGE_EWF,
		MAGIC("EVF\x09\x0d\x0a\xff\x00"),
		.naming = TRW_NAMES_EWF,
		.open = trw_ewf_open},
	{.name = "EWF2-Ex01",
		.format = TRW_IMAGE_EWF2,
		MAGIC("EVF2\x0d\x0a\x81\x00"),
		.naming = TRW_NAMES_EWF2,
		.open = trw_foreign_open},
	{.name = "LVF",
		MAGIC("LVF\x09\x0d\x0a\xff\x00"),
		REFUSED(TRW_REFUSAL_UNSUPPORTED,
			"it is a logical evidence file (L01) and " EXPORT)},
	{.name = "LEF2",
		MAGIC("LEF2\x0d\x0a\x81\x00"),
		REFUSED(TRW_REFUSAL_UNSUPPORTED,
			"it is a logical evidence file (Lx01) and " EXPORT)},
	{.name = "DVF",
		MAGIC("DVF\x09\x0d\x0a\xff\x00"),
		REFUSED(TRW_REFUSAL_UNSUPPORTED,
			"it is a delta of an EWF image: export the whole image with ewfexport first")},
	{.name = "AFF", .format = TRW_IMAGE_AFF, MAGIC("AFF10\r\n\0"), .open = trw_foreign_open},
	{.name = "VMDK", .probe = trw_probe_vmdk_child, REFUSED(TRW_REFUSAL_PARENT, MERGE)},
	{.name = "VMDK", .format = TRW_IMAGE_VMDK, MAGIC("KDMV"), .open = trw_foreign_open},
	{.name = "VMDK", .format = TRW_IMAGE_VMDK, MAGIC("COWD"), .open = trw_foreign_open},
	{.name = "VMDK",
		.format = TRW_IMAGE_VMDK,
		MAGIC("# Disk DescriptorFile"),
		.open = trw_foreign_open},
	{.name = "QCOW", MAGIC("QFI\xfb\0\0\0\1"), REFUSED(TRW_REFUSAL_UNSUPPORTED, CONVERT)},
	{.name = "QCOW2", MAGIC("QFI\xfb"), REFUSED(TRW_REFUSAL_UNSUPPORTED, CONVERT)},
	{.name = "VHDX", MAGIC("vhdxfile"), REFUSED(TRW_REFUSAL_UNSUPPORTED, CONVERT)},
	{.name = "VHD", .probe = trw_probe_vhd_child, REFUSED(TRW_REFUSAL_PARENT, MERGE)},
	{.name = "VHD", .format = TRW_IMAGE_VHD, .probe = trw_probe_vhd, .open = trw_foreign_open},
	{.name = "DMG",
		.probe = trw_probe_dmg,
		REFUSED(TRW_REFUSAL_UNSUPPORTED,
			"convert it first: 7z x IMAGE, or dmg2img IMAGE OUT.dd")},
	{.name = "AFF4",
		.probe = trw_probe_aff4,
		REFUSED(TRW_REFUSAL_UNSUPPORTED,
			"export the disk first with an AFF4 tool (such as aff4imager -e)")},
	{.name = "raw", .format = TRW_IMAGE_RAW, .naming = TRW_NAMES_RAW, .open = trw_raw_open},
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

static bool
fits(const struct trw_container_format *f, struct trw_look *look)
{
	if (look->n_head < f->n_magic ||
		(f->n_magic > 0 && memcmp(look->head, f->magic, f->n_magic) != 0))
		return false;
	return f->probe == NULL || f->probe(look);
}

const struct trw_container_format *
trw_container_find(struct trw_look *look)
{
	size_t i = 0;

	while (i < N_FORMATS - 1 && !fits(&formats[i], look))
		i++;
	return &formats[i];
}

const struct trw_container_format *
trw_container_raw(void)
{
	return &formats[N_FORMATS - 1];
}
