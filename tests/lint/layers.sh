#!/bin/sh
# The architecture: a folder includes itself and what its line names; a foreign header stays in its place;
# only src/cli prints or exits.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$SOURCE"
status=0
bad() {
	echo "$1"
	status=1
}

# folder: what it may include besides itself
layers() {
	cat <<'END'
src/base:
src/digest: base
src/record: base digest
src/image: base record
src/image/foreign: base image record
src/evidence: base digest record
src/worker: base image record
src/worker/host: base image record worker
src/worker/guest: base record worker
src/walk: base record
src/walk/tsk: base image record worker walk
src/walk/main: base image image/foreign record worker walk walk/tsk
src/sweep: base digest image record
src/index/sets: base evidence hashset record
src/index/write: base evidence image index/sets record
src/index: evidence index/sets index/write
src/index/pass: image index index/write sweep worker/host
src/index/media: base digest evidence image index index/write record sweep
src/index/content: base digest image index index/pass index/write record sweep worker/host
src/index/survey: base digest image index/content index/pass index/write record worker/host
src/index/job: base digest evidence image index index/content index/media index/pass index/sets index/survey index/write record sweep worker/host
src/hashset: base digest record
src/hashset/list: base digest record hashset
src/cli: base image digest evidence record worker hashset hashset/list index index/job index/sets index/write
END
}

# header (a pattern): the folders that may include it
confined() {
	cat <<'END'
<tsk/.*>: src/walk/tsk src/walk/main src/image/foreign
<libewf.*>: src/image/foreign
<sqlite3\.h>: src/evidence src/hashset/list
<openssl/.*>: src/digest src/evidence
<seccomp\.h>: src/worker/guest
<linux/landlock\.h>: src/worker/guest
<libdeflate\.h>: src/image
<xxh.*\.h>: src/hashset
<yajl/.*>: src/hashset/list
<expat\.h>: src/hashset/list
<archive.*\.h>: src/hashset/list
<zlib\.h>: src/hashset/list
END
}

find src -type d ! -path src | sort >"$work/folders"
while IFS= read -r dir; do
	ls "$dir"/*.[ch] >/dev/null 2>&1 || continue
	line=$(layers | grep "^$dir:") || {
		bad "$dir: no layer; name it in tests/lint/layers.sh"
		continue
	}
	allowed=" ${dir#src/} ${line#*:} "
	grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "$dir"/*.[ch] >"$work/includes" || true
	while IFS= read -r include; do
		path=${include#*\"}
		path=${path%%\"*}
		case $allowed in
		*" ${path%/*} "*) ;;
		*) bad "$include: $dir must not know ${path%/*}" ;;
		esac
		[ -f "src/$path" ] || bad "$include: no such file under src"
	done <"$work/includes"
done <"$work/folders"

confined | while IFS= read -r line; do
	grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+${line%%: *}" src |
		while IFS= read -r include; do
			file=${include%%:*}
			case " ${line#*: } " in
			*" ${file%/*} "*) ;;
			*) echo "$include: only in ${line#*: }" ;;
			esac
		done
done >"$work/confined"
if [ -s "$work/confined" ]; then
	cat "$work/confined"
	status=1
fi

# Strings are left out: SQL has a printf, too. _exit ends a forked child or a worker; it prints nothing.
find src tests -name '*.[ch]' | sort >"$work/files"
while IFS= read -r file; do
	[ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: Apache-2.0 */' ] ||
		bad "$file: the first line is not the licence"
	case $file in
	src/cli/* | tests/*) continue ;;
	esac
	if sed 's/"[^"]*"//g' "$file" | grep -vE '^[[:space:]]*(/?\*|//)' |
		grep -wE '(v?f?printf|f?puts|putchar|perror|exit|quick_exit)[[:space:]]*\('; then
		bad "$file: only src/cli prints or exits"
	fi
done <"$work/files"
exit $status
