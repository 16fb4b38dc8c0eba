/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The evidence database: one SQLite file whose report_* views are a contract (man page trowel-db(5)).
 *
 * Threads: one thread uses a handle at a time; while a run writes, that is the writer thread.
 * Strings are UTF-8 and borrowed for the call. Errors of every function: TRW_EDB (the text names the file
 * and what SQLite said; disk full and read-only are told apart), TRW_ENOMEM; TRW_EUSAGE for a write through a
 * handle that only reads. When a failure has undone rows, the handle is broken: every further write is TRW_EDB,
 * and close goes back to what was last committed.
 */
#pragma once

#include "base/extent.h"
#include "base/range.h"
#include "base/space.h"
#include "record/encode.h" /* struct trw_read_request */
#include "record/rows.h"

#define TRW_EVIDENCE_SCHEMA 3        /* PRAGMA user_version; 1 had no hash sets */
#define TRW_EVIDENCE_SCHEMA_OLDEST 2 /* that is read, verified and matched */

struct trw_evidence;

enum trw_evidence_mode {
	TRW_EVIDENCE_CREATE, /* the file must not exist (TRW_EUSAGE) */
	TRW_EVIDENCE_ADD,    /* the file must be an evidence database whose runs are all closed */
	TRW_EVIDENCE_RESUME, /* an evidence database whose last run is not complete, or where none has begun */
	TRW_EVIDENCE_READ /* never writes, works on a read-only medium */
};

TRW_NODISCARD enum trw_status trw_evidence_open(const char *path, enum trw_evidence_mode mode,
	struct trw_evidence **out, struct trw_err *err);
/** Commits what is open (unless the handle is broken), leaves WAL (one plain file remains), closes. NULL is fine. */
TRW_NODISCARD enum trw_status trw_evidence_close(struct trw_evidence *ev, struct trw_err *err);
/** How many threads a digest over the whole database may use; without it one per processor. No digest depends on it. */
void trw_evidence_set_threads(struct trw_evidence *ev, unsigned n_threads);
/** Commit now and begin the next transaction (the writer calls it every so often). */
TRW_NODISCARD enum trw_status trw_evidence_commit(struct trw_evidence *ev, struct trw_err *err);

/* ---- writing a run ---- */

#define TRW_FINGERPRINT_SIZE 32

/** What a run is to index: kept until the run is complete, so that nothing else takes its place on resume. */
struct trw_evidence_item {
	const char *name; /* of its first segment; only the base name is kept */
	uint64_t size;    /* of the media */
	uint8_t fingerprint[TRW_FINGERPRINT_SIZE]; /* of container and content; the caller's rule */
};

struct trw_evidence_run {
	const char *tool_version;
	const char *libraries; /* "libtsk 4.11.1, ..." */
	const char *arguments; /* the command line, shell-quoted */
	const char *
		options; /* those that change results, canonical text; inside the canonical digest */
	const char *case_number, *examiner, *evidence_id, *host; /* may be NULL */
	const struct trw_evidence_item *items; /* in order; they get the next free image ids */
	size_t n_items;                        /* 0: the run cannot be resumed */
};
/**
 * Status of the new run is "running": what a killed run leaves behind. Errors also: TRW_EUSAGE for a database of an earlier schema,
 * whose tables have no room for what a run writes; TRW_ECORRUPT when there are earlier runs and the
 * database is not what the audit chain says of them.
 */
TRW_NODISCARD enum trw_status trw_evidence_run_begin(struct trw_evidence *ev,
	const struct trw_evidence_run *run, int64_t *run_id, struct trw_err *err);
/** status: "complete", "cancelled", "failed". Writes the canonical digest into the audit chain; "complete" drops the checkpoints. */
TRW_NODISCARD enum trw_status trw_evidence_run_end(
	struct trw_evidence *ev, int64_t run_id, const char *status, struct trw_err *err);

/** Ids are given by the caller, in order of position; these are the first free ones. */
struct trw_evidence_ids {
	int64_t image, volume, filesystem, file;
};
TRW_NODISCARD enum trw_status trw_evidence_next_ids(
	struct trw_evidence *ev, struct trw_evidence_ids *out, struct trw_err *err);

struct trw_evidence_image {
	int64_t image_id, run_id;
	const char *name;        /* base name of the first segment */
	const char *path;        /* as given; outside the canonical digest */
	const char *evidence_id; /* NULL = the run's */
	const char *format;
	uint64_t size;
	uint32_t sector_size, chunk_size;
	const uint8_t *stored_md5, *stored_sha1; /* NULL = none */
};
TRW_NODISCARD enum trw_status trw_evidence_image_add(
	struct trw_evidence *ev, const struct trw_evidence_image *image, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_evidence_segment_add(struct trw_evidence *ev, int64_t image_id,
	uint32_t number, const char *name, uint64_t size, bool is_missing, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_evidence_fact_add(struct trw_evidence *ev, int64_t image_id,
	const char *key, const char *value, struct trw_err *err);

struct trw_evidence_verdict {
	const struct trw_digests *digests; /* computed over the media; NULL when not verified */
	enum trw_media_verdict verdict;
	const struct trw_ranges *damage; /* of the media */
};
TRW_NODISCARD enum trw_status trw_evidence_image_verdict(struct trw_evidence *ev, int64_t image_id,
	const struct trw_evidence_verdict *verdict, struct trw_err *err);

/**
 * Close the books of an image: write its ledger rows (bytes by outcome, which add up to the image size; items
 * by outcome, which add up to the names seen), put the problems in canonical order, drop the block map, and
 * mark it closed for trw_evidence_image_state. All or nothing.
 * *balanced says whether both sums hold; when not, a problem TRW_CODE_LEDGER_UNBALANCED has been added.
 */
TRW_NODISCARD enum trw_status trw_evidence_close_books(
	struct trw_evidence *ev, int64_t image_id, bool *balanced, struct trw_err *err);

/* ---- matching against hash sets ---- */

/** A set that is used. Equal identity: the same set, whatever else is said. */
struct trw_evidence_set {
	const char *list_id, *name, *version; /* "" = not said */
	const char *class;                    /* "triage", "alert", "known-good" */
	const char *marks;                    /* joined; "" = none */
	uint64_t n_entries, n_usable; /* usable: those with a digest of a kind that contents have */
	const uint8_t *identity;      /* 32 bytes */
	const char *file;             /* base name; outside the canonical digest */
};

struct trw_evidence_session {
	int64_t run_id; /* of the run that it is a part of; 0 = a session of its own */
	const char *examiner,
		*host; /* of a session of its own, may be NULL; outside the canonical digest, as a run's */
	const char *tool_version;
	const char *options; /* the policy of alerts, canonical text */
	const struct trw_evidence_set *sets;
	size_t n_sets;
};

/**
 * The session of a run, after trw_evidence_run_begin or _resume: when the run has one already, that one goes on. Its contents are
 * those of the run's files. It ends with the run, in trw_evidence_run_end. hashset_ids: one for each set. Write the hits of a
 * file before its content: who has the content has all.
 */
TRW_NODISCARD enum trw_status trw_evidence_session_begin(struct trw_evidence *ev,
	const struct trw_evidence_session *session, int64_t *session_id, int64_t *hashset_ids,
	struct trw_err *err);

/**
 * A session of its own over all contents of a database that was opened with TRW_EVIDENCE_ADD. Nothing of it is committed before
 * trw_evidence_match_end: without that, or after a failure, the database is as it was. Errors also: TRW_EUSAGE when the last
 * run is not complete; TRW_ECORRUPT when what earlier sessions wrote is not what the audit chain says.
 */
TRW_NODISCARD enum trw_status trw_evidence_match_begin(struct trw_evidence *ev,
	const struct trw_evidence_session *session, int64_t *session_id, int64_t *hashset_ids,
	struct trw_err *err);
/** Counts, new digests in the audit chain, commit. */
TRW_NODISCARD enum trw_status trw_evidence_match_end(
	struct trw_evidence *ev, int64_t session_id, struct trw_err *err);

/** Give up what is not committed: from now on the handle is broken, and close goes back to the last commit. */
void trw_evidence_abandon(struct trw_evidence *ev);

/** An entry that hit; those that did not are not recorded. */
struct trw_evidence_entry {
	int64_t hashset_id;
	uint32_t row;
	const char *entry;             /* what people call it */
	const char *scheme, *category; /* NULL = none */
	uint64_t size;                 /* when has_size */
	bool has_size;
	const uint8_t *md5, *sha1, *sha256; /* NULL = it has none */
	const char *properties;             /* JSON object; NULL = none */
	const char *marks;                  /* those of its own, joined; NULL = none */
};

static inline int64_t
trw_evidence_entry_id(int64_t hashset_id, uint32_t row)
{
	return hashset_id << 32 | (int64_t)row;
}

/**
 * Is it recorded already, by this or an earlier session? Then it must not be added again. Every entry that hits is
 * to be recorded before its session ends: with the hit, so that it is there after a kill as well, or, of sets that much hits, at the end,
 * in order.
 */
TRW_NODISCARD enum trw_status trw_evidence_entry_known(
	struct trw_evidence *ev, int64_t entry_id, bool *is_known, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_evidence_entry_add(
	struct trw_evidence *ev, const struct trw_evidence_entry *entry, struct trw_err *err);

typedef enum trw_status (*trw_evidence_row_take)(void *ctx, uint32_t row, struct trw_err *err);
/** Call take for the row of each entry that hit in the session and is not recorded yet, in ascending order. take may add entries. */
TRW_NODISCARD enum trw_status trw_evidence_entries_missing(struct trw_evidence *ev,
	int64_t session_id, int64_t hashset_id, trw_evidence_row_take take, void *ctx,
	struct trw_err *err);

struct trw_evidence_hit {
	int64_t file_id, session_id, entry_id;
	enum trw_verdict verdict;
	const char *agreed;         /* "md5+sha1" */
	bool is_alert, is_excluded; /* of a match; not both */
	uint32_t n_unrecorded; /* of its file, set and kind of verdict: more that are not added */
};
TRW_NODISCARD enum trw_status trw_evidence_hit_add(
	struct trw_evidence *ev, const struct trw_evidence_hit *hit, struct trw_err *err);

/** A line in the audit chain ("index", "verify", "add image" ...). */
TRW_NODISCARD enum trw_status trw_evidence_audit(
	struct trw_evidence *ev, const char *action, const char *detail, struct trw_err *err);

/* ---- resuming ---- */

/*
 * A run that did not end "complete" goes on: open with TRW_EVIDENCE_RESUME, trw_evidence_run_resume, and for each
 * image what trw_evidence_image_state says of it:
 *
 *     not begun        index it
 *     begun            trw_evidence_image_forget, then index it
 *     walked           trw_evidence_image_rewind, then digest what trw_evidence_streams_left lists, close the books
 *     closed           nothing
 *
 * What comes out equals the uninterrupted run's rows as long as these rules are kept by the writer: nothing
 * of an image is written before the one before it is closed; the checkpoint that says "walked" follows all rows of the
 * walk; the problems of stage "read" of a stream come before its content, and name its file_id.
 */

/**
 * Take up the last run: its status is "running" again, and the audit chain says so. Where a kill came before there was a
 * run, this is trw_evidence_run_begin. run must be as it was at
 * trw_evidence_run_begin in tool_version, libraries, options, case_number, examiner, evidence_id (of the last three NULL keeps
 * what is stored) and items; else TRW_EUSAGE, which says what differs and what to do, and nothing has changed. Errors also: TRW_ECORRUPT, the
 * same, when the run was cancelled or failed and the database is not what the audit chain says of that; after a kill it says nothing.
 */
TRW_NODISCARD enum trw_status trw_evidence_run_resume(struct trw_evidence *ev,
	const struct trw_evidence_run *run, int64_t *run_id, struct trw_err *err);

struct trw_evidence_state {
	int64_t image_id;
	bool is_begun; /* it has rows */
	bool is_walked, is_closed;
	uint64_t media_off; /* 0 while n_media_state is 0 */
	uint8_t media_state[TRW_CHECKPOINT_MEDIA_MAX];
	size_t n_media_state;
	struct trw_ranges damage; /* owned */
	uint64_t n_files;         /* rows */
	uint64_t n_problems;      /* the same, of any stage */
};
/** number: of the run's items, from 0. Errors also: TRW_EUSAGE past the last, TRW_ECORRUPT for damage that was not written so. */
TRW_NODISCARD enum trw_status trw_evidence_image_state(struct trw_evidence *ev, size_t number,
	struct trw_evidence_state *out, struct trw_err *err);
void trw_evidence_state_clear(struct trw_evidence_state *state);

/**
 * Remove every row about the image, which must be the last that was begun, and commit: next ids, contents and
 * problems are as if it had never been there. It is then "not begun".
 */
TRW_NODISCARD enum trw_status trw_evidence_image_forget(
	struct trw_evidence *ev, int64_t image_id, struct trw_err *err);

/**
 * Take a walked image back to what its walk and the finished streams say, and commit: problems of stage "read"
 * whose file has no content yet go, and what a close that failed has left: verdict, damage, ledger, and the
 * problems of stages "verify" and "ledger". TRW_EUSAGE for an image that is closed or not the last that was begun.
 */
TRW_NODISCARD enum trw_status trw_evidence_image_rewind(
	struct trw_evidence *ev, int64_t image_id, struct trw_err *err);

/** A stream, and what it takes to read it. Borrowed until the callback returns. */
struct trw_evidence_stream {
	int64_t file_id, filesystem_id, volume_id;
	enum trw_content_source source;
	const struct trw_extents *extents;
	struct trw_read_request decode; /* and the size */
	/* Only of trw_evidence_stream_of: */
	int64_t image_id;
	uint64_t image_size;
	const char *image_path;
	const uint8_t *sha256; /* of its content; NULL: there is none */
};
typedef enum trw_status (*trw_evidence_stream_take)(
	void *ctx, const struct trw_evidence_stream *stream, struct trw_err *err);

/**
 * Call take for every stream of the image that is left, in the order of file_id; memory is that of one stream.
 * A failure of take ends the list and is returned. Errors also: TRW_ECORRUPT for rows that were not written so.
 */
TRW_NODISCARD enum trw_status trw_evidence_streams_left(struct trw_evidence *ev, int64_t image_id,
	trw_evidence_stream_take take, void *ctx, struct trw_err *err);

/** Call take for one stream. Errors also: TRW_EUSAGE when there is no such file. */
TRW_NODISCARD enum trw_status trw_evidence_stream_of(struct trw_evidence *ev, int64_t file_id,
	trw_evidence_stream_take take, void *ctx, struct trw_err *err);

/* ---- reading ---- */

#define TRW_CANONICAL_SIZE 32
/** SHA-256 over the canonical form of all rows that a repeat of the run must reproduce (trowel-db(5), "Canonical digest"). */
TRW_NODISCARD enum trw_status trw_evidence_digest(
	struct trw_evidence *ev, uint8_t out[TRW_CANONICAL_SIZE], struct trw_err *err);

/**
 * Check the database against itself: application id, schema, integrity_check, foreign keys, audit chain,
 * canonical digest against the audited one, ledger sums, run status. Every finding goes to report as one line.
 * *n_findings 0 = clean.
 */
TRW_NODISCARD enum trw_status trw_evidence_verify(struct trw_evidence *ev,
	void (*report)(void *ctx, const char *line), void *ctx, size_t *n_findings,
	struct trw_err *err);

/** Borrowed until the callback returns; damage is not filled. */
typedef enum trw_status (*trw_evidence_content_take)(
	void *ctx, const struct trw_content_row *content, struct trw_err *err);

/**
 * Call take for every content that has digests, in the order of file_id. Hits and entries may be written meanwhile. A failure of take
 * ends it and is returned. Errors also: TRW_ECORRUPT for digests that are not as they were written.
 */
TRW_NODISCARD enum trw_status trw_evidence_contents(
	struct trw_evidence *ev, trw_evidence_content_take take, void *ctx, struct trw_err *err);

/** Streams whose content is due, whether it is there or not. */
TRW_NODISCARD enum trw_status trw_evidence_streams_due(
	struct trw_evidence *ev, uint64_t *n, struct trw_err *err);

struct trw_evidence_counts {
	uint64_t n_contents;                     /* looked up */
	uint64_t n_match, n_conflict, n_damaged; /* hits by verdict */
	uint64_t n_alert, n_excluded;            /* of n_match */
	uint64_t n_unrecorded;                   /* hits beside those */
};
/** Of a session that has ended, of one set or (0) all of them. */
TRW_NODISCARD enum trw_status trw_evidence_session_counts(struct trw_evidence *ev,
	int64_t session_id, int64_t hashset_id, struct trw_evidence_counts *out,
	struct trw_err *err);

/* ---- queries for the commands: rows as text, so that no other layer needs SQLite ---- */

/** One cell: text is NULL for SQL NULL; integers are also given as number. Borrowed until the callback returns. */
struct trw_evidence_cell {
	const char *text;
	size_t len;
	int64_t number;
};
typedef enum trw_status (*trw_evidence_row)(
	void *ctx, const struct trw_evidence_cell *cells, size_t n, struct trw_err *err);

/**
 * Run one of our own SQL texts (never the user's), with n_args arguments bound as text or, when text is NULL,
 * as number; row is called per row and may end the query with TRW_END.
 */
TRW_NODISCARD enum trw_status trw_evidence_query(struct trw_evidence *ev, const char *sql,
	const struct trw_evidence_cell *args, size_t n_args, trw_evidence_row row, void *ctx,
	struct trw_err *err);
