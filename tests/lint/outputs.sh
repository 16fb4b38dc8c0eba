#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files are made in few places, all of which are named here; only the rule of cli/target.c says that something may be replaced;
# each option that names an output is of the kind which that rule finds.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$SOURCE"
status=0
bad()
{
	echo "$1"
	status=1
}

# file: what it may make
makers()
{
	cat <<'END'
src/base/replace.c: every output
src/base/temp.c: files without a name
src/evidence/open.c: the evidence database, where nothing is
src/hashset/list/format/kdb_write.c: a database without a name
src/hashset/list/keyed.c: a database without a name
src/hashset/list/format/nsrl_delta.c: a database without a name
src/sandbox/policy.c: nothing, it forbids these flags
END
}

makers | sed 's/:.*/:/' >"$work/makers"
grep -rnE '\<(O_CREAT|O_TMPFILE|O_TRUNC|SQLITE_OPEN_CREATE)\>|\<(mkdir|mkdirat|mkostemp|mkstemp|mkdtemp|tmpfile|fopen|freopen|creat|rename|renameat2?|link|linkat|symlink|truncate)[[:space:]]*\(' src |
	grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)' | grep -vF -f "$work/makers" |
	sed 's/^/makes a file or renames one: /' >"$work/made" || true
[ ! -s "$work/made" ] || bad "$(cat "$work/made")"
makers | while IFS= read -r line; do
	[ -f "${line%%:*}" ] || echo "${line%%:*}: is no more; take it out of tests/lint/outputs.sh"
done >"$work/gone"
[ ! -s "$work/gone" ] || bad "$(cat "$work/gone")"

looks=$(grep -rlw trw_target_look src | grep -v '^src/base/replace\.[ch]$' | tr '\n' ' ')
[ "$looks" = 'src/cli/target.c ' ] || bad "trw_target_look is called in: $looks"
if grep -rn '\.replaces = ' src | grep -v '^src/base/replace\.c:'; then
	bad "only base/replace.c says that a target replaces something"
fi

# A row of an option table begins {"NAME", 'LETTER', KIND
grep -rhoE '\{"[a-z-]+", ([0-9]|'"'.'"'), TRW_OPTION_OUTPUT' src/cli | grep -v '^{"output"' >"$work/misnamed" || true
[ ! -s "$work/misnamed" ] || bad "an output is called --output: $(cat "$work/misnamed")"
if grep -rnE '\{"output",' src/cli | grep -v TRW_OPTION_OUTPUT; then
	bad "--output is of kind TRW_OPTION_OUTPUT"
fi
if grep -rnE '\{"(set|image)",' src/cli | grep -E 'TRW_OPTION_TEXTS?,'; then
	bad "files that are read are of kind TRW_OPTION_INPUTS"
fi

# What spills goes beside the output; base/temp.c says where where there is none.
if grep -rnE '"(/var)?/tmp|P_tmpdir|getenv\("TMPDIR' src | grep -v '^src/base/temp\.c:.*\(getenv\|"/var/tmp"\)'; then
	bad "temporary files go beside the output"
fi
exit $status
