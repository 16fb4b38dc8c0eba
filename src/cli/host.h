/* SPDX-License-Identifier: Apache-2.0 */
/** The computer that a command runs on, for the record. */
#pragma once

#include <sys/utsname.h>

/** Its name, "" when it has none. Borrowed from room. */
const char *trw_host_name(struct utsname *room);
