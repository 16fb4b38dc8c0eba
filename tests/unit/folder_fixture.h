/* SPDX-License-Identifier: Apache-2.0 */
/** Files of a test, in a temporary folder of its own. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* after the standard headers */
#include <cmocka.h>

static char folder[64];

static inline void
path_of(const char *name, char out[96])
{
	int n = snprintf(out, 96, "%s/%s", folder, name);

	assert_in_range(n, 1, 95);
}

/* In place of what there was. */
static inline void
write_file(const char *name, const void *p, size_t n)
{
	char path[96];
	int fd;

	path_of(name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

static inline int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/trowel-test.XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

/* With the files that are left in it. */
static inline int
remove_folder(void **state)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	(void)state;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	return rmdir(folder);
}
