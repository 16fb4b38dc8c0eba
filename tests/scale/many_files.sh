#!/bin/sh
# Five million files in one image are indexed within --memory and a constant: every one of them has a row and a
# digest, and the ledger balances.
. "$(dirname "$0")/../e2e/lib.sh"

COUNT=5000000
ROWS=$((COUNT + COUNT / 1000 + 1)) # fake_worker.c: 1000 files a directory, and the root
IMAGE_SIZE=$((64 << 20))
MEMORY=$((256 << 20))
# Beside --memory: the stacks of all threads, the C library's heaps, SQLite's cache, fixed buffers.
CONSTANT=$((128 << 20))

python3 -c "
import random, sys
sys.stdout.buffer.write(random.Random(1).randbytes($IMAGE_SIZE))" >disk.dd

export FAKE_SCRIPT="many $COUNT
blocks 0 $IMAGE_SIZE 1" FAKE_SIZE="$IMAGE_SIZE" TROWEL_WORKER="$WORKERS/fake_worker"
# --data: private memory that can be written, whether it was touched or not.
expect_exit 0 prlimit --data=$((MEMORY + CONSTANT)) \
	"$TROWEL" index disk.dd -o case.db --memory $((MEMORY >> 20))M --jobs 2

expect_sql complete case.db 'SELECT status FROM report_runs'
expect_sql "$ROWS" case.db 'SELECT count(*) FROM file'
expect_sql 0 case.db 'SELECT count(*) FROM report_problems'
expect_sql "$IMAGE_SIZE" case.db "SELECT sum(bytes) FROM report_ledger WHERE item = 'bytes'"
expect_sql "$ROWS|$ROWS" case.db "SELECT sum(count) FILTER (WHERE item = 'names'),
	sum(count) FILTER (WHERE item = 'names seen') FROM report_ledger"
expect_exit 0 trowel verify case.db

# One file in a thousand by hand: fake_worker.c says where each lies and how long it is.
sql case.db "SELECT name, size, sha256 FROM report_files WHERE file_id % 1000 = 7 AND digest_state = 'complete'" |
	python3 -c "
import hashlib, sys
data = open('disk.dd', 'rb').read()
n = 0
for line in sys.stdin:
    name, size, digest = line.strip().split('|')
    i = int(name[4:-4])
    off = i * 1000003 % ($IMAGE_SIZE - 2048)
    assert int(size) == i * 37 % 2048, line
    assert hashlib.sha256(data[off:off + int(size)]).hexdigest() == digest, line
    n += 1
assert n > $COUNT // 1000 * 9 // 10, n"
