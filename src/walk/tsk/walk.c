/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depth first, names in libtsk's order, $OrphanFiles last. The recursion is our own, for three reasons: a
 * directory that kills libtsk can be passed over, a cap that is reached goes on record, and the list of named
 * inodes is handed to libtsk's orphan hunt (it would walk the whole tree a second time, and for ISO 9660 that
 * second walk waits for ever for a lock that the hunt holds).
 *
 * A directory is entered by the rule of fls: entry and inode both say directory, the entry is allocated or both
 * are not, and it is not on the path already. Two names for one directory are both followed, VISITS_MAX
 * times: more is a hostile image.
 */
#include "walk/tsk/walk.h"

#include "base/alloc.h"
#include "walk/tsk/dirnames.h"
#include "walk/tsk/label.h"
#include "walk/tsk/state.h"
#include "worker/guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISITS_MAX 8
#define ISO_PROBLEMS_MAX 1000         /* rows for directory records that contradict themselves */
#define VISITED_MAX ((size_t)1 << 26) /* directories */

struct visit {
	uint64_t inode;
	uint32_t n; /* times entered; 0 = free slot */
	bool is_on_path;
};

/** Directories that were entered: open addressing, at most half full. */
struct visits {
	struct visit *v;
	size_t n, n_slots;
};

struct walk {
	struct trw_walk_state s;
	struct visits visits;
};

static struct visit *
visit_slot(const struct visits *vs, uint64_t inode)
{
	size_t i = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (vs->n_slots - 1);

	while (vs->v[i].n != 0 && vs->v[i].inode != inode)
		i = (i + 1) & (vs->n_slots - 1);
	return &vs->v[i];
}

static struct visit *
visit_of(struct visits *vs, uint64_t inode, struct trw_err *err)
{
	if (vs->n * 2 >= vs->n_slots) {
		struct visits bigger = {
			.n = vs->n, .n_slots = vs->n_slots > 0 ? vs->n_slots * 2 : 1024};
		if (bigger.n_slots > VISITED_MAX) {
			(void)trw_fail(
				err, TRW_ENOMEM, "more than %zu directories", VISITED_MAX / 2);
			return NULL;
		}
		bigger.v = trw_alloc(bigger.n_slots, sizeof(*bigger.v), err);
		if (bigger.v == NULL)
			return NULL;
		for (size_t i = 0; i < vs->n_slots; i++)
			if (vs->v[i].n != 0)
				*visit_slot(&bigger, vs->v[i].inode) = vs->v[i];
		free(vs->v);
		*vs = bigger;
	}
	return visit_slot(vs, inode);
}

bool
trw_walk_must_skip(struct trw_walk_state *s, enum trw_step step, uint64_t inode, const char *path,
	struct trw_err *err)
{
	const struct trw_walk_request *r = s->request;

	for (size_t i = 0; i < r->n_skips; i++)
		if (r->skips[i].inode == inode && r->skips[i].step == step) {
			char text[160];
			(void)snprintf(text, sizeof(text),
				"passed over: a worker had died %s of inode %" PRIu64,
				trw_step_text(step), inode);
			return trw_walk_problem(s, 0, inode, TRW_CODE_ITEM_SKIPPED, path, text,
				       err) == TRW_OK;
		}
	return false;
}

enum trw_status
trw_walk_problem(struct trw_walk_state *s, int64_t file, uint64_t inode, enum trw_code code,
	const char *path, const char *text, struct trw_err *err)
{
	size_t n = strlen(text);
	struct trw_problem r = {.file_id = file,
		.inode = inode,
		.code = code,
		.path = trw_bytes_of(path),
		.text = {(const uint8_t *)text, n < TRW_TEXT_MAX_BYTES ? n : TRW_TEXT_MAX_BYTES}};

	s->out.n = 0;
	if (trw_problem_encode(&r, &s->out, err) != TRW_OK)
		return trw_fail_in(err, "problem record");
	trw_guest_send(TRW_FRAME_PROBLEM, s->out.v, s->out.n);
	return TRW_OK;
}

/* Names or other metadata may hide behind damaged bytes: say so at the item that met them first. */
static enum trw_status
report_damage(struct trw_walk_state *s, uint64_t inode, const char *path, struct trw_err *err)
{
	const struct trw_ranges *d = trw_bridge_damage(s->place->bridge);
	uint64_t bytes = trw_ranges_total(d, TRW_DAMAGE_SUBSTITUTED) +
			 trw_ranges_total(d, TRW_DAMAGE_MISSING);
	char text[200];

	if (bytes == s->damage_seen)
		return TRW_OK;
	(void)snprintf(text, sizeof(text),
		"%" PRIu64 " more bytes of metadata lie in a damaged part of the image: "
		"names or files may be missing",
		bytes - s->damage_seen);
	s->damage_seen = bytes;
	return trw_walk_problem(s, 0, inode, TRW_CODE_METADATA_DAMAGED, path, text, err);
}

static enum trw_status walk_dir(
	struct walk *w, uint64_t inode, const struct trw_walk_dir *dir, struct trw_err *err);

static bool
must_enter(const struct walk *w, const TSK_FS_FILE *f)
{
	const TSK_FS_NAME *name = f->name;

	return (TSK_FS_IS_DIR_NAME(name->type) || name->type == TSK_FS_NAME_TYPE_UNDEF) &&
	       f->meta != NULL && TSK_FS_IS_DIR_META(f->meta->type) &&
	       ((name->flags & TSK_FS_NAME_FLAG_ALLOC) != 0 ||
		       ((name->flags & TSK_FS_NAME_FLAG_UNALLOC) != 0 &&
			       (f->meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0)) &&
	       !(name->meta_addr == TSK_FS_ORPHANDIR_INUM(w->s.place->fs) &&
		       w->s.request->no_orphans);
}

/* Enter the directory behind f unless a cap or a loop forbids it; a cap goes on record, a loop is plain. */
static enum trw_status
enter(struct walk *w, const TSK_FS_FILE *f, const struct trw_walk_dir *dir, int64_t file_id,
	struct trw_err *err)
{
	uint64_t inode = f->name->meta_addr;
	struct visit *v = visit_of(&w->visits, inode, err);
	struct trw_walk_dir below = {.parent_id = file_id, .depth = dir->depth + 1};
	enum trw_status st;
	char *path;

	if (v == NULL)
		return TRW_ENOMEM;
	if (v->is_on_path)
		return TRW_OK;
	if (v->n >= VISITS_MAX)
		return trw_walk_problem(&w->s, file_id, inode, TRW_CODE_DIRECTORY_REVISIT,
			dir->path,
			"a directory with more names than any sound file system gives one was not "
			"entered again",
			err);
	path = trw_format(err, "%s%s/", dir->path, f->name->name);
	if (path == NULL)
		return TRW_ENOMEM;
	below.path = path;
	below.is_orphan = dir->is_orphan || inode == TSK_FS_ORPHANDIR_INUM(w->s.place->fs);
	if (below.depth > w->s.request->depth_max ||
		strlen(path) + TRW_NAME_MAX_BYTES >= TRW_PATH_MAX_BYTES) {
		st = trw_walk_problem(&w->s, file_id, inode, TRW_CODE_DEPTH_LIMIT, dir->path,
			"a directory lies deeper than the limit and was not entered", err);
	} else {
		if (v->n == 0)
			w->visits.n++;
		v->inode = inode;
		v->n++;
		v->is_on_path = true;
		st = walk_dir(w, inode, &below, err);
		visit_slot(&w->visits, inode)->is_on_path = false;
	}
	free(path);
	return st;
}

/* Metadata by the address in the name, as tsk_fs_dir_walk does it (NTFS compares sequence numbers there). */
static void
load_meta(struct walk *w, TSK_FS_FILE *f)
{
	TSK_FS_INFO *fs = w->s.place->fs;
	uint64_t inode = f->name->meta_addr;

	if (inode == 0 && (f->name->flags & TSK_FS_NAME_FLAG_ALLOC) == 0)
		return;
	for (size_t i = 0; i < w->s.request->n_skips; i++)
		if (w->s.request->skips[i].inode == inode &&
			w->s.request->skips[i].step == TRW_STEP_METADATA)
			return;
	trw_guest_step(TRW_STEP_METADATA, inode);
	if (fs->file_add_meta(fs, f, inode) == 0)
		return;
	/* What it leaves behind is all zero, or half filled: an empty file, if one believed it. */
	(void)trw_bridge_error();
	tsk_fs_meta_close(f->meta);
	f->meta = NULL;
}

static enum trw_status
one_name(struct walk *w, TSK_FS_FILE *f, const struct trw_walk_dir *dir, struct trw_err *err)
{
	int64_t file_id = 0;
	enum trw_status st;

	w->s.done.names_seen++;
	if (TSK_FS_ISDOT(f->name->name)) {
		w->s.done.names_dot++;
		return TRW_OK;
	}
	if (w->s.is_full) {
		w->s.done.names_capped++;
		return TRW_OK;
	}
	load_meta(w, f);
	if (f->meta != NULL && (f->meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0 &&
		!dir->is_orphan && tsk_list_add(&w->s.named, f->meta->addr) != 0)
		return trw_fail(err, TRW_ENOMEM, "out of memory");
	st = trw_walk_name(&w->s, dir, f, &file_id, err);
	if (st == TRW_OK && w->s.done.n_files >= w->s.request->names_max) {
		w->s.is_full = true;
		st = trw_walk_problem(&w->s, 0, 0, TRW_CODE_NAMES_LIMIT, dir->path,
			"the file system has more names than the limit: the rest was not walked",
			err);
	}
	if (st == TRW_OK && must_enter(w, f))
		st = enter(w, f, dir, file_id, err);
	return st;
}

/* Give libtsk what it would walk the whole tree for: see the head comment. */
static enum trw_status
prepare_orphans(struct walk *w, struct trw_err *err)
{
	TSK_FS_INFO *fs = w->s.place->fs;

	trw_guest_step(TRW_STEP_ORPHANS, TSK_FS_ORPHANDIR_INUM(fs));
	if (fs->list_inum_named != NULL)
		return TRW_OK;
	/* An empty list would read as "not known yet". The root is allocated: it does no harm. */
	if (w->s.named == NULL && tsk_list_add(&w->s.named, fs->root_inum) != 0)
		return trw_fail(err, TRW_ENOMEM, "out of memory");
	fs->list_inum_named = w->s.named;
	w->s.named = NULL;
	return TRW_OK;
}

static enum trw_status
report_dropped(struct walk *w, uint64_t inode, const struct trw_walk_dir *dir, struct trw_err *err)
{
	uint64_t dropped = trw_dirnames_dropped();
	char text[160];

	if (dropped == 0)
		return TRW_OK;
	w->s.done.names_seen += dropped;
	w->s.done.names_capped += dropped;
	(void)snprintf(text, sizeof(text),
		"the directory has more names than the limit of %" PRIu64 ": %" PRIu64
		" were not recorded",
		w->s.request->dir_max, dropped);
	return trw_walk_problem(
		&w->s, dir->parent_id, inode, TRW_CODE_DIRECTORY_LIMIT, dir->path, text, err);
}

/* The names of an opened directory; those of the orphan directory are kept for the end. */
static enum trw_status
walk_names(struct walk *w, TSK_FS_DIR *d, const struct trw_walk_dir *dir, struct trw_err *err)
{
	TSK_FS_INFO *fs = w->s.place->fs;
	TSK_FS_FILE file = {.tag = TSK_FS_FILE_TAG, .fs_info = fs};
	enum trw_status st = TRW_OK;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < d->names_used && st == TRW_OK; i++) {
			bool is_last = d->names[i].meta_addr == TSK_FS_ORPHANDIR_INUM(fs) &&
				       TSK_FS_IS_DIR_NAME(d->names[i].type);
			if (is_last != (pass == 1))
				continue;
			file.name = &d->names[i];
			if (file.name->name == NULL)
				continue;
			st = one_name(w, &file, dir, err);
			file.name = NULL;
			if (file.meta != NULL) {
				tsk_fs_meta_close(file.meta);
				file.meta = NULL;
			}
		}
	}
	return st;
}

static enum trw_status
walk_dir(struct walk *w, uint64_t inode, const struct trw_walk_dir *dir, struct trw_err *err)
{
	TSK_FS_INFO *fs = w->s.place->fs;
	enum trw_step step = TRW_STEP_DIRECTORY;
	enum trw_status st = TRW_OK;
	TSK_FS_DIR *d;

	if (trw_walk_must_skip(&w->s, step, inode, dir->path, err))
		return TRW_OK;
	trw_bridge_item(w->s.place->bridge);
	if (inode == TSK_FS_ORPHANDIR_INUM(fs))
		st = prepare_orphans(w, err);
	else
		trw_guest_step(step, inode);
	if (st != TRW_OK)
		return st;
	d = tsk_fs_dir_open_meta(fs, inode);
	if (d == NULL) {
		char text[TRW_ERR_TEXT_MAX];
		(void)snprintf(text, sizeof(text), "the directory cannot be read: %.400s",
			trw_bridge_error());
		st = trw_walk_problem(&w->s, dir->parent_id, inode, TRW_CODE_DIRECTORY_UNREADABLE,
			dir->path, text, err);
	} else {
		(void)trw_bridge_error();
		st = walk_names(w, d, dir, err);
		tsk_fs_dir_close(d);
	}
	if (st == TRW_OK)
		st = report_dropped(w, inode, dir, err);
	if (st == TRW_OK)
		st = report_damage(&w->s, inode, dir->path, err);
	return st;
}

/* The root has no name in any directory: a record with an empty name stands for it. */
static enum trw_status
walk_root(struct walk *w, struct trw_err *err)
{
	TSK_FS_INFO *fs = w->s.place->fs;
	char no_name[] = "";
	TSK_FS_NAME name = {.tag = TSK_FS_NAME_TAG,
		.name = no_name,
		.meta_addr = fs->root_inum,
		.type = TSK_FS_NAME_TYPE_DIR,
		.flags = TSK_FS_NAME_FLAG_ALLOC};
	TSK_FS_FILE file = {.tag = TSK_FS_FILE_TAG, .fs_info = fs, .name = &name};
	struct trw_walk_dir above = {.path = "/"};
	struct trw_walk_dir root = above;
	struct visit *v = visit_of(&w->visits, fs->root_inum, err);
	enum trw_status st;

	if (v == NULL)
		return TRW_ENOMEM;
	*v = (struct visit){.inode = fs->root_inum, .n = 1, .is_on_path = true};
	w->visits.n++;
	w->s.done.names_seen++;
	trw_guest_step(TRW_STEP_METADATA, fs->root_inum);
	load_meta(w, &file);
	if (file.meta != NULL)
		name.meta_seq = file.meta->seq;
	st = trw_walk_name(&w->s, &above, &file, &root.parent_id, err);
	if (file.meta != NULL)
		tsk_fs_meta_close(file.meta);
	return st == TRW_OK ? walk_dir(w, fs->root_inum, &root, err) : st;
}

static enum trw_status
send_filesystem(struct trw_walk_state *s, struct trw_err *err)
{
	TSK_FS_INFO *fs = s->place->fs;
	uint64_t size = s->place->medium.size;
	struct trw_filesystem r = {.family = trw_place_family(s->place),
		.type = trw_bytes_of(trw_place_type_name(s->place)),
		.off = s->place->base,
		.block_size = fs->block_size,
		.block_count = fs->block_count};
	char uuid[2 * TSK_FS_INFO_FS_ID_LEN + 1] = "", label[TRW_LABEL_MAX];
	size_t n = fs->fs_id_used < TSK_FS_INFO_FS_ID_LEN ? fs->fs_id_used : TSK_FS_INFO_FS_ID_LEN;

	for (size_t i = 0; i < n; i++)
		(void)snprintf(uuid + 2 * i, 3, "%02x", fs->fs_id[n - 1 - i]);
	trw_label_of(s->place, label);
	r.label = trw_bytes_of(label);
	r.uuid = (struct trw_bytes){(const uint8_t *)uuid, 2 * n};
	if (r.off < size)
		r.len = size - r.off;
	if (s->place->where.space.len > 0 && s->place->where.space.len < r.len)
		r.len = s->place->where.space.len;
	if (s->place->pool == NULL && fs->block_size > 0 &&
		r.len / fs->block_size > fs->block_count)
		r.len = fs->block_count * fs->block_size;
	s->out.n = 0;
	if (trw_filesystem_encode(&r, &s->out, err) != TRW_OK)
		return trw_fail_in(err, "file system record");
	trw_guest_send(TRW_FRAME_FILESYSTEM, s->out.v, s->out.n);
	trw_guest_flush(); /* a crash from here on is one of this file system, not of its detection */
	return TRW_OK;
}

/* What the second reader of ISO 9660 found that no file row can show. */
static enum trw_status
report_iso(struct trw_walk_state *s, struct trw_err *err)
{
	const struct trw_iso_files *files = &s->place->iso;
	enum trw_status st = TRW_OK;
	size_t n = 0;

	if (files->is_capped || files->is_damaged)
		st = trw_walk_problem(s, 0, 0, TRW_CODE_ISO_DIRECTORY, "/",
			"a directory is damaged or larger than the limits: files of several extents may "
			"be cut short",
			err);
	for (size_t i = 0; i < files->n && st == TRW_OK && n < ISO_PROBLEMS_MAX; i++) {
		unsigned why = files->v[i].why;
		if ((why & (TRW_ISO_ENDIANS | TRW_ISO_UNENDED)) == 0)
			continue;
		n++;
		st = trw_walk_problem(s, 0, 0, TRW_CODE_ISO_RECORD, files->v[i].path,
			(why & TRW_ISO_ENDIANS) != 0
				? "the little- and big-endian fields of the directory record differ: which "
				  "bytes are the file's cannot be known"
				: "the directory record announces a further extent that is not there",
			err);
	}
	return st;
}

enum trw_status
trw_walk(struct trw_image *image, const struct trw_walk_request *request, struct trw_err *err)
{
	struct walk w = {.s = {.request = request}};
	enum trw_status st;

	trw_dirnames_limit((size_t)request->dir_max);
	(void)trw_dirnames_dropped();
	st = trw_place_open(image, &request->where, &w.s.place, err);
	if (st == TRW_EUNSUPPORTED || st == TRW_ECORRUPT) {
		trw_guest_failed(err);
		return TRW_OK;
	}
	if (st == TRW_OK)
		st = send_filesystem(&w.s, err);
	if (st == TRW_OK)
		st = report_damage(&w.s, 0, NULL, err);
	if (st == TRW_OK)
		st = report_iso(&w.s, err);
	if (st == TRW_OK)
		st = walk_root(&w, err);
	if (st == TRW_OK && !request->no_blocks)
		st = trw_walk_blocks(&w.s, err);
	if (st == TRW_OK) {
		w.s.out.n = 0;
		st = trw_walk_done_encode(&w.s.done, &w.s.out, err);
	}
	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_DONE, w.s.out.v, w.s.out.n);
		trw_guest_flush();
	}
	tsk_list_free(w.s.named);
	trw_place_close(w.s.place);
	trw_buf_clear(&w.s.out);
	free(w.visits.v);
	return st;
}
