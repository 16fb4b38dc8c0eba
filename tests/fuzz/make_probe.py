# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_probe: one magic number each, where it belongs. make_probe.py DIR"""
import os
import sys

SEEDS = {
    "ntfs": [(3, b"NTFS    \0\2\x08")],
    "fat": [(0, b"\xeb\x3c\x90MSDOS5.0\0\2\4\1\0\2\0\2\0\x80\xf8\x20"), (510, b"\x55\xaa")],
    "ext": [(1024, b"\1\0\0\0\1"), (1056, b"\1"), (1080, b"\x53\xef"), (1100, b"\1")],
    "iso": [(32768, b"\1CD001"), (34816, b"\1NSR02")],
    "hfs": [(1024, b"H+\0\4"), (1064, b"\0\0\x10")],
    "luks": [(0, b"LUKS\xba\xbe\0\2")],
    "bitlocker": [(3, b"-FVE-FS-")],
    "lvm": [(512, b"LABELONE"), (536, b"LVM2 001")],
    "mdraid": [(4096, b"\xfc\x4e\x2b\xa9\1\0\0\0")],
    "zero": [],
}
for name, parts in SEEDS.items():
    volume = bytearray(40960)
    for off, data in parts:
        volume[off : off + len(data)] = data
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(volume)
