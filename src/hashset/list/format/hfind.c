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
	struct trw_output hashes, index;
};

static enum trw_status
put_index_head(struct trw_output *index, const char *source, struct trw_err *err)
{
	return trw_output_text(index, err, "%041d|md5sum\n%040d1|%s\n", 0, 0, source);
}

static enum trw_status
put_index_line(struct trw_output *index, const uint8_t *digest, size_t size, uint64_t off,
	struct trw_err *err)
{
	enum trw_status status = trw_output_hex(index, digest, size, true, err);

	return status == TRW_OK ? trw_output_text(index, err, "|%016" PRIu64 "\n", off) : status;
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
	bool has_name = has_plain_name(e);
	const uint8_t *digest = e->digest[TRW_HASH_MD5];
	enum trw_status status = put_index_line(&w->index, digest, 16, w->hashes.n, err);

	w->x->n_written++;
	trw_losses_add(&w->losses, e, TRW_HASH_BIT(TRW_HASH_MD5) | TRW_HASH_BIT(TRW_HASH_SHA1),
		has_name ? TRW_CARRIES_NAME : 0);
	if (status == TRW_OK)
		status = trw_output_hex(&w->hashes, digest, 16, false, err);
	if (status == TRW_OK && has_name)
		status = trw_output_put(&w->hashes, "  ", 2, err);
	if (status == TRW_OK && has_name)
		status = trw_output_put(&w->hashes, e->name, e->name_len, err);
	return status == TRW_OK ? trw_output_put(&w->hashes, "\n", 1, err) : status;
}

static enum trw_status
put_sha1(void *ctx, const struct trw_entry *e, struct trw_err *err)
{
	struct hfind *w = ctx;

	if ((e->kinds & TRW_HASH_BIT(TRW_HASH_MD5)) == 0) {
		w->x->n_written++;
		trw_losses_add(&w->losses, e, TRW_HASH_BIT(TRW_HASH_SHA1), 0);
	}
	return put_index_line(&w->index, e->digest[TRW_HASH_SHA1], 20, 0, err);
}

static enum trw_status
write_md5(struct hfind *w, struct trw_err *err)
{
	enum trw_status status = trw_output_open_in(w->x->folder, "hashes.txt", &w->hashes, err);

	if (status == TRW_OK)
		status = trw_output_open_in(w->x->folder, "hashes.txt-md5.idx", &w->index, err);
	if (status == TRW_OK)
		status = put_index_head(&w->index, "hashes.txt", err);
	if (status == TRW_OK)
		status = trw_rows_each(w->x->set, TRW_HASH_MD5, put_md5, w, err);
	if (status == TRW_OK)
		status = trw_output_finish(&w->hashes, err);
	if (status == TRW_OK)
		status = trw_output_finish(&w->index, err);
	trw_output_abandon(&w->hashes);
	trw_output_abandon(&w->index);
	return status;
}

static enum trw_status
write_sha1(struct hfind *w, struct trw_err *err)
{
	enum trw_status status =
		trw_output_open_in(w->x->folder, "hashes-sha1.idx", &w->index, err);

	if (status == TRW_OK)
		status = put_index_head(&w->index, "hashes", err);
	if (status == TRW_OK)
		status = trw_rows_each(w->x->set, TRW_HASH_SHA1, put_sha1, w, err);
	if (status == TRW_OK)
		status = trw_output_finish(&w->index, err);
	trw_output_abandon(&w->index);
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

const struct trw_format trw_format_hfind = {
	.name = "hfind",
	.summary = "folder for The Sleuth Kit's hfind: MD5 list and ready indexes",
	.write = trw_hfind_write,
	.is_folder = true,
};
