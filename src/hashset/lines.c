/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/lines.h"

#include "base/bytes.h"

#include <string.h>

uint64_t
trw_lines_count(uint64_t n)
{
	return (n + TRW_TSET_LINE_MEAN - 1) / TRW_TSET_LINE_MEAN;
}

static void
line_start(struct trw_lines *l)
{
	memset(l->line, 0xFF, sizeof(l->line)); /* no tags */
	trw_put_le32(l->line, l->position);
	l->n_tags = 0;
}

void
trw_lines_start(struct trw_lines *l, struct trw_setfile *file, uint64_t n)
{
	*l = (struct trw_lines){.file = file, .n_lines = trw_lines_count(n)};
	line_start(l);
}

static enum trw_status
advance(struct trw_lines *l, uint64_t bucket, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	while (st == TRW_OK && l->bucket < bucket) {
		st = trw_setfile_put(l->file, l->line, sizeof(l->line), err);
		l->bucket++;
		line_start(l);
	}
	return st;
}

enum trw_status
trw_lines_put(struct trw_lines *l, const uint8_t *digest, struct trw_err *err)
{
	uint32_t tag;
	enum trw_status st = advance(l, trw_tset_bucket(trw_be64(digest), l->n_lines, &tag), err);

	if (st == TRW_OK && l->n_tags < TRW_TSET_TAGS)
		trw_put_le32(l->line + 4 + 4 * l->n_tags++, tag);
	l->position++;
	return st;
}

enum trw_status
trw_lines_end(struct trw_lines *l, struct trw_err *err)
{
	enum trw_status st = advance(l, l->n_lines, err);

	return st < 0 ? st : trw_setfile_put(l->file, l->line, sizeof(l->line), err);
}
