# SPDX-License-Identifier: Apache-2.0
# A thin front for CMake (CMakePresets.json) and for people in a hurry.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
RELEASE = build/release

PACKAGES = gcc clang cmake ninja-build pkg-config libc6-dev libtsk-dev libewf-dev libsqlite3-dev \
	libssl-dev libseccomp-dev libdeflate-dev libcmocka-dev clang-format shellcheck mandoc \
	sqlite3 python3 e2fsprogs dosfstools mtools ntfs-3g ewf-tools sleuthkit

.PHONY: all deps demo check install clean fmt

all:
	cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX)
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
	cmake --preset release >/dev/null
	cmake --build $(RELEASE) -j $(JOBS) --target trowel trowel-worker
	sh fixtures/demo.sh $(RELEASE) build/demo

# gcc with the sanitizers, clang for its warnings, then the whole suite; ctest's summary comes last.
check: deps
	cmake --preset asan -DTROWEL_WERROR=ON >/dev/null
	cmake --build build/asan -j $(JOBS)
	cmake --preset debug-clang -DTROWEL_WERROR=ON >/dev/null
	cmake --build build/debug-clang -j $(JOBS)
	cmake --preset debug -DTROWEL_WERROR=ON >/dev/null
	cmake --build build/debug -j $(JOBS)
	ctest --preset asan -j $(JOBS)
	ctest --preset debug -j $(JOBS)

install: all
	cmake --install $(RELEASE)

fmt:
	find src tests -name '*.[ch]' -exec clang-format -i {} +

clean:
	rm -rf build
