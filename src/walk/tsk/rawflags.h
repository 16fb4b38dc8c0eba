/* SPDX-License-Identifier: Apache-2.0 */
/** The attribute flags that NTFS and FAT keep for a file, as they are: libtsk only gives what it makes of them. */
#pragma once

#include "view/view.h"
#include "walk/tsk/bridge.h"

/** Where the directory entries of a FAT file system are counted from, relative to it; 0: its boot sector does not say. */
uint64_t trw_rawflags_fat_entries(const struct trw_view *bytes);

/**
 * NTFS: 32 bits of $STANDARD_INFORMATION; FAT: the byte of its directory entry; exFAT: 16 bits of it. file has metadata.
 * fat_entries: as above. TRW_NUMBER_ABSENT where there are none, or they cannot be read.
 */
uint64_t trw_rawflags(TSK_FS_FILE *file, const struct trw_view *bytes, uint64_t fat_entries);
