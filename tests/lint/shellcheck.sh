#!/bin/sh
# Every shell script passes shellcheck, every Python file compiles. Helpers may have optional arguments (SC2119).
set -eu
cd "$SOURCE"
command -v shellcheck >/dev/null || {
	echo "SKIPPED: shellcheck is not installed"
	exit 77
}
find fixtures tests completions -name '*.sh' -exec shellcheck -x -P SCRIPTDIR -e SC2119,SC2120 {} +
shellcheck .ci/run
find fixtures tests -name '*.py' -exec python3 -c '
import sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as f:
        compile(f.read(), path, "exec")' {} +
