/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtsk decodes into our buffer and cannot say which image bytes a piece came from. So after the stream the
 * runs of the file are read once more as plain bytes: damage anywhere in them marks the whole stream, because a
 * damaged byte of a compressed unit can be any byte of what it unpacks to.
 */
#include "walk/tsk/read.h"

#include "base/alloc.h"
#include "worker/guest/guest.h"

#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)64 << 10)

static enum trw_status
send_damage(const struct trw_ranges *damage, struct trw_err *err)
{
	struct trw_damage_list done = {*damage};
	struct trw_buf b = {0};
	enum trw_status st = trw_damage_encode(&done, &b, err);

	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_DONE, b.v, b.n);
		trw_guest_flush();
	}
	trw_buf_clear(&b);
	return st;
}

static enum trw_status
send_piece(uint64_t off, const uint8_t *p, size_t n, struct trw_buf *b, struct trw_err *err)
{
	struct trw_data data = {off, {p, n}};
	enum trw_status st;

	b->n = 0;
	st = trw_data_encode(&data, b, err);
	if (st == TRW_OK)
		trw_guest_send(TRW_FRAME_DATA, b->v, b->n);
	return st;
}

static enum trw_status
stream(const TSK_FS_ATTR *attr, uint64_t size, uint8_t *piece, struct trw_ranges *damage,
	struct trw_err *err)
{
	struct trw_buf b = {0};
	enum trw_status st = TRW_OK;

	for (uint64_t off = 0; off < size && st == TRW_OK;) {
		size_t want = size - off < PIECE ? (size_t)(size - off) : PIECE;
		ssize_t got = tsk_fs_attr_read(
			attr, (TSK_OFF_T)off, (char *)piece, want, TSK_FS_FILE_READ_FLAG_NONE);
		size_t n = got <= 0 ? 0 : (size_t)got < want ? (size_t)got : want;

		trw_guest_tick();
		(void)trw_bridge_error();
		if (n > 0)
			st = send_piece(off, piece, n, &b, err);
		/* What libtsk cannot decode, the rest of this piece, is missing. */
		if (st == TRW_OK)
			st = trw_ranges_add(damage, off + n, want - n, TRW_DAMAGE_MISSING, err);
		off += want;
	}
	trw_buf_clear(&b);
	return st;
}

/* Damage in any run of any attribute: the decoder may have used all of them (HFS+: the resource fork). */
static enum trw_status
damage_of_runs(struct trw_place *p, TSK_FS_FILE *file, uint8_t *scratch, enum trw_damage *worst,
	struct trw_err *err)
{
	struct trw_ranges met = {0};
	uint64_t size = p->medium.size, bs = p->fs->block_size;
	int n = tsk_fs_file_attr_getsize(file);
	enum trw_status st = TRW_OK;

	for (int i = 0; i < n && st == TRW_OK; i++) {
		const TSK_FS_ATTR *a = tsk_fs_file_attr_get_idx(file, i);
		const TSK_FS_ATTR_RUN *r;

		if (a == NULL || (a->flags & TSK_FS_ATTR_NONRES) == 0)
			continue;
		for (r = a->nrd.run; r != NULL && st == TRW_OK; r = r->next) {
			uint64_t off, len;
			if ((r->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE |
						TSK_FS_ATTR_RUN_FLAG_FILLER)) != 0 ||
				r->len > size / bs || r->addr > size / bs)
				continue;
			off = p->base + r->addr * bs;
			len = r->len * bs;
			for (uint64_t done = 0; done < len && st == TRW_OK; done += PIECE) {
				size_t want = len - done < PIECE ? (size_t)(len - done) : PIECE;
				trw_guest_tick();
				st = trw_view_read(
					&p->medium, off + done, scratch, want, &met, err);
			}
		}
	}
	*worst = trw_ranges_worst(&met);
	trw_ranges_clear(&met);
	return st;
}

static enum trw_status
answer(struct trw_place *p, const struct trw_read_request *r, struct trw_err *err)
{
	struct trw_ranges damage = {0};
	enum trw_damage worst = TRW_DAMAGE_NONE;
	uint8_t *piece = NULL;
	TSK_FS_FILE *file;
	const TSK_FS_ATTR *attr = NULL;
	enum trw_status st = TRW_OK;

	trw_guest_step(TRW_STEP_READ, r->inode);
	file = tsk_fs_file_open_meta(p->fs, NULL, r->inode);
	if (file != NULL)
		attr = tsk_fs_file_attr_get_type(
			file, (TSK_FS_ATTR_TYPE_ENUM)r->attr_type, (uint16_t)r->attr_id, 1);
	if (attr == NULL || attr->size < 0 || (uint64_t)attr->size != r->size) {
		(void)trw_fail(err, TRW_ECORRUPT,
			"inode %" PRIu64 ": the stream cannot be found: %s", r->inode,
			trw_bridge_error());
		trw_guest_failed(err);
		goto out;
	}
	piece = trw_alloc(PIECE, 1, err);
	st = piece == NULL ? TRW_ENOMEM : stream(attr, r->size, piece, &damage, err);
	if (st == TRW_OK)
		st = damage_of_runs(p, file, piece, &worst, err);
	if (st == TRW_OK)
		st = trw_ranges_add(&damage, 0, r->size, worst, err);
	if (st == TRW_OK)
		st = send_damage(&damage, err);
out:
	free(piece);
	trw_ranges_clear(&damage);
	tsk_fs_file_close(file);
	return st;
}

static bool
same_place(const struct trw_fs_where *a, const struct trw_fs_where *b)
{
	return trw_space_equal(&a->space, &b->space) && a->family == b->family;
}

enum trw_status
trw_read(struct trw_image *image, const struct trw_read_request *request, struct trw_place **place,
	struct trw_err *err)
{
	if (*place != NULL && !same_place(&(*place)->where, &request->where)) {
		trw_place_close(*place);
		*place = NULL;
	}
	if (*place == NULL) {
		enum trw_status st = trw_place_open(image, &request->where, place, err);
		if (st == TRW_EUNSUPPORTED || st == TRW_ECORRUPT) {
			trw_guest_failed(err);
			return TRW_OK;
		}
		if (st != TRW_OK)
			return st;
	}
	return answer(*place, request, err);
}
