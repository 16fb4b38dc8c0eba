/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/image/ewf_fixture.h"

#include <libdeflate.h>
#include <string.h>

uint8_t media[N_CHUNKS * CHUNK];

void
put(struct trw_buf *b, const void *p, size_t n)
{
	struct trw_err err = {0};

	assert_int_equal(trw_buf_put(b, p, n, &err), TRW_OK);
}

static void
put_sum(struct trw_buf *b, size_t from)
{
	struct trw_err err = {0};

	assert_int_equal(
		trw_buf_u32(b, libdeflate_adler32(1, b->v + from, b->n - from), &err), TRW_OK);
}

/* A section whose data is p; the last of a chain leads to itself. */
static void
put_section(struct trw_buf *b, const char *type, const void *p, size_t n)
{
	uint8_t d[72] = {0};
	bool is_end = strcmp(type, "next") == 0 || strcmp(type, "done") == 0;
	size_t at = b->n;

	memcpy(d, type, strlen(type));
	trw_put_le64(d + 16, is_end ? b->n : b->n + 76 + n);
	trw_put_le64(d + 24, 76 + n);
	put(b, d, sizeof(d));
	put_sum(b, at);
	put(b, p, n);
}

static void
put_volume(struct trw_buf *b, const char *type, uint8_t id)
{
	uint8_t v[1052] = {1};

	trw_put_le32(v + 4, N_CHUNKS);
	trw_put_le32(v + 8, CHUNK / SECTOR);
	trw_put_le32(v + 12, SECTOR);
	trw_put_le64(v + 16, N_SECTORS);
	memset(v + 64, id, 16);
	trw_put_le32(v + 1048, libdeflate_adler32(1, v, 1048));
	put_section(b, type, v, sizeof(v));
}

/* Even chunks deflated, odd ones plain; the entry gets bit 31 and the offset in the section's data. */
static void
put_chunk(struct trw_buf *data, size_t chunk, uint8_t *entry, uint32_t at)
{
	size_t len = chunk == N_CHUNKS - 1 ? MEDIA - chunk * CHUNK : CHUNK;
	const uint8_t *p = media + chunk * CHUNK;
	size_t from = data->n;

	if (chunk % 2 == 0) {
		struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
		uint8_t out[CHUNK * 2];
		size_t n = libdeflate_zlib_compress(c, p, len, out, sizeof(out));

		libdeflate_free_compressor(c);
		assert_true(n > 0);
		put(data, out, n);
		trw_put_le32(entry, at | UINT32_C(1) << 31);
		return;
	}
	put(data, p, len);
	put_sum(data, from);
	trw_put_le32(entry, at);
}

static void
put_tables(struct set *s, size_t seg, const uint8_t *entries, uint64_t base)
{
	uint8_t t[24 + PER_SEGMENT * 4 + 4] = {0};

	trw_put_le32(t, PER_SEGMENT);
	trw_put_le64(t + 8, base);
	trw_put_le32(t + 20, libdeflate_adler32(1, t, 20));
	memcpy(t + 24, entries, PER_SEGMENT * 4);
	trw_put_le32(t + 24 + PER_SEGMENT * 4, libdeflate_adler32(1, entries, PER_SEGMENT * 4));
	s->table_at[seg] = s->files[seg].n;
	put_section(&s->files[seg], "table", t, sizeof(t));
	s->table2_at[seg] = s->files[seg].n;
	put_section(&s->files[seg], "table2", t, sizeof(t));
}

static void
put_errors(struct trw_buf *b, uint32_t first, uint32_t n)
{
	uint8_t e[520 + 8 + 4] = {1};

	trw_put_le32(e + 516, libdeflate_adler32(1, e, 516));
	trw_put_le32(e + 520, first);
	trw_put_le32(e + 524, n);
	trw_put_le32(e + 528, libdeflate_adler32(1, e + 520, 8));
	put_section(b, "error2", e, sizeof(e));
}

static void
put_segment(struct set *s, size_t seg)
{
	struct trw_buf *b = &s->files[seg], data = {0};
	uint8_t head[13] = "EVF\x09\x0d\x0a\xff\x00\x01", entries[PER_SEGMENT * 4];
	uint64_t base;

	head[9] = (uint8_t)(seg + 1);
	put(b, head, sizeof(head));
	if (seg == 0)
		put_volume(b, "volume", s->id);
	else
		put_volume(b, "data", s->id);
	s->sectors_at[seg] = b->n;
	base = b->n + 76;
	for (size_t i = 0; i < PER_SEGMENT; i++) {
		s->chunk_at[seg * PER_SEGMENT + i] = (size_t)base + data.n;
		put_chunk(&data, seg * PER_SEGMENT + i, entries + i * 4, (uint32_t)data.n);
	}
	put_section(b, "sectors", data.v, data.n);
	trw_buf_clear(&data);
	put_tables(s, seg, entries, base);
	if (seg == N_SEGMENTS - 1 && s->has_errors)
		put_errors(b, 10, 3);
	put_section(b, seg == N_SEGMENTS - 1 ? "done" : "next", NULL, 0);
}

void
build(struct set *s, uint8_t id)
{
	s->id = id;
	for (size_t i = 0; i < N_SEGMENTS; i++)
		put_segment(s, i);
}

void
segment_path(size_t seg, char out[96])
{
	char name[16];

	(void)snprintf(name, sizeof(name), "case.E%02u", (unsigned)seg + 1);
	path_of(name, out);
}

struct trw_image *
write_and_open(const struct set *s, size_t given)
{
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	char path[96];
	const char *p = path;

	for (size_t i = 0; i < N_SEGMENTS; i++) {
		segment_path(i, path);
		(void)unlink(path);
		if (s->files[i].n > 0)
			write_file(strrchr(path, '/') + 1, s->files[i].v, s->files[i].n);
	}
	segment_path(given, path);
	if (trw_image_open(&p, 1, NULL, &image, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return image;
}

void
set_clear(struct set *s)
{
	for (size_t i = 0; i < N_SEGMENTS; i++)
		trw_buf_clear(&s->files[i]);
}

int
make_media(void **state)
{
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof(media); i++) {
		x = x * 1664525U + 1013904223U;
		media[i] = (i / 512) % 2 == 0 ? (uint8_t)(x >> 24) : (uint8_t)(i / 512 + 1);
	}
	return make_folder(state);
}
