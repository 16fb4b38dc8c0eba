/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker can't do while the library of a foreign container parses its header: worker_plug_open tries from inside
 * that library's first read, held by one fence alone. The headers are made here, by hand.
 */
#include "base/bytes.h"
#include "base/sanitizer.h"
#include "sandbox/sandbox.h"
#include "worker/host/worker.h"

#include "unit/fixture/folder.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define PATIENT_NS (20 * (uint64_t)1000000000) /* the machine may be slow */
#define SIZE ((size_t)64 << 10)

static uint8_t bytes[SIZE];

/* ---- the containers ---- */

static void
put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A segment of an AFF file: its head, name, value and tail. The end of it. */
static uint8_t *
put_segment(uint8_t *p, const char *name, uint32_t flag)
{
	uint32_t len = (uint32_t)strlen(name);

	memcpy(p, "AFF", 4);
	put_be32(p + 4, len);
	put_be32(p + 8, 0);
	put_be32(p + 12, flag);
	memcpy(p + 16, name, len);
	memcpy(p + 16 + len, "ATT", 4);
	put_be32(p + 20 + len, 24 + len);
	return p + 24 + len;
}

static size_t
make_aff(void)
{
	uint8_t *p = bytes;

	memcpy(p, "AFF10\r\n", 8);
	p = put_segment(p + 8, "pagesize", 4096);
	p = put_segment(p, "sectorsize", 512);
	return (size_t)(p - bytes);
}

static size_t
make_vmdk(void)
{
	static const char text[] =
		"# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n"
		"createType=\"monolithicFlat\"\n\n# Extent description\nRW 128 FLAT \"flat.bin\" 0\n\n"
		"# The Disk Data Base\n#DDB\n\nddb.virtualHWVersion = \"4\"\n";

	write_file("flat.bin", bytes, SIZE);
	memcpy(bytes, text, sizeof(text) - 1);
	return sizeof(text) - 1;
}

/* A fixed disk: its bytes, and a footer that sums up. */
static size_t
make_vhd(void)
{
	uint8_t *p = bytes + SIZE - 512;
	uint32_t sum = 0;

	memcpy(p, "conectix", 8);
	put_be32(p + 8, 2);
	put_be32(p + 12, 0x10000);
	memset(p + 16, 0xff, 8);
	put_be32(p + 44, SIZE - 512);
	put_be32(p + 52, SIZE - 512);
	put_be32(p + 60, 2);
	for (size_t i = 0; i < 512; i++)
		sum += p[i];
	put_be32(p + 64, ~sum);
	return SIZE;
}

/* The header of the file, and no section behind it. */
static size_t
make_ex01(void)
{
	memcpy(bytes, "EVF2\x0d\x0a\x81", 8);
	bytes[8] = 2;                 /* major version */
	bytes[9] = 1;                 /* minor version */
	trw_put_le32(bytes + 10, 1);  /* compression: deflate */
	trw_put_le32(bytes + 12, 1);  /* segment */
	memset(bytes + 16, 0x5a, 16); /* set */
	return 4096;
}

static const struct container {
	const char *name, *library;
	size_t (*make)(void);
} containers[] = {
	{"disk.aff", "libafflib", make_aff},
	{"disk.vmdk", "libvmdk", make_vmdk},
	{"disk.vhd", "libvhdi", make_vhd},
	{"disk.Ex01", "libewf", make_ex01},
};

/* ---- the attempts ---- */

static struct trw_worker *
start(const struct container *c, const char *role)
{
	struct trw_worker_spec spec = {.binary = WORKERS "/worker_plug_open",
		.role = role,
		.n_paths = 1,
		.memory_max = (uint64_t)512 << 20,
		.quiet_max_ns = PATIENT_NS};
	struct trw_worker *w = NULL;
	struct trw_err err = {0};
	char path[96];
	const char *p = path;

	memset(bytes, 0, sizeof(bytes));
	write_file(c->name, bytes, c->make());
	path_of(c->name, path);
	assert_int_equal(chmod(path, 0666), 0);
	spec.paths = &p;
	if (trw_worker_start(&spec, &w, &err) != TRW_OK)
		fail_msg("%s: %s: %s", c->name, role, err.text);
	return w;
}

/* The next text of the plug; false when the worker is dead instead. */
static bool
next_text(struct trw_worker *w, char out[512])
{
	struct trw_frame frame;

	if (trw_worker_recv(w, &frame, NULL) != TRW_OK)
		return false;
	assert_int_equal(frame.type, TRW_FRAME_DATA);
	assert_true(frame.len < 512);
	memcpy(out, frame.payload, frame.len);
	out[frame.len] = '\0';
	return true;
}

/* wanted: what came of the attempt, "SIGSYS", or "gone": the process is another program. */
static void
expect(const char *role, const char *wanted)
{
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
		struct trw_worker *w = start(&containers[i], role);
		char text[512];

		if (!next_text(w, text) || strstr(text, containers[i].library) == NULL)
			fail_msg("%s: %s: not read by %s", containers[i].name, role,
				containers[i].library);
		if (!next_text(w, text))
			(void)strcpy(
				text, trw_worker_ended(w)->signal == SIGSYS ? "SIGSYS" : "gone");
		if (strcmp(text, wanted) != 0)
			fail_msg("%s: %s: '%s', not '%s'", containers[i].name, role, text, wanted);
		if (strcmp(wanted, "SIGSYS") == 0)
			assert_string_equal(trw_worker_ended(w)->text,
				"stopped by the sandbox (SIGSYS) while opening the image");
		trw_worker_stop(w);
	}
}

static void
seccomp_alone_stops_a_parser_that_connects_executes_forks_or_writes(void **state)
{
	(void)state;
	if (TRW_TSAN)
		skip();
	expect("parse:socket:seccomp", "SIGSYS");
	expect("parse:exec:seccomp", "SIGSYS");
	expect("parse:fork:seccomp", "SIGSYS");
	expect("parse:write:seccomp", "EPERM");
}

/* A fork is for the limit on processes to stop, which stands beside Landlock. */
static void
landlock_alone_stops_a_parser_that_connects_executes_forks_or_writes(void **state)
{
	long version = 0;

	(void)state;
	if (sscanf(trw_sandbox_text(), "seccomp, Landlock %ld", &version) != 1)
		skip();
	if (version >= 4)
		expect("parse:socket:landlock", "EACCES");
	expect("parse:exec:landlock", "EACCES");
	expect("parse:fork:landlock", "EAGAIN");
	expect("parse:write:landlock", "EACCES");
}

static void
without_a_fence_the_same_attempts_go_through(void **state)
{
	(void)state;
	expect("parse:socket:none", "went through");
	expect("parse:write:none", "went through");
	expect("parse:exec:none", "gone");
}

/* Root's plug becomes nobody, and must still get at the files. */
static int
make_open_folder(void **state)
{
	char path[96];

	if (make_folder(state) != 0)
		return -1;
	path_of("", path);
	return chmod(path, 0777);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			seccomp_alone_stops_a_parser_that_connects_executes_forks_or_writes),
		cmocka_unit_test(
			landlock_alone_stops_a_parser_that_connects_executes_forks_or_writes),
		cmocka_unit_test(without_a_fence_the_same_attempts_go_through),
	};

	return cmocka_run_group_tests(tests, make_open_folder, remove_folder);
}
