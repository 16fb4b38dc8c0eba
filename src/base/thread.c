/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <assert.h>

enum trw_status
trw_thread_start(struct trw_thread *t, void *(*work)(void *ctx), void *ctx, const char *what,
	struct trw_err *err)
{
	int e;

	assert(!t->is_running);
	e = pthread_create(&t->id, NULL, work, ctx);
	t->is_running = e == 0;
	return e == 0 ? TRW_OK : trw_fail_errno(err, e, "cannot start %s", what);
}

void
trw_thread_join(struct trw_thread *t)
{
	if (t->is_running)
		(void)pthread_join(t->id, NULL);
	t->is_running = false;
}
