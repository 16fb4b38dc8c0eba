/* SPDX-License-Identifier: Apache-2.0 */
/** The bytes as the file of a Bloom filter: what is opened answers every question, and no bit lies past the end. */
#include "hashset/list/syntax/filter.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct trw_filter *f, const char *text, size_t n)
{
	bool maybe;

	if (trw_filter_test(f, text, n, &maybe, NULL) != TRW_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trw_filter *f = NULL;
	int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
		abort();
	if (trw_filter_on(fd, &f, NULL) == TRW_OK) {
		ask(f, "F31705A7A29A9DCFCC217C7F0EDE9A810BA9550B", 40);
		ask(f, "", 0);
		ask(f, (const char *)data, size);
		trw_filter_close(f);
	}
	(void)close(fd);
	return 0;
}
