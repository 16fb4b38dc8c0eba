# SPDX-License-Identifier: Apache-2.0
"""The evidence corpus under ../shared/corpus: its manifest, unpacked images and ground truth."""
import base64
import binascii
import bz2
import csv
import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
CORPUS = os.path.join(SHARED, "corpus")
SKIPPED = 77
HOLE = 65536


def need_corpus():
	if not os.path.exists(os.path.join(CORPUS, "dev", "manifest.json")):
		print(f"SKIPPED: {CORPUS} is not on this machine; nothing was compared", file=sys.stderr)
		sys.exit(SKIPPED)


def manifest():
	with open(os.path.join(CORPUS, "dev", "manifest.json"), encoding="utf-8") as f:
		return json.load(f)


# ---------------------------------------------------------------- unpacking


def write_sparse(path, chunks):
	with open(path, "wb") as f:
		for chunk in chunks:
			for i in range(0, len(chunk), HOLE):
				piece = chunk[i:i + HOLE]
				if piece.count(0) == len(piece):
					f.seek(len(piece), os.SEEK_CUR)
				else:
					f.write(piece)
		f.truncate(f.tell())


def chunks_of(f):
	while True:
		chunk = f.read(1 << 20)
		if not chunk:
			return
		yield chunk


def uudecode(data):
	out, inside = b"", False
	for line in data.splitlines():
		if line.startswith(b"begin "):
			inside = True
		elif line.strip() == b"end":
			break
		elif inside and line and line.strip() != b"`":
			try:
				out += binascii.a2b_uu(line)
			except binascii.Error:  # some encoders leave rubbish after the last byte
				out += binascii.a2b_uu(line[:(((line[0] - 32) & 63) * 4 + 5) // 3])
	return out


def unxxd(source, path):
	with open(source, "rb") as f, open(path, "wb") as out:
		for line in f:
			m = re.match(rb"\s*([0-9a-fA-F]+):((?: ?[0-9a-fA-F]{2,4}){1,16})(?:  |\s*$)", line)
			if m:
				out.seek(int(m.group(1), 16))
				out.write(bytes.fromhex(m.group(2).replace(b" ", b"").decode()))


def syzkaller_image(data):
	return zlib.decompress(base64.b64decode(re.search(rb'"\$([A-Za-z0-9+/=]+)"', data).group(1) + b"=="))


def read(path):
	with open(path, "rb") as f:
		return f.read()


OPENERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


def unpack_one(source, recipe, folder):
	"""One stored file to one plain file in folder; returns its path."""
	base = os.path.basename(source)
	kind, _, member = recipe.partition(":")
	stem = re.sub(r"\.(gz|bz2|xz|zst|xxd|uu|uuZ|uu\.Z)$", "", base)
	if kind == "uuZ":
		stem = base[:-5]
	path = os.path.join(folder, os.path.basename(member) or stem)
	if kind in ("xxd", "syz") or (kind in OPENERS and stem == base):
		path += ".img"
	if kind == "":
		path = os.path.join(folder, base)
		shutil.copyfile(source, path)
	elif kind in OPENERS:
		with OPENERS[kind](source) as f:
			write_sparse(path, chunks_of(f))
	elif kind == "zst":
		subprocess.run(["zstd", "-dqf", "--sparse", source, "-o", path], check=True)
	elif kind == "zip":
		with zipfile.ZipFile(source) as z, z.open(member) as f:
			write_sparse(path, chunks_of(f))
	elif kind == "tar":
		with tarfile.open(source) as t:
			write_sparse(path, chunks_of(t.extractfile(member)))
	elif kind == "uu":
		write_sparse(path, [uudecode(read(source))])
	elif kind == "uuZ":
		p = subprocess.run(["gzip", "-dc"], input=uudecode(read(source)), capture_output=True, check=True)
		write_sparse(path, [p.stdout])
	elif kind == "xxd":
		unxxd(source, path)
	elif kind == "syz":
		write_sparse(path, [syzkaller_image(read(source))])
	else:
		raise ValueError(f"{base}: unknown recipe {recipe}")
	return path


def unpack(entry, folder, everything=None):
	"""All files of a manifest entry, and those of the image it needs beside it; returns the paths of its own."""
	os.makedirs(folder, exist_ok=True)
	if entry.get("needs"):
		parent = next(e for e in (everything or manifest()) if e["id"] == entry["needs"])
		unpack(parent, folder, everything)
	dev = os.path.join(CORPUS, "dev")
	return [unpack_one(os.path.join(dev, f), entry["recipe"], folder) for f in entry["files"]]


CRASHER_RECIPES = {".xz": "xz", ".gz": "gz", ".uu": "uu"}


def crashers():
	"""Names of the inputs that kill or hang libtsk."""
	return sorted(os.listdir(os.path.join(CORPUS, "crashers")))


def unpack_crasher(name, folder):
	os.makedirs(folder, exist_ok=True)
	recipe = CRASHER_RECIPES.get(os.path.splitext(name)[1], "")
	return unpack_one(os.path.join(CORPUS, "crashers", name), recipe, folder)


# ---------------------------------------------------------------- ground truth


@dataclass
class Claim:
	"""What the independent tools say about one name."""
	path: str  # without the leading slash, as fls prints it
	inode: int
	attr_type: int | None
	attr_id: int | None
	name_type: str
	meta_type: str
	is_allocated: bool
	size: int | None
	times: dict | None  # mtime, atime, ctime, crtime: seconds, 0 = absent
	icat: dict | None
	digest: dict | None = None  # size, md5, sha1, sha256 that the tools agree on
	by: str = ""  # who decided digest


@dataclass
class TrueFs:
	offset: int  # bytes
	pool_block: int | None
	tsk_type: str | None
	probe: str | None
	claims: list = field(default_factory=list)


@dataclass
class Truth:
	raw: dict  # the whole JSON
	filesystems: list
	media: dict | None  # size and digests, None where the readers differ
	reads_container: bool


TIMES = ("mtime", "atime", "ctime", "crtime")


def claim(e):
	parts = e["addr"].split("-")
	attr = (int(parts[1]), int(parts[2])) if len(parts) == 3 else (None, None)
	times = {t: e[t] for t in TIMES} if e.get("mtime") is not None else None
	return Claim(e["path"], int(parts[0]), attr[0], attr[1], e["nt"], e["mt"], bool(e["alloc"]),
		e.get("size"), times, e.get("icat"))


def from_table(path):
	"""The names of a file system that has too many for the JSON."""
	with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
		for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
			e = {"path": r["path"], "addr": r["addr"], "nt": r["name_type"], "mt": r["meta_type"],
				"alloc": r["alloc"] == "1", "size": int(r["size"]) if r["size"] else None}
			if r["mtime"]:
				e.update({t: int(r[t]) for t in TIMES})
			if r["sha256"]:
				e["icat"] = {k: r[k] for k in ("md5", "sha1", "sha256")} | {"size": e["size"]}
			yield e


def entries(fs):
	if "files" in fs:
		return fs["files"]
	if "files_in" in fs:
		return list(from_table(os.path.join(CORPUS, "dev", "truth", fs["files_in"])))
	return []


def witness_trees(fs, paths):
	"""The witnesses' files by fls path: 7-Zip puts some into [SYSTEM] or below the volume's name."""
	trees = []
	for name, w in (fs.get("witness") or {}).items():
		tree = {p: h for p, h in (w.get("files") or {}).items() if "sha256" in h}
		plain = {(p[9:] if p.startswith("[SYSTEM]/") else p): h for p, h in tree.items()}
		below = {(p.split("/", 1)[1] if "/" in p else p): h for p, h in tree.items()}
		best = max((tree, plain, below), key=lambda t: (len(t) == len(tree)) * sum(p in t for p in paths))
		if best:
			trees.append((name, best))
	return trees


DIGESTS = ("size", "md5", "sha1", "sha256")


def is_sound(c):
	h = c.icat
	return bool(h) and not h.get("rc") and not h.get("timed_out") and "sha256" in h \
		and (c.size is None or c.size == h["size"])


def decide(c, trees):
	"""
	icat stands where a witness agrees or none knows the file; else the first witness decides. Where icat
	failed, a witness must at least have as many bytes as the file is said to be long.
	"""
	votes = [(name, t[c.path]) for name, t in trees if c.path in t
		and (is_sound(c) or t[c.path]["size"] == c.size)]
	if is_sound(c) and (not votes or any(v["sha256"] == c.icat["sha256"] for _, v in votes)):
		c.digest, c.by = {k: c.icat[k] for k in DIGESTS}, "icat"
	elif votes:
		c.digest, c.by = {k: votes[0][1][k] for k in DIGESTS}, votes[0][0]


def true_fs(fs, parent):
	offset = parent["offset_bytes"]
	block = int(fs["apsb_block"]) if "apsb_block" in fs else None
	t = TrueFs(offset, block, fs.get("tsk_type"), parent.get("probe"), [claim(e) for e in entries(fs)])
	only = parent if len(parent.get("pool", [])) <= 1 else {}
	trees = witness_trees(only, {c.path for c in t.claims})
	for c in t.claims:
		if c.icat is not None:
			decide(c, trees)
	return t


def truth(image_id):
	with open(os.path.join(CORPUS, "dev", "truth", image_id + ".json"), encoding="utf-8") as f:
		d = json.load(f)
	filesystems = []
	for fs in d.get("filesystems", []):
		for one in fs.get("pool") or [fs]:
			filesystems.append(true_fs(one, fs))
	media = next((m for m in d.get("media", {}).values() if isinstance(m, dict) and "sha256" in m), None)
	return Truth(d, filesystems, media if d.get("media_readers_agree") else None,
		bool(d.get("tsk_reads_container")))
