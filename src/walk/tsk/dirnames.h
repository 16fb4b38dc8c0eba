/* SPDX-License-Identifier: Apache-2.0 */
/**
 * libtsk's list of the names of one directory, in linear time and with a cap.
 *
 * libtsk 4.11.1 looks for a duplicate of each name it adds by scanning the whole list (fs_dir.c,
 * tsk_fs_dir_add): 100,000 names take 7 s; and for NTFS once more (tsk_fs_dir_contains). The symbols are exported and
 * libtsk calls them through its PLT, so the definitions in this program take their place: same rules, a hash index
 * instead of the scan.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Names that one directory may have; further ones are dropped and counted. */
void trw_dirnames_limit(size_t max);

/** How many names were dropped since the last call. */
uint64_t trw_dirnames_dropped(void);
