/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/tags.h"

#include "base/bytes.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALL_TAGS ((UINT32_C(1) << TRW_TSET_TAGS) - 1)

static uint32_t
match_portable(const uint8_t *line, uint32_t tag)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < TRW_TSET_TAGS; i++)
		found |= (uint32_t)(trw_le32(line + 4 + 4 * i) == tag) << i;
	return found;
}

#if defined(__x86_64__)

/* The first of the sixteen numbers is a position, no tag. */
__attribute__((target("avx512f"))) static uint32_t
match_avx512(const uint8_t *line, uint32_t tag)
{
	__m512i words = _mm512_loadu_si512(line);

	return (uint32_t)_mm512_cmpeq_epi32_mask(words, _mm512_set1_epi32((int)tag)) >> 1 &
	       ALL_TAGS;
}

__attribute__((target("avx2"))) static uint32_t
half_avx2(const uint8_t *p, __m256i tags)
{
	__m256i words;

	memcpy(&words, p, sizeof(words));
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(words, tags)));
}

__attribute__((target("avx2"))) static uint32_t
match_avx2(const uint8_t *line, uint32_t tag)
{
	__m256i tags = _mm256_set1_epi32((int)tag);

	return (half_avx2(line, tags) | half_avx2(line + 32, tags) << 8) >> 1 & ALL_TAGS;
}

#endif

void
trw_tags_variants(trw_tags_match out[TRW_TAGS_VARIANTS + 1])
{
	size_t n = 0;

	out[n++] = match_portable;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		out[n++] = match_avx2;
	if (__builtin_cpu_supports("avx512f"))
		out[n++] = match_avx512;
#endif
	while (n <= TRW_TAGS_VARIANTS)
		out[n++] = NULL;
}

trw_tags_match
trw_tags_choose(void)
{
	trw_tags_match all[TRW_TAGS_VARIANTS + 1];
	size_t last = 0;

	trw_tags_variants(all);
	while (all[last + 1] != NULL)
		last++;
	return all[last];
}
