/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pass.h"

struct trw_worker_spec
trw_pass_worker(const struct trw_pass *pass, const char *role)
{
	return (struct trw_worker_spec){
		.role = role,
		.paths = pass->paths,
		.n_paths = pass->n_paths,
		.sector_size = pass->options->sector_size,
		.quiet_max_ns = pass->options->item_timeout_ns,
		.no_sandbox = pass->options->no_sandbox,
	};
}

const char *
trw_pass_end_code(const struct trw_worker_end *end)
{
	if (end->is_hung)
		return "worker-hang";
	if (end->is_violation)
		return "worker-violation";
	return end->is_protocol ? "worker-protocol" : "worker-crash";
}
