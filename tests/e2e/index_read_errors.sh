#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sectors of a raw image that cannot be read: the file on them is partial with its exact range, the others complete.
. "$(dirname "$0")/lib.sh"
make_ext4 disk.img
expect_exit 0 trowel index disk.img -o sound.db
# The second sector of the second block of the largest file.
bad=$(sql sound.db "SELECT e.off + 1536 FROM extent AS e JOIN report_files AS f USING (file_id)
	WHERE f.path = '/sub/file7.dat' AND e.stream_off = 0")
[ -n "$bad" ] || fail "the largest file has no extent"
cat >shim.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t
read_or_fail(const char *name, int fd, void *buf, size_t n, off_t off)
{
	ssize_t (*next)(int, void *, size_t, off_t) =
		(ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, name);
	const char *inode = getenv("BAD_INODE"), *at = getenv("BAD_OFFSET");
	struct stat st;

	if (inode != NULL && at != NULL && fstat(fd, &st) == 0 &&
		st.st_ino == strtoull(inode, NULL, 10) && off < atoll(at) + 512 &&
		off + (off_t)n > atoll(at)) {
		errno = EIO;
		return -1;
	}
	return next(fd, buf, n, off);
}

ssize_t
pread(int fd, void *buf, size_t n, off_t off)
{
	return read_or_fail("pread", fd, buf, n, off);
}

ssize_t
pread64(int fd, void *buf, size_t n, off_t off)
{
	return read_or_fail("pread64", fd, buf, n, off);
}
C
cc -shared -fPIC -o shim.so shim.c
case $(nm -D "$TROWEL" 2>nm.err) in
*__asan_init* | *__tsan_init*) skip "a sanitizer must come before any preloaded library" ;;
esac
export BAD_OFFSET="$bad"
BAD_INODE=$(stat -c %i disk.img)
export BAD_INODE
expect_exit 1 env LD_PRELOAD="$PWD/shim.so" "$TROWEL" index disk.img -o case.db
expect_sql 'partial|70000' case.db "SELECT digest_state, size FROM report_files WHERE path = '/sub/file7.dat'"
expect_sql '1536|512|missing' case.db "SELECT d.off, d.len, d.why FROM content_damage AS d
	JOIN report_files AS f USING (file_id) WHERE f.path = '/sub/file7.dat'"
expect_sql 0 case.db "SELECT count(*) FROM report_files WHERE path <> '/sub/file7.dat'
	AND kind = 'regular' AND digest_state <> 'complete'"
expect_sql mismatch case.db "SELECT verdict FROM report_images"
expect_exit 0 trowel verify case.db
