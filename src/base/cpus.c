/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpus.h"

#include <unistd.h>

unsigned
trw_cpus(unsigned max)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > (long)max ? max : (unsigned)n;
}
