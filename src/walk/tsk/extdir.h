/* SPDX-License-Identifier: Apache-2.0 */
/** Directories of ext4 whose extent tree libtsk can't read. */
#pragma once

#include "walk/tsk/place.h"

/**
 * From now on libtsk gets the blocks of a directory from the second reader where its own reading of the extent
 * tree fails. p must outlive its fs, and is the only such place of the process until the next call.
 */
void trw_extdir_install(struct trw_place *p);
