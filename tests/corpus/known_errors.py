#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Silent errors of libtsk 4.11.1 and damaged containers: the right bytes, or a problem on record. Never a wrong digest.

known_errors.py [--trowel PATH] [--keep DIR] [NAME ...]
Each check is a function whose docstring is the claim; most make their image on the spot, the others take it from
../shared/corpus (exit 77 where that is absent).
"""
import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile

import lib_db
import lib_images
import lib_make

sys.path.insert(0, os.path.join(lib_images.HERE, "..", "lib"))
sys.path.insert(0, os.path.join(lib_images.HERE, "..", "..", "fixtures"))
import iso_multi_extent  # noqa: E402
import measure  # noqa: E402

GIB = 1 << 30
SECTOR = 512


class Wrong(Exception):
	pass


def must(ok, text):
	if not ok:
		raise Wrong(text)


def sha(data):
	return hashlib.sha256(data).hexdigest()


class Case:
	"""One indexed image."""

	def __init__(self, trowel, image, folder, *options):
		self.db = db = os.path.join(folder, "case.db")
		r = measure.run([trowel, "index", image, "-o", db, "--jobs", "2", "--item-timeout", "20", *options], timeout=1500)
		must(not r.timed_out, "no end within 120 s")
		must(r.rc in (0, 1), f"index: exit {r.rc}: {r.last_line()}")
		must(r.peak < GIB, f"peak memory is {r.peak >> 20} MiB")
		v = measure.run([trowel, "verify", db], timeout=1500)
		must(v.rc == 0, f"verify: exit {v.rc}: {v.out.decode('utf-8', 'replace').strip()} {v.last_line()}")
		self.rc = r.rc
		with lib_db.Database(db) as d:
			self.files = list(d.files())
			self.problems = d.problems()
			self.volumes = d.rows("SELECT * FROM report_volumes")
			self.image = d.rows("SELECT * FROM report_images")[0]
			self.damage = [(x["off"], x["len"], x["why"]) for x in
				d.rows("SELECT off, len, why FROM image_damage ORDER BY off")]
			self.file_damage = {}
			for x in d.rows("SELECT file_id, off, len, why FROM content_damage ORDER BY off"):
				self.file_damage.setdefault(x["file_id"], []).append((x["off"], x["len"], x["why"]))
		must((self.rc == 1) == bool(self.problems), f"exit {self.rc} with {len(self.problems)} problems")

	def rows(self, path):
		return [f for f in self.files if f.path == path and f.state == "allocated"]

	def codes(self):
		return {p["code"] for p in self.problems}

	def is_right(self, path, data):
		"""The digests of path are complete and right; a wrong one marked complete is never acceptable."""
		rows = self.rows(path)
		done = [f for f in rows if f.digest_state == "complete"]
		for f in done:
			must(f.sha256 == sha(data) and f.size == len(data),
				f"{path}: WRONG digest marked complete ({f.size} bytes, {len(data)} are right)")
		return bool(done)

	def right_or_said(self, files):
		for path, data in files.items():
			if not self.is_right(path, data):
				must(self.problems, f"{path}: {'no digest' if self.rows(path) else 'no row'}, and no problem on record")

	def right(self, files):
		for path, data in files.items():
			must(self.is_right(path, data), f"{path}: no complete digest: {[f.digest_state for f in self.rows(path)]}")


class Bench:
	"""What a check gets: a folder, and ways to an indexed image."""

	def __init__(self, trowel, folder):
		self.trowel, self.folder = trowel, folder

	def path(self, name):
		return os.path.join(self.folder, name)

	def index(self, image, *options):
		sub = tempfile.mkdtemp(dir=self.folder)
		return Case(self.trowel, image, sub, *options)

	def corpus(self, image_id):
		entry = next(e for e in lib_images.manifest() if e["id"] == image_id)
		return self.index(lib_images.unpack(entry, self.path("unpacked"))[0])

	def crasher(self, name):
		try:
			return self.index(lib_images.unpack_crasher(name, self.path("unpacked")))
		except Wrong as e:
			raise Wrong(f"{name}: {e}") from e


def rooted(files):
	return {"/" + name: data for name, data in files.items()}


# ---------------------------------------------------------------- nine silent errors, in the order of the README


def inline_data(b):
	"""ext4 inline data past 60 bytes is read in full."""
	rng = random.Random(1)
	files = {f"inline{n}": rng.randbytes(n) for n in (1, 59, 60, 61, 80, 100, 120, 150)}
	image = lib_make.ext(b.path("inline.img"), files, options=("-O", "inline_data", "-I", "256"))
	b.index(image).right_or_said(rooted(files))
	c = b.corpus("e2f_d_inline_dump")
	good = {x.path: x for x in lib_images.truth("e2f_d_inline_dump").filesystems[0].claims}
	for f in c.rows("/file"):
		must(f.digest_state != "complete" or f.sha256 == good["file"].digest["sha256"], "/file: WRONG digest")
		must(f.digest_state == "complete" or c.problems, "/file: no digest and no problem")
	must(c.rows("/file"), "/file has no row")


def sparse_tail(b):
	"""A sparse file larger than its file system is not cut short."""
	top = b.path("tree")
	os.makedirs(top)
	with open(os.path.join(top, "sparse"), "wb") as f:
		f.write(b"begin")
		f.seek(40 << 20)
		f.write(b"end")
	image = lib_make.empty(b.path("sparse.img"), 4 << 20)
	lib_make.sh("mke2fs", "-q", "-F", "-t", "ext4", "-d", top, image)
	b.index(image).right_or_said({"/sparse": b"begin" + bytes((40 << 20) - 5) + b"end"})
	c = b.corpus("ufs_little")
	for claim in lib_images.truth("ufs_little").filesystems[0].claims:
		if claim.icat and claim.size is not None:
			for f in c.rows("/" + claim.path):
				must(f.digest_state != "complete" or f.size == claim.size, f"{f.path}: cut at {f.size} of {claim.size}")
				must(f.digest_state == "complete" or c.problems, f"{f.path}: {f.digest_state} without a problem")


def two_file_systems(b):
	"""A FAT32 with stale CD sectors in its reserved area is listed, whether libtsk finds it ambiguous or spins."""
	for name in ("fat32_ambiguous_iso_remnant.img.xz", "fat32_spin_iso_remnant.img.xz"):
		c = b.crasher(name)
		fat = [v for v in c.volumes if "FAT" in (v["fs_type"] or "").upper()]
		must(fat, f"{name}: no FAT file system among {[v['fs_type'] for v in c.volumes]}")
		names = [f for f in c.files if f.state == "allocated" and f.kind == "regular"]
		must(names, f"{name}: no file was listed")


def rejected_file_systems(b):
	"""What libtsk rejects is listed by another reader, or its volume row says what it is."""
	c = b.corpus("syz_ext4_5")
	witness = lib_images.truth("syz_ext4_5").raw["filesystems"][0]["witness"]
	tree = next(w["files"] for w in witness.values() if w.get("files"))
	for path, h in tree.items():
		for f in c.rows("/" + path):
			must(f.digest_state != "complete" or f.sha256 == h["sha256"], f"{f.path}: WRONG digest")
	must(c.problems or all(c.rows("/" + p) for p in tree), "neither the files nor a problem")
	text = " ".join(str(v["content"]) + str(v["fs_type"]) for v in c.volumes).lower()
	must("ext" in text, f"syz_ext4_5: the volume says '{text}'")
	for image_id, word in (("fact_btrfs.img", "btrfs"), ("ul_xfs", "xfs"), ("fact_gzip.sqfs", "squashfs"),
			("fact_udf.img", "udf"), ("ul_luks2", "luks"), ("ul_bitlocker-win7", "bitlocker")):
		v = [x["content"] or "" for x in b.corpus(image_id).volumes]
		must(any(word in x.lower() for x in v), f"{image_id}: no volume row says {word}: {v}")


def colon_in_name(b):
	"""A file called notes.txt:ads and the stream ads of notes.txt are two rows, each with its own bytes."""
	image = lib_make.ntfs(b.path("ntfs.img"), {"notes.txt": b"main\n", "notes.txt:ads": b"a file of its own\n"},
		streams=[("notes.txt", "ads", b"an alternate data stream\n")])
	c = b.index(image)
	rows = c.rows("/notes.txt:ads")
	must(len(rows) == 2, f"{len(rows)} rows are called /notes.txt:ads")
	must(len({f.inode for f in rows}) == 2, "both rows have one inode")
	by_sha = {f.sha256: f for f in rows if f.digest_state == "complete"}
	must(set(by_sha) == {sha(b"a file of its own\n"), sha(b"an alternate data stream\n")}, "the digests are mixed up")


def damaged_chunk(b):
	"""A damaged chunk makes just its files substituted, with the exact range, and the verdict a mismatch."""
	files = {f"f{i}": random.Random(i).randbytes(90_000) for i in range(8)}
	raw = lib_make.ext(b.path("raw.img"), files, size=4 << 20, kind="ext2")
	with open(raw, "rb") as f:
		media = f.read()
	victim = media.index(files["f3"][:1024])
	chunk = (victim // 32768 + 1) * 32768  # the first chunk that begins inside the file
	e01 = lib_make.ewf(b.path("bad"), raw)[0]
	with open(e01, "rb+") as f:
		stored = f.read().index(media[chunk + 100:chunk + 160])
		f.seek(stored)
		f.write(b"\xaa" * 8)
	c = b.index(e01)
	must(c.rc == 1, f"exit {c.rc}")
	must(c.image["verdict"] == "mismatch", f"the verdict is {c.image['verdict']}")
	must(c.damage == [(chunk, 32768, "substituted")], f"damage of the medium: {c.damage}, chunk at {chunk}")
	hurt = 0
	for path, data in rooted(files).items():
		if not c.is_right(path, data):
			f = c.rows(path)[0]
			hurt += 1
			must(f.digest_state == "substituted", f"{path} is {f.digest_state}")
			lost = [x for x in range(0, len(data), 1024) if chunk <= media.find(data[x:x + 1024]) < chunk + 32768]
			ranges = c.file_damage.get(f.file_id, [])
			must(ranges and ranges[0][0] == lost[0], f"{path}: damage {ranges}, the first lost block is at {lost[:1]}")
			must(sum(r[1] for r in ranges) == sum(min(1024, len(data) - x) for x in lost), f"{path}: damage {ranges}")
	must(1 <= hurt <= 3, f"{hurt} files are not complete")


def segments_of(b, size=6 << 20):
	files = {f"f{i:02d}": random.Random(i).randbytes(400_000) for i in range(12)}
	raw = lib_make.ext(b.path("raw.img"), files, size=size, kind="ext2")
	paths = lib_make.ewf(b.path("seg"), raw, segment=1 << 20)
	must(len(paths) >= 4, f"{len(paths)} segments")
	return files, paths


def missing_segment(b):
	"""With the middle or the last segment missing nothing is read as raw and no digest of a lost file is complete."""
	files, paths = segments_of(b)
	for gone in (len(paths) // 2, len(paths) - 1):
		folder = b.path(f"without{gone}")
		os.makedirs(folder)
		for i, p in enumerate(paths):
			if i != gone:
				shutil.copy(p, folder)
		c = b.index(os.path.join(folder, os.path.basename(paths[0])))
		must(c.rc == 1, f"segment {gone + 1} missing: exit {c.rc}")
		must("segment-missing" in c.codes(), f"segment {gone + 1} missing: problems are {sorted(c.codes())}")
		must(c.image["format"].startswith("EWF"), f"read as {c.image['format']}")
		must(c.image["verdict"] not in ("match", None), f"verdict {c.image['verdict']}")
		must(c.image["bytes_missing"] > 0, f"segment {gone + 1} missing: no byte is missing")
		c.right_or_said(rooted(files))
		must(all(f.digest_state in (None, "complete", "partial", "none") for f in c.files), "a state that says nothing is lost")
		if gone < len(paths) - 1:  # the last one may hold free blocks only
			must(any(f.digest_state in ("partial", "none") for f in c.files), "no file is partial")


def vhd_without_parent(b):
	"""A differencing VHD without its parent says so and yields nothing."""
	c = b.corpus("dfvfs_fat-differential.vhd")
	must("parent-missing" in c.codes(), f"problems are {sorted(c.codes())}")
	must(not any(f.digest_state == "complete" for f in c.files), "complete digests without the parent")


def raw_with_vhd_footer(b):
	"""A raw image whose last sector looks like a VHD footer keeps its size, or the doubt is on record."""
	files = lib_make.contents(5)
	raw = lib_make.fat(b.path("disk.dd"), files, bits=12, size=1 << 20)
	with open(raw, "rb+") as f:
		f.seek(-512, os.SEEK_END)
		f.write(lib_make.vhd_footer(1 << 19))  # half of what is there
	c = b.index(raw)
	c.right_or_said(rooted(files))
	must(c.image["size"] >= (1 << 20) - SECTOR or c.problems, f"cut to {c.image['size']} bytes in silence")


def multi_extent_iso(b):
	"""A file in several extents of an ISO 9660 image is one stream with all of its bytes."""
	image = b.path("multi.iso")
	with open(image, "wb") as f:
		f.write(iso_multi_extent.image())
	c = b.index(image)
	c.right({"/SMALL.TXT": iso_multi_extent.SMALL})
	for f in c.rows("/BIG.BIN"):
		must(f.digest_state != "complete" or f.sha256 == sha(iso_multi_extent.BIG),
			f"/BIG.BIN: WRONG digest marked complete ({f.size} of {iso_multi_extent.BIG_SIZE} bytes)")
	must(any(f.digest_state == "complete" for f in c.rows("/BIG.BIN")) or c.problems, "/BIG.BIN: neither bytes nor a problem")


def iso_level_4(b):
	"""A valid ISO 9660:1999 disc, on which libtsk waits for itself for ever, is listed or the problem is on record."""
	files = {f"name{i}.txt": random.Random(i).randbytes(3000 * i) for i in range(4)}
	c = b.index(lib_make.iso(b.path("level4.iso"), files, options=("-iso-level", "4")))
	c.right_or_said(rooted(files))
	for name in ("iso9660_level4_valid.iso.xz", "libarchive_rockridge_zf_overflow.iso.uu"):
		c = b.crasher(name)
		must(c.problems or any(f.kind == "regular" for f in c.files), f"{name}: neither files nor a problem")


def hungry_and_throwing(b):
	"""ext images that make libtsk take gigabytes, and APFS ones that make it throw, cost a problem row."""
	for name in lib_images.crashers():
		if name.startswith(("fuzz2_ext", "fuzz2_apfs")):
			c = b.crasher(name)
			must(c.image["size"] > 0, f"{name}: no image row")
			must(c.problems or any(f.kind == "regular" for f in c.files), f"{name}: neither files nor a problem")


# ---------------------------------------------------------------- damaged containers of the corpus


def verified_ranges(image_id):
	"""Ranges of the medium that ewfverify names, in bytes."""
	for line in lib_images.truth(image_id).raw["ewfverify"]["out"]:
		if line.startswith("at sector(s): "):
			first, last = line.split(":", 1)[1].split("(")[0].split("-")
			yield int(first) * SECTOR, (int(last) - int(first) + 1) * SECTOR


def complete_pairs(c, image_id):
	"""Our complete rows with what the ground truth of another image says of the same names."""
	for fs in lib_images.truth(image_id).filesystems:
		for claim in fs.claims:
			for f in c.rows("/" + claim.path):
				if claim.digest and f.inode == claim.inode and f.digest_state == "complete":
					yield f, claim


def corpus_bad_chunk(b):
	"""The corpus's bad chunk is substituted exactly there, and all complete digests are those of the sound image."""
	c = b.corpus("derived_mmls_badchunk_E01")
	must(c.rc == 1 and c.image["verdict"] == "mismatch", f"exit {c.rc}, verdict {c.image['verdict']}")
	want = [(o, n, "substituted") for o, n in verified_ranges("derived_mmls_badchunk_E01")]
	must(c.damage == want, f"damage {c.damage}, ewfverify has {want}")
	good = {}
	for fs in lib_images.truth("tsk_imageformat_mmls_1.E01").filesystems:
		for claim in fs.claims:
			if claim.digest:
				good.setdefault("/" + claim.path, set()).add(claim.digest["sha256"])
	for f in c.files:
		if f.digest_state == "complete" and f.path in good and f.path != "/$BadClus:$Bad":
			must(f.sha256 in good[f.path], f"{f.path}: WRONG digest marked complete")


def corpus_truncated(b):
	"""A truncated E01: what is lost is named, and no more than ewfverify loses."""
	c = b.corpus("derived_ansi_truncated_E01")
	must(c.rc == 1, f"exit {c.rc}")
	must(c.image["verdict"] not in ("match", None), f"verdict {c.image['verdict']}")
	(off, length), = verified_ranges("derived_ansi_truncated_E01")
	must(c.damage and all(off <= o and o + n <= off + length for o, n, _ in c.damage), f"damage {c.damage}")
	good = {x.digest["sha256"] for fs in lib_images.truth("be_ansi.E01").filesystems for x in fs.claims if x.digest}
	done = [f for f in c.files if f.digest_state == "complete" and f.kind == "regular" and f.size > 0]
	must(all(f.sha256 in good for f in done), "a complete digest that the whole image does not have")


def corpus_missing_segment(b):
	"""The corpus's set without its last segment loses exactly what ewfverify names."""
	c = b.corpus("derived_ext2_missing_segment_E01")
	must(c.rc == 1 and "segment-missing" in c.codes(), f"exit {c.rc}, problems {sorted(c.codes())}")
	want = [(o, n, "missing") for o, n in verified_ranges("derived_ext2_missing_segment_E01")]
	must(c.damage == want, f"damage {c.damage}, ewfverify has {want}")
	must(c.image["verdict"] not in ("match", None), f"verdict {c.image['verdict']}")


def corpus_wrong_md5(b):
	"""Intact data under a wrong stored MD5: the verdict is a mismatch and the files are complete."""
	c = b.corpus("derived_image_wrongmd5_E01")
	must(c.rc == 1 and c.image["verdict"] == "mismatch", f"exit {c.rc}, verdict {c.image['verdict']}")
	must(not c.damage, f"damage {c.damage}")
	pairs = list(complete_pairs(c, "tsk_image.dd"))
	must(pairs, "no file has a complete digest")
	for f, claim in pairs:
		must(f.sha256 == claim.digest["sha256"], f"{f.path}: WRONG digest")


CHECKS = (inline_data, sparse_tail, two_file_systems, rejected_file_systems, colon_in_name, damaged_chunk,
	missing_segment, vhd_without_parent, raw_with_vhd_footer, multi_extent_iso, iso_level_4, hungry_and_throwing,
	corpus_bad_chunk, corpus_truncated, corpus_missing_segment, corpus_wrong_md5)


def run(check, a):
	folder = tempfile.mkdtemp(prefix="known-")
	try:
		check(Bench(a.trowel, folder))
		print(f"ok   {check.__name__}: {check.__doc__}", flush=True)
		return True
	except Exception as e:
		kind = "" if isinstance(e, Wrong) else f"{type(e).__name__}: "
		print(f"FAIL {check.__name__}: {kind}{e}".encode("utf-8", "backslashreplace").decode(), flush=True)
		return False
	finally:
		if a.keep:
			shutil.move(folder, os.path.join(a.keep, check.__name__))
		else:
			shutil.rmtree(folder, ignore_errors=True)


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("names", nargs="*", metavar="NAME")
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--keep", metavar="DIR", help="keep images and databases here")
	a = ap.parse_args()
	lib_images.need_corpus()
	if a.keep:
		os.makedirs(a.keep, exist_ok=True)
	results = [run(c, a) for c in CHECKS if not a.names or c.__name__ in a.names]
	print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
	return 0 if results and all(results) else 1


if __name__ == "__main__":
	sys.exit(main())
