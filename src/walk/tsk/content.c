/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A libtsk run list becomes extents when its blocks are the content as it is. What libtsk must decode first
 * (compression), or whose blocks have other bytes between them (raw CD sectors, YAFFS2 spare areas), goes to a
 * read worker. ext2/3/4 and UFS never ask libtsk: it returns zeros for inline data past 60 bytes, cuts sparse
 * tails at the size of the file system, and can be made to loop or to take 8 GB while it loads a run list.
 */
#include "walk/tsk/content.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "walk/tsk/isonodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISO_FLAG_DIRECTORY 0x02 /* ECMA-119 9.1.6 */
#define ISO_FLAG_MORE 0x80

void
trw_content_clear(struct trw_content *c)
{
	trw_extents_clear(&c->extents);
	free(c->bytes);
	*c = (struct trw_content){0};
}

/* Blocks to bytes; false when it does not fit in 63 bits. */
static bool
to_bytes(uint64_t blocks, uint64_t block_size, uint64_t *out)
{
	if (block_size != 0 && blocks > INT64_MAX / block_size)
		return false;
	*out = blocks * block_size;
	return true;
}

static enum trw_status
add_run(const struct trw_place *p, const TSK_FS_ATTR_RUN *run, struct trw_extents *xs,
	struct trw_err *err)
{
	uint64_t off, len, start, bs = p->fs->block_size;

	if (!to_bytes(run->len, bs, &len) || !to_bytes(run->offset, bs, &start))
		return trw_fail(err, TRW_ECORRUPT, "a run is longer than any file");
	if (start < xs->total) /* runs that overlap in the stream: keep what came first */
		return trw_fail(err, TRW_ECORRUPT, "runs overlap");
	if (start > xs->total) {
		enum trw_status st =
			trw_extents_add(xs, TRW_EXTENT_LOST, 0, start - xs->total, err);
		if (st != TRW_OK)
			return st;
	}
	if ((run->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) != 0)
		return trw_extents_add(xs, TRW_EXTENT_HOLE, 0, len, err);
	if ((run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER) != 0 || !to_bytes(run->addr, bs, &off) ||
		off > INT64_MAX - p->base)
		return trw_extents_add(xs, TRW_EXTENT_LOST, 0, len, err);
	return trw_extents_add(xs, TRW_EXTENT_DATA, p->base + off, len, err);
}

/* Drop the first n bytes. */
static void
skip_front(struct trw_extents *xs, uint64_t n)
{
	size_t gone = 0;

	while (gone < xs->n && n >= xs->v[gone].len) {
		n -= xs->v[gone].len;
		xs->total -= xs->v[gone].len;
		gone++;
	}
	if (gone > 0 && xs->n > gone)
		memmove(xs->v, xs->v + gone, (xs->n - gone) * sizeof(*xs->v));
	xs->n -= gone;
	if (n > 0 && xs->n > 0) {
		xs->v[0].len -= n;
		xs->total -= n;
		if (xs->v[0].kind == TRW_EXTENT_DATA)
			xs->v[0].off += n;
	}
}

/* What lies past the initialised size reads as zeros, whatever the clusters hold. */
static enum trw_status
mark_uninitialised(struct trw_extents *xs, uint64_t init, struct trw_err *err)
{
	uint64_t total = xs->total;

	if (init >= total)
		return TRW_OK;
	trw_extents_cut(xs, init);
	return trw_extents_add(xs, TRW_EXTENT_UNINIT, 0, total - init, err);
}

static enum trw_status
runs_to_extents(const struct trw_place *p, const TSK_FS_ATTR *attr, struct trw_content *c,
	struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (const TSK_FS_ATTR_RUN *r = attr->nrd.run; r != NULL && st == TRW_OK; r = r->next) {
		if (r->len == 0)
			continue;
		st = add_run(p, r, &c->extents, err);
		if ((r->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) != 0)
			c->flags |= TRW_FLAG_SPARSE;
		if (c->extents.total >= c->size + attr->nrd.skiplen)
			break;
	}
	if (st == TRW_ENOMEM)
		return st;
	if (st != TRW_OK) {
		(void)snprintf(c->problem, sizeof(c->problem),
			"the run list is broken after %" PRIu64 " bytes: %.400s", c->extents.total,
			err->text);
	}
	skip_front(&c->extents, attr->nrd.skiplen);
	trw_extents_cut(&c->extents, c->size);
	c->source = TRW_CONTENT_EXTENTS;
	if (attr->nrd.initsize >= 0 && (uint64_t)attr->nrd.initsize < c->size)
		return mark_uninitialised(&c->extents, (uint64_t)attr->nrd.initsize, err);
	return TRW_OK;
}

static enum trw_status
copy_resident(const TSK_FS_ATTR *attr, struct trw_content *c, struct trw_err *err)
{
	c->flags |= TRW_FLAG_RESIDENT;
	if (attr->rd.buf == NULL || c->size > attr->rd.buf_size) {
		c->source = TRW_CONTENT_UNKNOWN;
		(void)snprintf(c->problem, sizeof(c->problem),
			"resident content of %" PRIu64 " bytes is not there", c->size);
		return TRW_OK;
	}
	if (c->size > TRW_INLINE_MAX_BYTES) {
		c->source = TRW_CONTENT_DECODE;
		return TRW_OK;
	}
	c->bytes = trw_memdup(attr->rd.buf, (size_t)c->size, err);
	if (c->bytes == NULL)
		return TRW_ENOMEM;
	c->source = TRW_CONTENT_INLINE;
	return TRW_OK;
}

static bool
has_encrypted_run(const TSK_FS_ATTR *attr)
{
	for (const TSK_FS_ATTR_RUN *r = attr->nrd.run; r != NULL; r = r->next)
		if ((r->flags & TSK_FS_ATTR_RUN_FLAG_ENCRYPTED) != 0)
			return true;
	return false;
}

static void
note_layout(const struct trw_layout *l, struct trw_content *c)
{
	if ((l->notes & TRW_LAYOUT_IS_ENCRYPTED) != 0)
		c->flags |= TRW_FLAG_ENCRYPTED;
	for (size_t i = 0; i < l->extents.n; i++)
		if (l->extents.v[i].kind == TRW_EXTENT_HOLE)
			c->flags |= TRW_FLAG_SPARSE;
	if ((l->notes & TRW_LAYOUT_DAMAGE) != 0)
		(void)snprintf(c->problem, sizeof(c->problem), "the block map is damaged:%s%s%s%s",
			(l->notes & TRW_LAYOUT_BAD_NODE) != 0 ? " unreadable or broken node" : "",
			(l->notes & TRW_LAYOUT_BAD_POINTER) != 0 ? " pointer out of range" : "",
			(l->notes & TRW_LAYOUT_PAST_END) != 0 ? " past the end of the image" : "",
			(l->notes & TRW_LAYOUT_CAPPED) != 0 ? " more blocks than a file can have"
							    : "");
}

/* Whether a directory record says more than one plain run can: it continues, is interleaved, begins with a XAR. */
static bool
is_out_of_the_ordinary(const iso9660_inode_node *node, const iso9660_inode_node *before)
{
	const iso9660_dentry *r = &node->inode.dr;

	return (r->flags & ISO_FLAG_MORE) != 0 || r->ext_len > 0 ||
	       (r->unit_sz > 0 && r->gap_sz > 0) ||
	       trw_le32(r->ext_loc_l) != trw_be32(r->ext_loc_m) ||
	       trw_le32(r->data_len_l) != trw_be32(r->data_len_m) ||
	       (before != NULL && (before->inode.dr.flags & ISO_FLAG_MORE) != 0 &&
		       strcmp(before->inode.fn, node->inode.fn) == 0);
}

/*
 * libtsk takes an ISO 9660 file for one run; the second reader knows those that are more. Each record of such a
 * file is a name of its own for libtsk: the first gets all of the content, the later ones get none. Which
 * record a name was made of decides, not where the content lies: another file may start in the same place.
 */
static enum trw_status
replace_iso(const struct trw_place *p, TSK_INUM_T inum, struct trw_content *c, struct trw_err *err)
{
	const iso9660_inode_node *before, *node;

	if (!TSK_FS_TYPE_ISISO9660(p->fs->ftype))
		return TRW_OK;
	node = trw_isonodes_at(p->fs, inum, &before);
	if (node == NULL || (node->inode.dr.flags & ISO_FLAG_DIRECTORY) != 0)
		return TRW_OK;
	const struct trw_iso_section *sec =
		trw_iso_section_at(&p->iso, (uint64_t)node->dentry_offset);
	if (sec == NULL && !is_out_of_the_ordinary(node, before))
		return TRW_OK;
	trw_extents_clear(&c->extents);
	c->flags |= TRW_FLAG_SECOND_READER;
	if (sec == NULL) {
		c->source = TRW_CONTENT_UNKNOWN;
		(void)snprintf(c->problem, sizeof(c->problem),
			"the directory record is one of several of a file, or not of a plain run, and lies "
			"where the second reader does not come: which bytes are the file's is not known");
		return TRW_OK;
	}
	if (!sec->is_first) {
		c->source = TRW_CONTENT_NONE;
		return TRW_OK;
	}
	const struct trw_iso_file *f = &p->iso.v[sec->file];
	for (size_t i = 0; i < f->layout.extents.n; i++) {
		const struct trw_extent *x = &f->layout.extents.v[i];
		enum trw_status st = trw_extents_add(&c->extents, x->kind, x->off, x->len, err);
		if (st != TRW_OK)
			return st;
	}
	c->size = f->layout.size;
	note_layout(&f->layout, c);
	return TRW_OK;
}

enum trw_status
trw_content_of_attr(const struct trw_place *p, const TSK_FS_ATTR *attr, struct trw_content *c,
	struct trw_err *err)
{
	if (attr->size < 0) {
		c->source = TRW_CONTENT_UNKNOWN;
		(void)snprintf(c->problem, sizeof(c->problem), "the stream's size is negative");
		return TRW_OK;
	}
	c->size = (uint64_t)attr->size;
	if ((attr->flags & TSK_FS_ATTR_ENC) != 0)
		c->flags |= TRW_FLAG_ENCRYPTED;
	if ((attr->flags & TSK_FS_ATTR_RECOVERY) != 0)
		c->flags |= TRW_FLAG_RECOVERED;
	if ((attr->flags & TSK_FS_ATTR_COMP) != 0) {
		c->flags |= TRW_FLAG_COMPRESSED;
		c->source = TRW_CONTENT_DECODE;
		return TRW_OK;
	}
	if ((attr->flags & TSK_FS_ATTR_RES) != 0)
		return copy_resident(attr, c, err);
	if (p->pool != NULL && has_encrypted_run(attr)) {
		c->flags |= TRW_FLAG_ENCRYPTED;
		c->source = TRW_CONTENT_UNKNOWN;
		(void)snprintf(c->problem, sizeof(c->problem),
			"the content is encrypted by its volume: decrypt the volume first");
		return TRW_OK;
	}
	if (p->fs->block_pre_size != 0 || p->fs->block_post_size != 0 ||
		TSK_FS_TYPE_ISYAFFS2(p->fs->ftype)) {
		c->source = TRW_CONTENT_DECODE;
		return TRW_OK;
	}
	if (runs_to_extents(p, attr, c, err) != TRW_OK)
		return err->status;
	return attr->fs_file != NULL && attr->fs_file->meta != NULL
		       ? replace_iso(p, attr->fs_file->meta->addr, c, err)
		       : TRW_OK;
}

enum trw_status
trw_content_of_inode(const struct trw_place *p, const TSK_FS_META *meta, struct trw_content *c,
	struct trw_err *err)
{
	struct trw_layout l = {0};
	struct trw_err why = {0};
	enum trw_status st;

	if (p->has_ext)
		st = trw_ext_content(&p->ext, meta->addr, &l, &why);
	else if (p->has_ufs)
		st = trw_ufs_content(&p->ufs, meta->addr, &l, &why);
	else
		return TRW_END;
	if (st == TRW_ENOMEM)
		return trw_fail(err, TRW_ENOMEM, "%s", why.text);
	c->flags = TRW_FLAG_SECOND_READER;
	if (st != TRW_OK) {
		c->source = TRW_CONTENT_UNKNOWN;
		c->size = meta->size > 0 ? (uint64_t)meta->size : 0;
		(void)snprintf(c->problem, sizeof(c->problem), "%s", why.text);
		return TRW_OK;
	}
	c->size = l.size;
	c->has_inode_flags = p->has_ext;
	c->inode_flags = l.inode_flags;
	note_layout(&l, c);
	/* Inline content too is read through its extents: damage under the inode then has exact ranges. */
	if (l.kind == TRW_LAYOUT_INLINE)
		c->flags |= TRW_FLAG_RESIDENT;
	if (l.kind != TRW_LAYOUT_NONE) {
		c->source = TRW_CONTENT_EXTENTS;
		c->extents = l.extents;
		l.extents = (struct trw_extents){0};
	}
	trw_layout_clear(&l);
	return TRW_OK;
}
