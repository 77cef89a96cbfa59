# SPDX-License-Identifier: Apache-2.0
"""Runs the steps of steps.py, two at a time, each into a folder of the cache that is named by the hash of its input."""

import argparse
import concurrent.futures
import errno
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import fetcher
import keys
import lock
from compilers import compiler_wrappers, host_resource_folder
from steps import STEPS, Step

TOOLCHAIN = Path(__file__).resolve().parent.parent
EXIT_STEP_FAILED = 70
EXIT_IO = 74


class StepFailed(Exception):
    """A recipe ended with an error; the message names its log."""


class Stopped(Exception):
    """A recipe was ended because another one had failed."""


class Builder:
    """Builds steps into `cache` for `target`. Threading: build() of different steps may run side by side."""

    def __init__(self, target: str, cache: Path, jobs: int, keep_work: bool):
        self.target, self.cache, self.jobs, self.keep_work = target, cache, jobs, keep_work
        self.sources = lock.load(TOOLCHAIN / "sources.lock")
        self.keys = keys.step_keys(TOOLCHAIN, target, self.sources)
        self.fetching = fetcher.options_from(note=lambda text: print(text, file=sys.stderr, flush=True))
        self.started = time.monotonic()
        self.printing = threading.Lock()
        self.recipes: set[subprocess.Popen] = set()
        self.stopping = False
        self.seconds: dict[str, float] = {}

    def say(self, step: Step, what: str) -> None:
        number = STEPS.index(step) + 1
        with self.printing:
            elapsed = int(time.monotonic() - self.started)
            source = self.sources[step.source]
            print(f"[{number:2}/{len(STEPS)}] {step.name:13} {source.version:12} {what:24} "
                  f"elapsed {elapsed // 60}:{elapsed % 60:02}", flush=True)

    def output(self, step: Step) -> Path:
        return self.cache / "steps" / f"{step.name}-{self.target}-{self.keys[step.name]}"

    def build(self, step: Step) -> None:
        """Makes output(step), unless the cache has it. Raises StepFailed, fetcher.FetchError or OSError."""
        if self.output(step).exists():
            self.say(step, "in the cache")
            return
        begun = time.monotonic()
        archive = fetcher.fetch(self.sources[step.source], make(self.cache / "sources"), self.fetching)
        self.say(step, "building")
        # On failure the work stays, for a person to look at, until the next run.
        work = Path(tempfile.mkdtemp(prefix=f"{step.name}-", dir=make(self.cache / "work")))
        source, out, run = work / "source", make(work / "out"), make(work / "run")
        fetcher.unpack(archive, make(source), only=list(step.unpack))
        fetcher.apply_patches(source, keys.patch_folder(TOOLCHAIN, self.sources[step.source]))
        sysroot = merge([self.output(s) for s in closure(step)], make(work / "sysroot"))
        self.run_recipe(step, work, {"SOURCE": source, "OUT": out, "SYSROOT": sysroot}, run)
        if self.stopping:
            raise Stopped(step.name)
        os.sync()  # the name stands for the content, also after a power cut
        out.rename(self.output(step))
        if not self.keep_work:
            shutil.rmtree(work, ignore_errors=True)
        self.seconds[step.name] = time.monotonic() - begun
        self.say(step, f"done in {self.seconds[step.name]:.0f} s")

    def run_recipe(self, step: Step, work: Path, folders: dict[str, Path], run: Path) -> None:
        wrappers = compiler_wrappers(folders["SYSROOT"] / "bin", self.target)
        if not (folders["SYSROOT"] / "resource").exists():  # before llvm-runtimes: the host compiler's own
            (folders["SYSROOT"] / "resource").symlink_to(host_resource_folder())
        environment = {
            "PATH": f"{wrappers}:{os.environ['PATH']}", "HOME": str(work), "TARGET": self.target,
            "ARCH": self.target.split("-")[0], "JOBS": str(self.jobs), "RECIPES": str(TOOLCHAIN / "recipes"),
            "FLAGS": " ".join(keys.flags(TOOLCHAIN)),
            "SOURCE_DATE_EPOCH": keys.SOURCE_DATE_EPOCH, **{name: str(path) for name, path in folders.items()},
        }
        log = work / "log"
        if self.stopping:
            raise Stopped(step.name)
        with open(log, "wb") as output:
            recipe = subprocess.Popen(["sh", str(TOOLCHAIN / "recipes" / f"{step.name}.sh")], cwd=run, env=environment,
                                      stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                      start_new_session=True)
            self.recipes.add(recipe)
            code = recipe.wait()
            self.recipes.discard(recipe)
        if self.stopping:
            raise Stopped(step.name)
        if code != 0:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise StepFailed(f"{step.name}: its recipe (toolchain/recipes/{step.name}.sh) ended with {code}; "
                             f"the whole log is {log}; its last lines:\n{tail}")

    def stop(self) -> None:
        """Ends the recipes under way: nobody waits for minutes to hear of a failure that is known."""
        self.stopping = True
        for recipe in list(self.recipes):
            try:
                os.killpg(recipe.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def assemble(self) -> Path:
        """Merges the output of all steps into the toolchain's own folder and returns it."""
        result = self.cache / "toolchains" / f"{self.target}-{keys.total(self.keys)}"
        if not result.exists():
            make(result.parent)
            work = Path(tempfile.mkdtemp(prefix="toolchain-", dir=make(self.cache / "work")))
            merge([self.output(step) for step in STEPS], make(work / "out"))
            compiler_wrappers(work / "out" / "bin", self.target)
            os.sync()
            (work / "out").rename(result)
            work.rmdir()
        return result


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def closure(step: Step) -> list[Step]:
    """All steps that `step` stands on, in build order."""
    names = set(step.needs)
    for earlier in reversed(STEPS):
        if earlier.name in names:
            names.update(earlier.needs)
    return [s for s in STEPS if s.name in names]


def merge(folders: list[Path], into: Path) -> Path:
    """Lays the folders over one another, by hard links."""
    for folder in folders:
        shutil.copytree(folder, into, copy_function=os.link, dirs_exist_ok=True, symlinks=True)
    return into


def run_all(builder: Builder, wanted: list[Step]) -> None:
    """Builds `wanted` in two lanes: while one step configures or links, the other keeps the processors busy."""
    done: set[str] = set()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as lanes:
        running: dict[concurrent.futures.Future, Step] = {}
        waiting = list(wanted)
        while waiting or running:
            ready = [s for s in waiting if all(d.name in done for d in closure(s))]
            for step in ready[:2 - len(running)]:
                waiting.remove(step)
                running[lanes.submit(builder.build, step)] = step
            try:
                finished, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in finished:
                    step = running.pop(future)
                    future.result()
                    done.add(step.name)
            except BaseException:
                builder.stop()
                raise


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(64, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def target_triple(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+-linux-musl", text):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a triple such as x86_64-linux-musl")
    return text


def job_count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 1")
    return int(text)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(prog="toolchain/build", description=sys.modules["__main__"].__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--target", type=target_triple, default="x86_64-linux-musl")
    parser.add_argument("--jobs", type=job_count, default=os.cpu_count())
    parser.add_argument("--only", choices=[s.name for s in STEPS], help="this step and what it stands on")
    parser.add_argument("--keep-work", action="store_true", help="keep each step's working folder")
    parser.add_argument("--print-key", action="store_true", help="print the key of the whole and stop")
    return parser.parse_args(arguments)


def reported(program: str, cache: Path, work: Callable[[], None]) -> int:
    """Does `work` and returns the exit code: what went wrong is said on standard error, by the name of `program`."""
    try:
        work()
    except StepFailed as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_STEP_FAILED
    except fetcher.FetchError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return error.exit_code
    except keys.HostError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 69
    except lock.LockError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 65
    except OSError as error:
        advice = "; free space there" if error.errno == errno.ENOSPC else ""
        print(f"{program}: {error}{advice}; the cache is {cache} (IRIS_CACHE names another)", file=sys.stderr)
        return EXIT_IO
    except KeyboardInterrupt:
        print(f"{program}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


def link_into_build(name: str, result: Path) -> None:
    """build/<name> of this checkout leads to `result`."""
    link = make(TOOLCHAIN.parent / "build") / name
    temporary = link.with_name(f"{name}.{os.getpid()}")
    temporary.symlink_to(result)
    temporary.replace(link)


def build_toolchain(options: argparse.Namespace, cache: Path) -> None:
    builder = Builder(options.target, make(cache), options.jobs, options.keep_work)
    if options.print_key:
        print(keys.total(builder.keys))
        return
    with open(make(cache) / "build.lock", "w", encoding="ascii") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another toolchain/build uses this cache; waiting for it", flush=True)
            fcntl.flock(guard, fcntl.LOCK_EX)
        make(cache / "steps")
        shutil.rmtree(cache / "work", ignore_errors=True)  # of runs that failed or were killed; the lock is ours
        only = next((s for s in STEPS if s.name == options.only), None)
        run_all(builder, list(STEPS) if only is None else [*closure(only), only])
        if only is None:
            result = builder.assemble()
            link_into_build("toolchain", result)
            elapsed = int(time.monotonic() - builder.started)
            print(f"toolchain ready in {elapsed // 60}:{elapsed % 60:02}: {result}", flush=True)


def main() -> int:
    options = parse(sys.argv[1:])
    cache = fetcher.cache_folder()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: recipes have sessions of their own
    return reported("toolchain/build", cache, lambda: build_toolchain(options, cache))
