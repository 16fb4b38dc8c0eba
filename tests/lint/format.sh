#!/bin/sh
# The sources look as .clang-format says (`make fmt` makes it so).
set -eu
cd "$SOURCE"
command -v clang-format >/dev/null || {
	echo "SKIPPED: clang-format is not installed"
	exit 77
}
find src tests -name '*.[ch]' -exec clang-format --dry-run -Werror {} +
