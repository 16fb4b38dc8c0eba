/* SPDX-License-Identifier: Apache-2.0 */
#include "hashset/list/io/pipe.h"

#include "base/alloc.h"
#include "base/cancel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)
#define LOOK_MS 200 /* between two looks at trw_cancelled */

/*
 * A pipe that nobody has opened for writing yet is not at its end: polling knows, reading does not.
 */
static enum trw_status
wait_for_bytes(int fd, struct trw_err *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!trw_is_cancelled()) {
		int n = poll(&p, 1, LOOK_MS);
		if (n > 0)
			return TRW_OK;
		if (n < 0 && errno != EINTR)
			return trw_fail_errno(err, errno, "cannot wait for the pipe");
	}
	return trw_fail(err, TRW_ECANCEL, "interrupted");
}

enum trw_status
trw_pipe_copy(int fd, struct trw_temp *out, struct trw_err *err)
{
	uint8_t *piece = trw_alloc(PIECE, 1, err);
	enum trw_status st = piece == NULL ? TRW_ENOMEM : TRW_OK;
	ssize_t n = 1;

	while (st == TRW_OK && n > 0) {
		st = wait_for_bytes(fd, err);
		if (st < 0)
			break;
		n = read(fd, piece, PIECE);
		if (n > 0)
			st = trw_temp_append(out, piece, (size_t)n, err);
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			st = trw_fail_errno(err, errno, "cannot read from the pipe");
		else if (n < 0)
			n = 1; /* again */
	}
	if (st == TRW_OK && out->n == 0)
		st = trw_fail(err, TRW_ECORRUPT, "nothing came through the pipe");
	free(piece);
	return st;
}
