/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The EWF1 reader: trw_ewf_open, and the pieces that it is made of, which only the files of this folder use.
 *
 * Reference: Joachim Metz, "Expert Witness Compression Format (EWF) specification" (libewf documentation).
 * All numbers are little endian, all checksums are Adler-32.
 *
 *   file      13 bytes: "EVF" 09 0d 0a ff 00, 01, segment number (u16), 0000; then a chain of sections
 *   section   76 bytes: type[16], offset of the next section (u64, from the start of the file), size with
 *             this descriptor (u64), 40 bytes padding, checksum of the 72 bytes before it; then its data.
 *             "next" ends a segment, "done" the set; their next offset is their own.
 *   volume    ("disk" in some) geometry: 1052 bytes, or 94 in SMART and the first EWF. "data" repeats it.
 *   sectors   the chunks, one behind the other
 *   table     24 bytes (entry count u32, 4 padding, base offset u64, 4 padding, checksum of these 20), then
 *             the entries, then (not SMART) their checksum. An entry is the offset of a chunk less the base;
 *             bit 31 says that it is deflated. In EnCase 1 and SMART the chunks follow in the table section.
 *   table2    the same again
 *   chunk     a zlib stream, or the bytes and their checksum. Its length is the distance to the next entry,
 *             or to the end of the section that holds it.
 *
 * EnCase before 6.7 wrote segments of more than 2 GiB with the same entries: from the first chunk that ends
 * past 2^31 - 1 on, all 32 bits are offset and nothing says whether the chunk is deflated.
 */
#pragma once

#include "image/opening/names.h"
#include "image/opening/opening.h"

#define TRW_EWF_CHUNK_MAX ((uint32_t)64 << 20) /* bytes of one chunk */
#define TRW_EWF_CHUNKS_MAX                                                                         \
	((uint64_t)1 << 30) /* of one set: 4 GiB of table in memory, 32 TiB of media */
#define TRW_EWF_MEDIA_MAX ((uint64_t)1 << 60) /* bytes; who announces more is not believed */
#define TRW_EWF_ERRORS_MAX                                                                         \
	((uint32_t)1 << 20) /* entries of the lists of unreadable sectors of a segment */
#define TRW_EWF_ENTRIES_MAX ((uint32_t)1 << 22) /* of one table */
#define TRW_EWF_RUNS_MAX ((size_t)1 << 20)      /* tables of one segment */

struct trw_ewf_geometry {
	uint64_t n_sectors;
	uint32_t n_chunks;
	uint32_t sectors_per_chunk;
	uint32_t sector_size;       /* bytes */
	uint32_t error_granularity; /* sectors */
	uint8_t media_type, media_flags, compression;
	uint8_t set_identifier[16]; /* zeros when there is none */
	bool is_smart;              /* the 94-byte form */
	bool is_checked;            /* its checksum was right */
};

/** The chunks of one table, or of a sectors section whose table is lost. */
struct trw_ewf_run {
	uint64_t first;     /* number of the first chunk; set when the set is put together */
	uint32_t n;         /* chunks; 0 of a lost one that cannot be counted */
	uint32_t *entries;  /* owned; NULL: lost */
	uint32_t wide_from; /* from this entry on 32 bits are offset */
	uint64_t base,
		end;   /* bytes of the file: what entries count from, where the last chunk ends */
	bool is_cut;   /* the file ends before the last chunk's section does */
	uint64_t data; /* lost: where its chunks begin, 0 when that is lost as well */
	size_t part;   /* index of the segment file */
};

enum trw_ewf_ending {
	TRW_EWF_BROKEN = 0, /* the chain stopped short */
	TRW_EWF_NEXT,       /* another segment follows */
	TRW_EWF_DONE        /* the last one */
};

struct trw_ewf_bad { /* sectors that the acquisition could not read */
	uint32_t first, n;
};

/** What was found in one segment file. All-zero but src.fd -1 is empty. */
struct trw_ewf_part {
	struct trw_source src;
	uint32_t number;               /* of the segment, from 1 */
	uint64_t stop;                 /* where a broken chain stopped */
	uint64_t n_chunks, max_chunks; /* table entries that were loaded, and that may be */
	enum trw_ewf_ending ending;
	bool has_geometry, has_volume;
	struct trw_ewf_geometry geometry;
	struct trw_ewf_run *runs; /* owned, in file order */
	size_t n_runs, cap_runs;
	struct trw_ewf_bad *bad; /* owned */
	size_t n_bad, cap_bad;
	struct trw_image_digests stored;
	struct trw_about about; /* facts and notes only */
};

struct trw_ewf_lanes;

/** Immutable after open but for the lanes. */
struct trw_ewf {
	uint64_t size;              /* media bytes */
	uint32_t chunk_size;        /* bytes */
	uint64_t n_chunks;          /* that the media has */
	struct trw_ewf_part *parts; /* owned, by number */
	size_t n_parts;
	struct trw_ewf_run *runs; /* owned, by first; none is lost */
	size_t n_runs;
	struct trw_ewf_lanes *lanes; /* owned; locks itself */
};

/**
 * Read the section chain of the opened part->src, at most max_chunks table entries of it. Damage becomes
 * notes. What is allocated is bounded by what the file holds, never by a count that it announces.
 * Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_ewf_scan(
	struct trw_ewf_part *part, uint64_t max_chunks, struct trw_err *err);

void trw_ewf_part_clear(struct trw_ewf_part *part);

/** Facts from the inflated bytes of a header (8 bit) or header2 (UTF-16) section. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_ewf_header_parse(
	const uint8_t *p, size_t n, struct trw_about *about, struct trw_err *err);

/** Facts from the geometry. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_ewf_geometry_facts(
	const struct trw_ewf_geometry *g, struct trw_about *about, struct trw_err *err);

/** The media bytes that chunk number `chunk` stands for: all but the last are whole. */
size_t trw_ewf_chunk_len(const struct trw_ewf *ewf, uint64_t chunk);

/** The most bytes of a file that one chunk of this size is looked for in. */
size_t trw_ewf_stored_max(uint32_t chunk_size);

/** Index of the first run that ends behind the chunk; n_runs when there is none. O(log n). */
size_t trw_ewf_run_find(const struct trw_ewf *ewf, uint64_t chunk);

enum trw_ewf_packing { TRW_EWF_DEFLATED, TRW_EWF_PLAIN, TRW_EWF_UNKNOWN };

/** Where a chunk is stored. src is the set's. */
struct trw_ewf_place {
	const struct trw_source *src;
	uint64_t chunk;
	uint64_t off; /* bytes of the file */
	size_t len;   /* bytes at most; never more than trw_ewf_stored_max */
	bool is_cut;  /* the file ends at off + len, and the chunk's section does not */
	enum trw_ewf_packing packing;
};

/** False when no table of the set tells where the chunk is. Nothing about the place is checked. */
bool trw_ewf_place_find(const struct trw_ewf *ewf, uint64_t chunk, struct trw_ewf_place *out);

/** How the bytes of a chunk are to be had. */
enum trw_ewf_state {
	TRW_EWF_GOOD,
	TRW_EWF_FAILED, /* they are there, but their checksum does not agree */
	TRW_EWF_ABSENT  /* they are not there */
};

struct libdeflate_decompressor;

/**
 * Inflate and check the chunk of which the file had the first got bytes of its place. out gets its media
 * bytes and has room for a whole chunk, even where the media ends before; its bytes mean something only when
 * the chunk is good.
 */
enum trw_ewf_state trw_ewf_decode(const struct trw_ewf *ewf, const struct trw_ewf_place *p,
	const uint8_t *stored, size_t got, struct libdeflate_decompressor *inflater, uint8_t *out);

/**
 * Take len bytes out of the n stored ones when these are a plain chunk and its checksum: a whole chunk, or at
 * the end of the media as much as there is, or (some writers) a bit more than the media needs.
 */
bool trw_ewf_plain_take(
	const uint8_t *stored, size_t n, uint8_t *out, size_t len, size_t chunk_size);

/** Add bytes of a chunk that is not good, by what became of it. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_ewf_damage_add(enum trw_ewf_state state, uint64_t off, size_t len,
	struct trw_ranges *damage, struct trw_err *err);

/**
 * Number the chunks of all parts, list the segments of the set (like names those that are missing), and
 * set size and known damage. g may be NULL: then only the segments are listed. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_ewf_join(struct trw_ewf *ewf, const struct trw_ewf_geometry *g,
	const char *like, struct trw_opening *o, struct trw_err *err);

/** Buffers and inflaters for chunks of this size. Errors: TRW_ENOMEM. */
TRW_NODISCARD enum trw_status trw_ewf_lanes_new(
	uint32_t chunk_size, struct trw_ewf_lanes **out, struct trw_err *err);
void trw_ewf_lanes_free(struct trw_ewf_lanes *lanes);

/** The back end's read. ctx is a struct trw_ewf. */
TRW_NODISCARD enum trw_status trw_ewf_read(void *ctx, uint64_t off, uint8_t *buf, size_t len,
	struct trw_ranges *damage, struct trw_err *err);

/** The back end's fetch, unpack and ahead. ctx is a struct trw_ewf. */
TRW_NODISCARD enum trw_status trw_ewf_fetch(
	void *ctx, struct trw_image_span *span, struct trw_err *err);
TRW_NODISCARD enum trw_status trw_ewf_unpack(void *ctx, struct trw_image_span *span, uint8_t *buf,
	struct trw_ranges *damage, struct trw_err *err);
void trw_ewf_ahead(void *ctx, uint64_t off, uint64_t len);

/**
 * Find the chunks of a lost run one behind the other from run->data on. Each counts only when its own
 * checksum agrees; the first that does not ends it. At most max chunks are looked for, run->first must be
 * set. Fills entries, n, base and end with what was found (n 0: nothing) and is_whole: the chunks reach up
 * to the end of the section exactly. Errors: TRW_ENOMEM.
 */
TRW_NODISCARD enum trw_status trw_ewf_recover(const struct trw_ewf *ewf, struct trw_ewf_run *run,
	uint64_t max, bool *is_whole, struct trw_err *err);

/**
 * An EWF1 set: `open` of struct trw_container_format (image/formats.h). Errors: as trw_image_open.
 */
TRW_NODISCARD enum trw_status trw_ewf_open(
	struct trw_names *names, struct trw_opening *o, struct trw_err *err);
