/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libewf zero-fills a chunk whose checksum fails and says nothing; what it has noted is asked for after each
 * read. Its list of checksum errors only grows, so the new entries are those of this read or of chunks that it
 * had in its cache; the whole list is kept here and cut to the range that was read.
 */
#include "image/foreign/foreign.h"

#include "base/alloc.h"

#include <libewf.h>
#include <stdlib.h>
#include <string.h>

struct ewf2 {
	libewf_handle_t *handle;
	uint32_t sector_size;
	uint32_t n_known; /* entries of libewf's list that are in `bad` */
	struct trw_ranges bad;
};

static enum trw_status
learn(struct ewf2 *e, struct trw_err *err)
{
	uint32_t n = 0;

	if (libewf_handle_get_number_of_checksum_errors(e->handle, &n, NULL) != 1)
		return TRW_OK;
	for (; e->n_known < n; e->n_known++) {
		uint64_t sector = 0, count = 0;
		enum trw_status st;

		if (libewf_handle_get_checksum_error(
			    e->handle, e->n_known, &sector, &count, NULL) != 1 ||
			sector > INT64_MAX / e->sector_size || count > INT64_MAX / e->sector_size)
			continue;
		st = trw_ranges_add(&e->bad, sector * e->sector_size, count * e->sector_size,
			TRW_DAMAGE_SUBSTITUTED, err);
		if (st != TRW_OK)
			return st;
	}
	return TRW_OK;
}

static enum trw_status
ewf2_read(void *ctx, uint64_t off, uint8_t *buf, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	struct ewf2 *e = ctx;
	enum trw_status st = TRW_OK;

	for (size_t done = 0; done < len && st == TRW_OK;) {
		ssize_t got = libewf_handle_read_random(
			e->handle, buf + done, len - done, (off64_t)(off + done), NULL);
		if (got <= 0) {
			size_t lost = e->sector_size - (size_t)((off + done) % e->sector_size);
			if (lost > len - done)
				lost = len - done;
			memset(buf + done, 0, lost);
			st = trw_ranges_add(damage, off + done, lost, TRW_DAMAGE_MISSING, err);
			done += lost;
		} else {
			done += (size_t)got;
		}
	}
	if (st == TRW_OK)
		st = learn(e, err);
	if (st == TRW_OK)
		st = trw_ranges_add_part(damage, &e->bad, off, len, off, err);
	return st;
}

static void
ewf2_close(void *ctx)
{
	struct ewf2 *e = ctx;

	(void)libewf_handle_close(e->handle, NULL);
	(void)libewf_handle_free(&e->handle, NULL);
	trw_ranges_clear(&e->bad);
	free(e);
}

static enum trw_status
open_handle(struct ewf2 *e, const char *const *paths, size_t n, struct trw_err *err)
{
	char **names;
	int ok;

	if (n > INT32_MAX || libewf_handle_initialize(&e->handle, NULL) != 1)
		return trw_fail(err, TRW_ENOMEM, "libewf cannot start");
	names = trw_alloc(n, sizeof(*names), err);
	if (names == NULL)
		return TRW_ENOMEM;
	ok = 1;
	for (size_t i = 0; i < n && ok == 1; i++) {
		names[i] = trw_strdup(paths[i], err);
		ok = names[i] != NULL;
	}
	if (ok == 1)
		ok = libewf_handle_open(e->handle, names, (int)n, LIBEWF_OPEN_READ, NULL);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return ok == 1 ? TRW_OK
		       : trw_fail(err, TRW_ECORRUPT,
				 "%s: libewf cannot open it: a segment is missing or damaged",
				 paths[0]);
}

static void
stored_digests(struct ewf2 *e, struct trw_image_digests *out)
{
	out->has_md5 = libewf_handle_get_md5_hash(e->handle, out->md5, sizeof(out->md5), NULL) == 1;
	out->has_sha1 =
		libewf_handle_get_sha1_hash(e->handle, out->sha1, sizeof(out->sha1), NULL) == 1;
}

enum trw_status
trw_foreign_open_ewf2(
	const char *const *paths, size_t n, struct trw_opening *o, struct trw_err *err)
{
	struct ewf2 *e = trw_alloc(1, sizeof(*e), err);
	size64_t size = 0;
	enum trw_status st;

	if (e == NULL)
		return TRW_ENOMEM;
	e->sector_size = 512;
	st = open_handle(e, paths, n, err);
	if (st == TRW_OK && libewf_handle_get_media_size(e->handle, &size, NULL) != 1)
		st = trw_fail(err, TRW_ECORRUPT, "%s: the media size cannot be read", paths[0]);
	if (st != TRW_OK) {
		if (e->handle != NULL)
			(void)libewf_handle_free(&e->handle, NULL);
		free(e);
		return st;
	}
	if (libewf_handle_get_bytes_per_sector(e->handle, &e->sector_size, NULL) != 1 ||
		e->sector_size < 512 || e->sector_size > 65536)
		e->sector_size = 512;
	o->backend = (struct trw_backend){.read = ewf2_read, .close = ewf2_close, .ctx = e};
	o->about.info.size = size;
	o->about.info.sector_size = e->sector_size;
	stored_digests(e, &o->about.info.stored);
	return TRW_OK;
}
