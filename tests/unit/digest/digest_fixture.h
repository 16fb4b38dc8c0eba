/* SPDX-License-Identifier: Apache-2.0 */
/** What the digest tests share. */
#pragma once

#include "digest/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the standard headers */
#include <cmocka.h>

/* A generator of our own: the same numbers on every machine. */
uint32_t next(uint32_t *seed);

void assert_digests(const struct trw_digests *a, const struct trw_digests *b);
