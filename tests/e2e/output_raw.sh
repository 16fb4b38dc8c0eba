#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What may be a raw image is not replaced with --force either; what is text, zip or SQLite of the same size is; and containers are told
# by their bytes, whatever they are called.
. "$(dirname "$0")/lib.sh"
echo 0cc175b9c0f1b6a831c399e269772661 >a.md5
trowel set import -q -o a.tset a.md5

# refused FILE PATTERN
refused()
{
	cp "$1" before
	expect_exit 2 trowel set export -f csv -o "$1" --force a.tset
	expect_err "$1: .*$2"
	cmp -s before "$1" || fail "$1 was changed"
	expect_exit 2 trowel set import -q -o "$1" --force a.md5
	expect_err "$1: .*$2"
	cmp -s before "$1" || fail "$1 was changed"
}
replaced()
{
	expect_exit 0 trowel set export -f csv -o "$1" --force a.tset
	trowel set export -f csv -o - a.tset | cmp -s - "$1" || fail "$1 was not replaced"
}

python3 - <<'PYTHON'
import random, sqlite3, struct, zipfile
MIB = 1 << 20
rng = random.Random(1)

def put(name, data, size=None):
	with open(name, "wb") as f:
		f.write(data if size is None else data.ljust(size, b"\0"))

def text(size):
	return (b"<html>{\"a\": 1},\xe4\xc3\xa4\r\n\t" * (size // 16))[:size]

put("raw", rng.randbytes(MIB + 512))
put("zeros", b"", 2 * MIB)
put("text-then-zeros", text(MIB), 2 * MIB)
put("unaligned", rng.randbytes(MIB + 513))
put("small", rng.randbytes(MIB))
put("text", text(2 * MIB))
db = sqlite3.connect("list.sqlite")
db.execute("CREATE TABLE t (a)")
db.execute("INSERT INTO t VALUES (zeroblob(2000000))")
db.commit()
db.close()
with zipfile.ZipFile("list.zip", "w") as z:
	z.writestr("a", rng.randbytes(MIB))
size = len(open("list.zip", "rb").read())
with zipfile.ZipFile("list.zip", "a") as z:
	z.comment = b"c" * (-size % 512)

put("ex01", b"EVF2\r\n\x81\0", 4096)
put("l01", b"LVF\t\r\n\xff\0", 4096)
put("aff", b"AFF10\r\n\0", 4096)
put("vmdk", b"KDMV", 4096)
put("descriptor", b"# Disk DescriptorFile\nversion=1\n")
put("vhdx", b"vhdxfile", 4096)
put("qcow2", b"QFI\xfb\0\0\0\3", 4096)
put("vdi", b"<<< Oracle VM VirtualBox Disk Image >>>\n".ljust(64, b"\0") + b"\x7f\x10\xda\xbe", 4096)
put("dmg", b"\0" * 4096 + b"koly" + struct.pack(">II", 4, 512), 4096 + 512)
footer = bytearray(512)
footer[0:8] = b"conectix"
footer[48:56] = struct.pack(">Q", 4096)
footer[60:64] = struct.pack(">I", 2)
footer[64:68] = struct.pack(">I", ~sum(footer) & 0xffffffff)
put("vhd", b"\0" * 4096 + footer)
with zipfile.ZipFile("aff4", "w") as z:
	z.writestr("data", b"x" * 8192)
	z.writestr("container.description", "aff4://x")
PYTHON
for file in raw zeros text-then-zeros; do refused "$file" 'may be a raw image'; done
for file in unaligned small text list.sqlite list.zip; do replaced "$file"; done
for file in ex01 l01 aff vmdk descriptor vhdx qcow2 vdi dmg vhd aff4; do refused "$file" 'is an image'; done
