/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocation map, block by block from libtsk's own accessor (the one that blkls and blkstat use), as runs.
 * Pools and formats without a map in image blocks have none: the ledger then says "unclassified".
 */
#include "walk/tsk/state.h"

#include "worker/guest/guest.h"

#define RUNS_MAX                                                                                   \
	((uint64_t)8 << 20) /* a map in more pieces than that is left unclassified from there on */
#define FRAME_BYTES ((size_t)64 << 10)
#define BLOCKS_PER_TICK 4096

static enum trw_block_class
class_of(TSK_FS_BLOCK_FLAG_ENUM flags)
{
	if ((flags & TSK_FS_BLOCK_FLAG_META) != 0 && (flags & TSK_FS_BLOCK_FLAG_CONT) == 0 &&
		(flags & TSK_FS_BLOCK_FLAG_UNALLOC) == 0)
		return TRW_BLOCK_METADATA;
	if ((flags & TSK_FS_BLOCK_FLAG_ALLOC) != 0)
		return TRW_BLOCK_ALLOCATED;
	return TRW_BLOCK_UNALLOCATED;
}

static enum trw_status
add(struct trw_walk_state *s, const struct trw_blocks *run, struct trw_err *err)
{
	if (run->len == 0)
		return TRW_OK;
	if (trw_blocks_encode(run, &s->out, err) != TRW_OK)
		return trw_fail_in(err, "allocation map");
	if (s->out.n >= FRAME_BYTES) {
		trw_guest_send(TRW_FRAME_BLOCKS, s->out.v, s->out.n);
		s->out.n = 0;
	}
	return TRW_OK;
}

enum trw_status
trw_walk_blocks(struct trw_walk_state *s, struct trw_err *err)
{
	TSK_FS_INFO *fs = s->place->fs;
	struct trw_blocks run = {0};
	enum trw_status st = TRW_OK;
	uint64_t n_runs = 0;

	if (s->place->pool != NULL || fs->block_getflags == NULL || fs->block_pre_size != 0 ||
		fs->block_size == 0 || TSK_FS_TYPE_ISYAFFS2(fs->ftype))
		return TRW_OK;
	trw_guest_step(TRW_STEP_BLOCKS, 0);
	s->out.n = 0;
	for (TSK_DADDR_T a = fs->first_block; a <= fs->last_block_act && st == TRW_OK; a++) {
		TSK_FS_BLOCK_FLAG_ENUM flags = fs->block_getflags(fs, a);
		uint64_t off = s->place->base + a * fs->block_size;
		enum trw_block_class kind;

		if (a % BLOCKS_PER_TICK == 0)
			trw_guest_tick();
		if ((flags & (TSK_FS_BLOCK_FLAG_ALLOC | TSK_FS_BLOCK_FLAG_UNALLOC)) == 0)
			continue; /* the map itself cannot be read */
		kind = class_of(flags);
		if (run.len > 0 && run.kind == kind && run.off + run.len == off) {
			run.len += fs->block_size;
			continue;
		}
		st = add(s, &run, err);
		if (++n_runs > RUNS_MAX)
			break;
		run = (struct trw_blocks){.off = off, .len = fs->block_size, .kind = kind};
	}
	if (st == TRW_OK)
		st = add(s, &run, err);
	if (st == TRW_OK && s->out.n > 0)
		trw_guest_send(TRW_FRAME_BLOCKS, s->out.v, s->out.n);
	(void)trw_bridge_error();
	return st;
}
