# SPDX-License-Identifier: Apache-2.0
"""An evidence database as the tests read it: the report_* views, and the few table columns that no view has."""
import calendar
import re
import sqlite3
from dataclasses import dataclass

TIME_COLUMNS = {"mtime": "modified_utc", "atime": "accessed_utc", "ctime": "changed_utc", "crtime": "created_utc"}
TIME = re.compile(r"(-?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$")


@dataclass
class File:
	file_id: int
	path: str  # as report_files has it, with the stream at the end
	raw: bytes  # the same in the bytes of the file system
	inode: int
	attr_type: int
	attr_id: int
	kind: str
	state: str
	size: int
	md5: str | None
	sha1: str | None
	sha256: str | None
	digest_state: str | None
	times: dict  # mtime, atime, ctime, crtime: seconds, 0 = absent


@dataclass
class Fs:
	filesystem_id: int
	offset: int
	pool_block: int
	type: str


def seconds(text):
	if text is None:
		return 0
	m = TIME.match(text)
	if not m:
		raise ValueError(f"not an ISO 8601 UTC time: {text}")
	return calendar.timegm(tuple(int(x) for x in m.groups()))


def raw_path(row):
	if row["raw_path"] is None:
		return row["path"].encode("utf-8", "surrogateescape")
	stream = f":{row['stream']}" if row["stream"] is not None else ""
	return bytes.fromhex(row["raw_path"]) + stream.encode("utf-8", "surrogateescape")


class Database:
	def __init__(self, path):
		self.con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
		self.con.text_factory = lambda b: b.decode("utf-8", "surrogateescape")

	def close(self):
		self.con.close()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.close()

	def rows(self, sql, *args):
		cur = self.con.execute(sql, args)
		names = [c[0] for c in cur.description]
		return [dict(zip(names, r)) for r in cur]

	def one(self, sql, *args):
		row = self.con.execute(sql, args).fetchone()
		return row[0] if row else None

	def filesystems(self):
		return [Fs(r["filesystem_id"], r["fs_offset"], r["pool_block"] or 0, r["fs_type"])
			for r in self.rows("SELECT * FROM report_volumes WHERE filesystem_id IS NOT NULL")]

	def files(self, filesystem_id=None):
		where = "" if filesystem_id is None else f"WHERE filesystem_id = {int(filesystem_id)}"
		for r in self.rows(f"SELECT * FROM report_files {where} ORDER BY file_id"):
			times = {k: seconds(r[v]) for k, v in TIME_COLUMNS.items()}
			yield File(r["file_id"], r["path"], raw_path(r), r["inode"], r["attr_type"], r["attr_id"],
				r["kind"], r["state"], r["size"], r["md5"], r["sha1"], r["sha256"], r["digest_state"], times)

	def problems(self, code=None):
		if code is None:
			return self.rows("SELECT * FROM report_problems")
		return self.rows("SELECT * FROM report_problems WHERE code = ?", code)
