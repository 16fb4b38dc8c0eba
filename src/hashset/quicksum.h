/* SPDX-License-Identifier: Apache-2.0 */
/** XXH3 with the code for the CPU at hand, where libxxhash brings it along: the quick checksum of sections (layout.h). */
#pragma once

#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif
