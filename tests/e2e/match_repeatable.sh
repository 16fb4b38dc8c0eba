#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Neither threads nor the order of the sets change the digest; another set, or policy, or their version does.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_set.sh"
make_large disk.img
expect_exit 0 trowel index disk.img -o plain.db --quiet
sql plain.db "SELECT md5 || ',,' || sha256 || ',,' || (file_id % 5) || ',' FROM report_files
	WHERE md5 IS NOT NULL AND file_id % 3 = 0" | make_set a.tset triage 1
sql plain.db "SELECT md5 || ',,' || sha256 || ',,,' FROM report_files WHERE md5 IS NOT NULL AND file_id % 2 = 0" |
	make_set b.tset known-good 1
expect_exit 0 trowel index disk.img -o one.db --jobs 1 --set a.tset --set b.tset --alert TEST:1,2
expect_exit 0 trowel index disk.img -o four.db --jobs 4 --set b.tset --set a.tset --alert TEST:2 --alert TEST:1
[ "$(trowel digest one.db)" = "$(trowel digest four.db)" ] || fail "4 threads make another database"
expect_exit 0 trowel verify four.db
expect_exit 0 trowel index disk.img -o other.db --set a.tset --set b.tset --alert TEST:1
[ "$(trowel digest one.db)" != "$(trowel digest other.db)" ] || fail "the policy is not in the digest"
expect_sql 1 one.db "SELECT count(*) > 1000 AND sum(alert) > 300 AND sum(excluded) > 1000 FROM report_hits"

cp plain.db again.db
expect_exit 0 trowel match plain.db --set a.tset --set b.tset
expect_exit 0 trowel match again.db --set b.tset --set a.tset
[ "$(trowel digest plain.db)" = "$(trowel digest again.db)" ] || fail "match is not repeatable"

# The order in which the marks of a list were given is no part of its identity, nor of what is recorded.
for marks in '--mark tlp:red --mark pap:red' '--mark pap:red --mark tlp:red'; do
	# shellcheck disable=SC2086 # words
	trowel set import --quiet --class triage --name marked $marks --map md5=1 -o marked.tset a.tset.csv
	cp plain.db marked.db
	expect_exit 0 trowel match marked.db --set marked.tset
	trowel digest marked.db >>marked.digests
done
[ "$(sort -u marked.digests | wc -l)" -eq 1 ] || fail "the order of marks is in the digest"
expect_sql "pap:red, tlp:red" marked.db "SELECT marks FROM report_sets WHERE name = 'marked'"
