/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the evidence database costs: N files with one extent and one content each, in the order in which a
 * run hands them over (rows by file, contents by their place on the disk), through the API alone. Prints seconds of
 * wall clock and of this process's processors, and bytes, for each part. Judges nothing.
 *
 *     bench_evidence DATABASE [FILES [THREADS]]
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "evidence/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define N_DIRECTORY 500    /* files of one directory */
#define COMMIT_ROWS 500000 /* as the writer does */
#define BLOCK 4096

struct bench {
	struct trw_evidence *ev;
	const char *path;
	uint64_t n_files, n_rows;
	int64_t run_id, started_ns, cpu_ns;
	struct trw_err err;
};

static int64_t
cpu_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static uint64_t
file_bytes(const char *path, const char *suffix)
{
	char name[4096];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void
begin_part(struct bench *b)
{
	b->started_ns = trw_monotonic_ns();
	b->cpu_ns = cpu_now();
}

static void
end_part(struct bench *b, const char *name)
{
	double wall = (double)(trw_monotonic_ns() - b->started_ns) / 1e9;
	double cpu = (double)(cpu_now() - b->cpu_ns) / 1e9;
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%-14s %8.3f %8.3f %8.0f %10.1f %10.1f %9ld\n", name, wall, cpu,
		cpu * 1e9 / (double)b->n_files, (double)file_bytes(b->path, "") / (1 << 20),
		(double)file_bytes(b->path, "-journal") / (1 << 20), usage.ru_maxrss / 1024);
	begin_part(b);
}

static void
need(struct bench *b, enum trw_status status)
{
	if (status >= 0)
		return;
	(void)fprintf(stderr, "bench_evidence: %s\n", b->err.text);
	exit(3);
}

static void
row_done(struct bench *b)
{
	if (++b->n_rows % COMMIT_ROWS == 0)
		need(b, trw_evidence_commit(b->ev, &b->err));
}

/* A number that looks like chance and is always the same. */
static uint64_t
scatter(uint64_t v)
{
	v += UINT64_C(0x9e3779b97f4a7c15);
	v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
	return v ^ (v >> 31);
}

/* The i-th file of the disk's order: blocks of 64 files lie in another order than their names. */
static uint64_t
on_disk(uint64_t i, uint64_t n)
{
	uint64_t n_groups = n / 64;

	return i / 64 >= n_groups ? i : i / 64 * 64 + (i * 37 + scatter(i / 64)) % 64;
}

#define PUT(row_kind, member, row)                                                                 \
	trw_evidence_put(                                                                          \
		b->ev, &(struct trw_row){.kind = TRW_ROW_##row_kind, .u.member = row}, &b->err)

static void
add_frame(struct bench *b)
{
	uint64_t size = (b->n_files + 1024) * BLOCK;
	struct trw_evidence_run run = {.tool_version = "bench", .options = "none"};
	struct trw_evidence_image image = {.image_id = 1,
		.name = "disk.raw",
		.path = "disk.raw",
		.format = "raw",
		.size = size,
		.sector_size = 512};
	struct trw_volume volume = {.volume_id = 1,
		.image_id = 1,
		.kind = TRW_VOLUME_WHOLE,
		.space = trw_space_at(0, size, 0),
		.declared_len = size};
	struct trw_filesystem fs = {.filesystem_id = 1,
		.volume_id = 1,
		.image_id = 1,
		.type = trw_bytes_of("Ext4"),
		.len = size,
		.block_size = BLOCK,
		.block_count = size / BLOCK,
		.status = trw_bytes_of("complete")};
	struct trw_blocks blocks = {1, 0, size, TRW_BLOCK_ALLOCATED};
	struct trw_item_count seen = {1, TRW_ITEM_SEEN, b->n_files};

	need(b, trw_evidence_run_begin(b->ev, &run, &b->run_id, &b->err));
	image.run_id = b->run_id;
	need(b, trw_evidence_image_add(b->ev, &image, &b->err));
	need(b, PUT(VOLUME, volume, volume));
	need(b, PUT(FILESYSTEM, filesystem, fs));
	need(b, PUT(BLOCKS, blocks, blocks));
	need(b, PUT(ITEMS, items, seen));
}

static void
add_file(struct bench *b, uint64_t i)
{
	char path[128];
	struct trw_extent extent = {
		.off = (1024 + i) * BLOCK, .len = BLOCK, .kind = TRW_EXTENT_DATA};
	struct trw_extents extents = {.v = &extent, .n = 1, .cap = 1, .total = BLOCK};

	(void)snprintf(path, sizeof(path), "/home/user/dir%06" PRIu64 "/file%08" PRIu64 ".dat",
		i / N_DIRECTORY, i);
	char *name = strrchr(path, '/') + 1;
	int64_t time = 1700000000000000000 + (int64_t)(scatter(i) >> 10);
	struct trw_file file = {.file_id = (int64_t)i + 1,
		.filesystem_id = 1,
		.image_id = 1,
		.parent_id = (int64_t)(i / N_DIRECTORY * N_DIRECTORY) + 1,
		.path = trw_bytes_of(path),
		.name = trw_bytes_of(name),
		.inode = i + 12,
		.attr_type = 1,
		.kind = TRW_FILE_REGULAR,
		.size = 3000 + i % 1000,
		.created_ns = time,
		.modified_ns = time,
		.accessed_ns = time + 1,
		.changed_ns = time,
		.mode = 0644,
		.n_links = 1,
		.uid = 1000,
		.gid = 1000,
		.content_source = TRW_CONTENT_EXTENTS,
		.extents = extents};

	need(b, PUT(FILE, file, file));
	row_done(b);
}

static void
add_content(struct bench *b, uint64_t i)
{
	struct trw_content_row content = {
		.file_id = (int64_t)i + 1, .state = TRW_DIGEST_COMPLETE, .size = 3000 + i % 1000};
	uint8_t *digests = content.digests.md5;

	for (size_t k = 0; k + 8 <= sizeof(content.digests); k += 8)
		trw_put_le64(digests + k, scatter(4 * i + k / 8));
	need(b, PUT(CONTENT, content, content));
	row_done(b);
}

int
main(int argc, char **argv)
{
	struct bench b = {.n_files = 200000};
	uint8_t digest[TRW_CANONICAL_SIZE];
	char hex[2 * TRW_CANONICAL_SIZE + 1];
	unsigned n_threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	bool balanced;

	if (argc < 2 || argc > 4) {
		(void)fprintf(stderr, "usage: bench_evidence DATABASE [FILES [THREADS]]\n");
		return 2;
	}
	b.path = argv[1];
	if (argc > 2)
		b.n_files = strtoull(argv[2], NULL, 10);
	need(&b, trw_evidence_open(b.path, TRW_EVIDENCE_CREATE, &b.ev, &b.err));
	trw_evidence_set_threads(b.ev, n_threads);
	printf("%-14s %8s %8s %8s %10s %10s %9s\n", "part", "wall s", "cpu s", "ns/file", "MiB",
		"journal", "peak MiB");
	begin_part(&b);
	add_frame(&b);
	for (uint64_t i = 0; i < b.n_files; i++)
		add_file(&b, i);
	end_part(&b, "files, extents");
	for (uint64_t i = 0; i < b.n_files; i++)
		add_content(&b, on_disk(i, b.n_files));
	end_part(&b, "contents");
	need(&b, trw_evidence_commit(b.ev, &b.err));
	end_part(&b, "commit");
	need(&b, trw_evidence_close_books(b.ev, 1, &balanced, &b.err));
	end_part(&b, "close books");
	need(&b, trw_evidence_run_end(b.ev, b.run_id, "complete", &b.err));
	end_part(&b, "end of run");
	need(&b, trw_evidence_close(b.ev, &b.err));
	end_part(&b, "close");
	need(&b, trw_evidence_open(b.path, TRW_EVIDENCE_READ, &b.ev, &b.err));
	trw_evidence_set_threads(b.ev, n_threads);
	need(&b, trw_evidence_digest(b.ev, digest, &b.err));
	end_part(&b, "digest again");
	need(&b, trw_evidence_close(b.ev, &b.err));
	trw_hex(digest, sizeof(digest), hex);
	printf("canonical      %s, books %s, %.1f bytes a file\n", hex,
		balanced ? "balanced" : "off", (double)file_bytes(b.path, "") / (double)b.n_files);
	return 0;
}
