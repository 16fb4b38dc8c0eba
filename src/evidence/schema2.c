/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schema 2 as it was published: what of it is not as in today's. A database of it keeps its own tables, views and canonical
 * digest. Whoever changes another statement of schema.c or query of canonical.c brings the old one here;
 * tests/unit/schema2.sql is such a database.
 */
#include "evidence/schema.h"

#include <stddef.h>

const struct trw_schema_old trw_schema_2[] = {
	{"filesystem",
		"CREATE TABLE filesystem (filesystem_id INTEGER PRIMARY KEY, volume_id INTEGER "
		"NOT NULL REFERENCES volume, image_id INTEGER NOT NULL REFERENCES image, type "
		"TEXT NOT NULL, label TEXT, uuid TEXT, off INTEGER NOT NULL, len INTEGER NOT "
		"NULL, block_size INTEGER NOT NULL, block_count INTEGER NOT NULL, pool_block "
		"INTEGER NOT NULL, is_ambiguous INTEGER NOT NULL, is_forced INTEGER NOT NULL, "
		"status TEXT) STRICT",
		"SELECT filesystem_id, volume_id, image_id, type, label, uuid, off, len, "
		"block_size, block_count, pool_block, is_ambiguous, is_forced, status FROM "
		"filesystem ORDER BY filesystem_id"},
	{"file",
		"CREATE TABLE file (file_id INTEGER PRIMARY KEY, filesystem_id INTEGER NOT "
		"NULL REFERENCES filesystem, image_id INTEGER NOT NULL REFERENCES image, "
		"parent_id INTEGER, kind INTEGER NOT NULL, state INTEGER NOT NULL, flags "
		"INTEGER NOT NULL, content_source INTEGER NOT NULL, inode INTEGER NOT NULL, "
		"sequence INTEGER NOT NULL, attr_type INTEGER NOT NULL, attr_id INTEGER NOT "
		"NULL, size INTEGER NOT NULL, created_ns INTEGER, modified_ns INTEGER, "
		"accessed_ns INTEGER, changed_ns INTEGER, mode INTEGER NOT NULL, n_links "
		"INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, path TEXT NOT "
		"NULL, raw_path BLOB, name TEXT NOT NULL, raw_name BLOB, stream TEXT, "
		"raw_stream BLOB, target TEXT, raw_target BLOB) STRICT",
		"SELECT file_id, filesystem_id, image_id, parent_id, kind, state, flags, "
		"content_source, inode, sequence, attr_type, attr_id, size, created_ns, "
		"modified_ns, accessed_ns, changed_ns, mode, n_links, uid, gid, path, "
		"raw_path, name, raw_name, stream, raw_stream, target, raw_target FROM file "
		"WHERE file_id >= ?1 AND file_id <= ?2 ORDER BY file_id"},
	{"report_files",
		"CREATE VIEW report_files (file_id, image, volume, fs_type, path, name, inode, "
		"stream, kind, state, size, md5, sha1, sha256, digest_state, mime, "
		"created_utc, modified_utc, accessed_utc, changed_utc, hits, image_id, "
		"filesystem_id, content_id, parent_id, sequence, attr_type, attr_id, target, "
		"flags, recovered, time_zone, mode, uid, gid, links, raw_name, raw_path, "
		"alerts, known) AS SELECT f.file_id, i.name, s.volume_id, s.type, CASE WHEN "
		"f.stream IS NULL THEN f.path ELSE f.path || ':' || f.stream END, f.name, "
		"f.inode, f.stream, CASE f.kind WHEN 1 THEN 'regular' WHEN 2 THEN 'directory' "
		"WHEN 3 THEN 'symlink' WHEN 4 THEN 'fifo' WHEN 5 THEN 'character device' WHEN "
		"6 THEN 'block device' WHEN 7 THEN 'socket' WHEN 8 THEN 'whiteout' WHEN 9 THEN "
		"'virtual' WHEN 10 THEN 'virtual directory' WHEN 11 THEN 'shadow' ELSE "
		"'unknown' END, CASE f.state WHEN 0 THEN 'allocated' WHEN 1 THEN 'deleted' "
		"WHEN 2 THEN 'orphan' WHEN 3 THEN 'carved' WHEN 4 THEN 'member' END, f.size, "
		"CASE WHEN c.md5 IS NOT NULL THEN lower(hex(c.md5)) END, CASE WHEN c.sha1 IS "
		"NOT NULL THEN lower(hex(c.sha1)) END, CASE WHEN c.sha256 IS NOT NULL THEN "
		"lower(hex(c.sha256)) END, CASE c.state WHEN 0 THEN 'complete' WHEN 1 THEN "
		"'partial' WHEN 2 THEN 'substituted' WHEN 3 THEN 'none' ELSE CASE WHEN "
		"f.content_source THEN 'none' END END, c.mime, strftime('%Y-%m-%dT%H:%M:%S', "
		"f.created_ns / 1000000000 - (f.created_ns % 1000000000 < 0), 'unixepoch') || "
		"printf('.%09dZ', (f.created_ns % 1000000000 + 1000000000) % 1000000000), "
		"strftime('%Y-%m-%dT%H:%M:%S', f.modified_ns / 1000000000 - (f.modified_ns % "
		"1000000000 < 0), 'unixepoch') || printf('.%09dZ', (f.modified_ns % 1000000000 "
		"+ 1000000000) % 1000000000), strftime('%Y-%m-%dT%H:%M:%S', f.accessed_ns / "
		"1000000000 - (f.accessed_ns % 1000000000 < 0), 'unixepoch') || "
		"printf('.%09dZ', (f.accessed_ns % 1000000000 + 1000000000) % 1000000000), "
		"strftime('%Y-%m-%dT%H:%M:%S', f.changed_ns / 1000000000 - (f.changed_ns % "
		"1000000000 < 0), 'unixepoch') || printf('.%09dZ', (f.changed_ns % 1000000000 "
		"+ 1000000000) % 1000000000), (SELECT count(*) FROM hit AS h WHERE h.file_id = "
		"f.file_id), f.image_id, f.filesystem_id, c.content_id, f.parent_id, "
		"f.sequence, f.attr_type, f.attr_id, f.target, f.flags, CASE WHEN f.flags & 16 "
		"THEN 'guessed' END, CASE WHEN f.flags & 64 THEN 'local' ELSE 'UTC' END, "
		"f.mode, f.uid, f.gid, f.n_links, CASE WHEN f.raw_name IS NOT NULL THEN "
		"lower(hex(f.raw_name)) END, CASE WHEN f.raw_path IS NOT NULL THEN "
		"lower(hex(f.raw_path)) END, (SELECT coalesce(sum(is_alert), 0) FROM hit AS h "
		"WHERE h.file_id = f.file_id), (SELECT coalesce(sum(is_excluded), 0) FROM hit "
		"AS h WHERE h.file_id = f.file_id) FROM file AS f JOIN image AS i USING "
		"(image_id) JOIN filesystem AS s USING (filesystem_id) LEFT JOIN content AS c "
		"ON c.file_id = f.file_id",
		NULL},
	{NULL, NULL, NULL}};
