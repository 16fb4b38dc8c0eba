/* SPDX-License-Identifier: Apache-2.0 */
/**
 * libtsk's inodes of an ISO 9660 file system, in linear time.
 *
 * libtsk 4.11.1 makes an inode of each directory record when it opens a disc, and keeps them in a linked list that
 * it searches from the front for each record it adds, each name, each inode and each block: 40,000 files take
 * a minute. The symbols iso9660_open, iso9660_dinode_load and tsk_fs_read are exported and libtsk calls them
 * through its PLT or GOT, so those of this program take their place (isolist.c, isonodes.c), and an opened
 * file system gets a directory reader and a block map of ours (isodir.c, isonodes.c): same results.
 */
#pragma once

#include <stdbool.h>
#include <tsk/libtsk.h>

#include <tsk/fs/tsk_iso9660.h>

/** Find libtsk's functions behind those of isolist.c; to be called before any file system is opened. */
void trw_isolist_install(void);

/** The node of an inode, or NULL. *before: that of the record libtsk read before it, or NULL. Borrowed from fs. */
const iso9660_inode_node *trw_isonodes_at(
	TSK_FS_INFO *fs, TSK_INUM_T inum, const iso9660_inode_node **before);

/** The first node whose directory record lies at this offset of the file system, or NULL. Borrowed from fs. */
const iso9660_inode_node *trw_isonodes_of_record(TSK_FS_INFO *fs, TSK_OFF_T off);

/** Index fs, which has just been opened. False: out of memory, and the list is searched as libtsk does. */
bool trw_isonodes_index(TSK_FS_INFO *fs);

/** To take the place of fs->block_getflags: allocated is what lies in the extent of a node. */
TSK_FS_BLOCK_FLAG_ENUM trw_isonodes_block_flags(TSK_FS_INFO *fs, TSK_DADDR_T block);

/** To take the place of fs->dir_open_meta: the names of one directory. */
TSK_RETVAL_ENUM trw_isodir_open(
	TSK_FS_INFO *fs, TSK_FS_DIR **dir, TSK_INUM_T inum, int recursion_depth);
