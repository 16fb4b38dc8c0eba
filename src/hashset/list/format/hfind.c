/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that The Sleuth Kit's hfind (4.11) reads as it is, without `hfind -i` (tsk/hashdb of
 * github.com/sleuthkit/sleuthkit):
 *
 *     hashes.txt          "hex  name" of each entry that has an MD5, sorted: hfind hashes.txt MD5
 *     hashes.txt-md5.idx  its index: MD5 and byte offset of the line
 *     hashes-sha1.idx     for entries that have a SHA-1: an index alone, hfind hashes-sha1.idx SHA1
 *
 * hfind finds names behind SHA-1 only in NSRL files, where it wants both digests in every row; so
 * there is no file behind that index, which hfind takes as well (it says "File name not
 * available").
 */
#include "hashset/list/contract/losses.h"
#include "hashset/list/contract/rows.h"
#include "hashset/list/contract/writer.h"
#include "hashset/list/format/formats.h"
#include "hashset/list/format/writers.h"

#define NAME_MAX_SHOWN 400 /* bytes; hfind reads lines of up to 511 */

struct hfind {
	struct trw_export *x;
	struct trw_losses losses;
	struct trw_put_file hashes, index;
};

static void
put_index_head(struct trw_put *index, const char *source)
{
	trw_put_text(index, "%041d|md5sum\n%040d1|%s\n", 0, 0, source);
}

static void
put_index_line(struct trw_put *index, const uint8_t *digest, size_t size, uint64_t off)
{
	trw_put_hex(index, digest, size, true);
	trw_put_text(index, "|%016" PRIu64 "\n", off);
}

static bool
has_plain_name(const struct trw_entry *e)
{
	if (e->name_len == 0 || e->name_len > NAME_MAX_SHOWN)
		return false;
	for (size_t i = 0; i < e->name_len; i++)
		if (e->name[i] == '\0' || e->name[i] == '\n' || e->name[i] == '\r')
			return false;
	return true;
}

static enum trw_status
put_md5(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct hfind *w = ctx;
	struct trw_put *hashes = &w->hashes.put, *index = &w->index.put;
	bool has_name = has_plain_name(e);
	const uint8_t *digest = e->digest[TRW_HASH_MD5];

	(void)err;
	w->x->n_written++;
	trw_losses_add(&w->losses, e, TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1),
		has_name ? TRW_CARRIES_NAME : 0);
	put_index_line(index, digest, 16, w->hashes.output.n);
	trw_put_hex(hashes, digest, 16, false);
	if (has_name) {
		trw_put(hashes, "  ", 2);
		trw_put(hashes, e->name, e->name_len);
	}
	trw_put(hashes, "\n", 1);
	return hashes->status < 0 ? hashes->status : index->status;
}

static enum trw_status
put_sha1(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct hfind *w = ctx;

	(void)err;
	if ((e->kinds & TRW_HASH_BIT(TRW_HASH_MD5)) == 0) {
		w->x->n_written++;
		trw_losses_add(&w->losses, e, TRW_HASH_BIT(TRW_HASH_SHA1), 0);
	}
	put_index_line(&w->index.put, e->digest[TRW_HASH_SHA1], 20, 0);
	return w->index.put.status;
}

static enum trw_status
write_md5(struct hfind *w, struct trw_err *err)
{
	enum trw_status status = trw_put_file_open(w->x->folder, "hashes.txt", &w->hashes, err);

	if (status == TRW_OK)
		status = trw_put_file_open(w->x->folder, "hashes.txt-md5.idx", &w->index, err);
	if (status == TRW_OK) {
		put_index_head(&w->index.put, "hashes.txt");
		status = trw_rows_each(w->x->set, TRW_HASH_MD5, put_md5, w, err);
	}
	if (status == TRW_OK)
		status = trw_put_file_finish(&w->hashes, err);
	if (status == TRW_OK)
		status = trw_put_file_finish(&w->index, err);
	trw_put_file_abandon(&w->hashes);
	trw_put_file_abandon(&w->index);
	return status;
}

static enum trw_status
write_sha1(struct hfind *w, struct trw_err *err)
{
	enum trw_status status = trw_put_file_open(w->x->folder, "hashes-sha1.idx", &w->index, err);

	if (status == TRW_OK) {
		put_index_head(&w->index.put, "hashes");
		status = trw_rows_each(w->x->set, TRW_HASH_SHA1, put_sha1, w, err);
	}
	if (status == TRW_OK)
		status = trw_put_file_finish(&w->index, err);
	trw_put_file_abandon(&w->index);
	return status;
}

enum trw_status
trw_hfind_write(struct trw_export *x, struct trw_err *err)
{
	const struct trw_set_info *info = trw_set_info(x->set);
	struct hfind w = {.x = x};
	enum trw_status status = TRW_OK;

	if (info->n_by_kind[TRW_HASH_MD5] > 0)
		status = write_md5(&w, err);
	if (status == TRW_OK && info->n_by_kind[TRW_HASH_SHA1] > 0)
		status = write_sha1(&w, err);
	if (status < 0)
		return status;
	w.losses.n_without = info->n_entries - x->n_written;
	trw_losses_tell(&w.losses, "entries without an MD5 or SHA-1", x);
	return TRW_OK;
}

static const char *const files[] = {"hashes.txt", "hashes.txt-md5.idx", "hashes-sha1.idx", NULL};

const struct trw_format trw_format_hfind = {
	.name = "hfind",
	.summary = "folder for The Sleuth Kit's hfind: MD5 list and ready indexes",
	.write = trw_hfind_write,
	.is_folder = true,
	.files = files,
};
