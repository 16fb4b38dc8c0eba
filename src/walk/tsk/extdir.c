/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtsk 4.11.1 gives up on an extent tree of two levels of index nodes ("No filler entry for 0"), and with it
 * on every name of the directory: 400 scattered blocks of 1 KiB are enough. So where its load_attrs fails for a
 * directory, the run list is made from the second reader's layout. Files need none of this: their content never
 * comes from libtsk.
 */
#include "walk/tsk/extdir.h"

#include "walk/tsk/bridge.h"

/* Exported by libtsk, declared in its internal header. */
extern TSK_FS_ATTRLIST *tsk_fs_attrlist_alloc(void);
extern void tsk_fs_attrlist_markunused(TSK_FS_ATTRLIST *list);
extern TSK_FS_ATTR *tsk_fs_attrlist_getnew(TSK_FS_ATTRLIST *list, TSK_FS_ATTR_FLAG_ENUM kind);
extern TSK_FS_ATTR_RUN *tsk_fs_attr_run_alloc(void);
extern void tsk_fs_attr_run_free(TSK_FS_ATTR_RUN *run);
extern uint8_t tsk_fs_attr_set_run(TSK_FS_FILE *file, TSK_FS_ATTR *attr, TSK_FS_ATTR_RUN *run,
	const char *name, TSK_FS_ATTR_TYPE_ENUM type, uint16_t id, TSK_OFF_T size,
	TSK_OFF_T init_size, TSK_OFF_T alloc_size, TSK_FS_ATTR_FLAG_ENUM flags, uint32_t comp_size);

static const struct trw_ext *reader;
static uint8_t (*load_by_tsk)(TSK_FS_FILE *file);

/* The extents as libtsk's runs; NULL when they are not whole blocks, or some are lost. */
static TSK_FS_ATTR_RUN *
runs_of(const struct trw_layout *l, const TSK_FS_INFO *fs)
{
	TSK_FS_ATTR_RUN *first = NULL, **end = &first;
	uint64_t at = 0, base = (uint64_t)fs->offset, block_size = fs->block_size;

	for (size_t i = 0; i < l->extents.n; i++) {
		const struct trw_extent *x = &l->extents.v[i];
		bool is_hole = x->kind == TRW_EXTENT_HOLE || x->kind == TRW_EXTENT_UNINIT;

		if ((!is_hole && x->kind != TRW_EXTENT_DATA) || x->len % block_size != 0 ||
			(!is_hole && (x->off - base) % block_size != 0))
			goto fail;
		*end = tsk_fs_attr_run_alloc();
		if (*end == NULL)
			goto fail;
		(*end)->offset = at;
		(*end)->len = x->len / block_size;
		(*end)->addr = is_hole ? 0 : (x->off - base) / block_size;
		(*end)->flags = is_hole ? TSK_FS_ATTR_RUN_FLAG_SPARSE : TSK_FS_ATTR_RUN_FLAG_NONE;
		at += (*end)->len;
		end = &(*end)->next;
	}
	return first;
fail:
	tsk_fs_attr_run_free(first);
	return NULL;
}

static uint8_t
load_by_us(TSK_FS_FILE *file, const struct trw_layout *l)
{
	TSK_FS_META *meta = file->meta;
	TSK_FS_ATTR_RUN *runs = runs_of(l, file->fs_info);
	TSK_FS_ATTR *attr;

	if (runs == NULL)
		return 1;
	if (meta->attr == NULL)
		meta->attr = tsk_fs_attrlist_alloc();
	else
		tsk_fs_attrlist_markunused(meta->attr);
	attr = meta->attr != NULL ? tsk_fs_attrlist_getnew(meta->attr, TSK_FS_ATTR_NONRES) : NULL;
	if (attr == NULL || tsk_fs_attr_set_run(file, attr, runs, NULL, TSK_FS_ATTR_TYPE_DEFAULT,
				    TSK_FS_ATTR_ID_DEFAULT, (TSK_OFF_T)l->size, (TSK_OFF_T)l->size,
				    (TSK_OFF_T)l->extents.total, TSK_FS_ATTR_FLAG_NONE, 0) != 0) {
		tsk_fs_attr_run_free(runs);
		return 1;
	}
	meta->attr_state = TSK_FS_META_ATTR_STUDIED;
	(void)trw_bridge_error();
	return 0;
}

static uint8_t
load(TSK_FS_FILE *file)
{
	struct trw_layout l = {0};
	uint8_t rc = load_by_tsk(file);

	if (rc == 0 || file == NULL || file->meta == NULL ||
		file->meta->type != TSK_FS_META_TYPE_DIR)
		return rc;
	if (trw_ext_content(reader, file->meta->addr, &l, NULL) == TRW_OK &&
		l.kind == TRW_LAYOUT_EXTENTS)
		rc = load_by_us(file, &l);
	trw_layout_clear(&l);
	return rc;
}

void
trw_extdir_install(TSK_FS_INFO *fs, const struct trw_ext *ext)
{
	reader = ext;
	load_by_tsk = fs->load_attrs;
	fs->load_attrs = load;
}
