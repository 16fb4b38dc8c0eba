/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of one directory by the rules of libtsk 4.11.1 (iso9660_dent.c): "." and "..", then each record that
 * libtsk has made an inode of. Padding, and records that it has none for, are stepped over byte by byte.
 */
#include "walk/tsk/isonodes.h"

#include <stdio.h>
#include <stdlib.h>

#define FLAG_DIRECTORY 0x02

/* Exported by libtsk, declared in its internal header. */
extern TSK_FS_DIR *tsk_fs_dir_alloc(TSK_FS_INFO *fs, TSK_INUM_T inum, size_t n);
extern void tsk_fs_dir_reset(TSK_FS_DIR *dir);
extern uint8_t tsk_fs_dir_add(TSK_FS_DIR *dir, const TSK_FS_NAME *name);
extern uint8_t tsk_fs_dir_make_orphan_dir_name(TSK_FS_INFO *fs, TSK_FS_NAME *name);
extern TSK_FS_NAME *tsk_fs_name_alloc(size_t n, size_t n_short);
extern void tsk_fs_name_free(TSK_FS_NAME *name);

static bool
add_name(TSK_FS_DIR *dir, TSK_FS_NAME *name, const char *text, TSK_INUM_T inum, bool is_directory)
{
	(void)snprintf(name->name, ISO9660_MAXNAMLEN + 1, "%s", text);
	name->meta_addr = inum;
	name->type = is_directory ? TSK_FS_NAME_TYPE_DIR : TSK_FS_NAME_TYPE_REG;
	name->flags = TSK_FS_NAME_FLAG_ALLOC;
	return tsk_fs_dir_add(dir, name) == 0;
}

/* n bytes of records, the first of them at offset off of the file system. */
static bool
add_records(TSK_FS_INFO *fs, TSK_FS_DIR *dir, TSK_FS_NAME *name, const uint8_t *p, size_t n,
	TSK_OFF_T off)
{
	size_t at = p[0];

	if (!add_name(dir, name, ".", dir->addr, true) || at + sizeof(iso9660_dentry) > n)
		return true;
	/* Nothing asks where this one leads: the walk keeps its own way back. */
	if (!add_name(dir, name, "..", fs->root_inum, true))
		return false;
	at += p[at];
	while (at + sizeof(iso9660_dentry) < n) {
		const iso9660_inode_node *node = NULL;
		if (p[at] > 0 && p[at] <= n - at)
			node = trw_isonodes_of_record(fs, off + (TSK_OFF_T)at);
		if (node != NULL && !add_name(dir, name, node->inode.fn, node->inum,
					    (node->inode.dr.flags & FLAG_DIRECTORY) != 0))
			return false;
		at += node != NULL ? p[at] : 1;
	}
	return true;
}

/* The records of the directory that dir->fs_file is. */
static TSK_RETVAL_ENUM
read_names(TSK_FS_INFO *fs, TSK_FS_DIR *dir, TSK_OFF_T off)
{
	size_t n = (size_t)dir->fs_file->meta->size;
	TSK_FS_NAME *name = tsk_fs_name_alloc(ISO9660_MAXNAMLEN + 1, 0);
	uint8_t *p = malloc(n + 1);
	TSK_RETVAL_ENUM is = TSK_ERR;

	if (name == NULL || p == NULL) {
		tsk_error_reset();
		tsk_error_set_errno(TSK_ERR_AUX_MALLOC);
	} else if (tsk_fs_file_read(dir->fs_file, 0, (char *)p, n, TSK_FS_FILE_READ_FLAG_NONE) !=
		   (ssize_t)n) {
		if (tsk_error_get_errno() == 0)
			tsk_error_set_errno(TSK_ERR_FS_READ);
	} else if (n < sizeof(iso9660_dentry) || add_records(fs, dir, name, p, n, off)) {
		is = TSK_OK;
	}
	if (is == TSK_OK && dir->addr == fs->root_inum &&
		(tsk_fs_dir_make_orphan_dir_name(fs, name) != 0 || tsk_fs_dir_add(dir, name) != 0))
		is = TSK_ERR;
	tsk_fs_name_free(name);
	free(p);
	return is;
}

TSK_RETVAL_ENUM
trw_isodir_open(TSK_FS_INFO *fs, TSK_FS_DIR **out, TSK_INUM_T inum, int recursion_depth)
{
	const iso9660_inode_node *before, *node;

	node = trw_isonodes_at(fs, inum, &before);
	if (node == NULL || out == NULL) /* $OrphanFiles, or no directory at all */
		return iso9660_dir_open_meta(fs, out, inum, recursion_depth);
	if (*out == NULL) {
		*out = tsk_fs_dir_alloc(fs, inum, 128);
		if (*out == NULL)
			return TSK_ERR;
	} else {
		tsk_fs_dir_reset(*out);
		(*out)->addr = inum;
	}
	(*out)->fs_file = tsk_fs_file_open_meta(fs, NULL, inum);
	if ((*out)->fs_file == NULL)
		return TSK_COR;
	return read_names(fs, *out, node->offset);
}
