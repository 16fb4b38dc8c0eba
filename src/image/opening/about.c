/* SPDX-License-Identifier: Apache-2.0 */
#include "image/opening/about.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX                                                                                \
	((size_t)1 << 20) /* segments, facts and notes have caps of their own below it */
#define FACTS_MAX 256
#define FACT_MAX ((size_t)32 << 10) /* bytes of a value; the rest is cut off, with a note */
#define NOTE_TEXT_MAX 1024

void
trw_about_clear(struct trw_about *about)
{
	for (size_t i = 0; i < about->n_strings; i++)
		free(about->strings[i]);
	free(about->strings);
	free(about->segments);
	free(about->facts);
	free(about->notes);
	*about = (struct trw_about){0};
}

/* Own a copy of the n bytes, well-formed where is_text. NULL with err filled. */
static const char *
keep(struct trw_about *about, const char *s, size_t n, bool is_text, struct trw_err *err)
{
	void *v = trw_grow(about->strings, about->n_strings, &about->cap_strings,
		sizeof(*about->strings), STRINGS_MAX, err);
	char *copy;

	if (v == NULL)
		return NULL;
	about->strings = v;
	copy = is_text ? trw_utf8_line((const uint8_t *)s, n, err) : trw_memdup(s, n, err);
	if (copy == NULL)
		return NULL;
	about->strings[about->n_strings++] = copy;
	return copy;
}

enum trw_status
trw_about_segment(struct trw_about *about, const char *path, uint64_t size, bool is_missing,
	struct trw_err *err)
{
	void *v = trw_grow(about->segments, about->info.n_segments, &about->cap_segments,
		sizeof(*about->segments), TRW_SEGMENTS_MAX, err);
	const char *copy;

	if (v == NULL)
		return trw_fail_in(err, "segments");
	about->segments = v;
	about->info.segments = v;
	copy = keep(about, path, strlen(path), false, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	about->segments[about->info.n_segments++] =
		(struct trw_image_segment){.path = copy, .size = size, .is_missing = is_missing};
	return TRW_OK;
}

enum trw_status
trw_about_fact(
	struct trw_about *about, const char *key, const char *value, size_t n, struct trw_err *err)
{
	const char *copy;
	void *v;

	for (size_t i = 0; i < about->info.n_facts; i++)
		if (strcmp(about->facts[i].key, key) == 0)
			return TRW_OK;
	if (n == 0 || about->info.n_facts >= FACTS_MAX)
		return TRW_OK;
	if (n > FACT_MAX) {
		enum trw_status st = trw_about_note(about, TRW_CODE_FACT_CUT, 0, 0, err,
			"%s of the acquisition record has %zu bytes: the first %zu are kept", key,
			n, FACT_MAX);

		if (st != TRW_OK)
			return st;
		n = FACT_MAX;
	}
	v = trw_grow(about->facts, about->info.n_facts, &about->cap_facts, sizeof(*about->facts),
		FACTS_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	about->facts = v;
	about->info.facts = v;
	copy = keep(about, value, n, true, err);
	if (copy == NULL)
		return TRW_ENOMEM;
	about->facts[about->info.n_facts++] = (struct trw_image_fact){.key = key, .value = copy};
	return TRW_OK;
}

static enum trw_status
add_note(struct trw_about *about, struct trw_image_note note, struct trw_err *err)
{
	void *v;

	if (about->info.n_notes >= TRW_ABOUT_NOTES_MAX)
		return TRW_OK;
	if (about->info.n_notes == TRW_ABOUT_NOTES_MAX - 1)
		note = (struct trw_image_note){.code = TRW_CODE_NOTES_CUT,
			.text = "more was found wrong than is listed here"};
	v = trw_grow(about->notes, about->info.n_notes, &about->cap_notes, sizeof(*about->notes),
		TRW_ABOUT_NOTES_MAX, err);
	if (v == NULL)
		return TRW_ENOMEM;
	about->notes = v;
	about->info.notes = v;
	note.text = keep(about, note.text, strlen(note.text), true, err);
	if (note.text == NULL)
		return TRW_ENOMEM;
	about->notes[about->info.n_notes++] = note;
	return TRW_OK;
}

enum trw_status
trw_about_note(struct trw_about *about, enum trw_code code, uint64_t off, uint64_t len,
	struct trw_err *err, const char *fmt, ...)
{
	char text[NOTE_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return add_note(about,
		(struct trw_image_note){.code = code, .text = text, .off = off, .len = len}, err);
}

enum trw_status
trw_about_join(struct trw_about *about, const struct trw_about *from, struct trw_err *err)
{
	enum trw_status st = TRW_OK;

	for (size_t i = 0; i < from->info.n_facts && st == TRW_OK; i++) {
		const struct trw_image_fact *f = &from->facts[i];
		st = trw_about_fact(about, f->key, f->value, strlen(f->value), err);
	}
	for (size_t i = 0; i < from->info.n_notes && st == TRW_OK; i++)
		st = add_note(about, from->notes[i], err);
	return st;
}
