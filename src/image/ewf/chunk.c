/* SPDX-License-Identifier: Apache-2.0 */
/* One chunk: where the tables say that it is, and what its stored bytes are worth. */
#include "image/ewf/ewf.h"

#include "base/bytes.h"

#include <libdeflate.h>
#include <string.h>

size_t
trw_ewf_stored_max(uint32_t chunk_size)
{
	return (size_t)chunk_size + chunk_size / 8 + 1024;
}

size_t
trw_ewf_chunk_len(const struct trw_ewf *ewf, uint64_t chunk)
{
	uint64_t left = ewf->size - chunk * ewf->chunk_size;

	return left < ewf->chunk_size ? (size_t)left : ewf->chunk_size;
}

size_t
trw_ewf_run_find(const struct trw_ewf *ewf, uint64_t chunk)
{
	size_t lo = 0, hi = ewf->n_runs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ewf->runs[mid].first + ewf->runs[mid].n > chunk)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static uint64_t
entry_off(const struct trw_ewf_run *run, uint32_t i)
{
	uint32_t e = run->entries[i];

	return run->base + (i < run->wide_from ? e & INT32_MAX : e);
}

bool
trw_ewf_place_find(const struct trw_ewf *ewf, uint64_t chunk, struct trw_ewf_place *out)
{
	size_t at = trw_ewf_run_find(ewf, chunk);
	const struct trw_ewf_run *run;
	uint64_t off, end;
	uint32_t i;

	if (at == ewf->n_runs || chunk < ewf->runs[at].first)
		return false;
	run = &ewf->runs[at];
	i = (uint32_t)(chunk - run->first);
	off = entry_off(run, i);
	end = run->end;
	if (i + 1 < run->n && entry_off(run, i + 1) > off)
		end = entry_off(run, i + 1);
	*out = (struct trw_ewf_place){.src = &ewf->parts[run->part].src,
		.chunk = chunk,
		.off = off,
		.len = trw_ewf_stored_max(ewf->chunk_size)};
	if (end > off && end - off < out->len)
		out->len = (size_t)(end - off);
	out->is_cut = run->is_cut && off + out->len >= run->end;
	if (i >= run->wide_from)
		out->packing = TRW_EWF_UNKNOWN;
	else
		out->packing = run->entries[i] >> 31 != 0 ? TRW_EWF_DEFLATED : TRW_EWF_PLAIN;
	return true;
}

bool
trw_ewf_plain_take(const uint8_t *stored, size_t n, uint8_t *out, size_t len, size_t chunk_size)
{
	size_t lens[] = {chunk_size, len, n < 4 ? 0 : n - 4};

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		if (n < 4 || n - 4 < lens[i] || lens[i] < len || lens[i] > chunk_size ||
			libdeflate_adler32(1, stored, lens[i]) != trw_le32(stored + lens[i]))
			continue;
		memcpy(out, stored, len);
		return true;
	}
	return false;
}

/* What the last chunk has past the end of the media is padding. */
static bool
inflate(struct libdeflate_decompressor *inflater, const uint8_t *stored, size_t n, uint8_t *out,
	size_t len, size_t room)
{
	size_t got = 0;

	return libdeflate_zlib_decompress(inflater, stored, n, out, room, &got) ==
		       LIBDEFLATE_SUCCESS &&
	       got >= len;
}

enum trw_ewf_state
trw_ewf_decode(const struct trw_ewf *ewf, const struct trw_ewf_place *p, const uint8_t *stored,
	size_t got, struct libdeflate_decompressor *inflater, uint8_t *out)
{
	size_t len = trw_ewf_chunk_len(ewf, p->chunk);

	if (got == 0)
		return TRW_EWF_ABSENT;
	if (p->packing != TRW_EWF_DEFLATED &&
		trw_ewf_plain_take(stored, got, out, len, ewf->chunk_size))
		return TRW_EWF_GOOD;
	if (p->packing != TRW_EWF_PLAIN &&
		inflate(inflater, stored, got, out, len, ewf->chunk_size))
		return TRW_EWF_GOOD;
	return got < p->len || p->is_cut ? TRW_EWF_ABSENT : TRW_EWF_FAILED;
}

enum trw_status
trw_ewf_damage_add(enum trw_ewf_state state, uint64_t off, size_t len, struct trw_ranges *damage,
	struct trw_err *err)
{
	return trw_ranges_add(damage, off, len,
		state == TRW_EWF_ABSENT ? TRW_DAMAGE_MISSING : TRW_DAMAGE_SUBSTITUTED, err);
}
