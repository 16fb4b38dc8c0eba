/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sniff.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cancel.h"
#include "base/io.h"
#include "evidence/schema.h"
#include "hashset/layout.h"
#include "image/formats.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_SIZE 512
#define TAIL_SIZE                                                                                  \
	((size_t)66 << 10) /* the last record of a zip may be 65,557 bytes before its end */
#define PIECE ((size_t)1 << 20)
#define RAW_MIN ((uint64_t)1 << 20)
#define SECTOR 512

/* Containers that the image layer has no words for. */
static const struct {
	size_t off;
	const char *bytes;
	size_t len;
	const char *name;
} signatures[] = {
	{0x40, "\x7f\x10\xda\xbe", 4, "VDI"},
	{0, "<<< ", 4, "VDI"},
	{0, "QED\0", 4, "QED"},
	{0, "WithoutFreeSpace", 16, "Parallels"},
	{0, "WithouFreSpacExt", 16, "Parallels"},
	{0, "Bochs Virtual HD Image", 22, "Bochs"},
	{0, "\xbe\xba\xfe\xca\0\0\0\0", 8, "VMDK"},
	{0, "sprs", 4, "sparse image"},
	{0, "ADSEGMENTEDFILE", 15, "AD1"},
	{0, "ADCRYPT", 7, "AD encrypted image"},
	{0, "MSWIM\0\0\0", 8, "WIM"},
};

/* The bytes that are looked at. */
struct look {
	struct trw_source src;
	uint8_t head[HEAD_SIZE];
	uint8_t *tail; /* owned */
	size_t n_head, n_tail;
};

static bool
begins(const struct look *l, size_t off, const char *bytes, size_t len)
{
	return off + len <= l->n_head && memcmp(l->head + off, bytes, len) == 0;
}

static bool
ends_with(const struct look *l, const char *bytes, size_t len)
{
	return memmem(l->tail, l->n_tail, bytes, len) != NULL;
}

static bool
is_sqlite(const struct look *l)
{
	return l->n_head >= 100 && begins(l, 0, "SQLite format 3", 16);
}

static bool
is_zip(const struct look *l)
{
	return (begins(l, 0, "PK\3\4", 4) || begins(l, 0, "PK\5\6", 4)) &&
	       ends_with(l, "PK\5\6", 4);
}

/* Its name, or NULL: what the image layer knows, what is in the table, and an AFF4 whose directory tells it. */
static const char *
container_find(const struct look *l)
{
	const struct trw_container_format *format;
	struct trw_look look;

	if (l->src.size == 0)
		return NULL;
	trw_look_take(&l->src, &look);
	format = trw_container_find(&look);
	if (format != trw_container_raw())
		return format->name;
	if (is_zip(l) && (ends_with(l, "container.description", 21) ||
				 ends_with(l, "information.turtle", 18)))
		return "AFF4";
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (begins(l, signatures[i].off, signatures[i].bytes, signatures[i].len))
			return signatures[i].name;
	return NULL;
}

/* Text, JSON, CSV and HTML, in any code page: no control bytes but those that lay a text out. */
static bool
is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] < 0x20 && (p[i] < '\t' || p[i] > '\r')) || p[i] == 0x7f)
			return false;
	return true;
}

static enum trw_status
text_check(const struct look *l, bool *is, struct trw_err *err)
{
	uint8_t *piece = trw_alloc(PIECE, 1, err);
	enum trw_status status = piece == NULL ? TRW_ENOMEM : TRW_OK;
	size_t got = 1;

	*is = true;
	for (uint64_t off = 0; status == TRW_OK && *is && got > 0; off += got) {
		status = trw_is_cancelled()
				 ? trw_fail(err, TRW_ECANCEL, "interrupted")
				 : trw_pread_full(l->src.fd, piece, PIECE, off, &got, err);
		*is = status == TRW_OK && is_text(piece, got);
	}
	free(piece);
	return status;
}

static void
look_close(struct look *l)
{
	free(l->tail);
	trw_source_close(&l->src);
}

static enum trw_status
look_open(const char *path, struct look *l, struct trw_err *err)
{
	uint64_t at;
	enum trw_status status = trw_source_open(path, &l->src, err);

	l->tail = NULL;
	if (status < 0)
		return status;
	at = l->src.size > TAIL_SIZE ? l->src.size - TAIL_SIZE : 0;
	l->tail = trw_alloc(TAIL_SIZE, 1, err);
	status = l->tail == NULL
			 ? TRW_ENOMEM
			 : trw_pread_full(l->src.fd, l->head, HEAD_SIZE, 0, &l->n_head, err);
	if (status == TRW_OK)
		status = trw_pread_full(l->src.fd, l->tail, TAIL_SIZE, at, &l->n_tail, err);
	if (status < 0)
		look_close(l);
	return status;
}

enum trw_status
trw_sniff(const char *path, struct trw_sniff *out, struct trw_err *err)
{
	struct look l;
	enum trw_status status = look_open(path, &l, err);

	*out = (struct trw_sniff){0};
	if (status < 0)
		return status;
	out->dev = l.src.dev;
	out->ino = l.src.ino;
	out->name = container_find(&l);
	if (out->name != NULL)
		out->kind = TRW_SNIFFED_CONTAINER;
	else if (begins(&l, 0, TRW_TSET_MAGIC, 8))
		out->kind = TRW_SNIFFED_SET;
	else if (is_sqlite(&l))
		out->kind = trw_be32(l.head + 68) == TRW_EVIDENCE_APPLICATION_ID
				    ? TRW_SNIFFED_EVIDENCE
				    : TRW_SNIFFED_SQLITE;
	look_close(&l);
	return TRW_OK;
}

enum trw_status
trw_sniff_raw(const char *path, bool *is, struct trw_err *err)
{
	struct look l;
	bool is_known = false;
	enum trw_status status = look_open(path, &l, err);

	*is = false;
	if (status < 0)
		return status;
	is_known = l.src.size <= RAW_MIN || l.src.size % SECTOR != 0 || is_sqlite(&l) ||
		   is_zip(&l) || begins(&l, 0, TRW_TSET_MAGIC, 8);
	if (!is_known)
		status = text_check(&l, &is_known, err);
	*is = status == TRW_OK && !is_known;
	look_close(&l);
	return status;
}
