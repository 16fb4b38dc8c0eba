/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: linux/landlock.h and landlock(7); numbers here, as headers are older than kernels. */
#include "sandbox/fences.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ruleset_attr {
	uint64_t handled_fs, handled_net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

#define ASK_VERSION 1U /* flag of landlock_create_ruleset */
#define RULE_PATH_BENEATH 1

#define EXECUTE (1U << 0)
#define WRITE_FILE (1U << 1)
#define READ_FILE (1U << 2)
#define READ_DIR (1U << 3)
#define REMOVE_DIR (1U << 4)
#define REMOVE_FILE (1U << 5)
#define MAKE_DIR (1U << 7)
#define MAKE_FILE (1U << 8)
#define TRUNCATE (1U << 14)
#define IOCTL_DEV (1U << 15) /* the size of a block device */

#define OF_A_FILE (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

static const uint64_t rights[TRW_RIGHT_N] = {
	[TRW_RIGHT_READ] = READ_FILE | READ_DIR | IOCTL_DEV,
	[TRW_RIGHT_TEMP] = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_FILE | REMOVE_FILE,
	[TRW_RIGHT_WRITE] = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_FILE | REMOVE_FILE |
			    MAKE_DIR | REMOVE_DIR,
	[TRW_RIGHT_EXECUTE] = READ_FILE | EXECUTE,
};

long
trw_landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return version < 0 ? 0 : version;
}

/* Rights that exist in a version of the interface; handled and never granted means denied. */
static struct ruleset_attr
handled(long version)
{
	/* bits of handled_fs, by version: 13 in the first, then REFER, TRUNCATE, (net), IOCTL_DEV */
	static const unsigned int n_fs[] = {0, 13, 14, 15, 15, 16};
	unsigned int n = n_fs[version > 5 ? 5 : version];

	return (struct ruleset_attr){
		.handled_fs = ((uint64_t)1 << n) - 1,
		.handled_net = version >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = version >= 6 ? 3 : 0,      /* abstract sockets, signals */
	};
}

/* What cannot be opened now won't be opened later. A pipe is no path, and always allowed (EBADFD). */
static int
grant_add(int ruleset, const struct trw_grant *grant, uint64_t handled_fs)
{
	struct path_beneath_attr attr = {.allowed = rights[grant->right] & handled_fs};
	struct stat about;
	int rc = 0;

	attr.fd = open(grant->path, O_PATH | O_CLOEXEC);
	if (attr.fd < 0)
		return 0;
	if (fstat(attr.fd, &about) == 0 && !S_ISDIR(about.st_mode))
		attr.allowed &= OF_A_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) != 0 &&
		errno != EBADFD)
		rc = errno;
	(void)close(attr.fd);
	return rc;
}

enum trw_status
trw_fence_paths(const struct trw_grants *grants, struct trw_err *err)
{
	long version = trw_landlock_version();
	struct ruleset_attr attr;
	int fd, rc = 0;

	if (version == 0)
		return TRW_OK;
	attr = handled(version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return trw_sandbox_fail(err, errno, "Landlock");
	for (size_t i = 0; grants != NULL && i < grants->n && rc == 0; i++)
		rc = grant_add(fd, &grants->v[i], attr.handled_fs);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		rc = errno;
	(void)close(fd);
	return rc == 0 ? TRW_OK : trw_sandbox_fail(err, rc, "Landlock");
}
