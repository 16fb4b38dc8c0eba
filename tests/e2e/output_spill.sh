#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What spills goes beside the output and has no name: neither /tmp nor /var/tmp nor TMPDIR gets a file. Where the output
# is a pipe, TMPDIR is where it goes.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "strace is not installed"
make_ext4 disk.img
mkdir away target
export TMPDIR="$PWD/away"
# Records with a key, of which the newest counts, go to a scratch database; with little memory, entries to sorted runs.
python3 - <<'PYTHON'
import json
with open("page.json", "w") as f:
	json.dump({"data": [{"id": str(i), "indicator": f"{i % 40000:032x}", "type": "HASH_MD5"} for i in range(60000)]}, f)
with open("rows.csv", "w") as f:
	f.write("md5,name\n")
	for i in range(120000):
		f.write(f"{i * 7919 % (1 << 64):032x},{'name' * 20}{i}\n")
PYTHON

# spilled COMMAND...: every file that it makes is in ./target
spilled()
{
	strace -f -qq -e trace=openat,open,creat,mkdir,mkdirat -o trace "$TROWEL" "$@" >out 2>err || [ $? -eq 1 ] || {
		cat err >&2
		fail "trowel $*"
	}
	grep -e O_CREAT -e O_TMPFILE -e mkdir trace >made || true
	[ -s made ] || fail "nothing was made: trowel $*"
	if grep -v -e '"target' -e "\"$PWD/target" -e EEXIST made >elsewhere; then
		cat elsewhere >&2
		fail "files elsewhere: trowel $*"
	fi
}

spilled set import -q --memory 16M --names -f csv --map md5=1,name=2 -o target/rows.tset rows.csv
grep -q O_TMPFILE made || fail "nothing spilled"
spilled set import -q -o target/page.tset page.json
spilled set export -f kdb -o target/rows.kdb target/rows.tset
spilled index -q disk.img -o target/case.db
gzip -k -c target/rows.kdb | spilled set import -q -o target/back.tset -
strace -f -qq -e trace=openat -o trace "$TROWEL" set export -f kdb target/page.tset >out 2>err || [ $? -eq 1 ] || fail "an export to a pipe: $(cat err)"
grep -q "$PWD/away/.*O_CREAT" trace || fail "TMPDIR was not used"
[ -z "$(ls away)" ] || fail "TMPDIR was used"
