#!/bin/sh
# Run one test script in a temporary directory of its own: run.sh LABEL SCRIPT [ARGUMENT...]
# Environment: TROWEL, TROWEL_WORKER (programs), FIXTURES (made images), SHARED (../shared), SOURCE, BUILD,
# WORKERS (stand-ins for the worker), PRELOAD (libraries to preload).
set -eu

label=$1
script=$2
shift 2

if [ "$label" = corpus ] && [ ! -d "$SHARED/corpus" ]; then
	echo "SKIPPED: $SHARED/corpus is not on this machine; nothing was compared"
	exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/trowel-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
cd "$work"
PATH=$(dirname "$TROWEL"):$PATH
LC_ALL=C.UTF-8
TZ=UTC
PYTHONDONTWRITEBYTECODE=1
export PATH LC_ALL TZ PYTHONDONTWRITEBYTECODE
case $script in
*.py) python3 "$script" "$@" ;;
*) sh "$script" "$@" ;;
esac
