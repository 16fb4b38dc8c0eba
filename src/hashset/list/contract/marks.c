/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/contract/marks.h"

#include "hashset/list/contract/writer.h"

#include <string.h>

/* The next text with marks to m->rest. */
static bool
next_text(struct trw_marks *m)
{
	if (m->set != NULL && trw_set_mark(m->set, &m->n_facts, &m->rest, &m->rest_len))
		return true;
	m->set = NULL;
	if (m->entry != NULL) {
		const struct trw_property *p = trw_export_property(m->entry, "marks");
		m->entry = NULL;
		if (p != NULL) {
			m->rest = p->value;
			m->rest_len = p->value_len;
			return true;
		}
	}
	m->rest_len = 0;
	return false;
}

bool
trw_marks_next(struct trw_marks *m, const char **mark, size_t *n)
{
	for (;;) {
		const char *blank;
		while (m->rest_len > 0 && *m->rest == ' ') {
			m->rest++;
			m->rest_len--;
		}
		if (m->rest_len == 0) {
			if (!next_text(m))
				return false;
			continue;
		}
		*mark = m->rest;
		blank = memchr(m->rest, ' ', m->rest_len);
		*n = blank != NULL ? (size_t)(blank - m->rest) : m->rest_len;
		m->rest += *n;
		m->rest_len -= *n;
		return true;
	}
}
