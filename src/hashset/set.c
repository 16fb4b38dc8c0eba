/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening reads the header, the categories and the facts, which are small and bounded. Everything else is looked at when it is asked for, and
 * every number in it - a row, a place in the extras, a length - is held against the bounds of the header at that moment: a set may come from
 * anybody.
 */
#include "hashset/set.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/io.h"
#include "hashset/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *trw_set_class_name(enum trw_set_class class)
{
	static const char *const names[TRW_SET_CLASS_N] = {
		[TRW_SET_TRIAGE] = "triage",
		[TRW_SET_ALERT] = "alert",
		[TRW_SET_KNOWN_GOOD] = "known-good",
	};

	return names[class];
}

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

/* Where each fact begins: whoever asks for one after the other must not walk them all again for each. */
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

static bool
is_key(const char *key, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(key, name, n) == 0;
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
		if (is_key(key, key_len, "id"))
			st = fact_keep(&set->id, value, value_len, err);
		else if (is_key(key, key_len, "name"))
			st = fact_keep(&set->name, value, value_len, err);
		else if (is_key(key, key_len, "version"))
			st = fact_keep(&set->version, value, value_len, err);
		else if (is_key(key, key_len, "block-size"))
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

const struct trw_set_info *
trw_set_info(const struct trw_set *set)
{
	return &set->info;
}

bool
trw_set_fact(const struct trw_set *set, size_t n, const char **key, size_t *key_len,
	const char **value, size_t *value_len)
{
	if (n >= set->n_facts)
		return false;
	const uint8_t *p = set->facts[n]; /* checked when it was opened */
	*key_len = trw_le32(p);
	*key = (const char *)p + 4;
	p += 4 + *key_len;
	*value_len = trw_le32(p);
	*value = (const char *)p + 4;
	return true;
}

bool
trw_set_category(const struct trw_set *set, uint32_t n, const char **scheme, size_t *scheme_len,
	const char **category, size_t *category_len)
{
	if (n >= set->h.n_profiles)
		return false;
	const uint8_t *p = set->profiles[n]; /* checked when it was opened */
	*scheme_len = trw_le32(p);
	*scheme = (const char *)p + 4;
	p += 4 + *scheme_len;
	*category_len = trw_le32(p);
	*category = (const char *)p + 4;
	return true;
}

uint32_t
trw_set_row(const struct trw_set *set, enum trw_hash_kind kind, uint32_t position)
{
	const uint8_t *order = trw_set_section(set, TRW_TSET_ORDER + (int)kind);
	uint32_t row = position;

	if (position >= set->h.n_by_kind[kind])
		return 0;
	if (order != NULL)
		row = trw_le32(order + 4 * (size_t)position);
	return row < set->h.n_rows ? row : 0;
}

uint32_t
trw_set_row_kinds(const struct trw_set *set, uint32_t row)
{
	const struct trw_tset_header *h = &set->h;

	return h->mask_at == TRW_TSET_NO_COLUMN
		       ? h->kinds
		       : h->kinds & trw_set_row_bytes(set, row)[h->mask_at];
}

const uint8_t *
trw_set_row_digest(const struct trw_set *set, uint32_t row, enum trw_hash_kind kind)
{
	if ((trw_set_row_kinds(set, row) & TRW_HASH_BIT(kind)) == 0)
		return NULL;
	return trw_set_row_bytes(set, row) + set->h.digest_at[kind];
}

uint64_t
trw_set_row_size(const struct trw_set *set, uint32_t row)
{
	return set->h.size_at == TRW_TSET_NO_COLUMN
		       ? TRW_SIZE_ABSENT
		       : trw_le64(trw_set_row_bytes(set, row) + set->h.size_at);
}

static enum trw_status
extra_damaged(uint32_t row, struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT,
		"damaged set: what entry %" PRIu32
		" says lies outside of it; get a good copy, or import the list again",
		row);
}

/* u16 length, name; u32 length, value. */
static bool
item_next(struct trw_cur *c, struct trw_property *out)
{
	if (c->left < 2)
		return false;
	out->name_len = trw_le16(c->p);
	c->p += 2;
	c->left -= 2;
	if (out->name_len > c->left)
		return false;
	out->name = (const char *)c->p;
	c->p += out->name_len;
	c->left -= out->name_len;
	out->value = (const char *)trw_cur_bytes(c, SIZE_MAX, &out->value_len);
	return !c->bad && out->name_len <= TRW_PROPERTY_NAME_MAX &&
	       out->value_len <= TRW_PROPERTY_VALUE_MAX;
}

static enum trw_status
extra_read(const struct trw_set *set, uint32_t row, uint64_t at, struct trw_entry *out,
	struct trw_property *room, struct trw_err *err)
{
	const struct trw_tset_place *place = &set->h.sections[TRW_TSET_EXTRAS];
	struct trw_cur all, c;
	struct trw_property item;

	if (at > place->len)
		return extra_damaged(row, err);
	all = (struct trw_cur){.p = set->map + place->off + at, .left = (size_t)(place->len - at)};
	c.p = trw_cur_bytes(&all, SIZE_MAX, &c.left);
	c.bad = all.bad;
	while (!c.bad && c.left > 0) {
		if (!item_next(&c, &item))
			return extra_damaged(row, err);
		if (is_key(item.name, item.name_len, "name")) {
			if (item.value_len > TRW_ENTRY_NAME_MAX)
				return extra_damaged(row, err);
			out->name = item.value;
			out->name_len = item.value_len;
		} else if (out->n_properties < TRW_PROPERTIES_MAX) {
			room[out->n_properties++] = item;
		} else {
			return extra_damaged(row, err);
		}
	}
	return c.bad ? extra_damaged(row, err) : TRW_OK;
}

enum trw_status
trw_set_entry(const struct trw_set *set, uint32_t row, struct trw_entry *out,
	struct trw_property *room, struct trw_err *err)
{
	const struct trw_tset_header *h = &set->h;
	const uint8_t *p;
	uint32_t profile = 0;
	uint64_t extra = 0;

	if (row >= h->n_rows)
		return trw_fail(err, TRW_EUSAGE, "the set has no entry %" PRIu32, row);
	trw_entry_reset(out);
	p = trw_set_row_bytes(set, row);
	out->properties = room;
	out->kinds = trw_set_row_kinds(set, row);
	if (out->kinds == 0)
		return trw_fail(err, TRW_ECORRUPT,
			"damaged set: entry %" PRIu32
			" has no digest; get a good copy, or import the list again",
			row);
	for (int k = 0; k < TRW_HASH_N; k++)
		if ((out->kinds & TRW_HASH_BIT(k)) != 0)
			memcpy(out->digest[k], p + h->digest_at[k],
				trw_hash_size((enum trw_hash_kind)k));
	out->size = trw_set_row_size(set, row);
	if (h->profile_at != TRW_TSET_NO_COLUMN)
		profile = trw_le16(p + h->profile_at);
	if (!trw_set_category(set, profile, &out->scheme, &out->scheme_len, &out->category,
		    &out->category_len))
		return trw_fail(err, TRW_ECORRUPT,
			"damaged set: entry %" PRIu32
			" has a category that is not there; get a good copy, or import the list again",
			row);
	if (h->extra_at != TRW_TSET_NO_COLUMN)
		extra = trw_le64(p + h->extra_at);
	return extra == 0 ? TRW_OK : extra_read(set, row, extra, out, room, err);
}

void
trw_set_will_need(const struct trw_set *set)
{
	(void)madvise((void *)(uintptr_t)set->map, set->h.file_size, MADV_WILLNEED);
}
