# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_ewf: small E01 and S01 segments with every section that the reader knows. make_ewf.py DIR"""
import os
import random
import struct
import sys
import zlib

SECTOR, PER_CHUNK, CHUNKS = 512, 4, 6
CHUNK = SECTOR * PER_CHUNK
SECTORS = CHUNKS * PER_CHUNK - 3  # the last chunk is one sector long
HEADER = "1\nmain\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\n7\t8\tseed\tme\tnote\t6.0\tLinux\t2012 3 12 20 49 58\t0\t0\n\n"


def summed(data):
    return data + struct.pack("<I", zlib.adler32(data))


def section(at, kind, data=b""):
    """The descriptor and the data of a section at byte `at`; the last of a chain leads to itself."""
    following = at if kind in ("next", "done") else at + 76 + len(data)
    return summed(struct.pack("<16sQQ40x", kind.encode(), following, 76 + len(data))) + data


def volume():
    data = struct.pack("<B3xIIIQ", 1, CHUNKS, PER_CHUNK, SECTOR, SECTORS).ljust(64, b"\0")
    return summed((data + bytes(range(16))).ljust(1048, b"\0"))


def smart_volume():
    return summed(struct.pack("<IIIII", 1, CHUNKS, PER_CHUNK, SECTOR, SECTORS).ljust(85, b"\0") + b"SMART")


def stored(media, first, n):
    """Chunks one behind the other, every second deflated, and their table entries."""
    data, entries = b"", []
    for i in range(first, first + n):
        plain = media[i * CHUNK : min((i + 1) * CHUNK, SECTORS * SECTOR)]
        entries.append(len(data) | (i % 2 == 0) << 31)
        data += zlib.compress(plain) if i % 2 == 0 else summed(plain)
    return data, struct.pack(f"<{n}I", *entries)


def table(entries, base):
    return summed(struct.pack("<I4xQ4x", len(entries) // 4, base)) + summed(entries)


def errors():
    return summed(struct.pack("<I", 1).ljust(516, b"\0")) + summed(struct.pack("<II", 5, 2))


def segment(number, sections):
    """sections: pairs of a kind and its data, or a function from where the data begins to it."""
    out = b"EVF\x09\x0d\x0a\xff\0\x01" + struct.pack("<HH", number, 0)
    for kind, data in sections:
        out += section(len(out), kind, data(len(out) + 76) if callable(data) else data)
    return out


def chunks(media, first, n, has_second=True):
    """sectors, table and table2; the tables count from where the chunks begin."""
    data, entries = stored(media, first, n)
    base = []

    def sectors(at):
        base.append(at)
        return data

    kinds = ["table", "table2"] if has_second else ["table"]
    return [("sectors", sectors)] + [(kind, lambda at: table(entries, base[0])) for kind in kinds]


def smart(media):
    """A table without a checksum of its entries, its chunks right behind it."""
    data, entries = stored(media, 0, CHUNKS)

    def in_table(at):
        return summed(struct.pack("<I4xQ4x", CHUNKS, at + 24 + len(entries))) + entries + data

    return segment(1, [("header", zlib.compress(HEADER.encode())), ("volume", smart_volume()),
                       ("table", in_table), ("done", b"")])


def make_all():
    media = random.Random(1).randbytes(CHUNKS * CHUNK // 2) + bytes(CHUNKS * CHUNK // 2)
    about = [("header2", zlib.compress(HEADER.encode("utf-16"))), ("header", zlib.compress(HEADER.encode())),
             ("volume", volume())]
    end = [("error2", errors()), ("digest", summed(bytes(range(36)).ljust(76, b"\0"))),
           ("hash", summed(bytes(range(16)).ljust(32, b"\0"))), ("done", b"")]
    whole = segment(1, about + chunks(media, 0, CHUNKS) + [("data", volume())] + end)
    half = CHUNKS // 2
    bad = bytearray(whole)
    bad[whole.index(b"table2") - 40] ^= 1
    bad[-200] ^= 1
    return {
        "whole.E01": whole,
        "one-table.E01": segment(1, about + chunks(media, 0, CHUNKS, has_second=False) + end),
        "two-tables.E01": segment(1, about + chunks(media, 0, half) + chunks(media, half, CHUNKS - half) + end),
        "set.E01": segment(1, about + chunks(media, 0, half) + [("data", volume()), ("next", b"")]),
        "set.E02": segment(2, [("data", volume())] + chunks(media, half, CHUNKS - half) + end),
        "bad-tables.E01": bytes(bad),
        "no-tables.E01": segment(1, about + chunks(media, 0, CHUNKS)[:1] + end),
        "cut.E01": whole[: len(whole) * 3 // 4],
        "whole.s01": smart(media),
        "cut.s01": smart(media)[:-300],
    }


for name, content in make_all().items():
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(content)
