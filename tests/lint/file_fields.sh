#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fields of a file are named where a reader fills them, in their list and in the views: between frame and row no more
# than three functions may name one of them (decode, copy, bind), and today none does. Looked at are those whose
# names nothing else has.
set -eu
work=$PWD
cd "$SOURCE"
status=0
for field in sequence created_ns modified_ns accessed_ns changed_ns n_links gid attr_flags; do
	grep -qE "F\([a-z]+, [a-z0-9_ ]+, $field, " src/record/file_fields.h || {
		echo "$field: not in the list of the fields of a file"
		status=1
	}
	find src/record src/worker src/sweep src/index src/evidence -name '*.c' -exec awk -v field="$field" '
		/^[a-z_0-9]+\(/ { function_name = FILENAME ": " $1 }
		$0 ~ "(->|[.])" field "([^a-z_0-9]|$)" { print function_name }' {} + | sort -u >"$work/named"
	[ "$(wc -l <"$work/named")" -le 3 ] || {
		cat "$work/named"
		echo "$field: named by more than three functions between frame and row"
		status=1
	}
done
exit $status
