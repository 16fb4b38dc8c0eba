/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One index, of the file system that was opened last: a worker has one open. It is known by the address of its
 * ISO_INFO, and whatever gets that address next comes through iso9660_open, which makes the index anew. For any
 * other the list itself is searched.
 */
#include "walk/tsk/isonodes.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct span {
	TSK_DADDR_T first, last;
};

static struct {
	const ISO_INFO *iso;
	const iso9660_inode_node **by_inum; /* owned, as both below; the order of the list */
	const iso9660_inode_node **by_record;
	struct span *spans; /* of blocks, ascending, apart */
	size_t n, n_spans;
} nodes;

static void
clear(void)
{
	free(nodes.by_inum);
	free(nodes.by_record);
	free(nodes.spans);
	memset(&nodes, 0, sizeof(nodes));
}

static int
compare_records(const void *a, const void *b)
{
	const iso9660_inode_node *x = *(const iso9660_inode_node *const *)a;
	const iso9660_inode_node *y = *(const iso9660_inode_node *const *)b;

	if (x->dentry_offset != y->dentry_offset)
		return x->dentry_offset < y->dentry_offset ? -1 : 1;
	return (x->inum > y->inum) - (x->inum < y->inum);
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void
add_span(TSK_FS_INFO *fs, const iso9660_inode_node *node)
{
	uint32_t size = trw_be32(node->inode.dr.data_len_m); /* the half that libtsk takes */
	TSK_DADDR_T first = (TSK_DADDR_T)node->offset / fs->block_size;

	if (size > 0)
		nodes.spans[nodes.n_spans++] =
			(struct span){first, first + (size - 1) / fs->block_size};
}

static void
join_spans(void)
{
	size_t n = 0;

	if (nodes.n_spans > 0)
		qsort(nodes.spans, nodes.n_spans, sizeof(*nodes.spans), compare_spans);
	for (size_t i = 0; i < nodes.n_spans; i++) {
		const struct span *s = &nodes.spans[i];
		if (n > 0 && s->first <= nodes.spans[n - 1].last) {
			if (s->last > nodes.spans[n - 1].last)
				nodes.spans[n - 1].last = s->last;
		} else {
			nodes.spans[n++] = *s;
		}
	}
	nodes.n_spans = n;
}

bool
trw_isonodes_index(TSK_FS_INFO *fs)
{
	const ISO_INFO *iso = (const ISO_INFO *)fs;
	size_t n = 1;

	clear();
	for (const iso9660_inode_node *i = iso->in_list; i != NULL; i = i->next)
		n++;
	nodes.by_inum = calloc(n, sizeof(*nodes.by_inum));
	nodes.by_record = calloc(n, sizeof(*nodes.by_record));
	nodes.spans = calloc(n, sizeof(*nodes.spans));
	if (nodes.by_inum == NULL || nodes.by_record == NULL || nodes.spans == NULL) {
		clear();
		return false;
	}
	nodes.iso = iso;
	for (const iso9660_inode_node *i = iso->in_list; i != NULL; i = i->next) {
		nodes.by_inum[nodes.n] = nodes.by_record[nodes.n] = i;
		nodes.n++;
		add_span(fs, i);
	}
	qsort(nodes.by_record, nodes.n, sizeof(*nodes.by_record), compare_records);
	join_spans();
	return true;
}

static const iso9660_inode_node *
search_list(const ISO_INFO *iso, TSK_INUM_T inum, const iso9660_inode_node **before)
{
	*before = NULL;
	for (const iso9660_inode_node *i = iso->in_list; i != NULL; i = i->next) {
		if (i->inum == inum)
			return i;
		*before = i;
	}
	return NULL;
}

const iso9660_inode_node *
trw_isonodes_at(TSK_FS_INFO *fs, TSK_INUM_T inum, const iso9660_inode_node **before)
{
	size_t low = 0, high = nodes.n;

	if (nodes.iso != (const ISO_INFO *)fs)
		return search_list((const ISO_INFO *)fs, inum, before);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (nodes.by_inum[middle]->inum < inum)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == nodes.n || nodes.by_inum[low]->inum != inum)
		return NULL;
	*before = low > 0 ? nodes.by_inum[low - 1] : NULL;
	return nodes.by_inum[low];
}

const iso9660_inode_node *
trw_isonodes_of_record(TSK_FS_INFO *fs, TSK_OFF_T off)
{
	size_t low = 0, high = nodes.n;

	if (nodes.iso != (const ISO_INFO *)fs) {
		const iso9660_inode_node *i = ((const ISO_INFO *)fs)->in_list;
		while (i != NULL && i->dentry_offset != off)
			i = i->next;
		return i;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (nodes.by_record[middle]->dentry_offset < off)
			low = middle + 1;
		else
			high = middle;
	}
	return low < nodes.n && nodes.by_record[low]->dentry_offset == off ? nodes.by_record[low]
									   : NULL;
}

TSK_FS_BLOCK_FLAG_ENUM
trw_isonodes_block_flags(TSK_FS_INFO *fs, TSK_DADDR_T block)
{
	size_t low = 0, high = nodes.n_spans;

	if (nodes.iso != (const ISO_INFO *)fs)
		return TSK_FS_BLOCK_FLAG_UNUSED; /* not known */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (nodes.spans[middle].last < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low < nodes.n_spans && nodes.spans[low].first <= block ? TSK_FS_BLOCK_FLAG_ALLOC
								      : TSK_FS_BLOCK_FLAG_UNALLOC;
}

/* libtsk's own is a search of the list. */
uint8_t
iso9660_dinode_load(ISO_INFO *iso, TSK_INUM_T inum, iso9660_inode *out)
{
	const iso9660_inode_node *before, *node = trw_isonodes_at(&iso->fs_info, inum, &before);

	if (node == NULL)
		return 1;
	*out = node->inode;
	return 0;
}
