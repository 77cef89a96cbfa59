# SPDX-License-Identifier: Apache-2.0
"""The builder's base image, docker.io/library/debian:bookworm-slim, also where no registry can be reached.

It is kept in the cache as images/debian-bookworm-slim.tar (docker's archive format), and made anew when it is older
than MAX_AGE: from this machine's image store, else pulled, else with debootstrap from the mirror that apt uses.
"""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import appliance
import sandbox

sys.path.append(str(appliance.SOURCE / "toolchain/lib"))
import mirrors  # noqa: E402

IMAGE = "docker.io/library/debian:bookworm-slim"
MAX_AGE = 14 * 24 * 3600.0  # seconds; apt-get brings what is newer when a package is installed

# As in the official image: what "slim" leaves out, no translations, no packages kept after they were installed.
SLIM = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/linda/*", "/usr/share/lintian/overrides/*",
        "/usr/share/locale/*", "/usr/share/man/*")
APT = """Acquire::Languages "none";
Acquire::GzipIndexes "true";
APT::AutoRemove::SuggestsImportant "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""
# This machine's settings without which its mirror may not be usable.
APT_SETTINGS = re.compile(r"Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) ")


def archive(cache, box):
    """The path of the image's archive. Any number of processes may ask at a time; one makes it."""
    folder = pathlib.Path(cache) / "images"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "debian-bookworm-slim.tar"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists() and time.time() - path.stat().st_mtime < MAX_AGE:
            return path
        for left in folder.glob("*.tmp"):  # by a process that was killed: it held the lock
            left.unlink()
        new = folder / f"{path.name}.{os.getpid()}.tmp"
        try:
            make(new, box)
            new.replace(path)  # whole or not at all
        except (sandbox.Failed, OSError) as error:
            new.unlink(missing_ok=True)
            if not path.exists():
                raise
            sandbox.show(f"the base image is old, but a new one cannot be made: {error}")
    return path


def make(path, box):
    done = subprocess.run(["buildah", "push", IMAGE, f"docker-archive:{path}:{IMAGE}"], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    if done.returncode == 0:
        return sandbox.show(f"{IMAGE}: from this machine's image store")
    path.unlink(missing_ok=True)
    try:
        box.buildah("pull", "--retry", "0", IMAGE, timeout=300)
        sandbox.show(f"{IMAGE}: pulled")
    except sandbox.Failed as error:
        sandbox.show(f"{IMAGE}: made with debootstrap, since it cannot be pulled: {str(error).splitlines()[-1][:300]}")
        bootstrap(box)
    box.buildah("push", IMAGE, f"docker-archive:{path}:{IMAGE}")
    box.buildah("rmi", IMAGE)


def bootstrap(box):
    """Makes IMAGE in the sandbox's store with debootstrap."""
    mirror, security = mirror_of("debian"), mirror_of("debian-security")
    root = box.folder / "debian"
    with sandbox.step("debootstrap"):
        extra = ["--include=ca-certificates"] if uses_tls(mirror, security) else []
        box.run("debootstrap", "--variant=minbase", "--force-check-gpg", *extra, "bookworm", root, mirror.url,
                timeout=1200, env={"http_proxy": mirror.proxy, "https_proxy": mirror.proxy} if mirror.proxy else None)
        settle(root, mirror.url, security.url)
    with sandbox.step("image of it"):
        container = box.buildah("from", "--pull-never", "scratch").stdout.strip()
        box.buildah("add", "--quiet", container, root, "/")
        box.buildah("config", "--cmd", '["bash"]', container)
        box.buildah("commit", "--quiet", "--rm", "--format", "docker", "--disable-compression", container, IMAGE)
        shutil.rmtree(root)


def uses_tls(*addresses):
    return any(address.url.startswith("https:") for address in addresses)


def mirror_of(archive_name):
    addresses, reason = mirrors.Mirrors().addresses(archive_name, "")
    for address in addresses:
        if address.url.startswith(("http:", "https:")):
            return address
    raise sandbox.Failed(f"no mirror of {archive_name} that a container reaches: {reason}")


def settle(root, mirror, security):
    """Makes a fresh debootstrap tree what the official image is."""
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = ((mirror, "bookworm bookworm-updates"), (security, "bookworm-security"))
    write(root, "etc/apt/sources.list.d/debian.sources", "\n".join(
        f"Types: deb\nURIs: {url}\nSuites: {suites}\nComponents: main\nSigned-By: {keyring}\n"
        for url, suites in sources))
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    settings = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout.splitlines()
    write(root, "etc/apt/apt.conf.d/docker", APT + "\n".join(filter(APT_SETTINGS.match, settings)) + "\n")
    write(root, "etc/dpkg/dpkg.cfg.d/docker", "force-unsafe-io\n" + "".join(f"path-exclude {p}\n" for p in SLIM)
          + "path-include /usr/share/doc/*/copyright\n")
    write(root, "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")  # installing a package starts no service
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    for pattern in ("var/cache/apt/archives/*.deb", "var/lib/apt/lists/*", "var/log/*.log", "usr/share/info/*",
                    "usr/share/locale/*", "usr/share/man/*", "var/cache/apt/*.bin", "etc/hostname", "etc/resolv.conf"):
        for path in root.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def write(root, name, text):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
