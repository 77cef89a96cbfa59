# SPDX-License-Identifier: Apache-2.0
"""A Debian that boots: made with debootstrap, kept in the cache, and run under systemd-nspawn with its own systemd.

Nothing of this machine's own systemd is needed: the container is not registered, and has a network of its own.
"""

import contextlib
import fcntl
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time

import appliance
import debian_base
import sandbox

PROGRAMS = ("debootstrap", "systemd-nspawn", "unshare", "nsenter", "tar")
PACKAGES = "systemd,systemd-sysv,dbus"
MAX_AGE = 14 * 24 * 3600.0  # seconds
PREFIX = "iris-tree-"

# systemd wants version 2 of the control groups, which a machine may have beside version 1; and the folder in which
# nspawn hands mounts on may be another's.
BOOT = """
mount --make-rprivate / || exit
umount -R /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 none /sys/fs/cgroup || exit
exec "$@"
"""


def missing():
    """What this machine lacks; empty when nothing."""
    if os.geteuid() != 0:
        return "root (debootstrap, mounts and namespaces)"
    return ", ".join(program for program in PROGRAMS if shutil.which(program) is None)


def archive(cache, suite):
    """The path of a tar file of the suite's smallest tree with systemd. Any number of processes may ask at a time."""
    folder = pathlib.Path(cache) / "images"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"debian-{suite}-systemd.tar"
    with open(folder / f"lock-{suite}", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists() and time.time() - path.stat().st_mtime < MAX_AGE:
            return path
        new = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            with tempfile.TemporaryDirectory(prefix=PREFIX) as work, sandbox.step(f"debootstrap {suite}"):
                mirror = debian_base.mirror_of("debian")
                proxy = {"http_proxy": mirror.proxy, "https_proxy": mirror.proxy} if mirror.proxy else {}
                run("debootstrap", "--variant=minbase", "--force-check-gpg", f"--include={PACKAGES}", suite,
                    f"{work}/tree", mirror.url, env={**os.environ, **proxy}, timeout=1500)
                shutil.rmtree(f"{work}/tree/var/cache/apt", ignore_errors=True)
                run("tar", "-C", f"{work}/tree", "--one-file-system", "-cf", new, ".", timeout=300)
            new.replace(path)  # whole or not at all
        except (sandbox.Failed, OSError) as error:
            new.unlink(missing_ok=True)
            if not path.exists():
                raise
            sandbox.show(f"the {suite} tree is old, but a new one cannot be made: {error}")
    return path


def run(*words, timeout=60.0, check=True, **options):
    """Runs a program to its end; .stdout and .stderr are text. Raises sandbox.Failed on an error."""
    try:
        done = subprocess.run([str(word) for word in words], timeout=timeout, stdin=subprocess.DEVNULL,
                              capture_output=True, encoding="utf-8", errors="replace", **options)
    except subprocess.TimeoutExpired as error:
        raise sandbox.Failed(f"{words[0]}: not done within {timeout:g} s; {sandbox.tail(error.stderr)}") from None
    if check and done.returncode != 0:
        raise sandbox.Failed(f"{' '.join(map(str, words))}: exit {done.returncode}\n{sandbox.tail(done.stdout)}"
                             f"{sandbox.tail(done.stderr)}")
    return done


class Machine:
    """A tree that is being run by its own systemd, until the with-block ends. Raises sandbox.Failed where this machine
    does not let it boot; the message has what nspawn said and how far it came."""

    def __init__(self, cache, suite):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
        self.tree = self.folder / "tree"
        self.log = self.folder / "nspawn.log"
        self.outer = self.init = None
        try:
            self.tree.mkdir()
            run("tar", "-C", self.tree, "-xf", archive(cache, suite), timeout=300)
            (self.tree / "etc/machine-id").write_text("")
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def install(self, source, target, mode=0o755):
        path = self.tree / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)

    def install_program(self, source, target):
        """With the libraries that it needs and the tree lacks, if it is dynamic (a development build)."""
        self.install(source, target)
        for word in run("ldd", source, check=False).stdout.split():
            if word.startswith("/") and not (self.tree / word.lstrip("/")).exists():
                self.install(os.path.realpath(word), word)

    def write(self, target, text, mode=0o644):
        path = self.tree / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def boot(self, timeout=90.0):
        with open(self.log, "wb") as log:
            self.outer = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", BOOT, "boot", "systemd-nspawn", "--quiet", "--boot",
                 f"--directory={self.tree}", f"--machine=iris-{secrets.token_hex(4)}", "--register=no", "--keep-unit",
                 "--private-network", "--console=pipe", "--link-journal=no", "--resolv-conf=off", "--timezone=off"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + timeout
        state = "nspawn has not started its process 1"
        while time.monotonic() < end:
            if self.outer.poll() is not None:
                raise sandbox.Failed(f"systemd-nspawn ended with {self.outer.returncode} ({state}): {self.said()}")
            self.init = self.init or self._find_init()
            if self.init:
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip() or "systemd does not answer"
                if state in ("running", "degraded"):
                    return state
            time.sleep(0.2)
        raise sandbox.Failed(f"not up within {timeout:g} s: {state}; {self.said()}")

    def said(self):
        return self.log.read_text(errors="replace").strip() or "nspawn said nothing"

    def _find_init(self):
        """The tree's process 1: a child of nspawn's with a PID namespace of its own."""
        for child in self._descendants(self.outer.pid):
            with contextlib.suppress(OSError):
                status = pathlib.Path(f"/proc/{child}/status").read_text()
                [numbers] = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
                if numbers[-1] == "1" and len(numbers) > 1:
                    return child
        return None

    def _descendants(self, pid):
        with contextlib.suppress(OSError):
            for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                yield int(child)
                yield from self._descendants(int(child))

    def run(self, *words, **options):
        """A program of the tree, in it."""
        # Its own control group, too: systemctl and journalctl do not mind ours, but what they start would.
        return run("nsenter", "--target", self.init, "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
                   *words, **options)

    def close(self):
        if self.outer is not None and self.outer.poll() is None:
            if self.init:
                with contextlib.suppress(sandbox.Failed):
                    self.run("systemctl", "poweroff", check=False, timeout=10)
            try:
                self.outer.wait(appliance.DEADLINE)
            except subprocess.TimeoutExpired:
                if self.init:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(self.init, 9)  # the kernel ends all else in its namespace
                self.outer.kill()
                self.outer.wait()
        sandbox.remove(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
