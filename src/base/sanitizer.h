/* SPDX-License-Identifier: Apache-2.0 */
/** What this build is watched by: TRW_ASAN (address), TRW_TSAN (threads), as 0 or 1. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define TRW_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRW_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TRW_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TRW_TSAN 1
#endif
#endif

#ifndef TRW_ASAN
#define TRW_ASAN 0
#endif
#ifndef TRW_TSAN
#define TRW_TSAN 0
#endif
