/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/media_state.h"

#include "base/bytes.h"

#define JOBS_FOR_CHAINS 4 /* with fewer one chain of all three digests leaves more for the files */

unsigned
trw_sweep_chains(unsigned jobs)
{
	return jobs >= JOBS_FOR_CHAINS ? TRW_SWEEP_MEDIA_MAX : 1;
}

void
trw_sweep_media_start(struct trw_sweep_media *m, unsigned jobs)
{
	static const unsigned each[] = {TRW_MD5, TRW_SHA1, TRW_SHA256};

	*m = (struct trw_sweep_media){.n = trw_sweep_chains(jobs)};
	for (size_t i = 0; i < m->n; i++)
		trw_digest_start(&m->chain[i], m->n == 1 ? TRW_DIGEST_ALL : each[i]);
}

void
trw_sweep_media_finish(const struct trw_sweep_media *m, struct trw_digests *out)
{
	for (size_t i = 0; i < m->n; i++) {
		struct trw_digester d = m->chain[i];
		trw_digest_finish(&d, out);
	}
}

uint64_t
trw_sweep_media_off(const struct trw_sweep_media *m)
{
	uint64_t off = UINT64_MAX;

	for (size_t i = 0; i < m->n; i++)
		off = m->chain[i].len < off ? m->chain[i].len : off;
	return m->n == 0 ? 0 : off;
}

/* Layout: the number of chains (u64, little endian), then each chain's state. */
size_t
trw_sweep_media_save(const struct trw_sweep_media *m, uint8_t out[TRW_SWEEP_MEDIA_SAVED])
{
	trw_put_le64(out, m->n);
	for (size_t i = 0; i < m->n; i++)
		trw_digest_save(&m->chain[i], out + 8 + i * TRW_DIGEST_SAVED);
	return 8 + m->n * TRW_DIGEST_SAVED;
}

enum trw_status
trw_sweep_media_load(struct trw_sweep_media *m, const uint8_t *p, size_t n, struct trw_err *err)
{
	struct trw_sweep_media loaded = {0};
	unsigned algorithms = 0;

	if (n >= 8 && trw_le64(p) <= TRW_SWEEP_MEDIA_MAX)
		loaded.n = (size_t)trw_le64(p);
	if (n < 8 || loaded.n != trw_le64(p) || n != 8 + loaded.n * TRW_DIGEST_SAVED)
		return trw_fail(err, TRW_ECORRUPT,
			"the saved state of the image's digests has %zu bytes", n);
	for (size_t i = 0; i < loaded.n; i++) {
		enum trw_status st = trw_digest_load(
			&loaded.chain[i], p + 8 + i * TRW_DIGEST_SAVED, TRW_DIGEST_SAVED, err);
		if (st < 0)
			return st;
		algorithms |= loaded.chain[i].algorithms;
	}
	if (loaded.n > 0 && algorithms != TRW_DIGEST_ALL)
		return trw_fail(err, TRW_ECORRUPT,
			"the saved state of the image's digests lacks one of them");
	*m = loaded;
	return TRW_OK;
}
