/* SPDX-License-Identifier: Apache-2.0 */
/** Directories of ext4 whose extent tree libtsk can't read. */
#pragma once

#include "walk/ext.h"

#include <tsk/libtsk.h>

/**
 * From now on libtsk gets the blocks of a directory from the second reader where its own reading of the extent
 * tree fails. ext must outlive fs, which is the only such one of the process until the next call.
 */
void trw_extdir_install(TSK_FS_INFO *fs, const struct trw_ext *ext);
