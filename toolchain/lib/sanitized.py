# SPDX-License-Identifier: Apache-2.0
"""gRPC and Abseil with sanitizers: one folder of the cache for each preset, named by the hash of its input."""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import builder
import fetcher
import keys
import lock

TOOLCHAIN = builder.TOOLCHAIN
# As CMakePresets.json has them for our own code.
SANITIZERS = {"asan": "address,undefined,fuzzer-no-link", "tsan": "thread"}
SOURCES = ("abseil", "grpc")
FILES = ("recipes/sanitized.sh", "recipes/archive/CMakeLists.txt", "recipes/abseil.list", "recipes/grpc.list")


def key(preset: str, sources: dict) -> str:
    """16 hexadecimal digits, which stand for all that goes into the result."""
    digest = hashlib.sha256(f"{SANITIZERS[preset]}\0{keys.host_tools()}\0".encode())
    for name in SOURCES:
        digest.update(keys.source_identity(sources[name]).encode())
    patches = (path for name in SOURCES for path in sorted(keys.patch_folder(TOOLCHAIN, sources[name]).glob("*.patch")))
    for file in (*(TOOLCHAIN / name for name in FILES), *patches):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def build(preset: str, cache: Path, jobs: int) -> Path:
    """The folder with lib/ and include/, built unless the cache has it. Raises StepFailed, FetchError or OSError."""
    sources = lock.load(TOOLCHAIN / "sources.lock")
    result = builder.make(cache / "sanitized") / f"{preset}-{key(preset, sources)}"
    if result.exists():
        print(f"gRPC for {preset}: in the cache", flush=True)
        return result
    begun = time.monotonic()
    print(f"gRPC for {preset}: building (six minutes on two processors)", flush=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=cache / "sanitized"))
    options = fetcher.options_from(note=lambda text: print(text, file=sys.stderr, flush=True))
    environment = {"PATH": os.environ["PATH"], "HOME": str(work), "JOBS": str(jobs), "OUT": str(work / "out"),
                   "RECIPES": str(TOOLCHAIN / "recipes"), "SANITIZERS": SANITIZERS[preset]}
    for name in SOURCES:
        archive = fetcher.fetch(sources[name], builder.make(cache / "sources"), options)
        fetcher.unpack(archive, work / name)
        fetcher.apply_patches(work / name, keys.patch_folder(TOOLCHAIN, sources[name]))
        environment[name.upper()] = str(work / name)
    log = work / "log"
    with open(log, "wb") as output:
        code = subprocess.run(["sh", str(TOOLCHAIN / "recipes" / "sanitized.sh")], cwd=builder.make(work / "run"),
                              env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT).returncode
    if code != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise builder.StepFailed(f"gRPC for {preset}: toolchain/recipes/sanitized.sh ended with {code}; the whole log is "
                                 f"{log}; its last lines:\n{tail}")
    os.sync()  # the name stands for the content, also after a power cut
    (work / "out").rename(result)
    shutil.rmtree(work, ignore_errors=True)
    print(f"gRPC for {preset}: done in {time.monotonic() - begun:.0f} s", flush=True)
    return result


def build_and_link(preset: str, cache: Path, jobs: int) -> None:
    with open(builder.make(cache / "sanitized") / "lock", "w", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        for left in (cache / "sanitized").glob("work-*"):  # of runs that failed or were killed; the lock is ours
            shutil.rmtree(left, ignore_errors=True)
        builder.link_into_build(f"sanitized-{preset}", build(preset, cache, jobs))


def main(arguments: list[str]) -> int:
    parser = builder.Parser(prog="toolchain/sanitized", description=sys.modules["__main__"].__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("preset", choices=sorted(SANITIZERS))
    parser.add_argument("--jobs", type=builder.job_count, default=os.cpu_count())
    options = parser.parse_args(arguments)
    cache = fetcher.cache_folder()
    return builder.reported("toolchain/sanitized", cache, lambda: build_and_link(options.preset, cache, options.jobs))
