#!/bin/sh
# Made twice, at different times and in different places, the fixtures are the same bytes, and those on record.
set -eu
mkdir first second
sh "$SOURCE/fixtures/make.sh" first
sh "$SOURCE/fixtures/make.sh" second
(cd first && find . -type f ! -name '.*' -exec sha256sum {} + | sort -k 2) >first.sums
(cd second && find . -type f ! -name '.*' -exec sha256sum {} + | sort -k 2) >second.sums
diff -u first.sums second.sums
diff -u "$SOURCE/fixtures/SHA256SUMS" first.sums
