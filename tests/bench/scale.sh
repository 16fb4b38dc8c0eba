#!/bin/sh
# Measure trowel, tsk_loaddb and fiwalk on 200,000 small files: scale.sh [OPTION]... (scale.py --help lists them)
exec python3 "$(dirname "$0")/scale.py" "$@"
