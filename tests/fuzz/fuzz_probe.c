/* SPDX-License-Identifier: Apache-2.0 */
/** The probe on a volume of arbitrary bytes. */
#include "walk/probe.h"

#include "view/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_view_bytes bytes = {.v = data};
	struct trw_view view = trw_view_memory(&bytes, size);
	struct trw_probe out;

	trw_probe(&view, UINT64_MAX, &out);
	if (out.name == NULL || out.note == NULL || out.n_found > TRW_PROBE_FOUND_MAX)
		__builtin_trap();
	return 0;
}
