/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While libtsk reads the directories of a disc it goes through its whole list of inodes for each record: to the
 * end, where the new one belongs, and on the way it looks for a file of the same extent, when the record is one of a
 * second volume descriptor (the primary one behind Joliet), to drop the new one. So all but the end of the list is
 * kept from it between one read and the next, and what it would have dropped is dropped when it is done:
 *
 *	first -> ... -> cut -> new -> new -> NULL
 *	                in_list, for libtsk
 *
 * So of two names in two trees for the same bytes only the first, that of Joliet, is there; the content is digested under
 * that. libtsk does the same where one is a directory and the other a file, whose content would then be nobody's:
 * here both stay.
 */
#include "walk/tsk/isonodes.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define FLAG_DIRECTORY 0x02

/* Exported by libtsk, declared in its internal header. */
extern TSK_FS_INFO *iso9660_open(
	TSK_IMG_INFO *img, TSK_OFF_T off, TSK_FS_TYPE_ENUM type, uint8_t is_test);

static ssize_t (*next_read)(TSK_FS_INFO *, TSK_OFF_T, char *, size_t);
static TSK_FS_INFO *(*next_open)(TSK_IMG_INFO *, TSK_OFF_T, TSK_FS_TYPE_ENUM, uint8_t);
static bool is_loading;
static iso9660_inode_node *first, *cut; /* while it is loading; first NULL: nothing was cut off */

/* The function of that name behind ours. */
static void
find_next(const char *name, void *function, size_t size)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort(); /* the libtsk that this was linked with has it */
	memcpy(function, &p, size);
}

void
trw_isolist_install(void)
{
	find_next("tsk_fs_read", &next_read, sizeof(next_read));
	find_next("iso9660_open", &next_open, sizeof(next_open));
}

ssize_t
tsk_fs_read(TSK_FS_INFO *fs, TSK_OFF_T off, char *buf, size_t n)
{
	if (next_read == NULL)
		trw_isolist_install();
	if (is_loading) {
		ISO_INFO *iso = (ISO_INFO *)fs;
		if (first == NULL)
			first = iso->in_list;
		while (iso->in_list != NULL && iso->in_list->next != NULL)
			iso->in_list = iso->in_list->next;
		cut = iso->in_list;
	}
	return next_read(fs, off, buf, n);
}

/* Nodes by the first of their extent and size: open addressing. */
struct extents {
	iso9660_inode_node **v;
	size_t n_slots; /* a power of two */
};

static iso9660_inode_node **
slot_of(const struct extents *xs, const iso9660_inode_node *node)
{
	uint64_t h = ((uint64_t)node->offset ^ (uint64_t)(uint32_t)node->size << 40) *
		     UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 20) & (xs->n_slots - 1);

	while (xs->v[i] != NULL &&
		(xs->v[i]->offset != node->offset || xs->v[i]->size != node->size))
		i = (i + 1) & (xs->n_slots - 1);
	return &xs->v[i];
}

/* What the dropped one knows of Rock Ridge is the other's, where that has none. */
static void
hand_over(iso9660_inode_node *from, iso9660_inode_node *to)
{
	if (to->inode.rr == NULL) {
		to->inode.rr = from->inode.rr;
		to->inode.susp_off = from->inode.susp_off;
		to->inode.susp_len = from->inode.susp_len;
	} else {
		free(from->inode.rr);
	}
	free(from);
}

static bool
is_directory(const iso9660_inode_node *node)
{
	return (node->inode.dr.flags & FLAG_DIRECTORY) != 0;
}

/* Drop what libtsk would have dropped, and close the gaps in the numbers. False: out of memory. */
static bool
drop_twins(ISO_INFO *iso)
{
	struct extents xs = {.n_slots = 1024};
	TSK_INUM_T n_dropped = 0;
	size_t n = 0;

	for (const iso9660_inode_node *i = iso->in_list; i != NULL; i = i->next)
		n++;
	while (xs.n_slots < 2 * n)
		xs.n_slots *= 2;
	xs.v = calloc(xs.n_slots, sizeof(*xs.v));
	if (xs.v == NULL)
		return false;
	for (iso9660_inode_node **at = &iso->in_list; *at != NULL;) {
		iso9660_inode_node *node = *at, **twin = slot_of(&xs, node);
		/* is_orphan: it comes of a second descriptor */
		if (*twin != NULL && node->inode.is_orphan != 0 && node->size != 0 &&
			is_directory(node) == is_directory(*twin)) {
			*at = node->next;
			hand_over(node, *twin);
			n_dropped++;
			continue;
		}
		if (*twin == NULL)
			*twin = node;
		node->inum -= n_dropped;
		at = &node->next;
	}
	free(xs.v);
	iso->fs_info.inum_count -= n_dropped;
	iso->fs_info.last_inum -= n_dropped;
	return true;
}

TSK_FS_INFO *
iso9660_open(TSK_IMG_INFO *img, TSK_OFF_T off, TSK_FS_TYPE_ENUM type, uint8_t is_test)
{
	if (next_open == NULL)
		trw_isolist_install();
	first = cut = NULL;
	is_loading = true;
	TSK_FS_INFO *fs = next_open(img, off, type, is_test);
	is_loading = false;
	if (fs == NULL) { /* libtsk has freed the list from the cut on */
		while (first != cut) {
			iso9660_inode_node *node = first;
			first = first->next;
			free(node);
		}
		return NULL;
	}
	if (first != NULL)
		((ISO_INFO *)fs)->in_list = first;
	if (!drop_twins((ISO_INFO *)fs)) {
		tsk_fs_close(fs);
		tsk_error_reset();
		tsk_error_set_errno(TSK_ERR_AUX_MALLOC);
		return NULL;
	}
	if (trw_isonodes_index(fs)) {
		fs->dir_open_meta = trw_isodir_open;
		fs->block_getflags = trw_isonodes_block_flags;
	}
	return fs;
}
