# SPDX-License-Identifier: Apache-2.0
# A thin front for CMake (CMakePresets.json) and for people in a hurry.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
RELEASE = build/release

# To build; to test and to make fixtures (mkfs of each file system, second tools); to lint; to bench.
PACKAGES = gcc clang libclang-rt-14-dev cmake ninja-build pkg-config git libc6-dev libtsk-dev libewf-dev \
	libsqlite3-dev libssl-dev libseccomp-dev libdeflate-dev libxxhash-dev libarchive-dev zlib1g-dev libyajl-dev \
	libexpat1-dev libcmocka-dev \
	sqlite3 python3 e2fsprogs dosfstools exfatprogs mtools ntfs-3g genisoimage ewf-tools sleuthkit \
	gzip xz-utils zstd xxd diffutils util-linux \
	clang-format shellcheck mandoc \
	strace hashdeep openssl
QUIET = >/dev/null

.PHONY: all deps demo check install clean fmt

all:
	cmake --preset release -DTROWEL_WERROR=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build $(RELEASE) -j $(JOBS) --target trowel trowel-worker

# Everything that build, tests and demo need, from Debian 12. Quick when it is all there.
deps:
	@missing=$$(for p in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		sudo=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
		$$sudo apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -q -y --no-install-recommends $$missing; \
	fi

demo: deps
	cmake --preset release $(QUIET)
	cmake --build $(RELEASE) -j $(JOBS) --target trowel trowel-worker -- --quiet
	sh fixtures/demo.sh $(RELEASE) build/demo

# gcc with the thread sanitizer, clang with the others, then everything on the build that is installed: the corpus
# and the lints run there alone. A failure ends it; ctest's summary comes last.
check: deps
	python3 tests/check.py $(JOBS)

install: all
	cmake --install $(RELEASE)

fmt:
	find src tests -name '*.[ch]' -exec clang-format -i {} +

clean:
	rm -rf build
