/* SPDX-License-Identifier: Apache-2.0 */
#include "base/team.h"

#include "base/thread.h"

#include <stdatomic.h>

struct team {
	void (*work)(void *ctx, unsigned member, size_t item);
	void *ctx;
	size_t n_items;
	atomic_size_t next; /* the first item that nobody has taken */
};

struct member {
	struct team *team;
	unsigned number;
	struct trw_thread thread;
};

static void *
member_work(void *ctx)
{
	const struct member *m = ctx;
	struct team *t = m->team;
	size_t item;

	while ((item = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed)) < t->n_items)
		t->work(t->ctx, m->number, item);
	return NULL;
}

void
trw_team_run(unsigned n_members, size_t n_items,
	void (*work)(void *ctx, unsigned member, size_t item), void *ctx)
{
	struct team team = {.work = work, .ctx = ctx, .n_items = n_items};
	struct member members[TRW_TEAM_MAX];
	unsigned n = 1;

	atomic_init(&team.next, 0);
	members[0] = (struct member){.team = &team};
	while (n < n_members && n < n_items && n < TRW_TEAM_MAX) {
		members[n] = (struct member){.team = &team, .number = n};
		if (trw_thread_start(&members[n].thread, member_work, &members[n], "a thread",
			    TRW_IGNORE) < 0)
			break;
		n++;
	}
	(void)member_work(&members[0]);
	while (--n > 0)
		trw_thread_join(&members[n].thread);
}
