/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who gets how much of the memory of an index run (`--memory`). It lies here because all who share can see this folder.
 *
 *     1/8  rows on their way to the database (index)
 *     1/4  the plan, at most:    5/8  pieces
 *                                1/8  streams that were put off
 *                                2/8  the head of the spool: streams that are more than one piece
 *     rest the sweep, with what the plan does not need once it is sealed:
 *                                1/4  windows, each of which costs twice its size (its bytes, and what the image's files
 *                                     hold of them), but no fewer than WINDOWS_MIN and no more than keep all busy
 *                                rest open streams: states of consumers and held pieces; 1/2 at least
 *
 * Not counted: what each hasher has to itself (buffers of 1 MiB, states of a group of streams), workers (index/pass.c
 * has their limits), hash sets (mapped files).
 */
#pragma once

#include <stdint.h>

#define TRW_SHARE_WRITER(memory) ((memory) / 8)
#define TRW_SHARE_PLAN(memory) ((memory) / 4)

#define TRW_SHARE_PLAN_PIECES(plan) ((plan) / 8 * 5)
#define TRW_SHARE_PLAN_OFF(plan) ((plan) / 8)
#define TRW_SHARE_PLAN_SPOOL(plan) ((plan) / 4)

#define TRW_SHARE_WINDOWS(sweep) ((sweep) / 4)
#define TRW_SHARE_OPEN_MIN(sweep) ((sweep) / 2)
#define TRW_WINDOW_COST(size)                                                                      \
	(2 * (uint64_t)(size)) /* bytes that a window of so many bytes takes */
#define TRW_WINDOWS_MIN 4
#define TRW_WINDOWS_MAX(jobs) (2 * (uint64_t)(jobs) + 8)
