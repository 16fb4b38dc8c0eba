/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening reads the header, the categories and the facts, which are small and bounded. Everything
 * else is looked at when it is asked for (read.c).
 */
#include "hashset/map.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum trw_status
header_read(int fd, uint64_t size, struct trw_tset_header *out, struct trw_err *err)
{
	uint8_t header[TRW_TSET_HEADER] = {0};
	size_t got = 0;
	enum trw_status st = trw_pread_full(fd, header, sizeof(header), 0, &got, err);

	if (st < 0)
		return st;
	if (got < sizeof(header) && memcmp(header, TRW_TSET_MAGIC, 8) == 0)
		return trw_fail(err, TRW_ECORRUPT,
			"cut: it ends in its header; get a good copy, or import the list again");
	return trw_tset_decode(header, size, out, err);
}

static enum trw_status
file_map(struct trw_set *set, struct trw_err *err)
{
	struct stat *about = &set->about;
	enum trw_status st;
	int fd = open(set->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return trw_fail_errno(err, errno, "cannot open it");
	if (fstat(fd, about) != 0)
		st = trw_fail_errno(err, errno, "cannot look at it");
	else if (!S_ISREG(about->st_mode))
		st = trw_fail(err, TRW_ECORRUPT, "not a file");
	else
		st = header_read(fd, (uint64_t)about->st_size, &set->h, err);
	if (st == TRW_OK) {
		void *map = mmap(NULL, set->h.file_size, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			st = trw_fail_errno(err, errno, "cannot map it");
		else
			set->map = map;
	}
	(void)close(fd);
	return st;
}

/* The next u32 length and its bytes. False at the end, or when it is cut. */
static bool
text_next(struct trw_cur *c, const char **p, size_t *n)
{
	if (c->left == 0)
		return false;
	*p = (const char *)trw_cur_bytes(c, SIZE_MAX, n);
	return !c->bad;
}

static enum trw_status
profiles_read(struct trw_set *set, struct trw_err *err)
{
	struct trw_cur c = {.p = trw_set_section(set, TRW_TSET_PROFILES),
		.left = (size_t)set->h.sections[TRW_TSET_PROFILES].len};
	uint32_t n = 0;
	const char *p;
	size_t len;

	set->profiles = trw_alloc(set->h.n_profiles, sizeof(*set->profiles), err);
	if (set->profiles == NULL)
		return TRW_ENOMEM;
	while (n < set->h.n_profiles && c.left > 0) {
		set->profiles[n] = c.p;
		if (!text_next(&c, &p, &len) || len > TRW_CATEGORY_MAX ||
			!text_next(&c, &p, &len) || len > TRW_CATEGORY_MAX)
			break;
		n++;
	}
	if (n != set->h.n_profiles || c.left != 0 || c.bad)
		return trw_fail(err, TRW_ECORRUPT,
			"damaged set: its categories are cut; get a good copy, or import the list again");
	return TRW_OK;
}

/* Of a fact: shown, compared and copied as a C string by whoever reads it. */
static bool
key_is_plain(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	return n > 0 && n <= TRW_TSET_KEY_MAX;
}

/*
 * Where each fact begins: whoever asks for one after the other must not walk them all again for
 * each.
 */
static enum trw_status
facts_index(struct trw_set *set, struct trw_err *err)
{
	struct trw_cur c = {.p = trw_set_section(set, TRW_TSET_META),
		.left = (size_t)set->h.sections[TRW_TSET_META].len};
	const char *p;
	size_t len, cap = 0;

	while (c.left > 0) {
		const uint8_t **grown = trw_grow(set->facts, set->n_facts, &cap,
			sizeof(*set->facts), TRW_TSET_FACTS_MAX, err);
		if (grown == NULL)
			return err == NULL ? TRW_ENOMEM : err->status;
		set->facts = grown;
		set->facts[set->n_facts++] = c.p;
		if (!text_next(&c, &p, &len) || !key_is_plain(p, len) || !text_next(&c, &p, &len) ||
			memchr(p, 0, len) != NULL)
			return trw_fail(err, TRW_ECORRUPT,
				"damaged set: its facts are cut or no text; get a good copy, or import the list again");
	}
	return TRW_OK;
}

static enum trw_status
fact_keep(char **at, const char *value, size_t n, struct trw_err *err)
{
	free(*at);
	*at = trw_memdup(value, n, err);
	return *at == NULL ? TRW_ENOMEM : TRW_OK;
}

static enum trw_status
facts_read(struct trw_set *set, struct trw_err *err)
{
	const char *key, *value;
	size_t key_len, value_len;
	enum trw_status st = facts_index(set, err);

	for (size_t i = 0; st == TRW_OK && trw_set_fact(set, i, &key, &key_len, &value, &value_len);
		i++) {
		if (trw_text_is(key, key_len, "id"))
			st = fact_keep(&set->id, value, value_len, err);
		else if (trw_text_is(key, key_len, "name"))
			st = fact_keep(&set->name, value, value_len, err);
		else if (trw_text_is(key, key_len, "version"))
			st = fact_keep(&set->version, value, value_len, err);
		else if (trw_text_is(key, key_len, "block-size"))
			for (size_t k = 0; k < value_len && value[k] >= '0' && value[k] <= '9' &&
					   set->info.block_size < (1U << 28);
				k++)
				set->info.block_size =
					set->info.block_size * 10 + (uint32_t)(value[k] - '0');
	}
	if (st == TRW_OK && set->id == NULL)
		st = fact_keep(&set->id, "", 0, err);
	if (st == TRW_OK && set->name == NULL)
		st = fact_keep(&set->name, "", 0, err);
	if (st == TRW_OK && set->version == NULL)
		st = fact_keep(&set->version, "", 0, err);
	return st;
}

static void
info_fill(struct trw_set *set)
{
	const struct trw_tset_header *h = &set->h;
	struct trw_set_info *info = &set->info;

	info->path = set->path;
	info->id = set->id;
	info->name = set->name;
	info->version = set->version;
	info->class = (enum trw_set_class)h->class;
	info->n_entries = h->n_rows;
	memcpy(info->n_by_kind, h->n_by_kind, sizeof(info->n_by_kind));
	info->file_size = h->file_size;
	info->kinds = h->kinds;
	info->primary = (enum trw_hash_kind)h->primary;
	info->n_categories = h->n_profiles;
	info->identity = h->identity;
}

enum trw_status
trw_set_open(const char *path, struct trw_set **out, struct trw_err *err)
{
	struct trw_set *set = trw_alloc(1, sizeof(*set), err);
	enum trw_status st;

	if (set == NULL)
		return TRW_ENOMEM;
	set->path = trw_strdup(path, err);
	st = set->path == NULL ? TRW_ENOMEM : file_map(set, err);
	if (st == TRW_OK)
		st = profiles_read(set, err);
	if (st == TRW_OK)
		st = facts_read(set, err);
	if (st < 0) {
		trw_set_close(set);
		return trw_fail_in(err, "%s", path);
	}
	/* Rows are asked for here and there; reading around each would fetch what nobody wants. */
	(void)madvise((void *)(uintptr_t)set->map, set->h.file_size, MADV_RANDOM);
	info_fill(set);
	*out = set;
	return TRW_OK;
}

void
trw_set_close(struct trw_set *set)
{
	if (set == NULL)
		return;
	if (set->map != NULL)
		(void)munmap((void *)(uintptr_t)set->map, set->h.file_size);
	free(set->profiles);
	free(set->facts);
	free(set->path);
	free(set->id);
	free(set->name);
	free(set->version);
	free(set);
}

enum trw_status
trw_set_confirm(const struct trw_set *set, struct trw_err *err)
{
	const struct stat *was = &set->about;
	struct stat is;

	if (stat(set->path, &is) != 0 || is.st_dev != was->st_dev || is.st_ino != was->st_ino ||
		(is.st_size == was->st_size && is.st_mtim.tv_sec == was->st_mtim.tv_sec &&
			is.st_mtim.tv_nsec == was->st_mtim.tv_nsec))
		return TRW_OK;
	return trw_fail(err, TRW_ECORRUPT,
		"%s: was written to while it was in use: look at it with 'trowel set verify', begin again, and replace sets by renaming",
		set->path);
}

void
trw_set_will_need(const struct trw_set *set)
{
	(void)madvise((void *)(uintptr_t)set->map, set->h.file_size, MADV_WILLNEED);
}
