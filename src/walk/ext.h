/* SPDX-License-Identifier: Apache-2.0 */
/** Second reader for ext2, ext3 and ext4: where the content of an inode lies. No names, no journal replay. */
#pragma once

#include "walk/layout.h"

/** What the superblock says, checked. Plain data: needs no close. Immutable after open. */
struct trw_ext {
	const struct trw_view *bytes; /* borrowed */
	uint32_t block_size;          /* bytes */
	uint32_t inode_size;          /* bytes */
	uint32_t descriptor_size;     /* bytes of a group descriptor */
	uint32_t blocks_per_group, inodes_per_group;
	uint32_t first_data_block, first_meta_group;
	uint32_t backup_groups[2];            /* with sparse_super2 */
	uint32_t compat, incompat, ro_compat; /* feature bits */
	uint64_t n_blocks;
	uint32_t n_inodes, n_groups;
};

/**
 * Read the superblock at byte 1024. `bytes` must outlive *out.
 * Errors: TRW_ECORRUPT (no superblock, or it contradicts itself), TRW_EUNSUPPORTED (a journal device, or an
 * incompatible feature that this reader doesn't know).
 */
TRW_NODISCARD enum trw_status trw_ext_open(
	const struct trw_view *bytes, struct trw_ext *out, struct trw_err *err);

/**
 * Lay out the content of an inode, allocated or not: extent trees, block maps, inline data, fast symlinks.
 * *out must be empty; on failure it is empty again.
 * Errors: TRW_ECORRUPT (no such inode, unreadable inode, impossible size, broken inline data),
 * TRW_EUNSUPPORTED (e2compr data, inline data kept in another inode), TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_ext_content(
	const struct trw_ext *fs, uint64_t inode, struct trw_layout *out, struct trw_err *err);
