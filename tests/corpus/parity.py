#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare trowel's databases with the ground truth of every corpus image.

parity.py [--trowel PATH] [--jobs N] [--keep DIR] [--full] [ID ...]

Every allocated file on which the independent tools agree must be there with path, size and digests; deleted and
orphan names, times, volumes, media digests and the ledger must agree. What differs stands in differences.json
with the reason, and an entry there that matches nothing any more is a failure, too. Exit 77: no corpus here.
"""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import shutil
import sys
import tempfile
import threading

import lib_db
import lib_images

sys.path.insert(0, os.path.join(lib_images.HERE, "..", "lib"))
import measure  # noqa: E402

INDEX_LIMIT_S = 1500
SHOWN = 12  # differences shown per image
REPEAT_EVERY = 7  # without --full, one image in so many is indexed with 1 and 8 threads, too
UNSUPPORTED = ("container-unsupported", "parent-missing", "container-unreadable")
NAMES_OF_PROBE = {"ext": ("ext",), "hfs": ("hfs",), "fat": ("fat",), "luks": ("luks",)}


class Differences:
	"""The checked-in list: what may differ, and why."""

	def __init__(self, path):
		with open(path, encoding="utf-8") as f:
			self.entries = json.load(f)
		self.used = set()
		self.lock = threading.Lock()
		for e in self.entries:
			if not e.get("reason") or not e.get("kind") or not e.get("id"):
				sys.exit(f"parity: {path}: an entry without id, kind or reason: {e}")
			if e["kind"] == "digest" and "trust" not in e:
				sys.exit(f"parity: {path}: {e['id']}: a digest entry must name whom to trust")

	def find(self, image_id, kind, path):
		for i, e in enumerate(self.entries):
			if e["kind"] == kind and fnmatch.fnmatchcase(image_id, e["id"]) \
					and fnmatch.fnmatchcase(path or "", e.get("path", "*")):
				with self.lock:
					self.used.add(i)
				return e
		return None

	def stale(self, ids):
		"""Entries that explained nothing, though every image they speak of was run."""
		return [e for i, e in enumerate(self.entries) if i not in self.used
			and any(fnmatch.fnmatchcase(x, e["id"]) for x in ids)]


class Findings:
	"""What is wrong with one image; explained ones are only counted."""

	def __init__(self, image_id, differences):
		self.image_id, self.differences = image_id, differences
		self.lines, self.explained, self.checked = [], 0, 0

	def add(self, kind, path, text):
		if self.differences.find(self.image_id, kind, path):
			self.explained += 1
		else:
			self.lines.append(f"{kind}: {path}: {text}" if path else f"{kind}: {text}")

	def expect(self, ok, kind, path, text):
		self.checked += 1
		if not ok:
			self.add(kind, path, text)


# ---------------------------------------------------------------- one file


def as_fls(raw):
	"""fls prints control characters as '^', and what is not UTF-8 was replaced when its output was read."""
	return "".join("^" if ord(c) < 32 else c for c in raw.removeprefix(b"/").decode("utf-8", "replace"))


def match(claim, ours):
	"""Our rows of a name: same inode, same stream where fls told which."""
	rows = ours.get((claim.path, claim.inode), [])
	if claim.attr_type is not None:
		exact = [r for r in rows if (r.attr_type, r.attr_id) == (claim.attr_type, claim.attr_id)]
		rows = exact or rows
	same_state = [r for r in rows if (r.state == "allocated") == claim.is_allocated]
	return (same_state or rows or [None])[0]


def check_digest(f, claim, row):
	entry = f.differences.find(f.image_id, "digest", claim.path)
	want = claim.digest
	if entry:
		f.explained += 1
		want = claim.icat if entry["trust"] == "icat" else entry["trust"]
	if want is None:
		return
	if row.digest_state != "complete":
		f.expect(False, "state", claim.path, f"digest is {row.digest_state}, {claim.by} has {want['size']} bytes")
		return
	for k in lib_images.DIGESTS:
		if k in want and getattr(row, k) != want[k]:
			# No entry of the list can excuse this one: it is a wrong digest marked complete.
			f.lines.append(f"WRONG DIGEST: {claim.path}: {k} is {getattr(row, k)}, {claim.by} says {want[k]}")
			return
	f.checked += 1


def check_times(f, claim, row):
	if claim.times is None:
		return
	wrong = [f"{t} {row.times[t]} not {claim.times[t]}" for t in lib_images.TIMES
		if claim.times[t] is not None and row.times[t] != claim.times[t]]
	f.expect(not wrong, "time", claim.path, ", ".join(wrong))


def check_claim(f, claim, ours):
	row = match(claim, ours)
	kind = "missing" if claim.is_allocated else "missing-deleted"
	f.expect(row is not None, kind, claim.path, f"inode {claim.inode} ({claim.name_type}/{claim.meta_type}) has no row")
	if row is None:
		return
	wanted = ("allocated",) if claim.is_allocated else ("deleted", "orphan")
	f.expect(row.state in wanted, "allocation", claim.path, f"is {row.state}")
	check_times(f, claim, row)
	if claim.is_allocated and claim.icat is not None and claim.name_type not in "vV":
		check_digest(f, claim, row)


# ---------------------------------------------------------------- one image


def check_names(f, db, truth):
	known = {(x.offset, x.pool_block): x for x in db.filesystems()}
	for fs in truth.filesystems:
		if not fs.claims:
			continue
		ours = known.get((fs.offset, fs.pool_block or 0))
		f.expect(ours is not None, "filesystem", "", f"{fs.tsk_type} at byte {fs.offset} has no row")
		if ours is None:
			continue
		rows = {}
		for r in db.files(ours.filesystem_id):
			rows.setdefault((as_fls(r.raw), r.inode), []).append(r)
		for c in fs.claims:
			check_claim(f, c, rows)


def check_unreadable(f, db, truth):
	"""What libtsk can't read is still a volume whose content is named."""
	for fs in truth.filesystems:
		if fs.tsk_type or fs.claims or fs.pool_block:
			continue
		rows = [r for r in db.rows("SELECT offset, content FROM report_volumes") if r["offset"] == fs.offset]
		text = " ".join(r["content"] or "" for r in rows)
		f.expect(text.strip() != "", "content", "", f"nothing is said about what lies at byte {fs.offset}")
		if fs.probe and text:
			names = NAMES_OF_PROBE.get(fs.probe, (fs.probe,))
			f.expect(any(n in text.lower() for n in names), "content", "",
				f"byte {fs.offset} holds {fs.probe}, the row says '{text}'")


def check_volumes(f, db, truth):
	sector = truth.raw.get("mmls", {}).get("sector_size", 512)
	rows = {(r["offset"], r["declared_length"]) for r in
		db.rows("SELECT offset, declared_length FROM report_volumes WHERE kind = 'partition'")}
	for v in truth.raw.get("volumes", []):
		if v["allocated"]:
			want = (v["start"] * sector, v["length"] * sector)
			f.expect(want in rows, "volume", v["slot"], f"{v['desc']} at byte {want[0]}, {want[1]} bytes, has no row")


def check_media(f, db, truth):
	row = db.rows("SELECT * FROM report_images")[0]
	if truth.media is None:
		f.expect(row["verdict"] != "match", "verdict", "", "readers differ on the medium, yet the verdict is match")
		return row
	f.expect(row["size"] == truth.media["size"], "media", "", f"{row['size']} bytes, not {truth.media['size']}")
	for k in ("md5", "sha1", "sha256"):
		f.expect(row[k] == truth.media[k], "media", "", f"{k} of the medium is {row[k]}, not {truth.media[k]}")
	return row


def check_ledger(f, db):
	image = db.rows("SELECT * FROM report_images")[0]
	total = db.one("SELECT coalesce(sum(bytes), 0) FROM report_ledger WHERE item = 'bytes'")
	f.expect(total == image["size"], "ledger", "", f"{total} bytes are accounted for, the image has {image['size']}")
	f.expect(not db.problems("ledger-unbalanced"), "ledger", "", "the run itself says that it does not balance")


def is_unsupported(db, truth):
	"""A container that libtsk can't read: said plainly, and nothing made up about its content."""
	foreign = not truth.reads_container
	nothing = truth.raw["unpacked"][0]["name"].endswith((".aff4", ".E01")) and not any(
		fs.claims or fs.tsk_type for fs in truth.filesystems)
	return (foreign or nothing) and any(p["code"] in UNSUPPORTED for p in db.problems())


def check_database(f, path, truth, rc):
	with lib_db.Database(path) as db:
		f.expect((rc == 1) == bool(db.problems()), "exit", "", f"exit {rc} with {len(db.problems())} problems")
		f.expect(db.one("SELECT status FROM report_runs") == "complete", "run", "", "the run is not complete")
		check_ledger(f, db)
		if is_unsupported(db, truth):
			n = db.one("SELECT count(*) FROM report_files WHERE digest_state = 'complete'")
			f.expect(n == 0, "container", "", f"{n} complete digests out of a container that could not be read")
			return
		check_media(f, db, truth)
		check_volumes(f, db, truth)
		check_unreadable(f, db, truth)
		check_names(f, db, truth)


def digest(trowel, db):
	r = measure.run([trowel, "digest", db], timeout=INDEX_LIMIT_S)
	return r.out.decode("ascii", "replace").split(None, 1)[0] if r.rc == 0 and r.out else f"exit {r.rc}: {r.last_line()}"


def check_repeat(f, a, image, db, folder):
	first = digest(a.trowel, db)
	f.expect(len(first) == 64, "digest", "", f"trowel digest: {first}")
	for jobs in (1, 8):
		again = os.path.join(folder, f"jobs{jobs}.db")
		r = measure.run([a.trowel, "index", image, "-o", again, "--jobs", str(jobs)], timeout=INDEX_LIMIT_S)
		other = digest(a.trowel, again) if os.path.exists(again) else f"exit {r.rc}"
		f.expect(other == first, "repeat", "", f"canonical digest with --jobs {jobs} is {other}, with 2 {first}")


def check_image(a, entry, everything, repeat, folder):
	f = Findings(entry["id"], a.differences)
	image = lib_images.unpack(entry, folder, everything)[0]
	db = os.path.join(a.keep, entry["id"] + ".db") if a.keep else os.path.join(folder, "case.db")
	if os.path.exists(db):
		os.unlink(db)
	r = measure.run([a.trowel, "index", image, "-o", db, "--jobs", "2"], timeout=INDEX_LIMIT_S)
	if r.timed_out or r.rc not in (0, 1):
		f.add("exit", "", f"{'no end within the limit' if r.timed_out else f'exit {r.rc}'}: {r.last_line()}")
		return f
	v = measure.run([a.trowel, "verify", db], timeout=INDEX_LIMIT_S)
	f.expect(v.rc == 0, "verify", "", f"exit {v.rc}: {v.out.decode('utf-8', 'replace').strip()[:200]} {v.last_line()}")
	check_database(f, db, lib_images.truth(entry["id"]), r.rc)
	if repeat:
		check_repeat(f, a, image, db, folder)
	return f


def guarded(a, entry, everything, repeat):
	folder = tempfile.mkdtemp(prefix="parity-")
	try:
		return check_image(a, entry, everything, repeat, folder)
	except Exception as e:  # one image must not hide the others
		f = Findings(entry["id"], a.differences)
		f.lines.append(f"the comparison itself failed: {type(e).__name__}: {e}")
		return f
	finally:
		shutil.rmtree(folder, ignore_errors=True)


def show(f, limit):
	word = "FAIL" if f.lines else "ok  "
	print(f"{word} {f.image_id}: {f.checked} checks, {len(f.lines)} unexplained, {f.explained} explained", flush=True)
	for line in f.lines[:limit]:
		print(f"     {line}".encode("utf-8", "backslashreplace").decode())
	if len(f.lines) > limit:
		print(f"     ... and {len(f.lines) - limit} more")


def main():
	ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	ap.add_argument("ids", nargs="*", metavar="ID")
	ap.add_argument("--trowel", default=os.environ.get("TROWEL", "trowel"))
	ap.add_argument("--jobs", type=int, default=2, help="images at a time")
	ap.add_argument("--keep", metavar="DIR", help="keep the databases here")
	ap.add_argument("--full", action="store_true", help="compare canonical digests for 1, 2 and 8 threads on every image")
	ap.add_argument("--show", type=int, default=SHOWN, help="differences shown per image")
	a = ap.parse_args()
	lib_images.need_corpus()
	a.differences = Differences(os.path.join(lib_images.HERE, "differences.json"))
	if a.keep:
		os.makedirs(a.keep, exist_ok=True)

	everything = lib_images.manifest()
	wanted = [e for e in everything if not a.ids or e["id"] in a.ids]
	unknown = set(a.ids) - {e["id"] for e in wanted}
	if unknown:
		ap.error(f"no such image: {', '.join(sorted(unknown))}")
	failed = 0
	with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
		todo = [pool.submit(guarded, a, e, everything, a.full or i % REPEAT_EVERY == 0) for i, e in enumerate(wanted)]
		for t in todo:
			show(t.result(), a.show)
			failed += bool(t.result().lines)
	stale = a.differences.stale({e["id"] for e in wanted})
	for e in stale:
		print(f"FAIL differences.json: explains nothing any more: {json.dumps(e)}")
	print(f"{len(wanted) - failed} passed, {failed + len(stale)} failed")
	return 1 if failed or stale else 0


if __name__ == "__main__":
	sys.exit(main())
