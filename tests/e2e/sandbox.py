# SPDX-License-Identifier: Apache-2.0
"""Where the container test runs its programs: namespaces and an image store of their own, gone with the test."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import appliance

PROGRAMS = ("buildah", "podman", "crun", "debootstrap", "unshare", "nsenter")
PREFIX = "iris-container-"

# Podman and crun want version 2 of the control groups, which a machine may have beside version 1. The machine's own
# container locks, states and caches are hidden from them. Then `cat` waits for the end of the test process, whatever
# that dies of; the shell is process 1 meanwhile, and reaps. When it ends, the kernel ends all else in its namespace.
PROCESS_1 = """
umount -R /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 none /sys/fs/cgroup || exit
for folder in /dev/shm /run/crun /var/lib/containers; do
  mkdir -p "$folder" && mount -t tmpfs none "$folder" || exit
done
echo ready
cat >/dev/null
exit 0
"""


def missing():
    """What this machine lacks for a sandbox; empty when nothing."""
    if os.geteuid() != 0:
        return "root (container storage and namespaces)"
    return ", ".join(program for program in PROGRAMS if shutil.which(program) is None)


@contextlib.contextmanager
def step(name):
    """Prints how long its block took."""
    begun = time.monotonic()
    yield
    report(begun, name)


def report(begun, name):
    show(f"{time.monotonic() - begun:6.1f} s  {name}")


def show(text):
    print(f"  {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    """A program in the sandbox ended with an error; the message has its last lines."""


class Sandbox:
    """A mount and a PID namespace, and a temporary folder with an image store. Never the user's own store.

    Raises Failed where the machine does not grant the namespaces or the control groups.
    """

    def __init__(self):
        sweep()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = open(self.folder / "lock", "w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # sweep() leaves a locked folder alone
        for name in ("home", "network", "tmp"):
            (self.folder / name).mkdir()
        # Instead of the machine's own containers.conf; and no look at its networks.
        (self.folder / "containers.conf").write_text(f'[network]\nnetwork_config_dir = "{self.folder}/network"\n')
        self._outer = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", PROCESS_1],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self._outer.stdout.readline() != "ready\n":
            reason = self._outer.stderr.read().strip()
            self.close()
            raise Failed(reason or "unshare: no namespace")
        outer = self._outer.pid
        self._inner = pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0]

    def command(self, *words):
        return ["nsenter", "--target", self._inner, "--mount", "--pid", "--", *map(str, words)]

    def environment(self):
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        return appliance.environment(
            HOME=f"{self.folder}/home", TMPDIR=f"{self.folder}/tmp", CONTAINERS_CONF=f"{self.folder}/containers.conf",
            DISABLE_HC_SYSTEMD="true",  # podman would ask systemd for a timer that runs HEALTHCHECK; we run it
            LC_ALL="C.UTF-8", **proxies)

    def run(self, *words, timeout=120.0, check=True, env=None):
        """Runs one program to its end; .stdout and .stderr are text. With `check`, raises Failed on an error."""
        try:
            done = subprocess.run(self.command(*words), env={**self.environment(), **(env or {})}, timeout=timeout,
                                  stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace")
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{' '.join(map(str, words))}: not done within {timeout:g} s; "
                         f"{tail(error.stdout)}{tail(error.stderr)}") from None
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words))}: exit {done.returncode}\n{tail(done.stdout)}{tail(done.stderr)}")
        return done

    def watch(self, words, on_line, timeout):
        """As run(), with every line of its output, standard error's as well, given to on_line(text) as it comes."""
        lines = []
        process = subprocess.Popen(self.command(*words), env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
        timer = threading.Timer(timeout, self._outer.kill)  # and with it all that runs in the sandbox
        timer.start()
        try:
            with process:
                for line in process.stdout:
                    lines.append(line)
                    on_line(line)
        finally:
            late = not timer.is_alive()
            timer.cancel()
        if process.returncode != 0:
            ended = f"not done within {timeout:g} s" if late else f"exit {process.returncode}"
            raise Failed(f"{' '.join(map(str, words))}: {ended}\n{tail(''.join(lines))}")

    def _store(self):
        return ["--storage-driver", "vfs", "--root", f"{self.folder}/root", "--runroot", f"{self.folder}/run"]

    def buildah(self, *words, **options):
        return self.run("buildah", *self._store(), *words, **options)

    def build(self, *words, timeout):
        """`buildah bud` with these words; prints how long each RUN took."""
        running, begun = None, 0.0

        def note(line):
            nonlocal running, begun
            match = re.match(r"(?:\[\d+/\d+\] )?STEP \d+/\d+: (.*)", line)
            if match:
                if running and running.startswith("RUN "):
                    report(begun, running)
                running, begun = match[1], time.monotonic()

        self.watch(["buildah", *self._store(), "bud", "--isolation", "chroot", "--format", "docker", "--pull-never",
                    *words], note, timeout)

    def podman(self, *words, **options):
        return self.run("podman", *self._store(), "--tmpdir", f"{self.folder}/libpod", "--runtime", "crun",
                        "--cgroup-manager", "cgroupfs", "--events-backend", "none", *words, **options)

    def close(self):
        """Ends all that still runs in the sandbox, and removes its folder."""
        self._outer.stdin.close()
        try:
            self._outer.wait(appliance.DEADLINE)
        except subprocess.TimeoutExpired:
            self._outer.kill()
            self._outer.wait()
        self._outer.stdout.close()
        self._outer.stderr.close()
        remove(self.folder)
        self._lock.close()


def tail(output, lines=40):
    if isinstance(output, bytes):
        output = output.decode("utf-8", "replace")
    return "".join(f"{line}\n" for line in (output or "").splitlines()[-lines:])


def remove(folder):
    """Removes a sandbox's folder: its mounts went with its namespace; were one left, nothing is removed through it."""
    if f" {folder}/" in pathlib.Path("/proc/self/mountinfo").read_text():
        raise AssertionError(f"{folder}: something is still mounted below it; unmount it, then remove the folder")
    shutil.rmtree(folder)


def sweep():
    """Removes what a test that was killed left behind. One that has only just begun may not hold its lock yet."""
    for folder in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), open(folder / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(lock.fileno()).st_mtime > 60:
                remove(folder)
