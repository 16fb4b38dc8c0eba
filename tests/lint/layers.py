#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The architecture, as src/layers.txt has it: a folder includes itself and what its line names, all of that, and only
folders of lines above it; a foreign header stays where a line names its library; files of a folder don't include each
other in a circle, but for those that circles.txt still names; only src/cli prints or exits."""
import fnmatch
import os
import re
import sys

LIST, CIRCLES = "src/layers.txt", "tests/lint/circles.txt"
LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|(<[^>]+>))', re.M)
PRINTS = re.compile(r"\b(v?f?printf|f?puts|putchar|perror|exit|quick_exit)\s*\(")

found = []


def bad(text):
	found.append(text)


def read_list():
	"""Folder -> (folders, foreign names); foreign name -> pattern of its headers."""
	layers, foreign = {}, {}
	with open(LIST, encoding="utf-8") as f:
		for line in f:
			if m := re.fullmatch(r"(layer|foreign) ([a-z0-9/]+):([^|]*)(?:\|(.*))?\n", line):
				kind, name, first, second = m.groups("")
				if kind == "foreign":
					foreign[name] = first.strip()
				else:
					layers[name] = (first.split(), second.split())
			elif line.strip() and not line.startswith("#"):
				bad(f"{LIST}: what is this? {line.strip()}")
	return layers, foreign


def read_files(top):
	"""Path -> text of each C file."""
	files = {}
	for folder, _, names in os.walk(top):
		for name in names:
			if name.endswith((".c", ".h")):
				path = os.path.join(folder, name)
				with open(path, encoding="utf-8") as f:
					files[path] = f.read()
	return dict(sorted(files.items()))


def includes(text):
	"""(path, None) for each of "path", (None, header) for each of <header>."""
	return [m.groups() for m in INCLUDE.finditer(text)]


def check_order(layers):
	above = set()
	for folder, (below, _) in layers.items():
		for name in below:
			if name not in above:
				bad(f"{LIST}: {folder} names {name}, which is not above it")
		above.add(folder)


def check_file(path, text, line, foreign, used):
	"""Each include against the folder's line; used collects the words of the line that one needs."""
	own = os.path.dirname(path).removeprefix("src/")
	for mine, theirs in includes(text):
		if mine:
			folder = os.path.dirname(mine)
			used.add(folder)
			if folder != own and folder not in line[0]:
				bad(f"{path}: src/{own} must not know {folder}: see {LIST}")
			if not os.path.isfile(f"src/{mine}"):
				bad(f"{path}: no file src/{mine}")
			continue
		for name, pattern in foreign.items():
			if fnmatch.fnmatchcase(theirs, pattern):
				used.add(name)
				if name not in line[1]:
					bad(f"{path}: src/{own} must not know {name}: see {LIST}")


def check_includes(files, layers, foreign):
	used = {folder: set() for folder in layers}
	for path, text in files.items():
		folder = os.path.dirname(path).removeprefix("src/")
		if folder not in layers:
			bad(f"{path}: no layer; give its folder a line in {LIST}")
			continue
		check_file(path, text, layers[folder], foreign, used[folder])
	for folder, (below, libraries) in layers.items():
		for name in below + libraries:
			if name not in used[folder]:
				bad(f"{LIST}: nothing in {folder} includes {name}")


def rooms(files):
	"""Room (a path without its .c or .h) -> the rooms of its own folder that it includes."""
	graph = {}
	for path, text in files.items():
		room = path.removeprefix("src/")[:-2]
		graph.setdefault(room, set()).update(
			mine[:-2] for mine, _ in includes(text)
			if mine and mine[:-2] != room and os.path.dirname(mine) == os.path.dirname(room))
	return graph


def reached(graph, start):
	seen, todo = set(), [start]
	while todo:
		for room in graph.get(todo.pop(), ()):
			if room not in seen:
				seen.add(room)
				todo.append(room)
	return seen


def circles(graph):
	"""Each circle as the sorted rooms that reach each other."""
	reach = {room: reached(graph, room) for room in graph}
	return sorted({tuple(sorted(r for r in reach[room] if room in reach.get(r, ())))
		for room in graph if room in reach[room]})


def check_circles(files):
	with open(CIRCLES, encoding="utf-8") as f:
		known = [set(line.split()) for line in f if line.strip() and not line.startswith("#")]
	now = circles(rooms(files))
	for circle in now:
		if not any(set(circle) <= old for old in known):
			bad("a circle of files: " + " ".join(circle))
	for old in known:
		if not any(set(circle) <= old for circle in now):
			bad(f"{CIRCLES}: this circle is open, take the line out: " + " ".join(sorted(old)))


def check_text(files):
	"""Strings are left out: SQL has a printf, too. _exit ends a forked child or a worker; it prints nothing."""
	for path, text in files.items():
		if not text.startswith(LICENCE):
			bad(f"{path}: the first line is not the licence")
		if path.startswith(("src/cli/", "tests/")):
			continue
		for number, line in enumerate(text.split("\n"), 1):
			if not re.match(r"\s*(/?\*|//)", line) and PRINTS.search(re.sub(r'"[^"]*"', "", line)):
				bad(f"{path}:{number}: only src/cli prints or exits")


def main():
	os.chdir(os.environ["SOURCE"])
	layers, foreign = read_list()
	files = read_files("src")
	check_order(layers)
	check_includes(files, layers, foreign)
	check_circles(files)
	check_text(files | read_files("tests"))
	print("\n".join(found))
	return 1 if found else 0


sys.exit(main())
