#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A folder is filled when it is empty, replaced with --force when it is an export of the same format, and else kept as it is.
. "$(dirname "$0")/lib.sh"
echo 0cc175b9c0f1b6a831c399e269772661 >a.md5
echo 92eb5ffee6ae2fec3ad71c777531578f >b.md5
trowel set import -q -o a.tset a.md5
trowel set import -q -o b.tset b.md5

# listing FOLDER: names and content
listing()
{
	(cd "$1" && find . -type f -exec sha256sum {} + | sort)
}

for format in misp hfind; do
	expect_exit 0 trowel set export -f "$format" -o "$format" a.tset
	[ "$(stat -c %a "$format")" = 700 ] || fail "mode of the folder"
	for file in "$format"/*; do [ "$(stat -c %a "$file")" = 600 ] || fail "mode of $file"; done
	listing "$format" >older
	expect_exit 2 trowel set export -f "$format" -o "$format" b.tset
	expect_err "$format: the folder exists and is not empty" '--force'
	listing "$format" | cmp -s - older || fail "$format was changed"
	mkdir "empty-$format"
	expect_exit 0 trowel set export -f "$format" -o "empty-$format/" b.tset
	expect_exit 0 trowel set export -f "$format" --force -o "$format" b.tset
	[ "$(find "$format" -type f | wc -l)" -eq "$(find "empty-$format" -type f | wc -l)" ] || fail "files of the older export are left"
	listing "$format" | cmp -s - older && fail "$format was not replaced"

	# Something else in it, an image under a name of its own, a folder: all is kept.
	echo mine >"$format/notes.txt"
	listing "$format" >older
	expect_exit 2 trowel set export -f "$format" --force -o "$format" a.tset
	expect_err "notes.txt: is not of an export"
	listing "$format" | cmp -s - older || fail "$format was changed"
	rm "$format/notes.txt"
	first=$(cd "$format" && echo h*)
	first=${first%% *}
	mv "$format/$first" aside
	printf 'EVF\t\r\n\377\0' >"$format/$first"
	expect_exit 2 trowel set export -f "$format" --force -o "$format" a.tset
	expect_err 'is an image'
	rm "$format/$first"
	cp a.tset "$format/$first"
	expect_exit 2 trowel set export -f "$format" --force -o "$format" "$format/$first"
	expect_err 'is the input'
	rm "$format/$first"
	ln -s ../aside "$format/$first"
	expect_exit 2 trowel set export -f "$format" --force -o "$format" a.tset
	expect_err 'is not of an export'
	rm aside
done
expect_exit 2 trowel set export -f misp --force -o hfind a.tset
expect_err 'is not of an export'
expect_exit 2 trowel set export -f misp --force -o a.md5 a.tset
expect_err 'is no folder'
find . -name '*.part' | grep . && fail "a temporary folder was left"
exit 0
