#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every sample in ../shared/samples/hashlists yields exactly what its README says; export and import give the same set."""
import csv
import gzip
import json
import os
import subprocess
import sys
import zipfile

TROWEL = os.environ["TROWEL"]
SAMPLES = os.path.join(os.environ["SHARED"], "samples", "hashlists")
KINDS = ("md5", "sha1", "sha256", "sha512", "pdq", "block-md5")
ALL3 = ("md5", "sha1", "sha256")


def fail(text):
	print(f"FAIL: {text}")
	fail.count += 1


fail.count = 0


def trowel(*args, status=(0,)):
	done = subprocess.run([TROWEL, *args], capture_output=True, text=True, check=False)
	if done.returncode not in status:
		fail(f"trowel {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
	return done


with open(os.path.join(SAMPLES, "expected_values.json"), encoding="ascii") as f:
	TRUE = json.load(f)


def e(number, *kinds, **more):
	"""One expected entry: digests of sample-NUMBER, and what else the README says of it."""
	entry = {k.replace("_", "-"): TRUE[str(number)][k] for k in kinds}
	entry.update(more)
	return entry


PDQ1, PDQ2 = TRUE["1"]["sha256"], TRUE["2"]["sha256"]  # the right shape only


def pdq(value):
	return {"pdq": value}


def block(number):
	return {"block-md5": TRUE[str(number)]["md5"]}


# files: (options, entries). An entry may name a subset of what comes: what it names must be equal, its digests must be all.
YIELDS = [
	(["plain/md5.txt"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["plain/sha1_upper_crlf.txt"], [], [e(n, "sha1") for n in (1, 2, 3)]),
	(["plain/sha256_bom.txt"], [], [e(n, "sha256") for n in (1, 2, 3)]),
	(["plain/sha512.txt"], [], [e(n, "sha512") for n in (1, 2)]),
	(["plain/md5_no_final_newline.txt"], [], [e(n, "md5") for n in (1, 2)]),
	(["plain/virusshare_style.txt"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["plain/xways_style_header.txt"], [], [e(n, "md5") for n in (1, 2)]),
	(["plain/bad_lines.txt"], [], [e(1, "md5"), e(4, "md5"), e(5, "sha1")]),
	(["sums/md5sum.txt"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["sums/sha1sum_binary_mark.txt"], [], [e(n, "sha1") for n in (1, 2, 3)]),
	(["sums/sha256sum_tag_bsd.txt"], [], [e(n, "sha256") for n in (1, 2, 3)]),
	(["sums/bsd_mixed.txt"], [], [e(1, "md5"), e(2, "sha1"), e(3, "sha512")]),
	(["sums/openssl_dgst.txt"], [], [e(1, "md5"), e(2, "sha256"), e(3, "sha1")]),
	(["sums/coreutils_escaped.txt"], ["--names"], [e(1, "md5", name="back\\slash and\nnewline.bin"), e(2, "md5")]),
	(["sums/md5deep_size.txt"], [], [e(n, "md5", size="8") for n in (1, 2)]),
	(["hashdeep/hashdeep.txt"], ["--names"], [e(n, *ALL3, size="8") for n in (1, 2, 3)]),
	(["hashdeep/hashdeep_sha256_only.txt"], [], [e(n, "sha256") for n in (1, 2)]),
	(["ilook/v1.hsh"], [], [e(n, "md5") for n in (1, 2)]),
	(["ilook/v3.hsh"], [], [e(1, "md5", "sha1"), e(2, *ALL3)]),
	(["ilook/v4.hsh"], [], [e(1, "md5", "sha1"), e(2, *ALL3)]),
	(["nsrl_v2/NSRLFile.txt"], [], [e(n, "md5", "sha1") for n in (1, 2, 3, 4)]
		+ [e(5, "md5", "sha1", category="M"), e(6, "md5", "sha1", category="S")]),
	(["nsrl_v2/NSRLFile.txt"], ["--class", "known-good"], [e(n, "md5", "sha1") for n in (1, 2, 3, 4)]),
	(["nsrl_v15/NSRLFile.txt"], [], [e(n, "md5", "sha1") for n in (1, 2, 3)]),
	(["nsrl_v2_variant_no_crc/NSRLFile.txt"], [], [e(n, "md5", "sha1") for n in (1, 2)]),
	(["nsrl_v3/RDS_2000.01.1_modern_minimal.db"], [], [e(n, *ALL3) for n in (1, 2, 3)]),
	(["nsrl_v3/RDS_2000.01.1_modern_minimal.db", "nsrl_v3/RDS_2000.02.1_modern_minimal_delta.sql"], [],
		[e(n, *ALL3) for n in (1, 2, 4, 5)]),
	(["nsrl_v3/RDS_2000.01.1_curated_full.db"], [], [e(n, *ALL3) for n in (1, 2)]),
	(["hashkeeper/sample.hsh"], [], [e(n, "md5") for n in (1, 3)]),
	(["encase/sample.hash"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["tsk/lookup_me.md5"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["tsk/lookup_me.md5-md5.idx"], [], [e(n, "md5") for n in (1, 2, 3)]),
	(["autopsy/sample.kdb"], [], [e(1, "md5"), e(2, "md5"), e(3, *ALL3)]),
	(["clamav/sample.hdb"], [], [e(1, "md5", size="8"), e(2, "md5", size="8"), e(3, "md5", size="")]),
	(["clamav/sample.hsb"], [], [e(4, "sha1"), e(5, "sha256")]),
	(["iped/iped-hashes.db"], [], [e(1, "md5", "sha1"), e(2, "sha1", "sha256")]),
	(["iped/generic.csv"], [], [e(1, "md5", "sha1"), e(2, "md5")]),
	(["vics/vics13_media.json"], [], [e(1, "md5", "sha1", category="0"), e(2, "md5", "sha1", category="1"),
										e(3, "md5", category="2"), e(4, "md5", category="5")]),
	(["vics/vics13_cases.json"], [], [e(1, "md5", "sha1", category="1"), e(2, "md5", "sha1", category="")]),
	(["vics/vics20_media_us.json"], [], [e(1, "md5", "sha1", category="0", scheme="VICS-US"),
											e(2, *ALL3, category="1"), e(3, "md5", category="3")]),
	(["vics/vics20_cases_uk_bom_stringbools.json"], [], [e(1, "md5", "sha1", category="1", scheme="VICS-UK"),
															e(2, "md5", "sha1", category="3", scheme="VICS-UK")]),
	(["vics/vics20_key_order_and_unknown_fields.json"], [], [e(1, "md5", "sha1", category="2", scheme="VICS-Default")]),
	(["vics/nist_caid_non_rds_12.json"], [], [e(n, "md5", "sha1", category="8") for n in (6, 7)]),
	(["icse/icse.csv"], [], [e(1, "md5", "sha1"), e(2, "md5", "sha1")]),
	(["misp_feed"], [], [e(1, "md5"), e(2, "sha1"), e(3, "sha256"), e(4, "sha256"), e(5, "md5"), e(7, *ALL3), e(9, "md5")]),
	(["misp_feed"], ["--unconfirmed"], [e(1, "md5"), e(2, "sha1"), e(3, "sha256"), e(4, "sha256"), e(5, "md5"),
										e(7, *ALL3), e(8, "sha256"), e(9, "md5")]),
	(["misp_feed/00000000-0000-4000-8000-000000000002.json"], [], [e(9, "md5")]),
	(["stix/bundle21.json"], [], [e(1, "sha256"), e(2, "md5", size="8"), e(3, "sha1", size="8")]),
	(["stix/bundle21.json"], ["--unconfirmed"], [e(1, "sha256"), e(2, "md5", size="8"), e(3, "sha1", size="8"),
													e(4, "md5", "sha1", "sha256", "sha512")]),
	(["hashlookup/sample.ndjson"], [], [e(1, *ALL3), e(2, "sha1"), e(3, "sha1"), e(4, "sha256")]),
	(["hashlookup/sample.ndjson"], ["--class", "known-good"], [e(1, *ALL3), e(3, "sha1"), e(4, "sha256")]),
	(["hashlookup/rest_lookup_response.json"], [], [e(1, "md5", "sha1")]),
	(["ncmec/entries_page1.xml"], [], [dict(e(1, "md5", "sha1"), **pdq(PDQ1)), e(2, "md5")]),
	(["ncmec/entries_page1.xml", "ncmec/entries_page2_last.xml"], [], [e(2, "md5")]),
	(["stopncii/fetch_hashes.json"], [], [pdq(PDQ1)]),
	(["tat/hash_list_v2_page.json"], [], [e(1, "md5")]),
	(["threatexchange/threat_updates.json"], [], [e(1, "md5")]),
	(["threatexchange/local_file_exchange.txt"], [], [e(1, "md5"), pdq(PDQ2)]),
	(["pdq/pdq_plain.txt"], ["--format", "pdq"], [pdq(PDQ1), pdq(PDQ2)]),
	(["pdq/pdq_photo_hasher.txt"], ["--format", "pdq"], [pdq(PDQ1), pdq(PDQ2)]),
	(["pdq/pdq_details.txt"], [], [pdq(PDQ1)]),
	(["pdq/vpdq_frames.txt"], [], [pdq(PDQ1), pdq(PDQ2)]),
	(["pdq/vpdq_signal.json"], [], [pdq(PDQ1), pdq(PDQ2)]),
	(["hashdb/blocks.json"], ["--block-size", "512"], [e(1, "md5"), block(2), block(3)]),
	(["hashdb/blocks.tab"], ["--block-size", "512"], [e(1, "md5"), block(2), block(3)]),
]

# What is recognised and refused, and a word that the refusal must have.
REFUSED = [
	("misp_feed/manifest.json", "index"),
	("misp_feed/hashes.csv", ""),
	("hashlookup/sample_sha1_upper.bloom", "filter"),
	("hashlookup/sample_sha1_upper.bloom.gz", "filter"),
	("pss/private-search-set.json", "list"),
	("hashdb/blocks.tab", "--block-size"),
]

# What is exported, and which digests come back: a format is tried with lists whose entries it can carry.
MIXED = ("vics/vics20_media_us.json", "nsrl_v2/NSRLFile.txt", "hashdeep/hashdeep.txt")
ROUND_TRIPS = {
	"md5sum": (MIXED, ("md5",)),
	"plain": (MIXED, ("md5",)),
	"vics": (MIXED, KINDS[:4]),
	"stix": (MIXED, KINDS[:4]),
	"misp": (MIXED, KINDS[:4]),
	"hashlookup": (MIXED, KINDS[:4]),
	"csv": (MIXED, KINDS),
	"hashdeep": (("hashdeep/hashdeep.txt",), ALL3),
	"kdb": (("autopsy/sample.kdb",), ALL3),
	"nsrl-v2": (("nsrl_v2/NSRLFile.txt",), ("md5", "sha1")),
}


# What beside digests a format carries: fields of an entry, properties; and the samples it is tried with, one after the other. A category is carried
# where CATEGORIES says so. What is not in this table is told by the export as left behind.
VICS_PROPERTIES = ("victim_identified", "offender_identified", "is_distributed", "is_precategorized", "is_suspected",
	"precategorization_source", "series", "tags", "comments", "mime", "updated", "photodna")
CARRIES = {
	"plain": ((), (), ("plain/md5.txt",)),
	"md5sum": (("name",), (), ("sums/md5sum.txt", "sums/coreutils_escaped.txt")),
	"hashdeep": (("size", "name"), (), ("hashdeep/hashdeep.txt",)),
	"kdb": (("name",), ("comments",), ("autopsy/sample.kdb",)),
	# A product is written, but not read: real lists have a row for each that a file comes with.
	"nsrl-v2": (("size", "name"), ("crc32",), ("nsrl_v2/NSRLFile.txt", "nsrl_v15/NSRLFile.txt", "hashlookup/rest_lookup_response.json")),
	"hashlookup": (("size", "name"), ("crc32", "tlsh", "ssdeep", "product", "mime", "source"),
		("hashlookup/sample.ndjson", "hashlookup/rest_lookup_response.json", "nsrl_v2/NSRLFile.txt", "hashdeep/hashdeep.txt")),
	"vics": (("size",), VICS_PROPERTIES, ("vics/vics13_media.json", "vics/vics20_media_us.json", "vics/vics20_cases_uk_bom_stringbools.json",
		"vics/nist_caid_non_rds_12.json", "icse/icse.csv", "iped/iped-hashes.db")),
	"stix": (("size",), ("updated", "valid_from", "valid_until", "marks"), ("stix/bundle21.json", "vics/vics20_media_us.json", "nsrl_v2/NSRLFile.txt")),
	"misp": (("size", "name"), ("comments", "marks", "mime", "ssdeep", "tlsh"), ("misp_feed", "vics/vics13_media.json", "hashlookup/sample.ndjson")),
}


def nsrl_category(row):
	"""As a triage set has them: what is not marked as malicious or special is special."""
	if row["scheme"] == "NSRL" and row["category"] in ("M", "S"):
		return "NSRL", row["category"]
	return "NSRL", "S"


def hashlookup_category(row):
	known = row["scheme"] == "hashlookup-KnownMalicious"
	return (row["scheme"], row["category"]) if known else nsrl_category(row)


def vics_category(row):
	"""A file without a region is written as one of the region Default: readers in the field know no other."""
	scheme = "VICS-Default" if row["scheme"] == "VICS" else row["scheme"]
	return (scheme, row["category"]) if scheme.startswith("VICS") else ("", "")


def no_category(_row):
	return "", ""


CATEGORIES = {"nsrl-v2": nsrl_category, "hashlookup": hashlookup_category, "vics": vics_category}


def rows_of(path):
	text = trowel("set", "export", "-f", "csv", "-o", "-", path, status=(0, 1)).stdout
	return list(csv.DictReader(text.splitlines(keepends=True)))


def digests(row):
	return {k: row[k].lower() for k in KINDS if row.get(k)}


def matches(row, wanted):
	if digests(row) != {k: v for k, v in wanted.items() if k in KINDS}:
		return False
	return all(row.get(k, "") == v for k, v in wanted.items() if k not in KINDS)


def check_yield(files, options, wanted):
	label = " ".join(files + options)
	paths = [os.path.join(SAMPLES, f) for f in files]
	done = trowel("set", "import", "-o", "t.tset", *options, *paths, status=(0, 1))
	if done.returncode not in (0, 1):
		return
	rows = rows_of("t.tset")
	left = list(rows)
	for w in wanted:
		found = next((r for r in left if matches(r, w)), None)
		if found is None:
			fail(f"{label}: no entry {w} among {left}")
		else:
			left.remove(found)
	if left:
		fail(f"{label}: surplus entries {left}")
	trowel("set", "verify", "t.tset")


def check_facts():
	nsrl = [os.path.join(SAMPLES, "nsrl_v3", n) for n in ("RDS_2000.01.1_modern_minimal.db",
															"RDS_2000.02.1_modern_minimal_delta.sql")]
	trowel("set", "import", "-o", "t.tset", *nsrl)
	info = json.loads(trowel("set", "info", "--json", "t.tset").stdout)
	if info["version"] != "2000.02.1":
		fail(f"version after the delta is {info['version']}")
	trowel("set", "import", "-o", "t.tset", os.path.join(SAMPLES, "misp_feed"))
	marks = {v.lower() for k, v in json.loads(trowel("set", "info", "--json", "t.tset").stdout)["facts"] if k == "mark"}
	if not {"tlp:amber+strict", "pap:red"} <= marks:
		fail(f"marks of the MISP feed are {marks}")


def check_packed():
	plain = os.path.join(SAMPLES, "plain", "md5.txt")
	with open(plain, "rb") as source:
		data = source.read()
	with gzip.open("packed.gz", "wb") as out:
		out.write(data)
	with zipfile.ZipFile("packed.zip", "w", zipfile.ZIP_DEFLATED) as out:
		out.writestr("list.txt", data)
	with open(os.path.join(SAMPLES, "nsrl_v3", "RDS_2000.01.1_modern_minimal.db"), "rb") as source:
		with zipfile.ZipFile("nsrl.zip", "w", zipfile.ZIP_DEFLATED) as out:
			out.writestr("RDS.db", source.read())
	for name in ("packed.gz", "packed.zip", "nsrl.zip"):
		trowel("set", "import", "-o", "t.tset", name)
		if len(rows_of("t.tset")) != 3:
			fail(f"{name}: not 3 entries")


def check_filter():
	path = os.path.join(SAMPLES, "hashlookup", "sample_sha1_upper.bloom")
	for name in (path, path + ".gz"):
		for number, wanted in ((1, True), (2, True), (3, True), (4, False)):
			answer = json.loads(trowel("set", "lookup", "--json", "-s", name, TRUE[str(number)]["sha1"]).stdout)
			if bool(answer["hits"]) != wanted:
				fail(f"{name}: sha1 {number} answers {answer}")


def entries_of(path):
	"""Entries with properties as lists: an entry can have one several times."""
	text = trowel("set", "export", "-f", "csv", "-o", "-", path, status=(0, 1)).stdout
	head, *rows = csv.reader(text.splitlines(keepends=True))
	entries = []
	for row in rows:
		entry = {}
		for name, value in zip(head, row):
			entry.setdefault(name, [])
			if value:
				entry[name].append(value)
		entries.append(entry)
	return entries


def first(entry, name):
	return (entry.get(name) or [""])[0]


def make_full(path):
	"""An entry that has every property that a format carries, which no sample has."""
	values = {k: "true" for k in VICS_PROPERTIES[:5]}
	values.update({k: f"a {k}, made up" for k in (*VICS_PROPERTIES[5:9], "source", "tlsh", "ssdeep")})
	values.update(mime="image/png", updated="2000-01-02T03:04:05Z", valid_from="2000-01-03T03:04:05Z", valid_until="2001-01-03T03:04:05Z",
		photodna="AAAA" * 48, crc32="699CE9A5", product="17", marks="tlp:amber pap:red")
	if set(values) != {p for _, properties, _ in CARRIES.values() for p in properties}:
		fail(f"not every property that is carried is tried: {sorted(values)}")
	values.update({k: TRUE["1"][k] for k in ALL3}, size="8", name="one.bin", scheme="VICS-US", category="1")
	with open(path, "w", newline="", encoding="utf-8") as out:
		writer = csv.writer(out)
		writer.writerow(values.keys())
		writer.writerow(values.values())


def check_fields(name, fields, properties, source):
	"""Of each entry that comes back, what the format carries is as it was."""
	label = f"{name} of {source}"
	trowel("set", "import", "-o", "fields.tset", "--names", os.path.join(SAMPLES, source), status=(0, 1))
	trip = f"fields-{name}-{os.path.basename(source)}"
	trowel("set", "export", "-f", name, "--force", "-o", trip, "fields.tset", status=(0, 1))
	trowel("set", "import", "-f", name, "-o", "back.tset", "--names", trip)
	before, back = entries_of("fields.tset"), entries_of("back.tset")
	category = CATEGORIES.get(name, no_category)
	for entry in back:
		same = [b for b in before if all(first(b, k) == first(entry, k) for k in KINDS if first(entry, k))]
		if len(same) != 1:
			fail(f"{label}: {len(same)} entries were {entry}")
			continue
		old = {k: first(same[0], k) for k in ("scheme", "category")}
		if (first(entry, "scheme"), first(entry, "category")) != category(old):
			fail(f"{label}: category {old} became {first(entry, 'scheme')} {first(entry, 'category')}")
		for field in (*fields, *properties):
			wanted = same[0].get(field, [])
			if wanted and entry.get(field, []) != wanted[:1]:
				fail(f"{label}: {field} {wanted} became {entry.get(field, [])}")


def check_round_trips():
	"""A set, written in each format and read again, has the digests that the format carries."""
	for name, (files, kinds) in ROUND_TRIPS.items():
		trowel("set", "import", "-o", "all.tset", "--names", *[os.path.join(SAMPLES, f) for f in files])
		trowel("set", "export", "-f", name, "--force", "-o", f"trip-{name}", "all.tset", status=(0, 1))
		trowel("set", "import", "-f", name, "-o", "trip.tset", "--names", f"trip-{name}")
		wanted = {tuple((k, v) for k, v in digests(r).items() if k in kinds) for r in rows_of("all.tset")} - {()}
		if name == "vics":  # has no place for an entry without MD5
			wanted = {w for w in wanted if w[0][0] == "md5"}
		got = {tuple(digests(r).items()) for r in rows_of("trip.tset")}
		if got != wanted:
			fail(f"{name}: {got ^ wanted} after export and import")
	trowel("set", "import", "-o", "all.tset", "--names", *[os.path.join(SAMPLES, f) for f in MIXED])
	trowel("set", "export", "-f", "csv", "-o", "whole.csv", "all.tset")
	trowel("set", "import", "-f", "csv", "-o", "whole.tset", "--names", "whole.csv")
	counts = json.loads(trowel("set", "diff", "--json", "all.tset", "whole.tset").stdout)
	if counts["removed"] or counts["added"] or entries_of("all.tset") != entries_of("whole.tset"):
		fail(f"csv does not carry all of a set: {counts}")


def main():
	if not os.path.isdir(SAMPLES):
		print(f"SKIPPED: no {SAMPLES}")
		sys.exit(77)
	for files, options, wanted in YIELDS:
		check_yield(files, options, wanted)
	for name, word in REFUSED:
		done = trowel("set", "import", "-o", "refused.tset", os.path.join(SAMPLES, name), status=(2, 3))
		if word not in done.stderr or len(done.stderr.splitlines()) != 1 or os.path.exists("refused.tset"):
			fail(f"{name}: refused with {done.stderr!r}")
	check_facts()
	check_packed()
	check_filter()
	check_round_trips()
	make_full("full.csv")
	for name, (fields, properties, sources) in CARRIES.items():
		for source in (*sources, os.path.abspath("full.csv")):
			check_fields(name, fields, properties, source)
	print(f"{len(YIELDS)} imports, {len(REFUSED)} refusals, {len(ROUND_TRIPS)} round trips: {fail.count} failed")
	sys.exit(1 if fail.count else 0)


main()
