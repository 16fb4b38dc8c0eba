# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_list: a small list of each format, plain and packed. make_list.py DIR"""
import gzip
import hashlib
import io
import json
import os
import sqlite3
import struct
import sys
import tempfile
import zipfile

NAMES = ["plain", "md5sum", "csv", "nsrl-v2", "hashdeep", "ilook", "hashkeeper", "icse", "clamav", "tsk-index", "encase",
	"hashdb-tab", "threatexchange-local", "pdq", "vpdq", "vics", "hashlookup", "misp", "stix", "stopncii", "tat",
	"threatexchange", "hashdb-json", "ncmec", "nsrl-v3", "kdb", "iped", "nsrl-delta"]


def digest(name, n):
	return hashlib.new(name, b"seed-%d" % n).hexdigest()


M, S, L = digest("md5", 1), digest("sha1", 1), digest("sha256", 1)
M2 = digest("md5", 2)


def database(*statements):
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, "db")
		db = sqlite3.connect(path)
		db.execute("PRAGMA page_size = 512")
		for statement, *values in statements:
			db.execute(statement, values)
		db.commit()
		db.close()
		with open(path, "rb") as f:
			return f.read()


def encase():
	return b"HASH\r\n\xff\0" + struct.pack("<III", 2, 1, 2) + bytes(0x408 - 20) + "made up".encode("utf-16-le").ljust(0x78, b"\0") \
		+ bytes.fromhex(M) + b"\0\0" + bytes.fromhex(M2) + b"\0\0"


def misp():
	attribute = {"uuid": "00000000-0000-4000-8000-000000000101", "type": "filename|md5", "value": f"a|{M}", "to_ids": True,
		"timestamp": "1", "deleted": False, "Tag": [{"name": "tlp:red"}]}
	return json.dumps({"Event": {"uuid": "00000000-0000-4000-8000-000000000001", "Tag": [{"name": "PAP:RED"}], "Attribute":
		[attribute], "Object": [{"name": "file", "uuid": "00000000-0000-4000-8000-000000000201", "Attribute": [attribute]}]}})


def stix():
	return json.dumps({"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1", "created": "2000-01-02T03:04:05Z",
		"modified": "2000-01-02T03:04:05.5Z", "pattern_type": "stix",
		"pattern": f"[file:hashes.MD5 = '{M}' OR file:hashes.'SHA-1' = '{S}'] AND [file:size = 8]"},
		{"type": "file", "id": "file--1", "hashes": {"SHA-256": L}, "size": 8, "name": "x"}]})


CONTENTS = {
	"plain": f"MD5\n# x\n{M}\n{M2.upper()}\r\n",
	"md5sum": f"{M}  a\n\\{M2} *b\\nc\nSHA1 (x) = {S}\nSHA2-256(y)= {L}\n         8  {M}  z\n",
	"csv": f'md5,sha1,name,note\n{M},{S},"a ""b"", c",x\n{M2};1\n',
	"nsrl-v2": '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\n'
		f'"{S}","{M}","00000001","a, ""b""",8,1,"x","M"\n',
	"hashdeep": f"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## x\n8,{M},{L},/a,b\n",
	"ilook": f"V3Hash,HashSHA1,FileName,FilePath,FileSize,HashSHA256,HashSHA384,HashSHA512\n{M},{S},a,\\,8,{L},,\n",
	"hashkeeper": '"file_id","hashset_id","file_name","directory","hash","file_size","date_modified","time_modified","time_zone",'
		f'"comments","date_accessed","time_accessed"\n1,2,"a",,"{M}",8,,,,,,\n',
	"icse": "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;"
		f"File Available;Media Type;Baseline\n{M};{S};;1;Y;N;x;s;3;Yes;Image;Y\n",
	"clamav": f"{M}:8:Name\n{S}:*:Name:73\n",
	"tsk-index": f"{'0' * 41}|md5sum\n{'0' * 40}1|x\n{M.upper()}|0000000000000000\n",
	"encase": encase(),
	"hashdb-tab": f"# x\n{M}\t{M2}\t1\n",
	"threatexchange-local": f"video_md5 {M}\npdq {L}\n",
	"pdq": f"{L},100,a\nhash={L},norm=1,delta=0,quality=9,filename=b\n",
	"vpdq": f'["{L},100,0.0"]',
	"vics": '{"@odata.context": "http://x/DataModels/2.0.xml/US/$metadata#Media", "value": [{"MediaID": 1, "Category": 1, "MD5": "'
		+ M + '", "SHA1": null, "MediaSize": "8", "IsSuspected": "True", "Miniature": "x", "AlternativeHashes": [{"HashName": "SHA256",'
		' "HashValue": "' + L + '"}], "Tags": "\\u00e9"}]}',
	"hashlookup": json.dumps({"MD5": M, "SHA-1": S, "FileSize": "8", "KnownMalicious": "x", "parents": [1]}) + "\n# x\nbad\n",
	"misp": misp(),
	"stix": stix(),
	"stopncii": json.dumps({"count": 1, "hashRecords": [{"lastModtimestamp": 1, "signalType": "VideoMD5", "hashValue": M,
		"hashStatus": "Active", "caseNumbers": {"x": "Active"}, "CSPFeedbacks": []}], "nextPageToken": "", "hasMoreRecords": False}),
	"tat": json.dumps({"count": 1, "checkpoint": "1,2", "results": [{"hash_digest": M, "algorithm": "MD5", "deleted": False,
		"updated_on": "2000-01-02T03:04:05Z", "id": 1, "ideology": "x", "file_type": "mp4"}]}),
	"threatexchange": json.dumps({"data": [{"id": "1", "indicator": M, "type": "HASH_MD5", "last_updated": 1, "should_delete": False,
		"descriptors": {"data": [{"status": "MALICIOUS", "tags": {"data": [{"text": "t"}]}}]}}], "paging": {}}),
	"hashdb-json": json.dumps({"file_hash": M, "filesize": 8, "name_pairs": ["r", "n"]}) + "\n"
		+ json.dumps({"block_hash": M2, "k_entropy": 1, "block_label": "w", "source_sub_counts": [M, 1]}) + "\n",
	"ncmec": '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="2"><image><member id="1">n</member>'
		f"<timestamp>2000-01-02T03:04:05Z</timestamp><id>a</id><classification>A1</classification><fingerprints><md5>{M}</md5>"
		f"<pdq>{L}</pdq></fingerprints></image><deletedImage><member id=\"1\"/><id>b</id></deletedImage></images></queryResult>",
	"nsrl-v3": database(("CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, crc32 VARCHAR,"
		" file_name VARCHAR, file_size INTEGER, package_id INTEGER, PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size,"
		" package_id))",), ("CREATE TABLE PKG (package_id)",), ("CREATE TABLE VERSION (version VARCHAR, build_set VARCHAR)",),
		("INSERT INTO FILE VALUES (?, ?, ?, '0', 'a', 8, 1)", L.upper(), S.upper(), M.upper()),
		("INSERT INTO VERSION VALUES ('2000.01.1', 'x')",)),
	"kdb": database(("CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT)",), ("CREATE TABLE hashes (id INTEGER PRIMARY KEY"
		" AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 BINARY(32))",), ("CREATE TABLE file_names (name TEXT,"
		" hash_id INTEGER, PRIMARY KEY(name, hash_id))",), ("CREATE TABLE comments (comment TEXT, hash_id INTEGER,"
		" PRIMARY KEY(comment, hash_id))",), ("INSERT INTO hashes VALUES (1, ?, NULL, NULL)", bytes.fromhex(M)),
		("INSERT INTO file_names VALUES ('a', 1)",)),
	"iped": database(("CREATE TABLE HASHES (HASH_ID INTEGER PRIMARY KEY, MD5 BLOB, SHA1 BLOB, SHA256 BLOB, SHA512 BLOB,"
		" EDONKEY BLOB)",), ("CREATE TABLE PROPERTIES (PROPERTY_ID INTEGER PRIMARY KEY, PROPERTY_NAME TEXT)",),
		("CREATE TABLE HASHES_PROPERTIES (HASH_ID INTEGER, PROPERTY_ID INTEGER, VALUE TEXT, PRIMARY KEY (HASH_ID, PROPERTY_ID))",),
		("INSERT INTO HASHES VALUES (1, ?, NULL, NULL, NULL, NULL)", bytes.fromhex(M)), ("INSERT INTO PROPERTIES VALUES (1, 'status')",),
		("INSERT INTO HASHES_PROPERTIES VALUES (1, 1, 'alert')",)),
	"nsrl-delta": f"BEGIN TRANSACTION;\nINSERT INTO FILE VALUES('{L}','{S}','{M}','0','a''b\n;',8,1);\n"
		f"DELETE FROM FILE WHERE sha256='{L}' AND package_id=1;\nUPDATE VERSION SET version='2';\nCOMMIT;\n",
}


FOUND = {"hashdeep": [b"%%%% s"]}  # by fuzzing


def packed(data):
	inner = io.BytesIO()
	with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
		z.writestr(zipfile.ZipInfo("a"), data)
	return gzip.compress(inner.getvalue(), mtime=0)


for number, name in enumerate(NAMES):
	content = CONTENTS[name]
	data = content if isinstance(content, bytes) else content.encode()
	found = [(f"found{i}", 8, body) for i, body in enumerate(FOUND.get(name, []))]
	for label, flags, body in (("plain", 8, data), ("other", 7, data), ("packed", 0, packed(data)), *found):
		with open(os.path.join(sys.argv[1], f"{name}-{label}"), "wb") as f:
			f.write(bytes([number, flags]) + body)
