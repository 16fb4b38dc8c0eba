/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the readers of the industry's exchange interfaces (StopNCII, TAT, ThreatExchange, NCMEC)
 * share. Threads: any.
 */
#pragma once

#include "hashset/list/contract/draft.h"
#include "hashset/list/syntax/json.h"

/** Of what has no time: any record that has one counts more. */
#define TRW_EXCHANGE_NO_RANK INT64_MIN

/**
 * Seconds since 1970 of a number ("946782245", "946782245.5") or of ISO 8601 in UTC;
 * TRW_EXCHANGE_NO_RANK for anything else.
 */
int64_t trw_exchange_rank(const char *p, size_t n);

/** The same of a member; absent: TRW_EXCHANGE_NO_RANK. */
int64_t trw_exchange_rank_of(const struct trw_json *record, const char *key);

/**
 * The kind of digest that a name of a signal means, behind "HASH_", "Image", "Video" and the like:
 * "VideoMD5", "HASH_PDQ". TRW_HASH_N: one that is not kept.
 */
enum trw_hash_kind trw_exchange_kind(const char *p, size_t n);

/** The property "updated" from a rank; nothing for TRW_EXCHANGE_NO_RANK. */
void trw_exchange_updated(struct trw_draft *d, int64_t rank);

/** A member's text as a property of this name; nothing when it has none. */
void trw_exchange_property(struct trw_draft *d, const char *name, const struct trw_json *value);

/**
 * The draft of a record that has no number: kind and digest are its key. is_withdrawn: the record
 * takes that key back. Errors: those of trw_draft_give_keyed.
 */
TRW_NODISCARD enum trw_status trw_exchange_give(struct trw_draft *d, enum trw_hash_kind kind,
	int64_t rank, uint64_t number, bool is_withdrawn);

/** True when the bytes occur in a head: for probes, beside a key that is sure to come first. */
bool trw_exchange_mentions(const uint8_t *p, size_t n, const char *text);
