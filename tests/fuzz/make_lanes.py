#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_lanes: a few and many lanes, short and long streams, with and without splits, each kernel."""
import random
import struct
import sys
from pathlib import Path


def seed(rng, lanes, longest, calls, kernel, content):
    out = bytearray([lanes])
    for _ in range(lanes):
        out += struct.pack(">BHH", rng.choice((1, 1, 1, 4 * rng.randrange(8))), rng.randrange(200), rng.randrange(longest))
    out.append(calls)
    for _ in range(calls):
        out.append(kernel)
        out += bytes(rng.randrange(256) for _ in range(lanes))
    out.append(kernel)
    return bytes(out) + bytes(rng.randrange(256) for _ in range(content))


rng = random.Random(1)
for n, lanes in enumerate((1, 2, 3, 5, 8, 9, 16, 17, 33, 40)):
    for kernel in range(6):
        name = f"lanes{lanes:02}-kernel{kernel}"
        made = seed(rng, lanes, (130, 1000, 4000)[(n + kernel) % 3], kernel % 4, kernel, 4200)
        (Path(sys.argv[1]) / name).write_bytes(made)
