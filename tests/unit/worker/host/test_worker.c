/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"
#include "base/sanitizer.h"
#include "unit/fixture/clock.h"
#include "worker/host/media.h"
#include "worker/host/worker.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATIENT_NS (600 * (uint64_t)1000000000)
#define MIB ((size_t)1 << 20)

static struct trw_worker *
start(const char *role, uint64_t quiet_ns)
{
	struct trw_worker_spec spec = {.binary = WORKERS "/worker_plug",
		.role = role,
		.memory_max = 64 * MIB,
		.quiet_max_ns = quiet_ns};
	struct trw_worker *w = NULL;
	struct trw_err err = {0};

	if (trw_worker_start(&spec, &w, &err) != TRW_OK)
		fail_msg("%s: %s", role, err.text);
	return w;
}

/* Receive to the end; how many frames came before it. */
static size_t
drain(struct trw_worker *w)
{
	struct trw_frame frame;
	struct trw_err err = {0};
	enum trw_status st;
	size_t n = 0;

	while ((st = trw_worker_recv(w, &frame, &err)) == TRW_OK)
		n++;
	assert_int_equal(st, TRW_EWORKER);
	assert_non_null(strstr(err.text, trw_worker_ended(w)->text));
	return n;
}

static void
a_locked_down_worker_echoes_frames_of_any_size(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 262136, 262144, 1000000, TRW_FRAME_MAX};
	struct trw_worker *w = start("plug-ok", PATIENT_NS);
	uint8_t *payload = malloc(TRW_FRAME_MAX);
	struct trw_frame frame;

	(void)state;
	assert_non_null(payload);
	for (size_t i = 0; i < TRW_FRAME_MAX; i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	assert_string_equal(trw_worker_versions(w), "plug 1");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
#if !TRW_ASAN
		if (sizes[i] > 8 * MIB)
			continue; /* the plug has 64 MiB of address space */
#endif
		assert_int_equal(
			trw_worker_send(w, TRW_FRAME_READ, payload, sizes[i], NULL), TRW_OK);
		assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
		assert_int_equal(frame.type, TRW_FRAME_DATA);
		assert_int_equal(frame.len, sizes[i]);
		if (sizes[i] > 0)
			assert_memory_equal(frame.payload, payload, sizes[i]);
		assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
		assert_int_equal(frame.type, TRW_FRAME_DONE);
	}
	trw_worker_stop(w);
	free(payload);
}

static void
opening_connecting_executing_and_forking_are_deadly(void **state)
{
	static const char *const roles[] = {
		"plug-open", "plug-socket", "plug-exec", "plug-fork", "plug-map-exec", "plug-kill"};

	(void)state;
#if TRW_TSAN
	skip();
#endif
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct trw_worker *w = start(roles[i], PATIENT_NS);
		const struct trw_worker_end *end;

		assert_int_equal(drain(w), 0);
		end = trw_worker_ended(w);
		if (!end->is_violation)
			fail_msg("%s: %s", roles[i], end->text);
		assert_int_equal(end->signal, SIGSYS);
		assert_string_equal(end->text, "stopped by the sandbox (SIGSYS) while starting");
		trw_worker_stop(w);
	}
}

static void
what_libraries_ask_on_the_way_is_refused_and_not_deadly(void **state)
{
	struct trw_worker *w = start("plug-probe", PATIENT_NS);
	struct trw_frame frame;

	(void)state;
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
	assert_int_equal(frame.type, TRW_FRAME_DONE);
#if !TRW_TSAN
	assert_memory_equal(frame.payload, "ok", 2);
#endif
	trw_worker_stop(w);
}

static void
without_a_sandbox_the_same_calls_go_through(void **state)
{
	struct trw_worker_spec spec = {
		.binary = WORKERS "/worker_plug", .role = "plug-socket", .no_sandbox = true};
	struct trw_worker *w = NULL;
	struct trw_frame frame;

	(void)state;
	assert_int_equal(trw_worker_start(&spec, &w, NULL), TRW_OK);
	assert_int_equal(trw_worker_send(w, TRW_FRAME_READ, "x", 1, NULL), TRW_OK);
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
	assert_int_equal(frame.type, TRW_FRAME_DATA);
	trw_worker_stop(w);
}

static void
frames_sent_before_a_crash_arrive_and_the_end_names_signal_and_inode(void **state)
{
	struct trw_worker *w = start("plug-segv", PATIENT_NS);
	const struct trw_worker_end *end;

	(void)state;
	assert_int_equal(drain(w), 1);
	end = trw_worker_ended(w);
	assert_false(end->is_hung || end->is_protocol);
#if !TRW_ASAN && !TRW_TSAN /* which take the fault, and open files to report it */
	assert_false(end->is_violation);
	assert_int_equal(end->signal, SIGSEGV);
	assert_string_equal(end->text, "killed by SIGSEGV while reading the metadata of inode 42");
#endif
	assert_int_equal(end->activity.step, TRW_STEP_METADATA);
	assert_int_equal(end->activity.inode, 42);
	/* The end stays the end. */
	assert_int_equal(drain(w), 0);
	assert_int_equal(trw_worker_send(w, TRW_FRAME_READ, NULL, 0, NULL), TRW_EWORKER);
	trw_worker_stop(w);
}

static void
an_abort_is_told_as_such(void **state)
{
	struct trw_worker *w = start("plug-abort", PATIENT_NS);

	(void)state;
	assert_int_equal(drain(w), 0);
	assert_int_equal(trw_worker_ended(w)->signal, SIGABRT);
	assert_string_equal(
		trw_worker_ended(w)->text, "killed by SIGABRT while opening the file system");
	trw_worker_stop(w);
}

static bool
always(void)
{
	return true;
}

/* Until w is where it will say nothing more; from then on time flies. */
static void
await_hang(struct trw_worker *w)
{
	struct trw_frame frame;

	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
	assert_int_equal(frame.type, TRW_FRAME_DONE);
	clock_leaps = always;
}

static void
a_busy_loop_and_a_sleep_are_both_hung(void **state)
{
	static const struct {
		const char *role, *text;
	} cases[] = {
		{"plug-hang", "no sign of life for 600 s while looking for orphans"},
		{"plug-sleep", "no sign of life for 600 s while reading the allocation map"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trw_worker *w = start(cases[i].role, PATIENT_NS);

		await_hang(w);
		assert_int_equal(drain(w), 0);
		clock_leaps = NULL;
		assert_true(trw_worker_ended(w)->is_hung);
		assert_int_equal(trw_worker_ended(w)->signal, SIGKILL);
		assert_string_equal(trw_worker_ended(w)->text, cases[i].text);
		trw_worker_stop(w);
	}
}

static void
a_send_that_a_hung_worker_does_not_take_ends_as_hung(void **state)
{
	struct trw_worker *w = start("plug-sleep", PATIENT_NS);
	uint8_t *payload = calloc(1, TRW_FRAME_MAX);

	(void)state;
	assert_non_null(payload);
	await_hang(w);
	assert_int_equal(
		trw_worker_send(w, TRW_FRAME_READ, payload, TRW_FRAME_MAX, NULL), TRW_EWORKER);
	clock_leaps = NULL;
	assert_true(trw_worker_ended(w)->is_hung);
	trw_worker_stop(w);
	free(payload);
}

static void
a_flood_can_be_stopped_at_any_time(void **state)
{
	struct trw_worker *w = start("plug-flood", PATIENT_NS);
	struct trw_frame frame;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
		assert_int_equal(frame.len, 65536);
	}
	trw_worker_distrust(w, "too much");
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_EWORKER);
	assert_true(trw_worker_ended(w)->is_protocol);
	assert_string_equal(
		trw_worker_ended(w)->text, "broke the protocol: too much while starting");
	trw_worker_stop(w);
}

static void
a_frame_too_long_or_of_a_wrong_type_breaks_the_protocol(void **state)
{
	static const struct {
		const char *role, *text;
	} cases[] = {
		{"plug-badframe", "a frame of type 70 and 4294967295 bytes"},
		{"plug-badtype", "a frame of type 2 and 0 bytes"},
		{"plug-closed", "it closed the connection and went on"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trw_worker *w = start(cases[i].role, PATIENT_NS);

		assert_int_equal(drain(w), 0);
		assert_true(trw_worker_ended(w)->is_protocol);
		assert_non_null(strstr(trw_worker_ended(w)->text, cases[i].text));
		trw_worker_stop(w);
	}
}

static void
half_a_frame_is_not_delivered(void **state)
{
	struct trw_worker *w = start("plug-partial", PATIENT_NS);

	(void)state;
	assert_int_equal(drain(w), 1);
	assert_int_equal(trw_worker_ended(w)->signal, 0);
	assert_int_equal(trw_worker_ended(w)->status, 3);
	assert_string_equal(trw_worker_ended(w)->text, "exited with status 3 while starting");
	trw_worker_stop(w);
}

static void
a_memory_bomb_goes_off_at_its_own_limit(void **state)
{
	struct trw_worker *w;

	(void)state;
#if TRW_ASAN || TRW_TSAN
	skip(); /* no limit on memory there */
#endif
	w = start("plug-oom", PATIENT_NS);
	assert_int_equal(drain(w), 0);
	assert_int_equal(trw_worker_ended(w)->signal, SIGABRT);
	assert_string_equal(trw_worker_ended(w)->text,
		"killed by SIGABRT while locating the content of inode 7");
	trw_worker_stop(w);
}

static void
a_failed_frame_is_an_error_with_the_workers_words(void **state)
{
	struct trw_worker *w = start("plug-failed", PATIENT_NS);
	struct trw_frame frame, cut;
	struct trw_err err = {0};

	(void)state;
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
	assert_int_equal(frame.type, TRW_FRAME_FAILED);
	assert_int_equal(trw_frame_failed(&frame, &err), TRW_ECORRUPT);
	assert_string_equal(err.text, "the plug says no");
	cut = frame;
	cut.len--;
	assert_int_equal(trw_frame_failed(&cut, &err), TRW_ECORRUPT);
	assert_non_null(strstr(err.text, "FAILED frame"));
	trw_worker_stop(w);
}

static void
a_program_that_is_not_there_or_no_worker_is_an_error(void **state)
{
	struct trw_worker_spec spec = {.binary = "/nonexistent/worker", .role = "plug-ok"};
	struct trw_worker *w = NULL;
	struct trw_err err = {0};

	(void)state;
	assert_int_equal(trw_worker_start(&spec, &w, &err), TRW_ESANDBOX);
	assert_non_null(strstr(err.text, "/nonexistent/worker"));
	spec.binary = "/bin/true";
	assert_int_equal(trw_worker_start(&spec, &w, &err), TRW_EWORKER);
	assert_string_equal(err.text, "worker exited with status 0 while starting");
	spec = (struct trw_worker_spec){.binary = WORKERS "/worker_plug", .role = "no such role"};
	assert_int_equal(trw_worker_start(&spec, &w, &err), TRW_EWORKER);
	assert_null(w);
}

static void *
cancel(void *arg)
{
	(void)arg;
	atomic_store(&trw_cancelled, true);
	return NULL;
}

static void
a_wait_ends_when_the_user_interrupts(void **state)
{
	struct trw_worker *w = start("plug-sleep", PATIENT_NS);
	struct trw_frame frame;
	pthread_t thread;

	(void)state;
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_OK);
	assert_int_equal(pthread_create(&thread, NULL, cancel, NULL), 0);
	assert_int_equal(trw_worker_recv(w, &frame, NULL), TRW_ECANCEL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	atomic_store(&trw_cancelled, false);
	trw_worker_stop(w);
}

static void
stopping_nothing_is_fine(void **state)
{
	(void)state;
	trw_worker_stop(NULL);
}

/* ---- media ---- */

struct medium {
	struct trw_opening opening;
	uint8_t *buf;
	struct trw_ranges damage;
};

static struct medium
medium_open(void)
{
	struct trw_media_options options = {.binary = WORKERS "/worker_plug",
		.memory_max = 64 * MIB,
		.quiet_max_ns = PATIENT_NS};
	const char *const path = "case.aff";
	struct medium m = {.buf = malloc(3 * MIB)};
	struct trw_err err = {0};

	assert_non_null(m.buf);
	memset(m.buf, 0xff, 3 * MIB);
	if (trw_media_open(&options, TRW_IMAGE_AFF, &path, 1, &m.opening, &err) != TRW_OK)
		fail_msg("%s", err.text);
	return m;
}

static void
medium_close(struct medium *m)
{
	m->opening.backend.close(m->opening.backend.ctx);
	trw_ranges_clear(&m->damage);
	free(m->buf);
}

static void
medium_read(struct medium *m, uint64_t off, size_t len)
{
	const struct trw_backend *b = &m->opening.backend;
	struct trw_err err = {0};

	if (b->read(b->ctx, off, m->buf, len, &m->damage, &err) != TRW_OK)
		fail_msg("%s", err.text);
}

static void
a_foreign_container_is_read_through_a_worker(void **state)
{
	struct medium m = medium_open();
	const struct trw_image_info *info = &m.opening.about.info;

	(void)state;
	assert_int_equal(info->size, 3 * MIB);
	assert_int_equal(info->sector_size, 512);
	assert_true(info->stored.has_md5);
	assert_false(info->stored.has_sha1);
	assert_int_equal(info->stored.md5[15], 0xaa);
	medium_read(&m, 1000, 2000);
	for (size_t i = 0; i < 2000; i++)
		assert_int_equal(m.buf[i], (uint8_t)((1000 + i) / 512));
	/* Known damage is [512, 1024): of it the read touches 24 bytes. */
	assert_int_equal(m.damage.n, 1);
	assert_int_equal(m.damage.v[0].off, 1000);
	assert_int_equal(m.damage.v[0].len, 24);
	assert_int_equal(m.damage.v[0].why, TRW_DAMAGE_SUBSTITUTED);
	medium_close(&m);
}

static void
a_range_that_kills_two_workers_is_missing_and_its_neighbours_are_read(void **state)
{
	struct medium m = medium_open();

	(void)state;
	medium_read(&m, 0, 3 * MIB);
	assert_int_equal(m.damage.n, 2);
	assert_int_equal(m.damage.v[0].off, 512);
	assert_int_equal(m.damage.v[1].off, MIB); /* the poison, and the gap behind it */
	assert_int_equal(m.damage.v[1].len, MIB + MIB / 2);
	assert_int_equal(m.damage.v[1].why, TRW_DAMAGE_MISSING);
	assert_int_equal(m.buf[MIB - 1], (uint8_t)((MIB - 1) / 512));
	for (size_t i = MIB; i < 2 * MIB + MIB / 2; i++)
		assert_int_equal(m.buf[i], 0);
	assert_int_equal(m.buf[3 * MIB - 1], (uint8_t)((3 * MIB - 1) / 512));
	medium_close(&m);
}

static void
a_container_that_no_worker_opens_is_an_error(void **state)
{
	struct trw_media_options options = {.binary = "/bin/true"};
	const char *const path = "case.aff";
	struct trw_opening opening = {0};

	(void)state;
	assert_int_equal(
		trw_media_open(&options, TRW_IMAGE_AFF, &path, 1, &opening, NULL), TRW_EWORKER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_locked_down_worker_echoes_frames_of_any_size),
		cmocka_unit_test(opening_connecting_executing_and_forking_are_deadly),
		cmocka_unit_test(what_libraries_ask_on_the_way_is_refused_and_not_deadly),
		cmocka_unit_test(without_a_sandbox_the_same_calls_go_through),
		cmocka_unit_test(
			frames_sent_before_a_crash_arrive_and_the_end_names_signal_and_inode),
		cmocka_unit_test(an_abort_is_told_as_such),
		cmocka_unit_test(a_busy_loop_and_a_sleep_are_both_hung),
		cmocka_unit_test(a_send_that_a_hung_worker_does_not_take_ends_as_hung),
		cmocka_unit_test(a_flood_can_be_stopped_at_any_time),
		cmocka_unit_test(a_frame_too_long_or_of_a_wrong_type_breaks_the_protocol),
		cmocka_unit_test(half_a_frame_is_not_delivered),
		cmocka_unit_test(a_memory_bomb_goes_off_at_its_own_limit),
		cmocka_unit_test(a_failed_frame_is_an_error_with_the_workers_words),
		cmocka_unit_test(a_program_that_is_not_there_or_no_worker_is_an_error),
		cmocka_unit_test(a_wait_ends_when_the_user_interrupts),
		cmocka_unit_test(stopping_nothing_is_fine),
		cmocka_unit_test(a_foreign_container_is_read_through_a_worker),
		cmocka_unit_test(
			a_range_that_kills_two_workers_is_missing_and_its_neighbours_are_read),
		cmocka_unit_test(a_container_that_no_worker_opens_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
