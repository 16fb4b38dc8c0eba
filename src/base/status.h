/* SPDX-License-Identifier: Apache-2.0 */
/** Status codes and the error text that travels with them. */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TRW_NODISCARD __attribute__((warn_unused_result))
#define TRW_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TRW_NODISCARD
#define TRW_PRINTF(fmt, args)
#endif

/** Below 0: failure, and err is filled. 0: done. Above 0: an event that the function documents. */
enum trw_status {
	TRW_ENOMEM = -1,       /* out of memory: free some, or lower --memory or --jobs */
	TRW_EIO = -2,          /* the operating system refused a read, write, open */
	TRW_ECORRUPT = -3,     /* evidence or database bytes contradict their format */
	TRW_ELIMIT = -4,       /* a named cap was reached */
	TRW_EUSAGE = -5,       /* the caller asked for something that makes no sense */
	TRW_EDB = -6,          /* SQLite reported a failure */
	TRW_ECANCEL = -7,      /* the user interrupted the run */
	TRW_EUNSUPPORTED = -8, /* a known format that this program cannot read */
	TRW_ESANDBOX = -9,     /* a worker could not be started or locked down */
	TRW_EWORKER = -10,     /* a worker died, hung or broke the protocol */
	TRW_OK = 0,
	TRW_END = 1 /* nothing more to come */
};

#define TRW_ERR_TEXT_MAX 512

/** All-zero is "no error". text is one line, without a newline. */
struct trw_err {
	enum trw_status status;
	char text[TRW_ERR_TEXT_MAX];
};

/** An err for who asks only whether: scratch, gone at the end of the block. */
#define TRW_IGNORE (&(struct trw_err){0})

/** Fill err with status and a one-line text; returns status. */
enum trw_status trw_fail(struct trw_err *err, enum trw_status status, const char *fmt, ...)
	TRW_PRINTF(3, 4);

/** Like trw_fail with TRW_EIO (TRW_ENOMEM for ENOMEM), and ": strerror(errnum)" at the end. */
enum trw_status trw_fail_errno(struct trw_err *err, int errnum, const char *fmt, ...)
	TRW_PRINTF(3, 4);

/** Put "prefix: " before the text that err already has; returns err's status. */
enum trw_status trw_fail_in(struct trw_err *err, const char *fmt, ...) TRW_PRINTF(2, 3);

/** Replace each control character of s by `instead`: hostile names must not drive a terminal. */
void trw_one_line(char *s, char instead);
