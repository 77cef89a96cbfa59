# SPDX-License-Identifier: Apache-2.0
"""settle_image.py FOLDER: takes out of an image (Docker's format, as `buildah push IMAGE dir:FOLDER` writes it) what differs
from build to build: the name of the container in which it was made, which buildah before 1.41 writes down and nobody reads.
"""

import hashlib
import json
import pathlib
import sys


def settle(folder: pathlib.Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    old = folder / manifest["config"]["digest"].removeprefix("sha256:")
    image = json.loads(old.read_bytes())
    for name in ("container", "container_config"):
        image.pop(name, None)
    image["config"].pop("Hostname", None)
    content = json.dumps(image, separators=(",", ":"), sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    old.unlink()
    (folder / digest).write_bytes(content)
    manifest["config"].update(digest=f"sha256:{digest}", size=len(content))
    (folder / "manifest.json").write_bytes(json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode())


if __name__ == "__main__":
    settle(pathlib.Path(sys.argv[1]))
