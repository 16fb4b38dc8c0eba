/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference: ECMA-119 (ISO 9660) 6.4.3 interleaving, 6.5.1 file sections, 8.4 volume descriptors, 9.1
 * directory records; the Joliet specification. A directory record:
 *
 *	0 length  1 XAR length  2 extent LE, BE  10 data length LE, BE  25 flags  26 unit size  27 gap size
 *	32 identifier length  33 identifier
 *
 * The sections of one file are consecutive records of one directory with the same identifier, all but the last
 * with the multi-extent flag (6.5.1, 9.1.6). Where a section's extent lies says nothing: another file may
 * lie there too. So a record is known by its own place in its directory.
 *
 * Directories go through one queue, breadth first. A sound disc holds each directory once for each tree, so a
 * budget of directory bytes stops every cycle; the depth cap stops it sooner.
 */
#include "walk/iso.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 2048
#define DESCRIPTOR_FIRST 16
#define DESCRIPTOR_END 80 /* sectors searched */
#define DESCRIPTOR_PRIMARY 1
#define DESCRIPTOR_SUPPLEMENTARY 2
#define DESCRIPTOR_LAST 255
#define ROOT_OFF 156
#define RECORD_MIN 34

#define FLAG_DIRECTORY 0x02
#define FLAG_ASSOCIATED 0x04
#define FLAG_MORE 0x80

#define DIRS_MAX ((size_t)1 << 18)
#define NAMES_MAX ((size_t)64 << 20) /* bytes of directory names kept */
#define NO_PARENT UINT32_MAX

struct dir {
	uint64_t off; /* relative to the file system */
	uint32_t len;
	uint32_t parent; /* index, or NO_PARENT */
	uint32_t depth;
	size_t name; /* offset in walk.names */
	size_t name_len;
};

struct record {
	uint64_t at;  /* where the record itself lies, relative to the file system */
	uint64_t off; /* of the extent, its XAR included */
	uint32_t len;
	uint32_t xar_blocks, unit_blocks, gap_blocks;
	uint32_t flags;
	bool has_endian_conflict;
	const uint8_t *name; /* borrowed from the sector */
	size_t name_len;
};

struct walk {
	const struct trw_view *bytes;
	struct trw_iso_files *out;
	struct dir *dirs; /* owned; the queue of one tree */
	size_t n_dirs, cap_dirs;
	struct trw_buf names; /* UTF-8 or raw; of the queue's directories */
	uint64_t dir_bytes_left;
	uint64_t extents_left; /* over all files; 0: take no more files */
	uint32_t block_size;   /* of the tree */
	bool is_joliet;

	/* The file whose records are being collected; is_open between the first and the last of them. */
	bool is_open;
	struct trw_iso_file file;
	size_t n_sections; /* of the files that are kept; those of the open file lie behind them */
	uint8_t name[UINT8_MAX];
	size_t name_len;
	bool is_associated;
	bool is_over_sections; /* it has more records than there is room for */
};

static void
file_clear(struct trw_iso_file *file)
{
	free(file->path);
	trw_layout_clear(&file->layout);
	*file = (struct trw_iso_file){0};
}

void
trw_iso_files_clear(struct trw_iso_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		file_clear(&files->v[i]);
	free(files->v);
	free(files->sections);
	*files = (struct trw_iso_files){0};
}

/** Append a UTF-16BE name as UTF-8, up to a semicolon; a NUL or a slash becomes '?'. */
static enum trw_status
put_joliet(struct trw_buf *b, const uint8_t *name, size_t len, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t i = 0, used; i + 2 <= len && s == TRW_OK; i += used) {
		uint32_t c = trw_utf16_get(name + i, len - i, true, &used);
		char u[TRW_UTF8_MAX];

		if (c == ';')
			break;
		s = trw_buf_put(b, u, trw_utf8_put(c == 0 || c == '/' ? '?' : c, u), err);
	}
	return s;
}

static enum trw_status
put_name(const struct walk *w, struct trw_buf *b, const uint8_t *name, size_t len,
	struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (w->is_joliet)
		return put_joliet(b, name, len, err);
	for (size_t i = 0; i < len && name[i] != ';' && s == TRW_OK; i++)
		s = trw_buf_u8(b, name[i] == 0 || name[i] == '/' ? '?' : name[i], err);
	return s;
}

/** The path of the open file in directory `dir`, as a heap string. */
static enum trw_status
make_path(const struct walk *w, uint32_t dir, char **out, struct trw_err *err)
{
	uint32_t chain[TRW_ISO_DEPTH_MAX + 1];
	size_t n = 0;
	struct trw_buf b = {0};
	enum trw_status s = TRW_OK;

	for (uint32_t d = dir; w->dirs[d].parent != NO_PARENT; d = w->dirs[d].parent)
		chain[n++] = d;
	while (n > 0 && s == TRW_OK) {
		const struct dir *d = &w->dirs[chain[--n]];
		s = trw_buf_u8(&b, '/', err);
		if (s == TRW_OK)
			s = trw_buf_put(&b, w->names.v + d->name, d->name_len, err);
	}
	if (s == TRW_OK)
		s = trw_buf_u8(&b, '/', err);
	if (s == TRW_OK)
		s = put_name(w, &b, w->name, w->name_len, err);
	if (s == TRW_OK)
		s = trw_buf_u8(&b, 0, err);
	if (s != TRW_OK) {
		trw_buf_clear(&b);
		return s;
	}
	*out = (char *)b.v;
	return TRW_OK;
}

/** End the open file: keep it when it is out of the ordinary. */
static enum trw_status
finish_file(struct walk *w, uint32_t dir, struct trw_err *err)
{
	struct trw_iso_files *out = w->out;
	enum trw_status s = TRW_OK;
	void *v;

	if (!w->is_open)
		return TRW_OK;
	w->is_open = false;
	if (w->file.why == 0)
		goto out;
	if (out->n == TRW_ISO_FILES_MAX || w->is_over_sections ||
		w->file.layout.extents.n > w->extents_left) {
		out->is_capped = true;
		w->extents_left = 0;
		goto out;
	}
	s = make_path(w, dir, &w->file.path, err);
	if (s != TRW_OK)
		goto out;
	v = trw_grow(out->v, out->n, &out->cap, sizeof(*out->v), TRW_ISO_FILES_MAX, err);
	if (v == NULL) {
		s = TRW_ENOMEM;
		goto out;
	}
	out->v = v;
	w->extents_left -= w->file.layout.extents.n;
	out->v[out->n++] = w->file;
	w->file = (struct trw_iso_file){0};
	w->n_sections = out->n_sections;
out:
	out->n_sections = w->n_sections;
	file_clear(&w->file);
	return s;
}

/** Append the content of one record to the open file. */
static enum trw_status
add_section(struct walk *w, const struct record *r, struct trw_err *err)
{
	struct trw_layout *l = &w->file.layout;
	struct trw_iso_files *out = w->out;
	uint64_t off = r->off + (uint64_t)r->xar_blocks * w->block_size;
	uint64_t unit = (uint64_t)r->unit_blocks * w->block_size;
	uint64_t step = unit + (uint64_t)r->gap_blocks * w->block_size;
	enum trw_status s = TRW_OK;

	if (out->n_sections == TRW_ISO_SECTIONS_MAX) {
		w->is_over_sections = true;
		return TRW_OK;
	}
	void *v = trw_grow(out->sections, out->n_sections, &out->cap_sections,
		sizeof(*out->sections), TRW_ISO_SECTIONS_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	out->sections = v;
	out->sections[out->n_sections] = (struct trw_iso_section){.record = r->at,
		.file = (uint32_t)out->n,
		.is_first = out->n_sections == w->n_sections};
	out->n_sections++;
	l->size += r->len;
	if (r->unit_blocks == 0 || r->gap_blocks == 0)
		return trw_layout_add(l, w->bytes, TRW_EXTENT_DATA, off, r->len, err);
	w->file.why |= TRW_ISO_INTERLEAVED;
	for (uint64_t done = 0; done < r->len && s == TRW_OK; done += unit, off += step) {
		uint64_t n = r->len - done;

		if (off >= w->bytes->size) /* all that is left is lost, in one piece */
			return trw_layout_add(l, w->bytes, TRW_EXTENT_DATA, off, n, err);
		s = trw_layout_add(l, w->bytes, TRW_EXTENT_DATA, off, n < unit ? n : unit, err);
	}
	return s;
}

static enum trw_status
start_file(struct walk *w, const struct record *r, struct trw_err *err)
{
	w->is_open = true;
	w->is_associated = (r->flags & FLAG_ASSOCIATED) != 0;
	memcpy(w->name, r->name, r->name_len);
	w->name_len = r->name_len;
	w->is_over_sections = false;
	w->file.is_joliet = w->is_joliet;
	return trw_layout_begin(&w->file.layout, w->bytes, 0, w->block_size, err);
}

static bool
continues_file(const struct walk *w, const struct record *r)
{
	return w->is_open && r->name_len == w->name_len &&
	       w->is_associated == ((r->flags & FLAG_ASSOCIATED) != 0) &&
	       memcmp(r->name, w->name, r->name_len) == 0;
}

static enum trw_status
take_file(struct walk *w, uint32_t dir, const struct record *r, struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	if (w->extents_left == 0)
		return TRW_OK;
	if (continues_file(w, r)) {
		w->file.why |= TRW_ISO_MULTI_EXTENT;
	} else {
		if (w->is_open)
			w->file.why |= TRW_ISO_UNENDED;
		s = finish_file(w, dir, err);
		if (s == TRW_OK)
			s = start_file(w, r, err);
	}
	if (s != TRW_OK)
		return s;
	if (r->has_endian_conflict)
		w->file.why |= TRW_ISO_ENDIANS;
	if (r->xar_blocks > 0)
		w->file.why |= TRW_ISO_XAR;
	s = add_section(w, r, err);
	if (s == TRW_OK && !(r->flags & FLAG_MORE))
		s = finish_file(w, dir, err);
	return s;
}

/** Queue a directory. parent is NO_PARENT for the root. */
static enum trw_status
take_dir(struct walk *w, uint32_t parent, const struct record *r, struct trw_err *err)
{
	struct dir d = {.off = r->off + (uint64_t)r->xar_blocks * w->block_size,
		.len = r->len,
		.parent = parent,
		.name = w->names.n};
	enum trw_status s;
	void *v;

	if (parent != NO_PARENT)
		d.depth = w->dirs[parent].depth + 1;
	if (d.depth > TRW_ISO_DEPTH_MAX || w->n_dirs == DIRS_MAX || w->names.n > NAMES_MAX) {
		w->out->is_capped = true;
		return TRW_OK;
	}
	if (r->has_endian_conflict || (r->flags & FLAG_MORE))
		w->out->is_damaged = true;
	v = trw_grow(w->dirs, w->n_dirs, &w->cap_dirs, sizeof(*w->dirs), DIRS_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	w->dirs = v;
	s = put_name(w, &w->names, r->name, r->name_len, err);
	if (s != TRW_OK)
		return s;
	d.name_len = w->names.n - d.name;
	w->dirs[w->n_dirs++] = d;
	return TRW_OK;
}

/** False when the n bytes at p hold no record. */
static bool
parse_record(const struct walk *w, const uint8_t *p, size_t n, struct record *r)
{
	if (n < RECORD_MIN || p[0] < RECORD_MIN || p[0] > n || p[32] == 0 || 33 + p[32] > p[0])
		return false;
	*r = (struct record){
		.off = (uint64_t)trw_le32(p + 2) * w->block_size,
		.len = trw_le32(p + 10),
		.xar_blocks = p[1],
		.unit_blocks = p[26],
		.gap_blocks = p[27],
		.flags = p[25],
		.has_endian_conflict =
			trw_le32(p + 2) != trw_be32(p + 6) || trw_le32(p + 10) != trw_be32(p + 14),
		.name = p + 33,
		.name_len = p[32],
	};
	return true;
}

static enum trw_status
read_records(struct walk *w, uint32_t dir, uint64_t off, const uint8_t *sector, size_t n,
	struct trw_err *err)
{
	enum trw_status s = TRW_OK;

	for (size_t at = 0; at < n && sector[at] != 0 && s == TRW_OK; at += sector[at]) {
		struct record r;

		if (!parse_record(w, sector + at, n - at, &r)) {
			w->out->is_damaged = true;
			break;
		}
		r.at = off + at;
		if (r.name_len == 1 && r.name[0] <= 1)
			continue; /* the directory itself, and its parent */
		if (r.flags & FLAG_DIRECTORY)
			s = take_dir(w, dir, &r, err);
		else
			s = take_file(w, dir, &r, err);
	}
	return s;
}

static enum trw_status
read_dir(struct walk *w, uint32_t dir, struct trw_err *err)
{
	uint64_t off = w->dirs[dir].off, len = w->dirs[dir].len;
	uint8_t sector[SECTOR];
	enum trw_status s = TRW_OK;

	for (uint64_t at = 0; at < len && s == TRW_OK; at += SECTOR) {
		size_t n = len - at < SECTOR ? (size_t)(len - at) : SECTOR;

		if (!trw_view_holds(w->bytes, off + at, n)) {
			w->out->is_damaged = true;
			break;
		}
		if (w->dir_bytes_left < SECTOR) {
			w->out->is_capped = true;
			break;
		}
		w->dir_bytes_left -= SECTOR;
		if (trw_view_read_sound(w->bytes, off + at, sector, n))
			s = read_records(w, dir, off + at, sector, n, err);
		else
			w->out->is_damaged = true;
	}
	if (w->is_open)
		w->file.why |= TRW_ISO_UNENDED;
	return s == TRW_OK ? finish_file(w, dir, err) : s;
}

static enum trw_status
read_tree(struct walk *w, const uint8_t *descriptor, struct trw_err *err)
{
	const uint8_t *escape = descriptor + 88;
	struct record root;
	enum trw_status s;

	w->is_joliet = descriptor[0] == DESCRIPTOR_SUPPLEMENTARY && escape[0] == 0x25 &&
		       escape[1] == 0x2f &&
		       (escape[2] == 0x40 || escape[2] == 0x43 || escape[2] == 0x45);
	w->block_size = trw_le16(descriptor + 128);
	if ((w->block_size != 512 && w->block_size != 1024 && w->block_size != SECTOR) ||
		!parse_record(w, descriptor + ROOT_OFF, RECORD_MIN, &root)) {
		w->out->is_damaged = true;
		return TRW_OK;
	}
	w->n_dirs = 0;
	w->names.n = 0;
	w->dir_bytes_left = w->bytes->size + SECTOR;
	if (w->dir_bytes_left > TRW_ISO_DIR_BYTES_MAX)
		w->dir_bytes_left = TRW_ISO_DIR_BYTES_MAX;
	s = take_dir(w, NO_PARENT, &root, err);
	for (uint32_t i = 0; i < w->n_dirs && s == TRW_OK; i++)
		s = read_dir(w, i, err);
	return s;
}

static int
compare_sections(const void *a, const void *b)
{
	const struct trw_iso_section *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

const struct trw_iso_section *
trw_iso_section_at(const struct trw_iso_files *files, uint64_t record)
{
	struct trw_iso_section key = {.record = record};

	if (files->n_sections == 0)
		return NULL;
	return bsearch(&key, files->sections, files->n_sections, sizeof(key), compare_sections);
}

enum trw_status
trw_iso_multi_extents(const struct trw_view *bytes, struct trw_iso_files *out, struct trw_err *err)
{
	struct walk w = {.bytes = bytes, .out = out, .extents_left = TRW_EXTENTS_MAX};
	uint32_t n_trees = 0, seen[DESCRIPTOR_END - DESCRIPTOR_FIRST];
	uint8_t d[SECTOR];
	enum trw_status s = TRW_OK;

	for (uint64_t at = DESCRIPTOR_FIRST; at < DESCRIPTOR_END && s == TRW_OK; at++) {
		bool is_known = false;
		uint32_t root;

		if (!trw_view_read_sound(bytes, at * SECTOR, d, sizeof(d)) ||
			memcmp(d + 1, "CD001", 5) != 0)
			continue; /* a damaged one: others may follow */
		if (d[0] == DESCRIPTOR_LAST)
			break;
		if (d[0] != DESCRIPTOR_PRIMARY && d[0] != DESCRIPTOR_SUPPLEMENTARY)
			continue;
		root = trw_le32(d + ROOT_OFF + 2);
		for (uint32_t i = 0; i < n_trees; i++)
			is_known |= seen[i] == root;
		seen[n_trees++] = root;
		if (!is_known)
			s = read_tree(&w, d, err);
	}
	if (s == TRW_OK && n_trees == 0)
		s = trw_fail(err, TRW_ECORRUPT, "iso: no volume descriptor");
	if (out->n_sections > 0)
		qsort(out->sections, out->n_sections, sizeof(*out->sections), compare_sections);
	free(w.dirs);
	trw_buf_clear(&w.names);
	file_clear(&w.file);
	if (s != TRW_OK)
		trw_iso_files_clear(out);
	return s;
}
