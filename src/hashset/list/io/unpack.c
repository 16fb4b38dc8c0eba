/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/unpack.h"

#include "base/alloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <zlib.h>

#define PEEK 8
#define PACKED_PIECE ((size_t)256 << 10)
#define BOMB_MIN ((uint64_t)64 << 20) /* unpacked bytes before the ratio counts */
#define NAMES_SHOWN 3
#define GZIP_WINDOW (16 + MAX_WBITS) /* zlib is to expect gzip's header and trailer */

/* One link of the chain: the bytes as they lie, or what unpacks those of the link below. */
struct trw_unpack {
	struct trw_unpack *below; /* owned; NULL: the bytes as they lie */
	/* as they lie */
	int fd; /* -1: memory */
	const uint8_t *memory;
	uint64_t size, at; /* size: of all there is */
	atomic_uint_fast64_t *done;
	struct trw_digester sha256;
	uint64_t n_digested; /* from the start, without a gap */
	/* unpacking: zlib for gzip, whose checksums libarchive does not compare */
	struct archive *archive;        /* owned; zip */
	z_stream gzip;                  /* owned */
	bool is_between;                /* the last member of the gzip is complete */
	char *member;                   /* owned; wanted, then taken */
	bool is_zip, is_named, is_over; /* is_named: by the user */
	uint64_t n_out;
	uint8_t *piece;     /* owned; packed bytes */
	struct trw_err why; /* the failure of the link below, which libarchive can't carry */
	/* read ahead, to tell what comes */
	uint8_t peek[PEEK];
	size_t n_peek, peek_at;
};

void
trw_unpack_close(struct trw_unpack *s)
{
	while (s != NULL) {
		struct trw_unpack *below = s->below;
		(void)archive_read_free(s->archive);
		(void)inflateEnd(&s->gzip);
		free(s->piece);
		free(s->member);
		free(s);
		s = below;
	}
}

static struct trw_unpack *
bottom(const struct trw_unpack *s)
{
	while (s->below != NULL)
		s = s->below;
	return (struct trw_unpack *)(uintptr_t)s;
}

bool
trw_unpack_is_plain(const struct trw_unpack *s)
{
	return s->below == NULL;
}

const char *
trw_unpack_member(const struct trw_unpack *s)
{
	while (s->below != NULL && !s->is_zip)
		s = s->below;
	return s->member;
}

bool
trw_unpack_sha256(const struct trw_unpack *s, uint64_t size, uint8_t out[32])
{
	struct trw_digester d = bottom(s)->sha256;
	struct trw_digests digests;

	if (bottom(s)->n_digested != size)
		return false;
	trw_digest_finish(&d, &digests);
	memcpy(out, digests.sha256, 32);
	return true;
}

/* ---- bytes as they lie ---- */

static enum trw_status
raw_read(struct trw_unpack *s, uint8_t *buf, size_t len, size_t *got, struct trw_err *err)
{
	ssize_t n;

	*got = 0;
	if (s->fd < 0) {
		*got = s->size - s->at < len ? (size_t)(s->size - s->at) : len;
		if (*got > 0)
			memcpy(buf, s->memory + s->at, *got);
	} else {
		do
			n = pread(s->fd, buf, len, (off_t)s->at);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return trw_fail_errno(err, errno, "byte %" PRIu64, s->at);
		*got = (size_t)n;
	}
	if (s->at == s->n_digested) {
		trw_digest_update(&s->sha256, buf, *got);
		s->n_digested += *got;
	}
	s->at += *got;
	if (s->done != NULL)
		atomic_store_explicit(s->done, s->at, memory_order_relaxed);
	return TRW_OK;
}

/* ---- unpacking ---- */

/* text NULL: there should be more. */
static enum trw_status
damaged(const char *text, struct trw_err *err)
{
	return trw_fail(err, TRW_ECORRUPT,
		"damaged or foreign archive (%.200s): get it again, or unpack it",
		text == NULL ? "it ends too early" : text);
}

static enum trw_status
archive_fail(struct trw_unpack *s, struct trw_err *err)
{
	if (s->why.status < 0) {
		if (err != NULL)
			*err = s->why;
		return s->why.status;
	}
	return damaged(archive_error_string(s->archive), err);
}

/* What a small file unpacks to is bounded by what its author could have typed. */
static enum trw_status
bomb_check(struct trw_unpack *s, struct trw_err *err)
{
	uint64_t in = bottom(s)->at;

	if (s->n_out <= BOMB_MIN || s->n_out / TRW_UNPACK_RATIO_MAX <= in)
		return TRW_OK;
	return trw_fail(err, TRW_ELIMIT,
		"unpacks to more than %d times its size: a bomb, or no list; unpack it to see",
		TRW_UNPACK_RATIO_MAX);
}

static enum trw_status
several(struct trw_unpack *s, struct trw_err *err)
{
	return trw_fail(err, TRW_EUSAGE,
		"holds more than one file: say which with --member, or unpack it (the first is %.200s)",
		s->member == NULL ? "nameless" : s->member);
}

/*
 * libarchive turns a name that the zip calls UTF-8 into the locale's characters, and gives it up
 * where those are ASCII alone.
 */
static int
header_next(struct trw_unpack *s, struct archive_entry **entry)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL), before = NULL;
	int rc;

	if (utf8 != NULL)
		before = uselocale(utf8);
	rc = archive_read_next_header(s->archive, entry);
	if (utf8 != NULL) {
		(void)uselocale(before);
		freelocale(utf8);
	}
	return rc;
}

/* Behind the file there must not be another one, unless the user named it. */
static enum trw_status
rest_check(struct trw_unpack *s, struct trw_err *err)
{
	struct archive_entry *entry;
	int rc;

	s->is_over = true;
	while ((rc = header_next(s, &entry)) == ARCHIVE_OK)
		if (archive_entry_filetype(entry) == AE_IFREG)
			return several(s, err);
	return rc == ARCHIVE_EOF ? TRW_OK : archive_fail(s, err);
}

static enum trw_status
zip_read(struct trw_unpack *s, uint8_t *buf, size_t len, size_t *got, struct trw_err *err)
{
	la_ssize_t n;

	n = archive_read_data(s->archive, buf, len);
	if (n < 0)
		return archive_fail(s, err);
	*got = (size_t)n;
	s->n_out += (uint64_t)n;
	if (n > 0)
		return bomb_check(s, err);
	if (!s->is_named)
		return rest_check(s, err);
	s->is_over = true;
	return TRW_OK;
}

static enum trw_status piece_read(
	struct trw_unpack *s, void *buf, size_t len, size_t *got, struct trw_err *err);

/*
 * More packed bytes, if all that were there have been used; at the end, which is only right between
 * members, is_over.
 */
static enum trw_status
gzip_feed(struct trw_unpack *s, struct trw_err *err)
{
	enum trw_status st;
	size_t n = 0;

	if (s->gzip.avail_in > 0)
		return TRW_OK;
	st = piece_read(s->below, s->piece, PACKED_PIECE, &n, err);
	if (st < 0)
		return st;
	s->gzip.next_in = s->piece;
	s->gzip.avail_in = (uInt)n;
	s->is_over = n == 0 && s->is_between;
	return n > 0 || s->is_over ? TRW_OK : damaged(NULL, err);
}

/*
 * Members follow one another, and gzip itself passes over zeros behind the last; anything else
 * there is damage.
 */
static void
gzip_go_on(struct trw_unpack *s)
{
	while (s->gzip.avail_in > 0 && *s->gzip.next_in == 0) {
		s->gzip.next_in++;
		s->gzip.avail_in--;
	}
	if (s->gzip.avail_in == 0)
		return;
	(void)inflateReset(&s->gzip);
	s->is_between = false;
}

static enum trw_status
gzip_read(struct trw_unpack *s, uint8_t *buf, size_t len, size_t *got, struct trw_err *err)
{
	while (*got == 0) {
		enum trw_status st = gzip_feed(s, err);
		if (st < 0 || s->is_over)
			return st;
		if (s->is_between)
			gzip_go_on(s);
		if (s->is_between)
			continue;
		s->gzip.next_out = buf;
		s->gzip.avail_out = len < PACKED_PIECE ? (uInt)len : (uInt)PACKED_PIECE;
		int rc = inflate(&s->gzip, Z_NO_FLUSH);
		if (rc == Z_MEM_ERROR)
			return trw_fail(err, TRW_ENOMEM, "out of memory for an archive");
		if (rc != Z_OK && rc != Z_STREAM_END)
			return damaged(s->gzip.msg, err);
		s->is_between = rc == Z_STREAM_END;
		*got = (size_t)(s->gzip.next_out - buf);
	}
	s->n_out += *got;
	return bomb_check(s, err);
}

static enum trw_status
unpacked_read(struct trw_unpack *s, uint8_t *buf, size_t len, size_t *got, struct trw_err *err)
{
	*got = 0;
	if (s->is_over)
		return TRW_OK;
	return s->is_zip ? zip_read(s, buf, len, got, err) : gzip_read(s, buf, len, got, err);
}

static enum trw_status
piece_read(struct trw_unpack *s, void *buf, size_t len, size_t *got, struct trw_err *err)
{
	if (s->peek_at < s->n_peek) {
		*got = s->n_peek - s->peek_at < len ? s->n_peek - s->peek_at : len;
		memcpy(buf, s->peek + s->peek_at, *got);
		s->peek_at += *got;
		return TRW_OK;
	}
	return s->below == NULL ? raw_read(s, buf, len, got, err)
				: unpacked_read(s, buf, len, got, err);
}

enum trw_status
trw_unpack_read(struct trw_unpack *s, void *buf, size_t len, size_t *got, struct trw_err *err)
{
	uint8_t *to = buf;
	size_t part;

	*got = 0;
	while (*got < len) {
		enum trw_status st = piece_read(s, to + *got, len - *got, &part, err);
		if (st < 0)
			return st;
		if (part == 0)
			break;
		*got += part;
	}
	return TRW_OK;
}

static la_ssize_t
below_read(struct archive *a, void *ctx, const void **buf)
{
	struct trw_unpack *s = ctx;
	size_t got = 0;

	if (piece_read(s->below, s->piece, PACKED_PIECE, &got, &s->why) < 0) {
		archive_set_error(a, EIO, "cannot read it");
		return -1;
	}
	*buf = s->piece;
	return (la_ssize_t)got;
}

/* Only offered for bytes as they lie: a zip tells what it holds at its end. */
static la_int64_t
below_seek(struct archive *a, void *ctx, la_int64_t off, int whence)
{
	struct trw_unpack *below = ((struct trw_unpack *)ctx)->below;
	la_int64_t from = whence == SEEK_CUR   ? (la_int64_t)below->at
			  : whence == SEEK_END ? (la_int64_t)below->size
					       : 0;

	if (off < -from || off > INT64_MAX - from) {
		archive_set_error(a, EINVAL, "points outside of it");
		return ARCHIVE_FATAL;
	}
	below->n_peek = below->peek_at = 0;
	below->at = (uint64_t)(from + off);
	if (below->at > below->size)
		below->at = below->size;
	return (la_int64_t)below->at;
}

static enum trw_status
archive_begin(struct trw_unpack *s, struct trw_err *err)
{
	(void)archive_read_free(s->archive);
	s->archive = archive_read_new();
	if (s->archive == NULL)
		return trw_fail(err, TRW_ENOMEM, "out of memory for an archive");
	(void)archive_read_support_format_zip(s->archive);
	(void)archive_read_set_callback_data(s->archive, s);
	(void)archive_read_set_read_callback(s->archive, below_read);
	if (s->below->below == NULL)
		(void)archive_read_set_seek_callback(s->archive, below_seek);
	return archive_read_open1(s->archive) == ARCHIVE_OK ? TRW_OK : archive_fail(s, err);
}

static enum trw_status
entry_check(struct archive_entry *entry, struct trw_err *err)
{
	if (archive_entry_is_encrypted(entry))
		return trw_fail(err, TRW_EUNSUPPORTED,
			"the archive is encrypted: unpack it and import what is in it");
	return TRW_OK;
}

/* To the data of the file that is wanted. */
static enum trw_status
member_find(struct trw_unpack *s, const char *member, struct trw_err *err)
{
	struct archive_entry *entry;
	int rc;

	for (size_t n = 0; (rc = header_next(s, &entry)) == ARCHIVE_OK; n++) {
		const char *name = archive_entry_pathname(entry);
		if (n >= TRW_UNPACK_MEMBERS_MAX)
			return trw_fail(err, TRW_ELIMIT, "holds more than %d files: unpack it",
				TRW_UNPACK_MEMBERS_MAX);
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (member != NULL && (name == NULL || strcmp(name, member) != 0))
			continue;
		enum trw_status st = entry_check(entry, err);
		if (st == TRW_OK) {
			s->member = trw_strdup(name == NULL ? "nameless" : name, err);
			st = s->member == NULL ? TRW_ENOMEM : TRW_OK;
		}
		return st;
	}
	if (rc != ARCHIVE_EOF)
		return archive_fail(s, err);
	return member == NULL ? trw_fail(err, TRW_EUSAGE, "an archive without a file")
			      : trw_fail(err, TRW_EUSAGE, "holds no file '%.200s'", member);
}

/*
 * All names before anything is unpacked, where the zip can be searched: a wrong choice is told at
 * once.
 */
static enum trw_status
members_count(struct trw_unpack *s, struct trw_err *err)
{
	struct archive_entry *entry;
	char names[512] = "";
	size_t n = 0, len = 0;
	int rc;

	while ((rc = header_next(s, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (n++ < NAMES_SHOWN && len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%.100s",
				n > 1 ? ", " : "", name == NULL ? "nameless" : name);
		if (n > TRW_UNPACK_MEMBERS_MAX)
			return trw_fail(err, TRW_ELIMIT, "holds more than %d files: unpack it",
				TRW_UNPACK_MEMBERS_MAX);
	}
	if (rc != ARCHIVE_EOF)
		return archive_fail(s, err);
	if (n > 1)
		return trw_fail(err, TRW_EUSAGE, "holds %zu files (%s%s): say which with --member",
			n, names, n > NAMES_SHOWN ? ", ..." : "");
	return TRW_OK;
}

static enum trw_status
zip_open(struct trw_unpack *s, const char *member, struct trw_err *err)
{
	enum trw_status st = archive_begin(s, err);

	s->is_named = member != NULL;
	if (st == TRW_OK && member == NULL && s->below->below == NULL) {
		st = members_count(s, err);
		s->below->at = 0;
		s->below->n_peek = s->below->peek_at = 0;
		if (st == TRW_OK)
			st = archive_begin(s, err);
	}
	return st < 0 ? st : member_find(s, member, err);
}

static enum trw_status
link_open(struct trw_unpack *s, const char *member, struct trw_err *err)
{
	s->piece = trw_alloc(PACKED_PIECE, 1, err);
	if (s->piece == NULL)
		return TRW_ENOMEM;
	if (s->is_zip)
		return zip_open(s, member, err);
	return inflateInit2(&s->gzip, GZIP_WINDOW) == Z_OK
		       ? TRW_OK
		       : trw_fail(err, TRW_ENOMEM, "out of memory for an archive");
}

static enum trw_status
peek(struct trw_unpack *s, struct trw_err *err)
{
	size_t got = 0;
	enum trw_status st = trw_unpack_read(s, s->peek, PEEK, &got, err);

	s->n_peek = got; /* not before: reading takes first what is there */
	return st;
}

static bool
is_gzip(const struct trw_unpack *s)
{
	return s->n_peek >= 3 && s->peek[0] == 0x1F && s->peek[1] == 0x8B && s->peek[2] == 8;
}

static bool
is_zip(const struct trw_unpack *s)
{
	return s->n_peek >= 4 && memcmp(s->peek, "PK\x03\x04", 4) == 0;
}

enum trw_status
trw_unpack_open(int fd, const void *p, size_t n, const char *member, atomic_uint_fast64_t *done,
	struct trw_unpack **out, struct trw_err *err)
{
	struct trw_unpack *s = trw_alloc(1, sizeof(*s), err);
	enum trw_status st;

	if (s == NULL)
		return TRW_ENOMEM;
	s->fd = fd;
	s->memory = p;
	s->size = n;
	s->done = done;
	trw_digest_start(&s->sha256, TRW_SHA256);
	st = peek(s, err);
	for (int packs = 0; st == TRW_OK && (is_gzip(s) || is_zip(s)); packs++) {
		if (packs == TRW_UNPACK_PACKS_MAX) {
			st = trw_fail(err, TRW_ELIMIT, "packed more than %d times over: unpack it",
				TRW_UNPACK_PACKS_MAX);
			break;
		}
		struct trw_unpack *top = trw_alloc(1, sizeof(*top), err);
		if (top == NULL) {
			st = TRW_ENOMEM;
			break;
		}
		top->below = s;
		top->is_zip = is_zip(s);
		s = top;
		st = link_open(s, member, err);
		if (st == TRW_OK)
			st = peek(s, err);
	}
	if (st < 0) {
		trw_unpack_close(s);
		return st;
	}
	*out = s;
	return TRW_OK;
}
