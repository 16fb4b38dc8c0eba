/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The tags of one line of the index (layout.h), compared with one tag: the inner step of every
 * lookup.
 */
#pragma once

#include "hashset/layout.h"

/**
 * Bit i is set when tag i of the line is this one; bits 15 and up are 0. line is TRW_TSET_LINE
 * bytes. Threads: any.
 */
typedef uint32_t (*trw_tags_match)(const uint8_t *line, uint32_t tag);

/** The quickest for this processor. */
trw_tags_match trw_tags_choose(void);

/**
 * All that there are, the portable one first; NULL at the end, and for those that this processor
 * cannot run. For tests.
 */
#define TRW_TAGS_VARIANTS 3
void trw_tags_variants(trw_tags_match out[TRW_TAGS_VARIANTS + 1]);
