# SPDX-License-Identifier: Apache-2.0
"""What tests take from the npm registry: the packages of tests/e2e/npm, at the versions and hashes of its lock file.

They are installed once, beside the toolchain in the cache (IRIS_CACHE, else XDG_CACHE_HOME/iris-predictor, else
~/.cache/iris-predictor), in a folder named after the lock file's hash: a new lock file has a new folder, and what is
there needs neither npm nor a network. Several tests may ask at once: one installs, the others wait."""

import fcntl
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

import appliance

LIST = appliance.SOURCE / "tests/e2e/npm"
FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 18


def cache():
    """The folder that the toolchain, too, keeps its things in (toolchain/lib/fetcher.py)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(os.environ.get("IRIS_CACHE") or os.path.join(base, "iris-predictor")).absolute()


def install():
    """The path of node_modules. No script of a package is run. Raises SkipTest where npm or its registry cannot be
    had."""
    key = hashlib.sha256(b"".join((LIST / name).read_bytes() for name in FILES)).hexdigest()[:16]
    parent = cache() / "npm"
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{key}-{platform.machine()}"
    with open(parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with this process, however it ends
        if not folder.is_dir():
            _install_into(folder)
    return folder / "node_modules"


def _install_into(folder):
    if shutil.which("npm") is None:
        raise unittest.SkipTest("npm is not installed; toolchain/bootstrap test installs it")
    with tempfile.TemporaryDirectory(prefix="new-", dir=folder.parent) as new:
        work = pathlib.Path(new) / "work"  # the folder itself is not moved: TemporaryDirectory removes it
        work.mkdir()
        for name in FILES:
            shutil.copy(LIST / name, work)
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(words, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200,
                              env={**os.environ, "NO_UPDATE_NOTIFIER": "1"}, check=False)
        if done.returncode != 0:
            if "EUSAGE" in done.stderr or "EINTEGRITY" in done.stderr:  # ours to mend; another network would not help
                raise AssertionError(f"npm ci: {done.stderr}")
            raise unittest.SkipTest(f"npm cannot fetch the packages: {done.stderr.strip()[:300]}")
        work.rename(folder)  # whole, or not at all


def buf():
    """The path of buf: the package of this machine's kind holds the program itself."""
    kind = {"x86_64": "x64"}.get(platform.machine(), platform.machine())
    return install() / f"@bufbuild/buf-linux-{kind}/bin/buf"


def node():
    """(path of Node.js, the environment in which its scripts find the packages)."""
    path = shutil.which("node")
    if path is None:
        raise unittest.SkipTest("Node.js is not installed; toolchain/bootstrap test installs it")
    version = subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        raise unittest.SkipTest(f"Node.js is {version.strip()}; expected {OLDEST_NODE} or later")
    return path, appliance.environment(NODE_PATH=str(install()))
