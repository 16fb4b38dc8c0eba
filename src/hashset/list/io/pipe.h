/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A list that comes through a pipe, such as from a program that decrypts it: formats are told by
 * looking and then reading again, so it goes to a temporary file without a name first. Threads: one
 * owner.
 */
#pragma once

#include "base/temp.h"

/**
 * All that comes out of fd, until it ends, into *out, whose folder is set. Waits for a writer and
 * for bytes. Errors: TRW_EIO; TRW_ECORRUPT when nothing comes; TRW_ECANCEL. The caller closes *out
 * in any case.
 */
TRW_NODISCARD enum trw_status trw_pipe_copy(int fd, struct trw_temp *out, struct trw_err *err);
