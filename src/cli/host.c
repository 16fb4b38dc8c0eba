/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/host.h"

const char *
trw_host_name(struct utsname *room)
{
	if (uname(room) != 0)
		room->nodename[0] = '\0';
	return room->nodename;
}
