/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/fences.h"

#include <errno.h>
#include <unistd.h>

static int
add_list(scmp_filter_ctx ctx, const struct trw_call_list *list, unsigned lock)
{
	uint32_t action = (list->allowed & lock) != 0   ? SCMP_ACT_ALLOW
			  : (list->refused & lock) != 0 ? SCMP_ACT_ERRNO(EPERM)
							: SCMP_ACT_KILL_PROCESS;
	int rc = 0;

	if (((list->allowed | list->refused | list->deadly) & lock) == 0)
		return 0;
	for (size_t i = 0; i < list->n && rc == 0; i++)
		rc = seccomp_rule_add(ctx, action, list->calls[i], 0);
	return rc;
}

/* abort and raise: signals to this process only. */
static int
add_own_signals(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp own = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own);
}

static int
add_rules(scmp_filter_ctx ctx, enum trw_lock lock)
{
	unsigned bit = TRW_LOCK_BIT(lock);
	int rc = lock == TRW_LOCK_HOST ? 0 : add_own_signals(ctx);

	for (size_t i = 0; i < trw_call_lists_n && rc == 0; i++)
		rc = add_list(ctx, &trw_call_lists[i], bit);
	for (size_t i = 0; i < trw_call_cases_n && rc == 0; i++) {
		const struct trw_call_case *c = &trw_call_cases[i];
		if ((c->locks & bit) != 0)
			rc = seccomp_rule_add_array(ctx, c->action, c->call, 1, &c->arg);
	}
	return rc;
}

enum trw_status
trw_fence_calls(enum trw_lock lock, struct trw_err *err)
{
	scmp_filter_ctx ctx = seccomp_init(trw_calls_otherwise[lock]);
	int rc = -ENOMEM;

	if (ctx == NULL)
		goto out;
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = add_rules(ctx, lock);
	if (rc == 0)
		rc = seccomp_load(ctx);
out:
	seccomp_release(ctx);
	return rc == 0 ? TRW_OK : trw_sandbox_fail(err, -rc, "seccomp");
}
