/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trowel-worker: locks itself down to reading the image's files, opens it, locks itself down for good, then answers
 * requests. Started by trowel only (src/worker/host); everything it says goes through the socket, and its exit status is
 * for the text of its end.
 */
#include "base/alloc.h"
#include "image/foreign/foreign.h"
#include "record/encode.h"
#include "walk/tsk/read.h"
#include "walk/tsk/volumes.h"
#include "walk/tsk/walk.h"
#include "worker/guest/guest.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREAD_MAX ((uint32_t)1 << 20)
#define EXIT_USAGE 64
#define EXIT_FAILED 70

struct arguments {
	const char *role;
	uint32_t sector_size;
	struct trw_guest_limits limits; /* and the paths */
};

static bool
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{"role", required_argument, NULL, 'r'},
		{"sector-size", required_argument, NULL, 's'},
		{"memory-max", required_argument, NULL, 'm'},
		{"no-sandbox", no_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'r')
			a->role = optarg;
		else if (c == 's')
			a->sector_size = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'm')
			a->limits.memory_max = strtoull(optarg, NULL, 10);
		else if (c == 'n')
			a->limits.no_landlock = a->limits.no_seccomp = true;
		else
			return false;
	}
	a->limits.paths = (const char *const *)(argv + optind);
	a->limits.n_paths = (size_t)(argc - optind);
	return a->role != NULL && a->limits.n_paths > 0;
}

static enum trw_status
send_media(struct trw_image *image, struct trw_err *err)
{
	const struct trw_image_info *info = trw_image_info(image);
	struct trw_media_facts facts = {.size = info->size,
		.sector_size = info->sector_size,
		.md5 = {info->stored.md5, info->stored.has_md5 ? sizeof(info->stored.md5) : 0},
		.sha1 = {info->stored.sha1, info->stored.has_sha1 ? sizeof(info->stored.sha1) : 0}};
	struct trw_buf b = {0};
	enum trw_status st = trw_image_damage(image, &facts.damage, err);

	if (st == TRW_OK)
		st = trw_media_encode(&facts, &b, err);
	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_MEDIA, b.v, b.n);
		trw_guest_flush();
	}
	trw_ranges_clear(&facts.damage);
	trw_buf_clear(&b);
	return st;
}

/* DATA with the bytes, DONE with their damage. */
static enum trw_status
send_bytes(uint64_t off, const uint8_t *bytes, size_t n, const struct trw_damage_list *done,
	struct trw_err *err)
{
	struct trw_data data = {off, {bytes, n}};
	struct trw_buf b = {0};
	enum trw_status st = trw_data_encode(&data, &b, err);

	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_DATA, b.v, b.n);
		b.n = 0;
		st = trw_damage_encode(done, &b, err);
	}
	if (st == TRW_OK) {
		trw_guest_send(TRW_FRAME_DONE, b.v, b.n);
		trw_guest_flush();
	}
	trw_buf_clear(&b);
	return st;
}

static enum trw_status
answer_pread(struct trw_image *image, const uint8_t *payload, size_t n, struct trw_err *err)
{
	struct trw_pread_request r = {0};
	struct trw_damage_list done = {0};
	enum trw_status st = trw_pread_decode(payload, n, &r, err);
	uint8_t *bytes;

	if (st == TRW_OK && r.len > PREAD_MAX)
		st = trw_fail(err, TRW_ECORRUPT, "a request for %" PRIu32 " bytes", r.len);
	if (st != TRW_OK)
		return st;
	bytes = trw_alloc(r.len, 1, err);
	st = bytes == NULL ? TRW_ENOMEM
			   : trw_image_read(image, r.off, bytes, r.len, &done.damage, err);
	if (st == TRW_OK)
		st = send_bytes(r.off, bytes, r.len, &done, err);
	free(bytes);
	trw_ranges_clear(&done.damage);
	return st;
}

static enum trw_status
answer_walk(struct trw_image *image, const uint8_t *payload, size_t n, struct trw_err *err)
{
	struct trw_walk_request *r = trw_alloc(1, sizeof(*r), err);
	enum trw_status st;

	if (r == NULL)
		return TRW_ENOMEM;
	st = trw_walk_request_decode(payload, n, r, err);
	if (st == TRW_OK)
		st = trw_walk(image, r, err);
	free(r);
	return st;
}

static enum trw_status
answer_read(struct trw_image *image, const uint8_t *payload, size_t n, struct trw_place **place,
	struct trw_err *err)
{
	struct trw_read_request r = {0};
	enum trw_status st = trw_read_request_decode(payload, n, &r, err);

	return st == TRW_OK ? trw_read(image, &r, place, err) : st;
}

static enum trw_status
serve(struct trw_image *image, struct trw_err *err)
{
	struct trw_place *place = NULL;
	enum trw_status st = TRW_OK;

	while (st == TRW_OK) {
		enum trw_frame_type type = TRW_FRAME_DONE;
		const uint8_t *payload = NULL;
		size_t n = 0;

		st = trw_guest_recv(&type, &payload, &n, err);
		if (st != TRW_OK)
			break;
		if (type == TRW_FRAME_VOLUMES)
			st = trw_volumes(image, err);
		else if (type == TRW_FRAME_WALK)
			st = answer_walk(image, payload, n, err);
		else if (type == TRW_FRAME_READ)
			st = answer_read(image, payload, n, &place, err);
		else if (type == TRW_FRAME_PREAD)
			st = answer_pread(image, payload, n, err);
		else
			st = trw_fail(err, TRW_ECORRUPT, "an unknown request");
	}
	trw_place_close(place);
	return st == TRW_END ? TRW_OK : st;
}

static void
say_hello(void)
{
	static const char versions[] = "libtsk " TSK_VERSION_STR ", libewf " TROWEL_EWF_VERSION;

	trw_guest_send(TRW_FRAME_HELLO, versions, sizeof(versions) - 1);
	trw_guest_flush();
}

int
main(int argc, char **argv)
{
	struct trw_image_options options = {.open_foreign = trw_foreign_hook};
	struct arguments a = {0};
	struct trw_image *image = NULL;
	struct trw_err err = {0};
	enum trw_status st;

	if (!parse(argc, argv, &a) || trw_guest_attach(&err) != TRW_OK)
		return EXIT_USAGE;
	options.sector_size = a.sector_size;
	trw_guest_step(TRW_STEP_OPEN_IMAGE, 0);
	st = trw_guest_lock_down(TRW_LOCK_OPEN, &a.limits, &err);
	if (st == TRW_OK)
		st = trw_image_open(a.limits.paths, a.limits.n_paths, &options, &image, &err);
	if (st == TRW_OK)
		st = trw_guest_lock_down(TRW_LOCK_WORK, &a.limits, &err);
	if (st == TRW_OK && strcmp(a.role, "media") == 0 &&
		trw_image_info(image)->format == TRW_IMAGE_UNREADABLE)
		st = trw_fail(&err, TRW_EUNSUPPORTED, "%s",
			trw_image_info(image)->n_notes > 0 ? trw_image_info(image)->notes[0].text
							   : "the container cannot be read");
	if (st == TRW_OK) {
		say_hello();
		if (strcmp(a.role, "media") == 0)
			st = send_media(image, &err);
	}
	if (st == TRW_OK)
		st = serve(image, &err);
	if (st != TRW_OK)
		trw_guest_failed(&err);
	trw_image_close(image);
	/* No exit handler of any library may run into the sandbox. */
	_exit(st == TRW_OK ? 0 : EXIT_FAILED);
}
