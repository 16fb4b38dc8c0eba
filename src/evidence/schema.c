/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids of images, volumes, file systems and files are positions, given by the caller; content_id is derived
 * from the content (content.c), and a stream has its own row of content: what streams have in common is only told by it. Columns that are numbers of an enum say so: the views spell them out.
 * file.parent_id has no foreign key on purpose: it comes from evidence by way of an untrusted worker, and a
 * wrong one must cost a finding of `verify`, not the run.
 */
#include "evidence/schema.h"

#include "record/file_fields.h"

#include <stddef.h>
#include <string.h>

#define COLUMN_number(name) ", " #name " INTEGER NOT NULL"
#define COLUMN_maybe(name) ", " #name " INTEGER"
#define COLUMN_length(name) ", " #name " INTEGER NOT NULL"
#define COLUMN_time(name) ", " #name " INTEGER"
#define COLUMN_text(name) ", " #name " TEXT NOT NULL, raw_" #name " BLOB"
#define COLUMN_optional(name) ", " #name " TEXT, raw_" #name " BLOB"
#define FILE_COLUMN(how, type, name, max) COLUMN_##how(name)

const char *const trw_schema_tables[] = {
	/* runs and evidence items */
	"CREATE TABLE run (run_id INTEGER PRIMARY KEY, status TEXT NOT NULL, tool_version TEXT, libraries TEXT,"
	" arguments TEXT, options TEXT, case_number TEXT, examiner TEXT, evidence_id TEXT, host TEXT,"
	" started_ns INTEGER NOT NULL, ended_ns INTEGER) STRICT",
	"CREATE TABLE image (image_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,"
	" name TEXT NOT NULL, path TEXT, evidence_id TEXT, format TEXT NOT NULL, size INTEGER NOT NULL,"
	" sector_size INTEGER NOT NULL, chunk_size INTEGER NOT NULL, stored_md5 BLOB, stored_sha1 BLOB,"
	" md5 BLOB, sha1 BLOB, sha256 BLOB, verdict TEXT) STRICT",
	"CREATE TABLE segment (image_id INTEGER NOT NULL REFERENCES image, number INTEGER NOT NULL,"
	" name TEXT NOT NULL, size INTEGER NOT NULL, is_missing INTEGER NOT NULL,"
	" PRIMARY KEY (image_id, number)) STRICT, WITHOUT ROWID",
	"CREATE TABLE image_fact (image_id INTEGER NOT NULL REFERENCES image, number INTEGER NOT NULL,"
	" key TEXT NOT NULL, value TEXT, PRIMARY KEY (image_id, number)) STRICT, WITHOUT ROWID",
	"CREATE TABLE image_damage (image_id INTEGER NOT NULL REFERENCES image, off INTEGER NOT NULL,"
	" len INTEGER NOT NULL, why TEXT NOT NULL CHECK (why IN ('substituted', 'missing')),"
	" PRIMARY KEY (image_id, off)) STRICT, WITHOUT ROWID",

	/* where things lie */
	"CREATE TABLE volume (volume_id INTEGER PRIMARY KEY, image_id INTEGER NOT NULL REFERENCES image,"
	" parent_id INTEGER REFERENCES volume, number INTEGER NOT NULL, kind TEXT NOT NULL, scheme TEXT,"
	" off INTEGER NOT NULL, len INTEGER NOT NULL, declared_len INTEGER NOT NULL, description TEXT,"
	" content TEXT) STRICT",
	"CREATE TABLE filesystem (filesystem_id INTEGER PRIMARY KEY, volume_id INTEGER NOT NULL REFERENCES volume,"
	" image_id INTEGER NOT NULL REFERENCES image, family INTEGER NOT NULL, type TEXT NOT NULL, label TEXT, uuid TEXT,"
	" off INTEGER NOT NULL, len INTEGER NOT NULL, block_size INTEGER NOT NULL,"
	" block_count INTEGER NOT NULL, pool_block INTEGER NOT NULL, is_ambiguous INTEGER NOT NULL,"
	" is_forced INTEGER NOT NULL, status TEXT) STRICT",
	"CREATE TABLE block_run (filesystem_id INTEGER NOT NULL REFERENCES filesystem, off INTEGER NOT NULL,"
	" len INTEGER NOT NULL, class INTEGER NOT NULL) STRICT",

	/* names, streams, content; columns of a file: record/file_fields.h */
	"CREATE TABLE file (file_id INTEGER PRIMARY KEY, filesystem_id INTEGER NOT NULL REFERENCES filesystem,"
	" image_id INTEGER NOT NULL REFERENCES image, parent_id INTEGER" TRW_FILE_FIELDS(
		FILE_COLUMN) ") STRICT",
	"CREATE TABLE extent (file_id INTEGER NOT NULL REFERENCES file, stream_off INTEGER NOT NULL,"
	" len INTEGER NOT NULL, kind INTEGER NOT NULL, off INTEGER, PRIMARY KEY (file_id, stream_off))"
	" STRICT, WITHOUT ROWID",
	"CREATE TABLE content (file_id INTEGER PRIMARY KEY REFERENCES file, content_id INTEGER NOT NULL,"
	" state INTEGER NOT NULL, size INTEGER NOT NULL,"
	" md5 BLOB, sha1 BLOB, sha256 BLOB, mime TEXT, CHECK ((state = 3) = (sha256 IS NULL))) STRICT",
	"CREATE TABLE content_damage (file_id INTEGER NOT NULL REFERENCES content, off INTEGER NOT NULL,"
	" len INTEGER NOT NULL, why TEXT NOT NULL CHECK (why IN ('substituted', 'missing')),"
	" PRIMARY KEY (file_id, off)) STRICT, WITHOUT ROWID",

	/* what went wrong, what was seen, how it adds up, what was done */
	"CREATE TABLE problem (problem_id INTEGER PRIMARY KEY, image_id INTEGER REFERENCES image,"
	" volume_id INTEGER REFERENCES volume, filesystem_id INTEGER REFERENCES filesystem,"
	" file_id INTEGER REFERENCES file, stage TEXT NOT NULL, code TEXT NOT NULL, path TEXT, inode INTEGER,"
	" off INTEGER, len INTEGER, text TEXT NOT NULL) STRICT",
	"CREATE TABLE item_count (filesystem_id INTEGER NOT NULL REFERENCES filesystem, outcome TEXT NOT NULL,"
	" count INTEGER NOT NULL, PRIMARY KEY (filesystem_id, outcome)) STRICT, WITHOUT ROWID",
	"CREATE TABLE ledger (image_id INTEGER NOT NULL REFERENCES image, item TEXT NOT NULL,"
	" outcome TEXT NOT NULL, count INTEGER NOT NULL, bytes INTEGER,"
	" PRIMARY KEY (image_id, item, outcome)) STRICT, WITHOUT ROWID",
	"CREATE TABLE audit (seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, action TEXT NOT NULL,"
	" detail TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL) STRICT",

	/* how far an unfinished run is: outside all digests, empty when the run is complete */
	"CREATE TABLE checkpoint (image_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,"
	" name TEXT NOT NULL, size INTEGER NOT NULL, fingerprint BLOB NOT NULL, first_file INTEGER,"
	" is_walked INTEGER NOT NULL DEFAULT 0, is_closed INTEGER NOT NULL DEFAULT 0,"
	" media_off INTEGER, media_state BLOB) STRICT",
	/* as it was met: not merged, in no order */
	"CREATE TABLE checkpoint_damage (image_id INTEGER NOT NULL, off INTEGER NOT NULL,"
	" len INTEGER NOT NULL, why TEXT NOT NULL CHECK (why IN ('substituted', 'missing'))) STRICT",

	/* known-file matching: sets that were used, their entries that hit, sessions, hits */
	"CREATE TABLE hashset (hashset_id INTEGER PRIMARY KEY, list_id TEXT NOT NULL, name TEXT NOT NULL,"
	" version TEXT NOT NULL, class TEXT NOT NULL CHECK (class IN ('triage', 'alert', 'known-good')),"
	" marks TEXT NOT NULL, n_entries INTEGER NOT NULL, n_usable INTEGER NOT NULL, identity BLOB NOT NULL UNIQUE, file TEXT) STRICT",
	"CREATE TABLE set_entry (entry_id INTEGER PRIMARY KEY, hashset_id INTEGER NOT NULL REFERENCES hashset,"
	" row INTEGER NOT NULL, entry TEXT NOT NULL, scheme TEXT, category TEXT, size INTEGER, md5 BLOB,"
	" sha1 BLOB, sha256 BLOB, properties TEXT, marks TEXT, CHECK (entry_id = (hashset_id << 32 | row))) STRICT",
	"CREATE TABLE match_session (session_id INTEGER PRIMARY KEY, run_id INTEGER REFERENCES run,"
	" status TEXT NOT NULL, tool_version TEXT NOT NULL, options TEXT NOT NULL, first_file INTEGER NOT NULL,"
	" last_file INTEGER, n_contents INTEGER NOT NULL DEFAULT 0, started_ns INTEGER NOT NULL,"
	" ended_ns INTEGER, examiner TEXT, host TEXT) STRICT",
	"CREATE TABLE session_set (session_id INTEGER NOT NULL REFERENCES match_session,"
	" hashset_id INTEGER NOT NULL REFERENCES hashset, n_match INTEGER NOT NULL DEFAULT 0,"
	" n_conflict INTEGER NOT NULL DEFAULT 0, n_damaged INTEGER NOT NULL DEFAULT 0,"
	" n_alert INTEGER NOT NULL DEFAULT 0, n_excluded INTEGER NOT NULL DEFAULT 0,"
	" n_unrecorded INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (session_id, hashset_id)) STRICT, WITHOUT ROWID",
	"CREATE TABLE hit (file_id INTEGER NOT NULL REFERENCES content,"
	" session_id INTEGER NOT NULL REFERENCES match_session, entry_id INTEGER NOT NULL,"
	" verdict TEXT NOT NULL CHECK (verdict IN ('match', 'conflict', 'damaged')), agreed TEXT NOT NULL,"
	" is_alert INTEGER NOT NULL, is_excluded INTEGER NOT NULL, n_unrecorded INTEGER NOT NULL,"
	" CHECK (verdict = 'match' OR is_alert + is_excluded = 0),"
	" PRIMARY KEY (file_id, session_id, entry_id)) STRICT, WITHOUT ROWID",

	/* parsers: filled by later versions */
	"CREATE TABLE plugin (plugin_id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL) STRICT",
	"CREATE TABLE artifact (artifact_id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES file,"
	" plugin_id INTEGER NOT NULL REFERENCES plugin, kind TEXT NOT NULL) STRICT",
	"CREATE TABLE artifact_field (artifact_id INTEGER NOT NULL REFERENCES artifact, number INTEGER NOT NULL,"
	" field TEXT NOT NULL, value TEXT, PRIMARY KEY (artifact_id, number)) STRICT, WITHOUT ROWID",
	NULL};

/*
 * Nanoseconds as ISO 8601 text in plain SQL, so that every SQLite tool shows it. SQLite's / and % go towards
 * zero: before 1970 the second must be one less and the fraction positive. NULL stays NULL.
 */
#define UTC(ns)                                                                                    \
	"strftime('%Y-%m-%dT%H:%M:%S', " ns " / 1000000000 - (" ns                                 \
	" % 1000000000 < 0), 'unixepoch')"                                                         \
	" || printf('.%09dZ', (" ns " % 1000000000 + 1000000000) % 1000000000)"

#define FILE_PATH "CASE WHEN f.stream IS NULL THEN f.path ELSE f.path || ':' || f.stream END"
#define FILE_KIND                                                                                            \
	"CASE f.kind WHEN 1 THEN 'regular' WHEN 2 THEN 'directory' WHEN 3 THEN 'symlink' WHEN 4 THEN 'fifo'" \
	" WHEN 5 THEN 'character device' WHEN 6 THEN 'block device' WHEN 7 THEN 'socket'"                    \
	" WHEN 8 THEN 'whiteout' WHEN 9 THEN 'virtual' WHEN 10 THEN 'virtual directory'"                     \
	" WHEN 11 THEN 'shadow' ELSE 'unknown' END"
#define FILE_STATE                                                                                 \
	"CASE f.state WHEN 0 THEN 'allocated' WHEN 1 THEN 'deleted' WHEN 2 THEN 'orphan'"          \
	" WHEN 3 THEN 'carved' WHEN 4 THEN 'member' END"
/*
 * Of the set, then those that the entry has of its own. Views do without functions of JSON: where the schema is not
 * trusted, as in our own connection, SQLite refuses them.
 */
#define HIT_MARKS                                                                                  \
	"CASE WHEN e.marks IS NULL THEN t.marks WHEN t.marks = '' THEN e.marks"                    \
	" ELSE t.marks || ', ' || e.marks END"
#define TIME_ZONE "CASE WHEN f.flags & 64 THEN 'local' ELSE 'UTC' END"

#define TIMELINE(column, kind)                                                                     \
	"SELECT " UTC(                                                                             \
		"f." column) ", f." column ", '" kind                                              \
			     "', f.file_id, f.image_id, i.name, " FILE_PATH                        \
			     ", f.size, " FILE_STATE ", " TIME_ZONE                                \
			     " FROM file AS f JOIN image AS i USING (image_id) WHERE f." column    \
			     " IS NOT NULL"

const char *const trw_schema_views[] = {
	"CREATE VIEW report_runs (run_id, status, tool_version, libraries, arguments, options, case_number,"
	" examiner, evidence_id, host, started_utc, ended_utc, images) AS"
	" SELECT run_id, CASE status WHEN 'running' THEN 'incomplete' ELSE status END, tool_version, libraries,"
	" arguments, options, case_number, examiner, evidence_id, host, " UTC("started_ns") ", " UTC(
		"ended_ns") ", (SELECT count(*) FROM image AS i WHERE i.run_id = r.run_id) FROM run AS r",

	"CREATE VIEW report_images (image_id, image, run_id, evidence_id, path, format, size, sector_size,"
	" chunk_size, segments, segments_missing, stored_md5, stored_sha1, md5, sha1, sha256, verdict,"
	" bytes_substituted, bytes_missing, problems) AS"
	" SELECT i.image_id, i.name, i.run_id, i.evidence_id, i.path, i.format, i.size, i.sector_size, i.chunk_size,"
	" (SELECT count(*) FROM segment AS s WHERE s.image_id = i.image_id),"
	" (SELECT count(*) FROM segment AS s WHERE s.image_id = i.image_id AND s.is_missing),"
	" CASE WHEN i.stored_md5 IS NOT NULL THEN lower(hex(i.stored_md5)) END,"
	" CASE WHEN i.stored_sha1 IS NOT NULL THEN lower(hex(i.stored_sha1)) END,"
	" CASE WHEN i.md5 IS NOT NULL THEN lower(hex(i.md5)) END,"
	" CASE WHEN i.sha1 IS NOT NULL THEN lower(hex(i.sha1)) END,"
	" CASE WHEN i.sha256 IS NOT NULL THEN lower(hex(i.sha256)) END, i.verdict,"
	" (SELECT coalesce(sum(len), 0) FROM image_damage AS d"
	" WHERE d.image_id = i.image_id AND d.why = 'substituted'),"
	" (SELECT coalesce(sum(len), 0) FROM image_damage AS d"
	" WHERE d.image_id = i.image_id AND d.why = 'missing'),"
	" (SELECT count(*) FROM problem AS p WHERE p.image_id = i.image_id) FROM image AS i",

	"CREATE VIEW report_volumes (volume_id, image_id, image, parent_id, number, kind, scheme, offset, length,"
	" declared_length, description, content, filesystem_id, fs_type, label, uuid, fs_offset, fs_length,"
	" block_size, block_count, pool_block, ambiguous, forced, fs_status) AS"
	" SELECT v.volume_id, v.image_id, i.name, v.parent_id, v.number, v.kind, v.scheme, v.off, v.len,"
	" v.declared_len, v.description, v.content, s.filesystem_id, s.type, s.label, s.uuid, s.off, s.len,"
	" s.block_size, s.block_count, s.pool_block, s.is_ambiguous, s.is_forced, s.status"
	" FROM volume AS v JOIN image AS i USING (image_id)"
	" LEFT JOIN filesystem AS s ON s.volume_id = v.volume_id",

	"CREATE VIEW report_files (file_id, image, volume, fs_type, path, name, inode, stream, kind, state, size,"
	" md5, sha1, sha256, digest_state, mime, created_utc, modified_utc, accessed_utc, changed_utc, hits,"
	" image_id, filesystem_id, content_id, parent_id, sequence, attr_type, attr_id, target, flags, recovered,"
	" time_zone, mode, uid, gid, links, raw_name, raw_path, alerts, known, attr_flags) AS"
	" SELECT f.file_id, i.name, s.volume_id, s.type, " FILE_PATH
	", f.name, f.inode, f.stream, " FILE_KIND ", " FILE_STATE ", f.size,"
	" CASE WHEN c.md5 IS NOT NULL THEN lower(hex(c.md5)) END,"
	" CASE WHEN c.sha1 IS NOT NULL THEN lower(hex(c.sha1)) END,"
	" CASE WHEN c.sha256 IS NOT NULL THEN lower(hex(c.sha256)) END,"
	" CASE c.state WHEN 0 THEN 'complete' WHEN 1 THEN 'partial' WHEN 2 THEN 'substituted' WHEN 3 THEN 'none'"
	" ELSE CASE WHEN f.content_source THEN 'none' END END,"
	" c.mime, " UTC("f.created_ns") ", " UTC("f.modified_ns") ", " UTC("f.accessed_ns") ", " UTC(
		"f.changed_ns") ", (SELECT count(*) FROM hit AS h WHERE h.file_id = f.file_id),"
				" f.image_id, f.filesystem_id, c.content_id, f.parent_id, f.sequence, f.attr_type, f.attr_id, f.target,"
				" f.flags, CASE WHEN f.flags & 16 THEN 'guessed' END, " TIME_ZONE
				", f.mode, f.uid, f.gid, f.n_links,"
				" CASE WHEN f.raw_name IS NOT NULL THEN lower(hex(f.raw_name)) END,"
				" CASE WHEN f.raw_path IS NOT NULL THEN lower(hex(f.raw_path)) END,"
				" (SELECT coalesce(sum(is_alert), 0) FROM hit AS h WHERE h.file_id = f.file_id),"
				" (SELECT coalesce(sum(is_excluded), 0) FROM hit AS h WHERE h.file_id = f.file_id), f.attr_flags"
				" FROM file AS f JOIN image AS i USING (image_id) JOIN filesystem AS s USING (filesystem_id)"
				" LEFT JOIN content AS c ON c.file_id = f.file_id",

	"CREATE VIEW report_hits (file_id, image, path, size, state, set_name, set_version, category, verdict,"
	" agreed, md5, sha1, sha256, entry, session_id, content_id, image_id, alert, excluded, set_class, list_id,"
	" scheme, marks, entry_size, entry_md5, entry_sha1, entry_sha256, properties, set_id, entry_row, unrecorded) AS"
	" SELECT f.file_id, i.name, " FILE_PATH ", f.size, " FILE_STATE
	", t.name, t.version, e.category,"
	" h.verdict, h.agreed, lower(hex(c.md5)), lower(hex(c.sha1)), lower(hex(c.sha256)), e.entry,"
	" h.session_id, c.content_id, f.image_id, h.is_alert, h.is_excluded, t.class, t.list_id, e.scheme, " HIT_MARKS
	", e.size, CASE WHEN e.md5 IS NOT NULL THEN lower(hex(e.md5)) END,"
	" CASE WHEN e.sha1 IS NOT NULL THEN lower(hex(e.sha1)) END,"
	" CASE WHEN e.sha256 IS NOT NULL THEN lower(hex(e.sha256)) END, e.properties, t.hashset_id, h.entry_id & 0xffffffff, h.n_unrecorded"
	" FROM hit AS h LEFT JOIN set_entry AS e USING (entry_id)"
	" JOIN hashset AS t ON t.hashset_id = h.entry_id >> 32"
	" JOIN content AS c ON c.file_id = h.file_id"
	" JOIN file AS f ON f.file_id = h.file_id JOIN image AS i ON i.image_id = f.image_id",

	"CREATE VIEW report_problems (image, stage, path, offset, length, code, message, problem_id, image_id,"
	" volume_id, filesystem_id, file_id, inode) AS"
	" SELECT i.name, p.stage, p.path, p.off, p.len, p.code, p.text, p.problem_id, p.image_id, p.volume_id,"
	" p.filesystem_id, p.file_id, p.inode FROM problem AS p LEFT JOIN image AS i USING (image_id)",

	"CREATE VIEW report_artifacts (artifact_id, file_id, image, path, plugin, plugin_version, kind, field,"
	" value) AS SELECT a.artifact_id, a.file_id, i.name, " FILE_PATH
	", g.name, g.version, a.kind, d.field,"
	" d.value FROM artifact AS a JOIN plugin AS g USING (plugin_id) JOIN file AS f USING (file_id)"
	" JOIN image AS i USING (image_id) LEFT JOIN artifact_field AS d ON d.artifact_id = a.artifact_id",

	"CREATE VIEW report_timeline (time_utc, time_ns, kind, file_id, image_id, image, path, size, state,"
	" time_zone) AS " TIMELINE("created_ns", "created") " UNION ALL " TIMELINE(
		"modified_ns", "modified") " UNION ALL " TIMELINE("accessed_ns",
		"accessed") " UNION ALL " TIMELINE("changed_ns", "changed") "",

	"CREATE VIEW report_ledger (image, item, outcome, count, bytes, image_id) AS"
	" SELECT i.name, l.item, l.outcome, l.count, l.bytes, l.image_id"
	" FROM ledger AS l JOIN image AS i USING (image_id)",

	"CREATE VIEW report_sets (set_id, name, version, category, entries, sha256, list_id, class, marks, file, usable) AS"
	" SELECT hashset_id, name, version, class, n_entries, lower(hex(identity)), list_id, class, marks, file, n_usable"
	" FROM hashset",

	"CREATE VIEW report_sessions (session_id, set_id, set_name, set_version, matches, conflicts, damaged,"
	" alerts, excluded, status, contents, first_file, last_file, run_id, tool_version, options, started_utc,"
	" ended_utc, examiner, host, unrecorded) AS"
	" SELECT s.session_id, t.hashset_id, t.name, t.version, u.n_match, u.n_conflict, u.n_damaged, u.n_alert,"
	" u.n_excluded, CASE s.status WHEN 'running' THEN 'incomplete' ELSE s.status END, s.n_contents,"
	" s.first_file, s.last_file, s.run_id, s.tool_version, s.options, " UTC("s.started_ns") ", " UTC(
		"s.ended_ns") ", coalesce(s.examiner, r.examiner), coalesce(s.host, r.host), u.n_unrecorded"
			      " FROM match_session AS s JOIN session_set AS u USING (session_id)"
			      " JOIN hashset AS t USING (hashset_id) LEFT JOIN run AS r USING (run_id)",
	NULL};

static const struct trw_schema_old *
old_of(int64_t version)
{
	static const struct trw_schema_old none[] = {{NULL, NULL, NULL}};

	return version == 2 ? trw_schema_2 : none;
}

const char *
trw_schema_statement(int64_t version, const char *today)
{
	size_t n = strcspn(today, "("); /* "CREATE TABLE file " */

	for (const struct trw_schema_old *o = old_of(version); o->name != NULL; o++)
		if (strncmp(o->statement, today, n) == 0)
			return o->statement;
	return today;
}

const char *
trw_schema_query(int64_t version, const char *table, const char *today)
{
	for (const struct trw_schema_old *o = old_of(version); o->name != NULL; o++)
		if (o->query != NULL && strcmp(o->name, table) == 0)
			return o->query;
	return today;
}
