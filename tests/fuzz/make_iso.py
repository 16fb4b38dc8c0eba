# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_iso: a disc, from sector 16 on, with a multi-extent and an interleaved file. make_iso.py DIR"""
import os
import struct
import sys

SECTOR, FIRST = 2048, 16


def record(sector, length, flags, name, unit=0, gap=0):
    head = struct.pack("<BBI", 0, 0, sector) + struct.pack(">I", sector)
    head += struct.pack("<I", length) + struct.pack(">I", length)
    body = head + bytes(7) + bytes([flags, unit, gap, 1, 0, 0, 1, len(name)]) + name
    body += bytes(len(body) % 2)
    return bytes([len(body)]) + body[1:]


def descriptor(kind, root, escape=b""):
    d = bytearray(SECTOR)
    d[0:7] = bytes([kind]) + b"CD001\1"
    d[88 : 88 + len(escape)] = escape
    d[128:132] = struct.pack("<H", SECTOR) + struct.pack(">H", SECTOR)
    r = record(root, SECTOR, 2, b"\0")
    d[156 : 156 + len(r)] = r
    return bytes(d)


def make():
    disc = bytearray(24 * SECTOR)

    def put(sector, data):
        disc[(sector - FIRST) * SECTOR : (sector - FIRST) * SECTOR + len(data)] = data

    put(16, descriptor(1, 20))
    put(17, descriptor(2, 21, b"%/E"))
    put(18, b"\xffCD001\1")
    put(20, record(20, SECTOR, 2, b"\0") + record(22, SECTOR, 2, b"SUB") + record(30, SECTOR, 0x80, b"A.BIN;1")
        + record(33, 100, 0, b"A.BIN;1") + record(34, 3 * SECTOR, 0, b"I.BIN;1", 1, 1))
    put(21, record(21, SECTOR, 2, b"\0") + record(30, SECTOR, 0x80, "a.bin".encode("utf-16-be"))
        + record(33, 100, 0, "a.bin".encode("utf-16-be")))
    put(22, record(22, SECTOR, 2, b"\0") + record(20, SECTOR, 2, b"LOOP"))
    return disc


with open(os.path.join(sys.argv[1], "disc"), "wb") as f:
    f.write(make())
