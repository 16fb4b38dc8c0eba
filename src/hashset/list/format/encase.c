/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format "encase": hash sets of EnCase before version 7, little endian (read as by
 * EncaseHashSetParser of Autopsy):
 *
 *     0     48 41 53 48 0D 0A FF 00
 *     16    u32 number of records
 *     1032  name of the set, UTF-16, up to 80 bytes
 *     1152  records: MD5, and two bytes more
 */
#include "base/bytes.h"
#include "hashset/list/format/formats.h"

#include <string.h>

#define HEADER 1152
#define RECORD 18
#define NAME_AT 1032
#define NAME_UNITS 40
#define MAGIC "HASH\r\n\xff\0"

/* All n bytes, over as many reads as it takes. *got less: the file ended. */
static enum trw_status
read_full(struct trw_list *l, uint8_t *to, size_t n, size_t *got, struct trw_err *err)
{
	size_t part;

	*got = 0;
	while (*got < n) {
		enum trw_status st = trw_input_read(l->input, to + *got, n - *got, &part, err);
		if (st == TRW_END)
			return TRW_OK;
		if (st < 0)
			return st;
		*got += part;
	}
	return TRW_OK;
}

/* The name as far as it is ASCII: anything else is '?'. */
static enum trw_status
name_take(struct trw_list *l, const uint8_t *header, struct trw_err *err)
{
	char name[NAME_UNITS];
	size_t n = 0;

	for (size_t i = 0; i < NAME_UNITS; i++) {
		uint16_t unit = trw_le16(header + NAME_AT + 2 * i);
		if (unit == 0)
			break;
		name[n++] = unit >= 0x20 && unit < 0x7F ? (char)unit : '?';
	}
	return n == 0 ? TRW_OK : trw_list_fact(l, "name", name, n, err);
}

static enum trw_status
records_read(struct trw_list *l, uint32_t n_due, struct trw_err *err)
{
	uint8_t record[RECORD];
	uint64_t n = 0;
	size_t got = 0;
	enum trw_status st;

	while ((st = read_full(l, record, RECORD, &got, err)) == TRW_OK && got == RECORD) {
		n++;
		if (n > n_due) /* behind the last: the header says what belongs to the set */
			continue;
		st = trw_list_digests(l, TRW_HASH_MD5, record, 1, err);
		if (st < 0)
			return st;
	}
	if (st < 0)
		return st;
	uint64_t n_behind = n + (got > 0); /* the last may be cut */
	if (n_behind > n_due)
		trw_list_leave(
			l, "records behind the number that the header gives", n_behind - n_due);
	if (n >= n_due)
		return TRW_OK;
	/* Each that is missing counts, or half a file would pass for one wrong record. */
	return trw_list_reject_all(l, "record", n + 1, n_due - n,
		"promised by the header, beyond the end of the file", err);
}

static enum trw_status
encase_read(struct trw_list *l, struct trw_err *err)
{
	uint8_t header[HEADER];
	size_t got = 0;
	enum trw_status st = read_full(l, header, HEADER, &got, err);

	if (st == TRW_OK && (got < HEADER || memcmp(header, MAGIC, 8) != 0))
		st = trw_fail(err, TRW_ECORRUPT, "it ends in its header: get the file again");
	if (st == TRW_OK)
		st = name_take(l, header, err);
	return st < 0 ? st : records_read(l, trw_le32(header + 16), err);
}

static enum trw_claim
encase_probe(const struct trw_head *head)
{
	return head->n >= 8 && memcmp(head->p, MAGIC, 8) == 0 ? TRW_CLAIM_MAGIC : TRW_CLAIM_NO;
}

const struct trw_format trw_format_encase = {
	.name = "encase",
	.summary = "EnCase .hash, before version 7",
	.probe = encase_probe,
	.read = encase_read,
};
