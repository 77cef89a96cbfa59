# SPDX-License-Identifier: Apache-2.0
"""Where Debian's archives are, as this machine's own apt configuration says.

The lock names a file of an archive's pool, never a host: whoever runs a mirror, a cache or a proxy has already told
apt, and the fetcher asks apt. Where IRIS_DEBIAN_MIRROR or IRIS_DEBIAN_SECURITY_MIRROR is set (base URLs, separated by
blanks), it counts instead.
"""

import dataclasses
import os
import re
import subprocess
import threading
import urllib.parse

_OVERRIDES = {"debian": "IRIS_DEBIAN_MIRROR", "debian-security": "IRIS_DEBIAN_SECURITY_MIRROR"}
_LABELS = {"Debian": "debian", "Debian-Security": "debian-security"}
_SCHEMES = ("http", "https", "file")


@dataclasses.dataclass(frozen=True)
class Address:
    """A URL, and the proxy that apt would use for it (None: the environment's)."""

    url: str
    proxy: str | None = None


class Mirrors:
    """Asks apt once, when first needed. Safe from any thread: whoever comes while apt is asked waits for its answer."""

    def __init__(self, environment=os.environ):
        self._environment = environment
        self._asking = threading.Lock()
        self._bases: dict[str, list[str]] | None = None
        self._proxies: dict[str, str] = {}
        self._reason = ""

    def addresses(self, archive: str, path: str) -> tuple[list[Address], str]:
        """Every address of `path` in `archive`; where there is none, why."""
        override = self._environment.get(_OVERRIDES[archive], "").split()
        if override:
            found = [Address(_join(base, path)) for base in override if _scheme(base) in _SCHEMES]
            return found, f"{_OVERRIDES[archive]} has no http://, https:// or file:/ URL"
        with self._asking:
            if self._bases is None:
                self._bases = self._ask_apt()
        found, refused = [], []
        for base in self._bases.get(archive, ()):
            if _scheme(base) not in _SCHEMES:
                refused.append(f"apt's {_scheme(base)}: mirror cannot be read by this program")
            elif "@" in urllib.parse.urlsplit(base).netloc:
                refused.append("apt's mirror wants a login, which this program does not use")
            else:
                found.append(Address(_join(base, path), self._proxies.get(_scheme(base))))
        return found, "; ".join(refused) or self._reason or (
            f"apt is configured without the {archive} archive (set {_OVERRIDES[archive]} to name a mirror)")

    def _ask_apt(self) -> dict[str, list[str]]:
        targets = _run("apt-get", "indextargets", "--format", "$(REPO_URI)|$(LABEL)")
        if targets is None:
            self._reason = "no apt-get on this machine, so no Debian mirror is known"
            return {}
        found = parse_index_targets(targets)
        if len(found) < len(_LABELS):
            # Lists that were never fetched, or were deleted to make an image small, have no label: go by the address.
            for archive, bases in parse_update_uris(_run("apt-get", "--print-uris", "update") or "").items():
                found.setdefault(archive, bases)
        self._proxies = parse_proxies(_run("apt-config", "shell", "http", "Acquire::http::Proxy",
                                           "https", "Acquire::https::Proxy") or "")
        return {archive: _expand(bases) for archive, bases in found.items()}


def parse_index_targets(text: str) -> dict[str, list[str]]:
    """Base URLs by archive, from lines of `URI|Label`."""
    bases: dict[str, list[str]] = {}
    for line in text.splitlines():
        uri, _, label = line.rpartition("|")
        if uri and label in _LABELS and uri not in bases.setdefault(_LABELS[label], []):
            bases[_LABELS[label]].append(uri)
    return bases


def parse_update_uris(text: str) -> dict[str, list[str]]:
    """Base URLs by archive, from what `apt-get --print-uris update` prints.

    An archive is recognised by the last folder of its address (a snapshot's time stamp aside), as on every mirror.
    """
    bases: dict[str, list[str]] = {}
    for line in text.splitlines():
        match = re.match(r"'(?P<base>[^']*/(?P<archive>debian|debian-security)(/\d{8}T\d{6}Z)?/)dists/[^']*'", line)
        if match and match["base"] not in bases.setdefault(match["archive"], []):
            bases[match["archive"]].append(match["base"])
    return bases


def parse_proxies(text: str) -> dict[str, str]:
    """Proxies by scheme, from what `apt-config shell` prints. The environment's come first, as for apt itself."""
    proxies = {}
    for scheme, proxy in re.findall(r"^(https?)='([^']*)'$", text, re.MULTILINE):
        if proxy and proxy != "DIRECT" and not os.environ.get(f"{scheme}_proxy"):
            proxies[scheme] = proxy
    return proxies


def _expand(bases: list[str]) -> list[str]:
    """apt's mirror+file:/LIST stands for the addresses in LIST, one a line, options after a blank."""
    expanded = []
    for base in bases:
        if not base.startswith("mirror+file:"):
            expanded.append(base)
            continue
        try:
            with open(urllib.parse.urlsplit(base).path.rstrip("/"), encoding="utf-8") as file:
                expanded += [line.split()[0] for line in file if line.strip() and not line.startswith("#")]
        except OSError:
            expanded.append(base)
    return expanded


def _join(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{urllib.parse.quote(path, safe='/+~')}"


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _run(*command: str) -> str | None:
    """What a command prints; None when it is not there, fails, or hangs."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True,
                              env={**os.environ, "LC_ALL": "C"}).stdout
    except (OSError, subprocess.SubprocessError):
        return None
