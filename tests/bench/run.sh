#!/bin/sh
# Make the bench's images once, then measure trowel and its peers on them: run.sh [OPTION]... (run.sh --help lists them)
exec python3 -B "$(dirname "$0")/bench.py" "$@"
