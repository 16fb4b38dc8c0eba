/* SPDX-License-Identifier: Apache-2.0 */
/** Entries of hash sets on standard output. */
#pragma once

#include "hashset/entry.h"

/** Fields of one line behind one another, with a tab before each: digests as "md5=...", size, category as "SCHEME:CATEGORY", name, properties. */
void trw_entry_text(const struct trw_entry *entry);

/** The same as members of a JSON object that is open: "md5": "...", ..., "properties": {...}, of which one that is there several times is an array. No comma before the first. */
void trw_entry_json(const struct trw_entry *entry);
