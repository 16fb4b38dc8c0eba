/* SPDX-License-Identifier: Apache-2.0 */
#include "record/encode.h"

const struct trw_fs_type trw_fs_types[TRW_FS_TYPES_N] = {
	{0x00000001, "NTFS"},
	{0x0000000e, "FAT"},
	{0x00002180, "Ext"},
	{0x00000800, "ISO 9660"},
	{0x00009000, "HFS"},
	{0x00000070, "UFS"},
	{0x00004000, "YAFFS2"},
	{0x00010000, "APFS"},
};
