/* SPDX-License-Identifier: Apache-2.0 */
/** Second reader for UFS1 and UFS2 of either byte order: where the content of an inode lies. */
#pragma once

#include "walk/layout.h"

/** What the superblock says, checked. Plain data: needs no close. Immutable after open. */
struct trw_ufs {
	const struct trw_view *bytes; /* borrowed */
	bool is_ufs2, is_big_endian;
	uint32_t block_size, fragment_size; /* bytes */
	uint32_t inode_table;               /* fragments from the start of a cylinder group */
	uint32_t n_groups, inodes_per_group, fragments_per_group;
	uint32_t rotation, rotation_mask; /* UFS1: fragments by which group headers are shifted */
	uint32_t symlink_max;             /* bytes; shorter targets lie in the inode */
	uint64_t n_fragments;
};

/**
 * Find the superblock at byte 65536, 8192, 0 or 262144, as FreeBSD does. `bytes` must
 * outlive *out. Errors: TRW_ECORRUPT (no superblock, or it contradicts itself).
 */
TRW_NODISCARD enum trw_status trw_ufs_open(
	const struct trw_view *bytes, struct trw_ufs *out, struct trw_err *err);

/**
 * Lay out the content of an inode, allocated or not. *out must be empty; on failure it is empty again.
 * Errors: TRW_ECORRUPT (no such inode, unreadable inode, impossible size), TRW_EUNSUPPORTED (a snapshot),
 * TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_ufs_content(
	const struct trw_ufs *fs, uint64_t inode, struct trw_layout *out, struct trw_err *err);
