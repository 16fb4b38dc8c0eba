# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_ufs: UFS1 and UFS2 in both byte orders, with one sparse file. make_ufs.py DIR"""
import os
import struct
import sys

FRAGMENT, TABLE = 1024, 80


def make(is_ufs2, order):
    image = bytearray(128 * FRAGMENT)
    at = 65536 if is_ufs2 else 8192

    def put(off, form, value):
        struct.pack_into(order + form, image, off, value)

    for off, value in ((16, TABLE), (36, 128), (44, 1), (48, 4096), (52, FRAGMENT), (184, 32), (188, 128)):
        put(at + off, "I", value)
    put(at + 1320, "I", 120 if is_ufs2 else 60)
    if is_ufs2:
        put(at + 1000, "Q", at)
        put(at + 1080, "Q", 128)
    put(at + 1372, "I", 0x19540119 if is_ufs2 else 0x011954)
    inode = TABLE * FRAGMENT + 4 * (256 if is_ufs2 else 128)
    put(inode, "H", 0x8000)
    put(inode + (16 if is_ufs2 else 8), "Q", 1 << 24)
    pointers, width, form = (inode + 112, 8, "Q") if is_ufs2 else (inode + 40, 4, "I")
    put(pointers, form, 100)
    put(pointers + 12 * width, form, 104)
    put(pointers + 13 * width, form, 108)
    put(104 * FRAGMENT, form, 112)
    put(108 * FRAGMENT + width, form, 104)
    return image


for version in (1, 2):
    for name, order in (("le", "<"), ("be", ">")):
        with open(os.path.join(sys.argv[1], f"ufs{version}-{name}"), "wb") as f:
            f.write(make(version == 2, order))
