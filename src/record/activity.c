/* SPDX-License-Identifier: Apache-2.0 */
#include "record/activity.h"

const char *
trw_step_text(enum trw_step step)
{
	static const char *const texts[TRW_STEP_N] = {
		[TRW_STEP_NONE] = "starting",
		[TRW_STEP_OPEN_IMAGE] = "opening the image",
		[TRW_STEP_VOLUMES] = "looking for volumes",
		[TRW_STEP_OPEN_FS] = "opening the file system",
		[TRW_STEP_DIRECTORY] = "reading the directory",
		[TRW_STEP_METADATA] = "reading the metadata",
		[TRW_STEP_CONTENT] = "locating the content",
		[TRW_STEP_ORPHANS] = "looking for orphans",
		[TRW_STEP_BLOCKS] = "reading the allocation map",
		[TRW_STEP_READ] = "reading the content",
	};

	return (unsigned int)step < TRW_STEP_N ? texts[step] : texts[TRW_STEP_NONE];
}

bool
trw_step_has_inode(enum trw_step step)
{
	return step == TRW_STEP_DIRECTORY || step == TRW_STEP_METADATA ||
	       step == TRW_STEP_CONTENT || step == TRW_STEP_READ;
}
