# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Helpers of the end-to-end tests. A test sources this first; it runs in a temporary directory of its own, with
# trowel in PATH and in TROWEL, FIXTURES the made images and SHARED the corpus beside the repository.
set -eu

: "${TROWEL:?name the program to test in TROWEL}"
export E2FSPROGS_FAKE_TIME=1700000000 SOURCE_DATE_EPOCH=1700000000 LC_ALL=C.UTF-8 TZ=UTC
UUID=6a3f1c1e-0000-4000-8000-00000000000a

fail()
{
	echo "FAIL: $*" >&2
	exit 1
}

# Skip loudly: 77 is what the runner takes for "not run".
skip()
{
	echo "SKIPPED: $*" >&2
	exit 77
}

trowel()
{
	"$TROWEL" "$@"
}

# expect_exit STATUS COMMAND...: its output goes to the files out and err.
expect_exit()
{
	wanted=$1
	shift
	status=0
	"$@" >out 2>err || status=$?
	[ "$status" -eq "$wanted" ] || {
		cat out err >&2
		fail "exit status $status, not $wanted: $*"
	}
}

# expect_err PATTERN...: the last command said exactly one line on stderr, and it matches each pattern.
expect_err()
{
	[ "$(wc -l <err)" -eq 1 ] || {
		cat err >&2
		fail "not one line on standard error"
	}
	for pattern in '^trowel: ' "$@"; do
		grep -q -e "$pattern" err || {
			cat err >&2
			fail "no '$pattern' on standard error"
		}
	done
}

# sql DB QUERY: rows on stdout, columns split by |, NULL as nothing. The database is opened read-only.
sql()
{
	sqlite3 -batch "file:$1?mode=ro" "$2"
}

# expect_sql WANTED DB QUERY
expect_sql()
{
	got=$(sql "$2" "$3")
	[ "$got" = "$1" ] || fail "'$got', not '$1': $3"
}

digest_of()
{
	"$1" <"$2" | cut -d' ' -f1
}

# expect_file DB PATH-IN-IMAGE FILE: one allocated row with the size and the three digests of FILE.
expect_file()
{
	size=$(wc -c <"$3" | tr -d ' ')
	digests="$(digest_of md5sum "$3")|$(digest_of sha1sum "$3")|$(digest_of sha256sum "$3")"
	expect_sql "complete|$size|$digests" "$1" "SELECT digest_state, size, md5, sha1, sha256 FROM report_files
		WHERE path = '$2' AND state = 'allocated'"
}

# A tree of small files in ./tree, the same every time.
make_tree()
{
	python3 - <<'PYTHON'
import os, random
rng = random.Random(1)
for i, size in enumerate((0, 1, 60, 512, 4096, 4097, 20000, 70000)):
	folder = "tree/sub" if i % 2 else "tree"
	os.makedirs(folder, exist_ok=True)
	with open(f"{folder}/file{i}.dat", "wb") as f:
		f.write(rng.randbytes(size))
PYTHON
}

# make_ext4 IMAGE: ./tree in an ext4 image.
make_ext4()
{
	[ -d tree ] || make_tree
	truncate -s 4M "$1"
	mke2fs -q -F -t ext4 -b 1024 -U "$UUID" -E "hash_seed=$UUID,root_owner=0:0" -d tree "$1"
}

# make_fat IMAGE: ./tree in a FAT16 image.
make_fat()
{
	[ -d tree ] || make_tree
	truncate -s 4M "$1"
	mkfs.fat -F 16 -s 1 -i 12345678 -n TROWEL "$1" >mkfs.out
	mcopy -s -Q -i "$1" tree/* ::/
}

# make_ntfs IMAGE: the files of ./tree, without its directory, in an NTFS image.
make_ntfs()
{
	[ -d tree ] || make_tree
	truncate -s 4M "$1"
	mkntfs -q -F -Q -T -s 512 -p 0 -H 16 -S 63 "$1" 2>mkfs.err
	for file in tree/*.dat tree/sub/*.dat; do
		ntfscp "$1" "$file" "$(basename "$file")" 2>>mkfs.err
	done
}

# make_large IMAGE: an ext4 image that takes a while (3000 files, 60 MB), for tests that interrupt the run.
make_large()
{
	cp --sparse=always "$FIXTURES/large.img" "$1"
}

# told_to_stop N SIGNAL PROGRAM ARGUMENT...: in place of this shell.
told_to_stop()
{
	stop_at=$1
	stop_signal=$2
	shift 2
	exec env STOP_AT="$stop_at" STOP_SIGNAL="$stop_signal" LD_PRELOAD="$PRELOAD/stop_at.so" \
		ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}

# stop_at N SIGNAL PROGRAM ARGUMENT...: trowel gets the signal where it is about to change a file for the Nth time, however
# fast or slow the machine is. What it says goes to out and err, its exit status to status: 137 where KILL came in time,
# what it always is where it needs less than N changes.
stop_at()
{
	status=0
	(told_to_stop "$@") >out 2>err || status=$?
}

# interrupted DB PROGRAM ARGUMENT...: SIGINT at the first change, of ever later ones, that leaves DB behind.
interrupted()
{
	interrupted_db=$1
	shift
	interrupted_at=16
	until [ -e "$interrupted_db" ]; do
		interrupted_at=$((interrupted_at * 2))
		stop_at "$interrupted_at" INT "$@"
		[ "$status" -eq 3 ] || fail "exit status $status of the interrupted run: $(cat err)"
	done
}

# start_stopped N PROGRAM ARGUMENT...: starts trowel, as the process pid, and returns where it has stopped before its Nth
# change. kill -CONT "$pid" lets it go on.
start_stopped()
{
	start_at=$1
	shift
	(told_to_stop "$start_at" STOP "$@") >out 2>err &
	pid=$!
	until grep -q ') T ' "/proc/$pid/stat"; do
		kill -0 "$pid" 2>kill.err || fail "ended before its change $start_at: $(cat err)"
		sleep 0.02
	done
}

# as_nobody COMMAND...: without root's right to write anywhere.
as_nobody()
{
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# Under a sanitizer trowel makes no filter of system calls, and its worker none before it opens: they would stop the sanitizer.
is_sanitized()
{
	grep -qa '__[at]san_init' "$TROWEL"
}
