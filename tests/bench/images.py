# SPDX-License-Identifier: Apache-2.0
"""The bench's images: each made once by a script here, and kept in the cache directory."""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def script(name, *arguments):
	return lambda path: subprocess.run(["nice", sys.executable, "-B", os.path.join(HERE, name), path, *arguments], check=True)


# Name in the cache, and how to make it.
RAW = {
	"ntfs.img": script("make_ntfs.py"),
	"ext4-200k.img": script("make_ext4.py", "200000"),
	"ext4-50k.img": script("make_ext4.py", "50000"),
	"fat-fragmented.img": script("make_fat.py"),
	"ext4-3g.img": script("make_ext4.py", "1", "--mean", str(3 << 30), "--exact"),
	"ext4-one-directory.img": script("make_names.py", "1", "500000"),
	"ext4-1000-directories.img": script("make_names.py", "1000", "500"),
}
COMPRESSIONS = ("none", "fast", "best")


def say(text):
	print(f"bench: {text}", file=sys.stderr, flush=True)


class Images:
	def __init__(self, cache):
		self.cache = os.path.abspath(cache)
		os.makedirs(self.cache, exist_ok=True)

	def raw(self, name):
		path = os.path.join(self.cache, name)
		if not os.path.exists(path):
			say(f"making {path}")
			RAW[name](path)
		return path

	def ewf(self, name, compression):
		"""The first segment of the image acquired by ewfacquire, with the tool's own segment size."""
		folder = os.path.join(self.cache, f"{os.path.splitext(name)[0]}-{compression}")
		if not os.path.exists(folder):
			source, part = self.raw(name), folder + ".part"
			say(f"making {folder}")
			shutil.rmtree(part, ignore_errors=True)
			os.makedirs(part)
			subprocess.run(["nice", "ewfacquire", "-u", "-q", "-c", compression, "-t", os.path.join(part, "disk"), source],
				check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
			os.rename(part, folder)
		return os.path.join(folder, "disk.E01")


def files(image):
	"""All the files of an image."""
	return sorted(glob.glob(image[:-2] + "[0-9][0-9]")) if image.endswith(".E01") else [image]


def size(image):
	"""Bytes of all its files."""
	return sum(os.path.getsize(f) for f in files(image))
