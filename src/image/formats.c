/* SPDX-License-Identifier: Apache-2.0 */
#include "image/formats.h"

#include "image/ewf/ewf.h"

#include <string.h>

#define ANY NULL, 0
#define MAGIC(text) (text), sizeof(text) - 1
#define READ(format, naming, open) (format), (naming), (open), TRW_REFUSAL_UNSUPPORTED, NULL
#define BY_HOOK(format) READ(format, TRW_NAMES_ALONE, trw_foreign_open)
#define REFUSED(why, advice) TRW_IMAGE_UNREADABLE, TRW_NAMES_ALONE, NULL, (why), (advice)
#define UNSUPPORTED(advice) REFUSED(TRW_REFUSAL_UNSUPPORTED, advice)
#define CONVERT UNSUPPORTED("convert it first: qemu-img convert -O raw IMAGE OUT.dd")
#define EXPORT(what) UNSUPPORTED("it is " what " and holds files, not a disk: export them first")
#define MERGE REFUSED(TRW_REFUSAL_PARENT, "merge it with its parent disk first and give the result")

/* In the order of asking: what is longest at the start, then what only a trailer or a name tells. */
static const struct trw_container_format formats[] = {
	/* clang-format off: one line a format, where it fits */
	{"empty", ANY, trw_probe_empty,
		REFUSED(TRW_REFUSAL_UNREADABLE, "it has no bytes: look for a failed copy")},
	{"EWF-E01", MAGIC("EVF\x09\x0d\x0a\xff\x00"), NULL,
		READ(TRW_IMAGE_EWF, TRW_NAMES_EWF, trw_ewf_open)},
	{"EWF2-Ex01", MAGIC("EVF2\x0d\x0a\x81\x00"), NULL,
		READ(TRW_IMAGE_EWF2, TRW_NAMES_EWF2, trw_foreign_open)},
	{"LVF", MAGIC("LVF\x09\x0d\x0a\xff\x00"), NULL, EXPORT("a logical evidence file (L01)")},
	{"LEF2", MAGIC("LEF2\x0d\x0a\x81\x00"), NULL, EXPORT("a logical evidence file (Lx01)")},
	{"DVF", MAGIC("DVF\x09\x0d\x0a\xff\x00"), NULL,
		UNSUPPORTED(
			"it is a delta of an EWF image: export the whole image with ewfexport first")},
	{"AFF", MAGIC("AFF10\r\n\0"), NULL, BY_HOOK(TRW_IMAGE_AFF)},
	{"VMDK", ANY, trw_probe_vmdk_child, MERGE},
	{"VMDK", MAGIC("KDMV"), NULL, BY_HOOK(TRW_IMAGE_VMDK)},
	{"VMDK", MAGIC("COWD"), NULL, BY_HOOK(TRW_IMAGE_VMDK)},
	{"VMDK", MAGIC("# Disk DescriptorFile"), NULL, BY_HOOK(TRW_IMAGE_VMDK)},
	{"QCOW", MAGIC("QFI\xfb\0\0\0\1"), NULL, CONVERT},
	{"QCOW2", MAGIC("QFI\xfb"), NULL, CONVERT}, {"VHDX", MAGIC("vhdxfile"), NULL, CONVERT},
	{"VHD", ANY, trw_probe_vhd_child, MERGE},
	{"VHD", ANY, trw_probe_vhd, BY_HOOK(TRW_IMAGE_VHD)},
	{"DMG", ANY, trw_probe_dmg,
		UNSUPPORTED("convert it first: 7z x IMAGE, or dmg2img IMAGE OUT.dd")},
	{"AFF4", ANY, trw_probe_aff4,
		UNSUPPORTED("export the disk first with an AFF4 tool (such as aff4imager -e)")},
	{"raw", ANY, NULL, READ(TRW_IMAGE_RAW, TRW_NAMES_RAW, trw_raw_open)},
	/* clang-format on */
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
