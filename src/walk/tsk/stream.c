/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One name, its streams. NTFS: each $DATA is a stream, and each index root that is no directory's $I30 (as fls
 * shows them). HFS+ and APFS: the data fork, the resource fork, extended attributes. All else: one stream.
 */
#include "walk/tsk/content.h"
#include "walk/tsk/rawflags.h"
#include "walk/tsk/state.h"

#include "worker/guest/guest.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NTFS_BADCLUS 8 /* inode of $BadClus */

static int64_t
to_ns(time_t s, uint64_t nano)
{
	if (s == 0 && nano == 0)
		return TRW_TIME_ABSENT;
	if (s > INT64_MAX / NS_PER_S - 1 || s < INT64_MIN / NS_PER_S + 1)
		return TRW_TIME_ABSENT;
	return (int64_t)s * NS_PER_S + (int64_t)(nano < (uint64_t)NS_PER_S ? nano : 0);
}

static enum trw_file_kind
kind_of_meta(TSK_FS_META_TYPE_ENUM type)
{
	switch (type) {
	case TSK_FS_META_TYPE_REG:
		return TRW_FILE_REGULAR;
	case TSK_FS_META_TYPE_DIR:
		return TRW_FILE_DIRECTORY;
	case TSK_FS_META_TYPE_FIFO:
		return TRW_FILE_FIFO;
	case TSK_FS_META_TYPE_CHR:
		return TRW_FILE_CHAR;
	case TSK_FS_META_TYPE_BLK:
		return TRW_FILE_BLOCK;
	case TSK_FS_META_TYPE_LNK:
		return TRW_FILE_SYMLINK;
	case TSK_FS_META_TYPE_SHAD:
		return TRW_FILE_SHADOW;
	case TSK_FS_META_TYPE_SOCK:
		return TRW_FILE_SOCKET;
	case TSK_FS_META_TYPE_WHT:
		return TRW_FILE_WHITEOUT;
	case TSK_FS_META_TYPE_VIRT:
		return TRW_FILE_VIRTUAL;
	case TSK_FS_META_TYPE_VIRT_DIR:
		return TRW_FILE_VIRTUAL_DIRECTORY;
	case TSK_FS_META_TYPE_UNDEF:
		break;
	}
	return TRW_FILE_UNKNOWN;
}

static enum trw_file_kind
kind_of_name(TSK_FS_NAME_TYPE_ENUM type)
{
	switch (type) {
	case TSK_FS_NAME_TYPE_REG:
		return TRW_FILE_REGULAR;
	case TSK_FS_NAME_TYPE_DIR:
		return TRW_FILE_DIRECTORY;
	case TSK_FS_NAME_TYPE_FIFO:
		return TRW_FILE_FIFO;
	case TSK_FS_NAME_TYPE_CHR:
		return TRW_FILE_CHAR;
	case TSK_FS_NAME_TYPE_BLK:
		return TRW_FILE_BLOCK;
	case TSK_FS_NAME_TYPE_LNK:
		return TRW_FILE_SYMLINK;
	case TSK_FS_NAME_TYPE_SHAD:
		return TRW_FILE_SHADOW;
	case TSK_FS_NAME_TYPE_SOCK:
		return TRW_FILE_SOCKET;
	case TSK_FS_NAME_TYPE_WHT:
		return TRW_FILE_WHITEOUT;
	case TSK_FS_NAME_TYPE_VIRT:
		return TRW_FILE_VIRTUAL;
	case TSK_FS_NAME_TYPE_VIRT_DIR:
		return TRW_FILE_VIRTUAL_DIRECTORY;
	case TSK_FS_NAME_TYPE_UNDEF:
		break;
	}
	return TRW_FILE_UNKNOWN;
}

static bool
is_directory(enum trw_file_kind kind)
{
	return kind == TRW_FILE_DIRECTORY || kind == TRW_FILE_VIRTUAL_DIRECTORY;
}

/* Only these have content of their own; a whiteout, device or socket has none. */
static bool
has_content(enum trw_file_kind kind)
{
	return kind == TRW_FILE_REGULAR || kind == TRW_FILE_VIRTUAL || kind == TRW_FILE_UNKNOWN;
}

static struct trw_bytes
text_bytes(const char *s, size_t max)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return (struct trw_bytes){.p = (const uint8_t *)s, .n = n < max ? n : max};
}

static void
fill_meta(struct trw_file *r, const TSK_FS_META *meta)
{
	r->kind = kind_of_meta(meta->type);
	r->size = meta->size > 0 ? (uint64_t)meta->size : 0;
	r->modified_ns = to_ns(meta->mtime, meta->mtime_nano);
	r->accessed_ns = to_ns(meta->atime, meta->atime_nano);
	r->changed_ns = to_ns(meta->ctime, meta->ctime_nano);
	r->created_ns = to_ns(meta->crtime, meta->crtime_nano);
	r->mode = (uint32_t)meta->mode & 07777;
	r->n_links = meta->nlink > 0 ? (uint32_t)meta->nlink : 0;
	r->uid = meta->uid;
	r->gid = meta->gid;
	r->inode = meta->addr;
	r->sequence = meta->seq;
	r->target = text_bytes(meta->link, TRW_TARGET_MAX_BYTES);
}

/* What all streams of a name have in common. path is borrowed by the record. */
static void
fill_name(const struct trw_walk_state *s, const struct trw_walk_dir *dir, const TSK_FS_FILE *file,
	struct trw_bytes path, struct trw_file *r)
{
	const TSK_FS_NAME *name = file->name;
	bool is_allocated = (name->flags & TSK_FS_NAME_FLAG_ALLOC) != 0;

	*r = (struct trw_file){
		.parent_id = dir->parent_id,
		.path = path,
		.name = text_bytes(name->name, TRW_NAME_MAX_BYTES),
		.inode = name->meta_addr,
		.sequence = name->meta_seq,
		.kind = kind_of_name(name->type),
		.state = is_allocated && !dir->is_orphan ? TRW_STATE_ALLOCATED
			 : dir->is_orphan                ? TRW_STATE_ORPHAN
							 : TRW_STATE_DELETED,
		.created_ns = TRW_TIME_ABSENT,
		.modified_ns = TRW_TIME_ABSENT,
		.accessed_ns = TRW_TIME_ABSENT,
		.changed_ns = TRW_TIME_ABSENT,
		.attr_flags = TRW_NUMBER_ABSENT,
	};
	if (file->meta == NULL)
		r->flags |= TRW_FLAG_NO_METADATA;
	else
		fill_meta(r, file->meta);
	if (TSK_FS_TYPE_ISFAT(s->place->fs->ftype))
		r->flags |= TRW_FLAG_LOCAL_TIME;
	if (!is_allocated && file->meta != NULL &&
		(file->meta->flags & TSK_FS_META_FLAG_ALLOC) != 0)
		r->flags |= TRW_FLAG_REALLOCATED;
}

static enum trw_status
send_record(struct trw_walk_state *s, struct trw_file *r, struct trw_err *err)
{
	r->file_id = (int64_t)++s->done.n_files;
	trw_guest_tick();
	if ((uint64_t)r->file_id <= s->request->sent)
		return TRW_OK;
	s->out.n = 0;
	if (trw_file_encode(r, &s->out, err) != TRW_OK)
		return trw_fail_in(err, "record of inode %" PRIu64, r->inode);
	trw_guest_send(TRW_FRAME_FILE, s->out.v, s->out.n);
	return TRW_OK;
}

/* Send r with the content c, then what is wrong with it. */
static enum trw_status
send_stream(
	struct trw_walk_state *s, struct trw_file *r, struct trw_content *c, struct trw_err *err)
{
	struct trw_file one = *r;
	char path[256];
	enum trw_status st;

	one.content_source = c->source;
	one.size = c->size;
	one.flags |= c->flags;
	one.extents = c->extents;
	one.bytes = (struct trw_bytes){.p = c->bytes, .n = c->bytes != NULL ? (size_t)c->size : 0};
	if ((r->flags & TRW_FLAG_REALLOCATED) != 0) {
		/* The inode is another file's by now: its content says nothing about this name. */
		one.content_source = TRW_CONTENT_NONE;
		one.extents = (struct trw_extents){0};
		one.bytes = (struct trw_bytes){0};
	}
	st = send_record(s, &one, err);
	if (st != TRW_OK || c->problem[0] == '\0' || one.content_source == TRW_CONTENT_NONE)
		return st;
	(void)snprintf(path, sizeof(path), "%.*s", (int)(r->path.n < 255 ? r->path.n : 255),
		(const char *)r->path.p);
	return trw_walk_problem(
		s, one.file_id, r->inode, TRW_CODE_CONTENT_LAYOUT, path, c->problem, err);
}

static bool
is_i30(const TSK_FS_ATTR *attr)
{
	return attr->name != NULL && strcmp(attr->name, "$I30") == 0;
}

static enum trw_status
send_ntfs_attr(
	struct trw_walk_state *s, const TSK_FS_ATTR *attr, struct trw_file *r, struct trw_err *err)
{
	struct trw_file one = *r;
	struct trw_content c = {0};
	enum trw_status st;

	one.attr_type = (uint32_t)attr->type;
	one.attr_id = attr->id;
	if (attr->type == TSK_FS_ATTR_TYPE_NTFS_IDXROOT && is_i30(attr)) {
		c.size = attr->size > 0 ? (uint64_t)attr->size : 0;
		return send_stream(s, &one, &c, err);
	}
	one.stream = text_bytes(attr->name, TRW_NAME_MAX_BYTES);
	if (is_directory(one.kind))
		one.kind = TRW_FILE_REGULAR; /* a data stream of a directory */
	st = trw_content_of_attr(s->place, attr, &c, err);
	if (r->inode == NTFS_BADCLUS && attr->name != NULL && strcmp(attr->name, "$Bad") == 0)
		c.source =
			TRW_CONTENT_NONE; /* as long as the volume: a map of bad clusters, no content */
	if (st == TRW_OK)
		st = send_stream(s, &one, &c, err);
	trw_content_clear(&c);
	return st;
}

/* *n: streams that were sent. A directory's own record goes first, so that it can be a parent. */
static enum trw_status
send_ntfs(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r, uint64_t *n,
	struct trw_err *err)
{
	int n_attrs = tsk_fs_file_attr_getsize(file);
	enum trw_status st = TRW_OK;

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < n_attrs && st == TRW_OK; i++) {
			const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(file, i);
			bool is_index, is_own;

			if (attr == NULL)
				continue;
			is_index = attr->type == TSK_FS_ATTR_TYPE_NTFS_IDXROOT;
			if (!is_index && attr->type != TSK_FS_ATTR_TYPE_NTFS_DATA)
				continue;
			is_own = (is_index && is_i30(attr)) ||
				 (!is_index && attr->name == NULL && !is_directory(r->kind));
			if (is_own != (pass == 0))
				continue;
			st = send_ntfs_attr(s, attr, r, err);
			(*n)++;
		}
	}
	return st;
}

static const char *
fork_name(const TSK_FS_ATTR *attr)
{
	if (attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC)
		return "rsrc";
	return attr->name != NULL ? attr->name : "";
}

/* The forks and extended attributes of an HFS+ or APFS file, behind its main stream. */
static enum trw_status
send_forks(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r, uint64_t *n,
	struct trw_err *err)
{
	int n_attrs = tsk_fs_file_attr_getsize(file);
	enum trw_status st = TRW_OK;

	for (int i = 0; i < n_attrs && st == TRW_OK; i++) {
		const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(file, i);
		struct trw_file one = *r;
		struct trw_content c = {0};

		if (attr == NULL || attr->size == 0 ||
			(attr->type != TSK_FS_ATTR_TYPE_HFS_RSRC &&
				attr->type != TSK_FS_ATTR_TYPE_HFS_EXT_ATTR))
			continue;
		one.stream = text_bytes(fork_name(attr), TRW_NAME_MAX_BYTES);
		one.attr_type = (uint32_t)attr->type;
		one.attr_id = attr->id;
		if (is_directory(one.kind))
			one.kind = TRW_FILE_REGULAR;
		st = trw_content_of_attr(s->place, attr, &c, err);
		if (st == TRW_OK)
			st = send_stream(s, &one, &c, err);
		trw_content_clear(&c);
		(*n)++;
	}
	return st;
}

/* The main stream as libtsk sees it. */
static enum trw_status
content_by_tsk(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r,
	struct trw_content *c, struct trw_err *err)
{
	const TSK_FS_ATTR *attr = tsk_fs_file_attr_get(file);

	if (attr != NULL) {
		r->attr_type = (uint32_t)attr->type;
		r->attr_id = attr->id;
		return trw_content_of_attr(s->place, attr, c, err);
	}
	c->size = r->size;
	if (c->size == 0) {
		c->source = TRW_CONTENT_EXTENTS;
		(void)trw_bridge_error();
		return TRW_OK;
	}
	c->source = TRW_CONTENT_UNKNOWN;
	(void)snprintf(c->problem, sizeof(c->problem), "the content cannot be found: %.400s",
		trw_bridge_error());
	return TRW_OK;
}

/* The cluster chain of a deleted FAT file is gone: libtsk takes the clusters from its first one on. */
static bool
is_guessed(const struct trw_place *p, const TSK_FS_META *meta, const struct trw_content *c)
{
	return TSK_FS_TYPE_ISFAT(p->fs->ftype) && (meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0 &&
	       c->extents.n > 0;
}

/* libtsk 4.11.1 leaves out the target of a link of ext4 that lies in a block. Damaged bytes give none. */
static enum trw_status
read_target(struct trw_walk_state *s, const struct trw_content *c, struct trw_file *r,
	struct trw_err *err)
{
	struct trw_ranges damage = {0};
	enum trw_status st = TRW_OK;
	size_t n = 0;

	if (r->target.n > 0 || c->source != TRW_CONTENT_EXTENTS || c->size > sizeof(s->target))
		return TRW_OK;
	for (size_t i = 0; i < c->extents.n && st == TRW_OK; i++) {
		const struct trw_extent *x = &c->extents.v[i];
		if (x->kind != TRW_EXTENT_DATA || x->len > sizeof(s->target) - n)
			break;
		st = trw_view_read(
			&s->place->medium, x->off, s->target + n, (size_t)x->len, &damage, err);
		n += (size_t)x->len;
	}
	if (st == TRW_OK && damage.n == 0 && n == c->size)
		r->target = (struct trw_bytes){.p = s->target, .n = n};
	trw_ranges_clear(&damage);
	return st;
}

static enum trw_status
main_stream(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r, struct trw_content *c,
	struct trw_err *err)
{
	enum trw_file_kind kind = r->kind;
	enum trw_status st = TRW_END;

	if (kind == TRW_FILE_VIRTUAL_DIRECTORY) {
		c->size = r->size;
		return TRW_OK;
	}
	if (kind != TRW_FILE_VIRTUAL)
		st = trw_content_of_inode(s->place, file->meta, c, err);
	if (st == TRW_END)
		st = content_by_tsk(s, file, r, c, err);
	if (st == TRW_OK && is_guessed(s->place, file->meta, c))
		c->flags |= TRW_FLAG_RECOVERED;
	if (st == TRW_OK && kind == TRW_FILE_SYMLINK)
		st = read_target(s, c, r, err);
	if (st == TRW_OK && !has_content(kind)) {
		/* Extents of a directory are metadata; its bytes are no content of a file. */
		c->source = TRW_CONTENT_NONE;
		if (!is_directory(kind))
			c->problem[0] = '\0';
	}
	return st;
}

/* Nothing is known but the name: that is an outcome too, and for an allocated name a problem. */
static enum trw_status
send_bare(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r, bool was_skipped,
	struct trw_err *err)
{
	struct trw_content c = {.size = r->size};
	enum trw_file_kind kind = r->kind;

	if (has_content(kind) && (was_skipped || r->state == TRW_STATE_ALLOCATED))
		c.source = TRW_CONTENT_UNKNOWN;
	if (file->meta == NULL && r->state == TRW_STATE_ALLOCATED && !was_skipped)
		(void)snprintf(c.problem, sizeof(c.problem),
			"the metadata of inode %" PRIu64 " cannot be read", r->inode);
	return send_stream(s, r, &c, err);
}

static enum trw_status
send_streams(struct trw_walk_state *s, TSK_FS_FILE *file, struct trw_file *r, struct trw_err *err)
{
	TSK_FS_TYPE_ENUM type = s->place->fs->ftype;
	struct trw_content c = {0};
	enum trw_status st;
	uint64_t n = 0;

	trw_guest_step(TRW_STEP_CONTENT, file->meta->addr);
	r->attr_flags = trw_rawflags(file, &s->place->bytes, s->place->fat_entries);
	if (TSK_FS_TYPE_ISNTFS(type)) {
		st = send_ntfs(s, file, r, &n, err);
		(void)trw_bridge_error();
		if (st == TRW_OK && n == 0) {
			st = send_bare(s, file, r, false, err);
			n = 1;
		}
		s->done.streams_extra += n - 1;
		return st;
	}
	st = main_stream(s, file, r, &c, err);
	if (c.has_inode_flags)
		r->attr_flags = c.inode_flags;
	if (st == TRW_OK)
		st = send_stream(s, r, &c, err);
	trw_content_clear(&c);
	if (st == TRW_OK && (TSK_FS_TYPE_ISHFS(type) || type == TSK_FS_TYPE_APFS) &&
		r->kind != TRW_FILE_VIRTUAL_DIRECTORY)
		st = send_forks(s, file, r, &s->done.streams_extra, err);
	return st;
}

enum trw_status
trw_walk_name(struct trw_walk_state *s, const struct trw_walk_dir *dir, TSK_FS_FILE *file,
	int64_t *file_id, struct trw_err *err)
{
	char path[TRW_PATH_MAX_BYTES];
	struct trw_file r;
	uint64_t inode = file->name->meta_addr;
	int n = snprintf(path, sizeof(path), "%s%s", dir->path, file->name->name);
	bool skip;

	fill_name(s, dir, file, text_bytes(path, sizeof(path)), &r);
	*file_id = (int64_t)s->done.n_files + 1;
	if (n < 0 || (size_t)n >= sizeof(path)) {
		enum trw_status st = trw_walk_problem(s, 0, inode, TRW_CODE_PATH_LIMIT, dir->path,
			"a path longer than 32 KiB was cut short", err);
		if (st != TRW_OK)
			return st;
	}
	skip = trw_walk_must_skip(s, TRW_STEP_METADATA, inode, path, err) ||
	       (file->meta != NULL &&
		       trw_walk_must_skip(s, TRW_STEP_CONTENT, file->meta->addr, path, err));
	if (file->meta == NULL || skip)
		return send_bare(s, file, &r, skip, err);
	return send_streams(s, file, &r, err);
}
