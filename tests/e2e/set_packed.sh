#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packed lists: what gzip takes is taken whole; one wrong bit, a missing end or something behind it fails and keeps the old set.
. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import gzip, hashlib, zipfile, zlib

def write(name, data):
	with open(name, "wb") as f:
		f.write(data)

lines = [hashlib.md5(b"%d" % i).hexdigest().encode() + b"\n" for i in range(300)]
first, second = (gzip.compress(b"".join(part), mtime=0) for part in (lines[:200], lines[200:]))
packer = zlib.compressobj(0, 8, 31)
stored = bytearray(packer.compress(b"".join(lines)) + packer.flush())
stored[100] ^= 1 if stored[100:101] != b"\n" else 2
write("plain.txt", b"".join(lines))
write("members.gz", first + second)
write("padded.gz", first + second + bytes(1000))
write("short-first.gz", gzip.compress(b"# xy\n", mtime=0) + first + second)
write("empty-between.gz", first + gzip.compress(b"", mtime=0) + second)
write("flipped.gz", stored)
write("sum.gz", first[:-8] + bytes([first[-8] ^ 1]) + first[-7:])
write("length.gz", first[:-1] + b"\1")
write("no-trailer.gz", first[:-8])
write("second-cut.gz", first + second[:5])
write("behind.gz", first + b"something behind it")
with zipfile.ZipFile("named.zip", "w") as z:
	z.writestr("Gr\u00f6\u00dfe \u5927\u5c0f.txt", b"".join(lines))
with zipfile.ZipFile("several.zip", "w") as z:
	z.writestr("other.txt", lines[0])
	z.writestr("Gr\u00f6\u00dfe.txt", b"".join(lines))
write("zip.gz", gzip.compress(open("named.zip", "rb").read(), mtime=0))
PYTHON
expect_exit 0 trowel set import -q -o old.tset plain.txt
whole() {
	expect_exit 0 trowel set import -q -o new.tset "$@"
	expect_exit 0 trowel set diff old.tset new.tset
	grep -q '^300 same, 0 removed' out || fail "$*: $(cat out)"
}
for name in members.gz padded.gz short-first.gz empty-between.gz named.zip zip.gz; do
	whole $name
done
whole --member Größe.txt several.zip
cp old.tset before.tset
for name in flipped sum length no-trailer second-cut behind; do
	expect_exit 3 trowel set import -q -o old.tset $name.gz
	expect_err "$name.gz: damaged or foreign archive"
	cmp old.tset before.tset
done
