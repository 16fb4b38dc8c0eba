/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The bytes as a compiled set, with the checksum of its header made right, so that what lies behind it is reached: whatever is opened answers lookups,
 * entries and matches without a look outside the map, and verify ends.
 */
#include "digest/digest.h"
#include "hashset/layout.h"
#include "hashset/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROWS_MAX 4096 /* that are looked at */

static void
touch(const void *p, size_t n)
{
	static volatile uint8_t sum;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)p)[i]);
}

static void
checksum(uint8_t *header)
{
	struct trw_digester d;
	struct trw_digests digests;

	trw_digest_start(&d, TRW_SHA256);
	trw_digest_update(&d, header, TRW_TSET_HEADER - 32);
	trw_digest_finish(&d, &digests);
	memcpy(header + TRW_TSET_HEADER - 32, digests.sha256, 32);
}

static void
rows_look(const struct trw_set *set)
{
	struct trw_property room[TRW_PROPERTIES_MAX];
	struct trw_entry e;
	uint64_t n = trw_set_info(set)->n_entries;

	for (uint32_t row = 0; row < n && row < ROWS_MAX; row++) {
		if (trw_set_entry(set, row, &e, room, NULL) < 0)
			continue;
		touch(e.name, e.name_len);
		touch(e.scheme, e.scheme_len);
		touch(e.category, e.category_len);
		for (size_t i = 0; i < e.n_properties; i++) {
			touch(e.properties[i].name, e.properties[i].name_len);
			touch(e.properties[i].value, e.properties[i].value_len);
		}
	}
}

static void
lookups_look(const struct trw_set *set, const uint8_t *digests, size_t size)
{
	struct trw_set_found found[64];

	for (int k = 0; k < TRW_HASH_N; k++) {
		enum trw_hash_kind kind = (enum trw_hash_kind)k;
		size_t n = size / trw_hash_size(kind);
		n = n < 64 ? n : 64;
		trw_set_lookup(set, kind, digests, n, found);
		for (size_t i = 0; i < n; i++)
			for (uint32_t at = 0; at < found[i].n && at < 64; at++) {
				uint32_t row = trw_set_row(set, kind, found[i].at + at);
				const uint8_t *digest = trw_set_row_digest(set, row, kind);
				if (digest != NULL)
					touch(digest, trw_hash_size(kind));
			}
	}
}

static enum trw_status
take(void *ctx, const struct trw_match_hit *hit, struct trw_err *err)
{
	size_t *left = ctx;

	(void)err;
	if (hit->agreed == 0)
		abort();
	return --*left == 0 ? TRW_END : TRW_OK;
}

/* The digests of the set's own rows, of all kinds: the most that can be found. */
static void
match_look(const struct trw_set *set)
{
	uint64_t n = trw_set_info(set)->n_entries;
	struct trw_match_content c = {.is_complete = true};
	size_t left = 10000;

	for (uint32_t row = 0; row < n && row < 256; row++) {
		const uint8_t *md5 = trw_set_row_digest(set, row, TRW_HASH_MD5);
		const uint8_t *sha1 = trw_set_row_digest(set, row, TRW_HASH_SHA1);
		const uint8_t *sha256 = trw_set_row_digest(set, row, TRW_HASH_SHA256);
		if (md5 != NULL)
			memcpy(c.md5, md5, 16);
		if (sha1 != NULL)
			memcpy(c.sha1, sha1, 20);
		if (sha256 != NULL)
			memcpy(c.sha256, sha256, 32);
		if (trw_set_match(set, &c, 1, take, &left, NULL) != TRW_OK)
			break;
	}
}

static void
set_look(const struct trw_set *set, const uint8_t *data, size_t size)
{
	const char *key, *value;
	size_t key_len, value_len;

	(void)!trw_set_check(set, NULL);
	(void)!trw_set_verify(set, NULL);
	rows_look(set);
	lookups_look(set, data, size < 4096 ? size : 4096);
	match_look(set);
	for (size_t i = 0; i < 100 && trw_set_fact(set, i, &key, &key_len, &value, &value_len); i++)
		touch(value, value_len);
	for (uint32_t i = 0; trw_set_category(set, i, &key, &key_len, &value, &value_len); i++)
		touch(value, value_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_set *set = NULL;
	uint8_t header[TRW_TSET_HEADER];
	char path[32];
	int fd;

	if (size < sizeof(header))
		return 0;
	memcpy(header, data, sizeof(header));
	checksum(header);
	fd = memfd_create("set", MFD_CLOEXEC);
	if (fd < 0 || write(fd, header, sizeof(header)) != (ssize_t)sizeof(header) ||
		write(fd, data + sizeof(header), size - sizeof(header)) !=
			(ssize_t)(size - sizeof(header)))
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (trw_set_open(path, &set, NULL) == TRW_OK)
		set_look(set, data + sizeof(header), size - sizeof(header));
	trw_set_close(set);
	(void)close(fd);
	return 0;
}
