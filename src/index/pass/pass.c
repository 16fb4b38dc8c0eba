/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pass/pass.h"

struct trw_talk
trw_pass_talk(const struct trw_pass *pass, const char *role)
{
	return (struct trw_talk){
		.spec = {.role = role,
			.paths = pass->paths,
			.n_paths = pass->n_paths,
			.sector_size = pass->options->sector_size,
			.memory_max = trw_talk_memory(trw_image_info(pass->image)->size),
			.quiet_max_ns = pass->options->item_timeout_ns,
			.no_sandbox = pass->options->no_sandbox}};
}
