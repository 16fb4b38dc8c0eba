/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most large lists are digests of one kind and nothing else: these go straight to a sorter of
 * fixed-size keys. The first entry that is more than that moves all to the way of records
 * (groups.h), which any list can take.
 */
#include "hashset/builder.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cpus.h"
#include "base/text.h"
#include "hashset/compile.h"
#include "hashset/facts.h"

#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 64

struct trw_set_builder {
	struct trw_set_builder_options o;
	char *path, *folder;       /* owned */
	struct trw_extsort *keys;  /* owned; NULL: nothing came, or the way of records is taken */
	enum trw_hash_kind kind;   /* of keys */
	struct trw_groups *groups; /* owned; NULL until it is needed */
	struct trw_profiles profiles;
	struct trw_facts facts;
	struct trw_set_built built;
};

enum trw_status
trw_set_builder_new(const struct trw_set_builder_options *options, struct trw_set_builder **out,
	struct trw_err *err)
{
	struct trw_set_builder *b = trw_alloc(1, sizeof(*b), err);

	if (b == NULL)
		return TRW_ENOMEM;
	b->o = *options;
	if (b->o.memory == 0)
		b->o.memory = TRW_SET_MEMORY;
	if (b->o.memory < TRW_SET_MEMORY_MIN)
		b->o.memory = TRW_SET_MEMORY_MIN;
	if (b->o.n_threads == 0)
		b->o.n_threads = trw_cpus(THREADS_MAX);
	if (b->o.n_threads > THREADS_MAX)
		b->o.n_threads = THREADS_MAX;
	b->path = trw_strdup(options->target.path, err);
	b->o.target.path = b->path;
	b->folder = trw_folder_of(options->target.path, err);
	if (b->path == NULL || b->folder == NULL) {
		trw_set_builder_free(b);
		return TRW_ENOMEM;
	}
	*out = b;
	return TRW_OK;
}

void
trw_set_builder_free(struct trw_set_builder *b)
{
	if (b == NULL)
		return;
	trw_extsort_free(b->keys);
	trw_groups_free(b->groups);
	trw_profiles_clear(&b->profiles);
	trw_facts_clear(&b->facts);
	free(b->folder);
	free(b->path);
	free(b);
}

/* ---- entries ---- */

static enum trw_status
keys_need(struct trw_set_builder *b, enum trw_hash_kind kind, struct trw_err *err)
{
	const struct trw_extsort_options sort = {.size = trw_hash_size(kind),
		.memory = b->o.memory / 2,
		.n_threads = b->o.n_threads,
		.folder = b->folder};

	if (b->keys != NULL)
		return TRW_OK;
	b->kind = kind;
	return trw_extsort_new(&sort, &b->keys, err);
}

/* All keys that came so far, as entries. */
static enum trw_status
keys_move(struct trw_set_builder *b, struct trw_err *err)
{
	struct trw_entry entry;
	const uint8_t *p;
	size_t n;
	enum trw_status st = trw_extsort_seal(b->keys, err);

	trw_entry_reset(&entry);
	entry.kinds = TRW_HASH_BIT(b->kind);
	while (st == TRW_OK && (st = trw_extsort_next(b->keys, &p, &n, err)) == TRW_OK) {
		memcpy(entry.digest[b->kind], p, n);
		st = trw_groups_add(b->groups, &entry, false, err);
	}
	trw_extsort_free(b->keys);
	b->keys = NULL;
	return st == TRW_END ? TRW_OK : st;
}

static enum trw_status
groups_need(struct trw_set_builder *b, struct trw_err *err)
{
	enum trw_status st;

	if (b->groups != NULL)
		return TRW_OK;
	st = trw_groups_new(
		&b->profiles, b->o.memory / 2, b->o.n_threads, b->folder, &b->groups, err);
	return st == TRW_OK && b->keys != NULL ? keys_move(b, err) : st;
}

static bool
is_bare(const struct trw_entry *e)
{
	return (e->kinds & (e->kinds - 1)) == 0 && e->size == TRW_SIZE_ABSENT &&
	       e->scheme_len == 0 && e->category_len == 0 && e->name_len == 0 &&
	       e->n_properties == 0;
}

/* The kinds of the entry whose digests say nothing. */
static uint32_t
trivial_kinds(const struct trw_entry *e)
{
	uint32_t kinds = 0;

	for (int k = 0; k < TRW_HASH_N; k++)
		if ((e->kinds & TRW_HASH_BIT(k)) != 0 &&
			trw_hash_is_trivial((enum trw_hash_kind)k, e->digest[k]))
			kinds |= TRW_HASH_BIT(k);
	return kinds;
}

enum trw_status
trw_set_builder_add(struct trw_set_builder *b, const struct trw_entry *entry, struct trw_err *err)
{
	uint32_t trivial = trivial_kinds(entry);
	enum trw_status st;

	b->built.n_added++;
	if (entry->kinds == trivial || (entry->is_suspect && b->o.class == TRW_SET_KNOWN_GOOD)) {
		if (entry->kinds == 0)
			b->built.n_empty++;
		else if (entry->kinds == trivial)
			b->built.n_trivial++;
		else
			b->built.n_suspect++;
		return TRW_OK;
	}
	struct trw_entry kept = *entry;
	kept.kinds &= ~trivial;
	b->built.n_stripped += trivial != 0;
	if (!b->o.keep_names)
		kept.name_len = 0;
	if (!b->o.keep_properties)
		kept.n_properties = 0;
	if (b->groups == NULL && is_bare(&kept)) {
		enum trw_hash_kind kind = (enum trw_hash_kind)__builtin_ctz(kept.kinds);
		if (b->keys == NULL || b->kind == kind) {
			st = keys_need(b, kind, err);
			return st < 0 ? st
				      : trw_extsort_put_keys(b->keys, kept.digest[kind], 1, err);
		}
	}
	st = groups_need(b, err);
	return st < 0 ? st : trw_groups_add(b->groups, &kept, false, err);
}

static enum trw_status
digests_group(struct trw_set_builder *b, enum trw_hash_kind kind, const uint8_t *digests, size_t n,
	struct trw_err *err)
{
	size_t size = trw_hash_size(kind);
	struct trw_entry entry;
	enum trw_status st = groups_need(b, err);

	trw_entry_reset(&entry);
	entry.kinds = TRW_HASH_BIT(kind);
	for (size_t i = 0; st == TRW_OK && i < n; i++) {
		memcpy(entry.digest[kind], digests + i * size, size);
		st = trw_groups_add(b->groups, &entry, false, err);
	}
	return st;
}

/* n digests none of which is trivial. */
static enum trw_status
digests_take(struct trw_set_builder *b, enum trw_hash_kind kind, const uint8_t *digests, size_t n,
	struct trw_err *err)
{
	enum trw_status st;

	if (n == 0)
		return TRW_OK;
	if (b->groups != NULL || (b->keys != NULL && b->kind != kind))
		return digests_group(b, kind, digests, n, err);
	st = keys_need(b, kind, err);
	return st < 0 ? st : trw_extsort_put_keys(b->keys, digests, n, err);
}

enum trw_status
trw_set_builder_add_digests(struct trw_set_builder *b, enum trw_hash_kind kind,
	const uint8_t *digests, size_t n, struct trw_err *err)
{
	size_t size = trw_hash_size(kind), first = 0;

	b->built.n_added += n;
	for (size_t i = 0; i < n; i++) {
		if (!trw_hash_is_trivial(kind, digests + i * size))
			continue;
		b->built.n_trivial++;
		enum trw_status st = digests_take(b, kind, digests + first * size, i - first, err);
		if (st < 0)
			return st;
		first = i + 1;
	}
	return digests_take(b, kind, digests + first * size, n - first, err);
}

enum trw_status
trw_set_builder_subtract(
	struct trw_set_builder *b, const struct trw_entry *entry, struct trw_err *err)
{
	struct trw_entry as_added = *entry;
	enum trw_status st;

	as_added.kinds &= ~trivial_kinds(entry);
	if (as_added.kinds == 0)
		return TRW_OK;
	st = groups_need(b, err);
	return st < 0 ? st : trw_groups_add(b->groups, &as_added, true, err);
}

enum trw_status
trw_set_builder_fact(struct trw_set_builder *b, const char *key, const char *value,
	size_t value_len, struct trw_err *err)
{
	return trw_facts_add(&b->facts, key, value, value_len, err);
}

/* ---- the file ---- */

static enum trw_status
sections_write(struct trw_set_builder *b, const struct trw_compile *c, struct trw_err *err)
{
	struct trw_groups_sum sum;
	enum trw_status st;

	if (b->groups == NULL) {
		st = keys_need(b, TRW_HASH_MD5, err); /* none came: it is told as an empty set */
		if (st == TRW_OK)
			st = trw_extsort_seal(b->keys, err);
		return st < 0 ? st
			      : trw_compile_keys(c, b->kind, b->keys, &b->built.n_duplicates, err);
	}
	st = trw_groups_seal(b->groups, &sum, err);
	if (st < 0)
		return st;
	b->built.n_duplicates = sum.n_duplicates;
	b->built.n_subtracted = sum.n_subtracted;
	return trw_compile_groups(c, b->groups, &sum, &b->profiles, err);
}

enum trw_status
trw_set_builder_finish(struct trw_set_builder *b, struct trw_set_built *out, struct trw_err *err)
{
	struct trw_tset_header header = {.class = (uint32_t)b->o.class};
	struct trw_setfile file = {0};
	struct trw_buf meta = {0};
	enum trw_status st = trw_facts_encode(&b->facts, &meta, err);
	const struct trw_compile compile = {.file = &file,
		.header = &header,
		.memory = b->o.memory / 4 * 3,
		.n_threads = b->o.n_threads,
		.folder = b->folder,
		.meta = meta.v,
		.meta_len = meta.n};

	if (st == TRW_OK)
		st = trw_setfile_open(&b->o.target, &file, err);
	if (st == TRW_OK)
		st = sections_write(b, &compile, err);
	if (st == TRW_OK) {
		memcpy(header.sections, file.sections, sizeof(header.sections));
		header.file_size = file.n;
		st = trw_facts_identify(&b->facts, &header, err);
	}
	if (st == TRW_OK)
		st = trw_setfile_finish(&file, &header, err);
	trw_setfile_abandon(&file);
	trw_buf_clear(&meta);
	b->built.n_entries = header.n_rows;
	*out = b->built;
	return st;
}
