/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes live beside the TSK_FS_DIR that they describe, a few at a time, because libtsk fills one directory
 * while another is open (orphan hunt). An index is valid for a directory as long as it counts as many names as
 * the directory does; otherwise (the directory was emptied, or its memory serves another one) it is rebuilt.
 */
#include "walk/tsk/dirnames.h"

#include "worker/guest/guest.h"

#include <stdlib.h>
#include <string.h>
#include <tsk/libtsk.h>

#define N_INDEXES 4
#define SCAN_BELOW 32 /* names: a scan is cheaper than an index */
#define GROW_MIN 512

/* Exported by libtsk, declared in its internal header. */
extern uint8_t tsk_fs_dir_realloc(TSK_FS_DIR *dir, size_t n);
extern uint8_t tsk_fs_name_copy(TSK_FS_NAME *to, const TSK_FS_NAME *from);
extern uint8_t tsk_fs_dir_add(TSK_FS_DIR *dir, const TSK_FS_NAME *name);
extern uint8_t tsk_fs_dir_contains(TSK_FS_DIR *dir, TSK_INUM_T inode, uint32_t hash);
extern uint32_t tsk_fs_dir_hash(const char *name);

struct index {
	const TSK_FS_DIR *dir;
	size_t n_names;  /* names of dir that are in the index */
	size_t n_slots;  /* a power of two */
	uint32_t *slots; /* index into dir->names plus one; 0 = free */
	uint64_t used;   /* age, for eviction */
};

static struct index indexes[N_INDEXES];
static uint64_t age;
static size_t names_max = SIZE_MAX;
static uint64_t n_dropped;

void
trw_dirnames_limit(size_t max)
{
	names_max = max < UINT32_MAX - 1 ? max : UINT32_MAX - 1;
}

uint64_t
trw_dirnames_dropped(void)
{
	uint64_t n = n_dropped;

	n_dropped = 0;
	return n;
}

/* text: libtsk's hash of the name. */
static uint64_t
hash_of(TSK_INUM_T inode, uint32_t text)
{
	uint64_t h = (UINT64_C(0xcbf29ce484222325) ^ inode) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ text) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 29;
}

static void
insert(struct index *x, size_t at)
{
	const TSK_FS_NAME *name = &x->dir->names[at];
	size_t i = (size_t)hash_of(name->meta_addr, tsk_fs_dir_hash(name->name)) & (x->n_slots - 1);

	while (x->slots[i] != 0)
		i = (i + 1) & (x->n_slots - 1);
	x->slots[i] = (uint32_t)at + 1;
}

/* (Re)build for the names that dir has now, with room for as many again. False: out of memory. */
static bool
rebuild(struct index *x, const TSK_FS_DIR *dir)
{
	size_t n_slots = 256;

	while (n_slots < dir->names_used * 4)
		n_slots *= 2;
	free(x->slots);
	*x = (struct index){.dir = dir, .n_slots = n_slots, .n_names = dir->names_used};
	x->slots = calloc(n_slots, sizeof(*x->slots));
	if (x->slots == NULL) {
		x->dir = NULL;
		return false;
	}
	for (size_t i = 0; i < dir->names_used; i++)
		insert(x, i);
	return true;
}

static struct index *
index_of(const TSK_FS_DIR *dir)
{
	struct index *x = NULL, *oldest = &indexes[0];

	for (size_t i = 0; i < N_INDEXES; i++) {
		if (indexes[i].dir == dir)
			x = &indexes[i];
		if (indexes[i].used < oldest->used)
			oldest = &indexes[i];
	}
	if (x == NULL)
		x = oldest;
	/* At SCAN_BELOW names an index that matches can still be that of an earlier directory at this address. */
	if (x->dir != dir || x->n_names != dir->names_used || dir->names_used == SCAN_BELOW ||
		x->n_slots < dir->names_used * 2)
		if (!rebuild(x, dir))
			return NULL;
	x->used = ++age;
	return x;
}

/* The name in dir that equals `name` (same inode, same text), or NULL. */
static TSK_FS_NAME *
find(const TSK_FS_DIR *dir, const struct index *x, const TSK_FS_NAME *name)
{
	if (x == NULL) {
		for (size_t i = 0; i < dir->names_used; i++)
			if (name->meta_addr == dir->names[i].meta_addr &&
				strcmp(name->name, dir->names[i].name) == 0)
				return &dir->names[i];
		return NULL;
	}
	for (size_t i = (size_t)hash_of(name->meta_addr, tsk_fs_dir_hash(name->name)) &
			(x->n_slots - 1);
		x->slots[i] != 0; i = (i + 1) & (x->n_slots - 1)) {
		TSK_FS_NAME *have = &dir->names[x->slots[i] - 1];
		if (name->meta_addr == have->meta_addr && strcmp(name->name, have->name) == 0)
			return have;
	}
	return NULL;
}

static TSK_FS_NAME *
new_place(TSK_FS_DIR *dir)
{
	if (dir->names_used >= dir->names_alloc) {
		size_t more = dir->names_used > GROW_MIN ? dir->names_used : GROW_MIN;
		if (tsk_fs_dir_realloc(dir, dir->names_used + more) != 0)
			return NULL;
	}
	return &dir->names[dir->names_used];
}

uint8_t
tsk_fs_dir_add(TSK_FS_DIR *dir, const TSK_FS_NAME *name)
{
	struct index *x = NULL;
	TSK_FS_NAME *to = NULL;

	trw_guest_tick();
	/* As libtsk: two FAT names never share an address, so there is nothing to look for. */
	if (TSK_FS_TYPE_ISFAT(dir->fs_info->ftype) == 0) {
		if (dir->names_used >= SCAN_BELOW)
			x = index_of(dir);
		to = find(dir, x, name);
		if (to != NULL && !((to->flags & TSK_FS_NAME_FLAG_UNALLOC) != 0 &&
					  (name->flags & TSK_FS_NAME_FLAG_ALLOC) != 0))
			return 0;
	}
	if (to == NULL) {
		if (dir->names_used >= names_max) {
			n_dropped++;
			return 0;
		}
		to = new_place(dir);
		if (to == NULL || tsk_fs_name_copy(to, name) != 0)
			return 1;
		dir->names_used++;
		if (x != NULL) {
			insert(x, dir->names_used - 1);
			x->n_names = dir->names_used;
		}
	} else if (tsk_fs_name_copy(to, name) != 0) {
		return 1;
	}
	if (dir->addr != 0) {
		to->par_addr = dir->addr;
		to->par_seq = dir->seq;
	}
	return 0;
}

/* The flags of a name of that inode and hash, of an allocated one where there is one; 0: none. */
uint8_t
tsk_fs_dir_contains(TSK_FS_DIR *dir, TSK_INUM_T inode, uint32_t hash)
{
	const struct index *x = dir->names_used >= SCAN_BELOW ? index_of(dir) : NULL;
	size_t mask = x != NULL ? x->n_slots - 1 : SIZE_MAX;
	uint8_t best = 0;

	for (size_t i = x != NULL ? (size_t)hash_of(inode, hash) & mask : 0;; i = (i + 1) & mask) {
		if (x != NULL ? x->slots[i] == 0 : i >= dir->names_used)
			return best;
		const TSK_FS_NAME *name = &dir->names[x != NULL ? x->slots[i] - 1 : i];
		if (name->meta_addr == inode && tsk_fs_dir_hash(name->name) == hash)
			best = (uint8_t)name->flags;
		if (best == TSK_FS_NAME_FLAG_ALLOC)
			return best;
	}
}
