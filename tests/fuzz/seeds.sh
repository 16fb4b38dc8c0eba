#!/bin/sh
# Make the seeds of one fuzz target and run the target on each: seeds.sh PROGRAM NAME
# Seeds come from make_NAME.sh or make_NAME.py (argument: the directory to fill), and from the files in
# corpus/NAME that a fuzzer found and somebody kept.
set -eu
program=$1
name=$2
here=$(dirname "$0")
mkdir seeds
if [ -f "$here/make_$name.py" ]; then
	python3 "$here/make_$name.py" seeds
fi
if [ -f "$here/make_$name.sh" ]; then
	sh "$here/make_$name.sh" seeds
fi
if [ -d "$here/corpus/$name" ]; then
	cp "$here/corpus/$name"/* seeds/
fi
: >seeds/empty
"$program" -runs=0 seeds/*
