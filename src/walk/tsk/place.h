/* SPDX-License-Identifier: Apache-2.0 */
/** One opened file system in a worker: libtsk's handle and the second readers beside it. */
#pragma once

#include "image/image.h"
#include "record/encode.h"
#include "walk/ext.h"
#include "walk/iso.h"
#include "walk/tsk/bridge.h"
#include "walk/ufs.h"

/* Exported by libtsk, declared in its internal header. */
extern void tsk_fs_meta_close(TSK_FS_META *meta);

struct trw_place {
	struct trw_fs_where where;
	struct trw_bridge *bridge; /* owned */
	const TSK_POOL_INFO *pool; /* owned; NULL outside pools */
	TSK_IMG_INFO *pool_image;  /* owned; NULL outside pools */
	TSK_FS_INFO *fs;           /* owned */
	uint64_t base;             /* image offset that block addresses count from */
	struct trw_view medium;    /* of the image, which is borrowed */
	struct trw_view bytes;     /* from the file system's start on: for the second readers */
	bool has_ext, has_ufs;
	uint64_t fat_entries; /* of FAT: rawflags.h */
	struct trw_ext ext;
	struct trw_ufs ufs;
	struct trw_iso_files iso; /* owned; files that libtsk cannot know whole */
};

/**
 * Open the file system at `where`. Errors: TRW_EUNSUPPORTED (libtsk recognises nothing), TRW_ECORRUPT (more than
 * one type is plausible, or the type that was asked for does not open), TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_place_open(struct trw_image *image,
	const struct trw_fs_where *where, struct trw_place **out, struct trw_err *err);
void trw_place_close(struct trw_place *p); /* NULL is fine */

enum trw_family trw_place_family(const struct trw_place *p);

/** "NTFS", "FAT32", "Ext4" ... Static storage. */
const char *trw_place_type_name(const struct trw_place *p);
