# SPDX-License-Identifier: Apache-2.0
"""The bill of materials as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/), for programs that look for known
vulnerabilities and for people who ask what is in the binary.

One component a source of the lock that is linked, with version, licence, package URL, the SHA-256 of its archive, every
place that serves it, our patches (pedigree), and what it stands on (dependencies). No clock and no path goes into it; the
serial number is made of the content.
"""

import hashlib
import json
import pathlib
import re
import uuid

import linked
import lock
from steps import STEPS

_SCHEMA = "http://cyclonedx.org/schema/bom-1.5.schema.json"
# Product names of the National Vulnerability Database, where the package URL is no help to a scanner.
_CPE = {"musl": "musl-libc:musl", "zlib": "zlib:zlib", "openssl": "openssl:openssl", "grpc": "grpc:grpc",
        "protobuf": "google:protobuf"}


def text(top: pathlib.Path, binary: pathlib.Path | None = None) -> str:
    """The document, for the checkout `top`. Errors: OSError, lock.LockError."""
    sources = {name: source for name, source in lock.load(top / "toolchain" / "sources.lock").items()
               if name not in linked.NOT_LINKED}
    product = _product(top, binary)
    document = {
        "$schema": _SCHEMA, "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "toolchain/sbom", "version": product["version"]}]},
            "component": product,
        },
        "components": [_component(source, top) for source in sources.values()],
        "dependencies": _dependencies(product, sources),
    }
    content = json.dumps(document, sort_keys=True).encode()
    document["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)}"
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _product(top: pathlib.Path, binary: pathlib.Path | None) -> dict:
    cmake = (top / "CMakeLists.txt").read_text(encoding="utf-8")
    version, description = re.search(r'^project\(iris-predictor VERSION (\S+) DESCRIPTION "([^"]+)"', cmake, re.M).groups()
    component = {"type": "application", "bom-ref": "iris-predictor", "name": "iris-predictor", "version": version,
                 "description": description, "licenses": [{"license": {"id": "Apache-2.0"}}],
                 "purl": f"pkg:generic/iris-predictor@{version}"}
    if binary is not None:
        component["hashes"] = [_hash(hashlib.sha256(binary.read_bytes()).hexdigest())]
    return component


def _component(source: lock.Source, top: pathlib.Path) -> dict:
    component = {"type": "library", "bom-ref": source.name, "name": source.name, "version": source.version,
                 "description": source.purpose, "scope": "required", "hashes": [_hash(source.places[0].sha256)],
                 "licenses": _licences(source.licence), "purl": _package_url(source)}
    if source.name in _CPE:
        component["cpe"] = f"cpe:2.3:a:{_CPE[source.name]}:{source.version}:*:*:*:*:*:*:*"
    patches = sorted((top / "toolchain" / "patches" / f"{source.name}-{source.version}").glob("*.patch"))
    if patches:
        component["pedigree"] = {"patches": [
            {"type": "unofficial", "diff": {"url": str(patch.relative_to(top))}} for patch in patches]}
    component["externalReferences"] = [_reference(place) for place in source.places]
    if source.name in linked.PARTS:
        component["components"] = [
            {"type": "library", "bom-ref": f"{source.name}/{name}", "name": name, "version": source.version,
             "description": purpose, "licenses": _licences(licence), "hashes": component["hashes"],
             "purl": f"{component['purl']}#{name}"}
            for name, licence, purpose in linked.PARTS[source.name]]
    if source.name in linked.FILES:
        component["properties"] = [{"name": "iris-predictor:linked", "value": linked.FILES[source.name]}]
    return component


def _hash(sha256: str) -> dict:
    return {"alg": "SHA-256", "content": sha256}


def _licences(expression: str) -> list[dict]:
    """A single licence by its identifier, anything else as an SPDX expression."""
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


def _reference(place: lock.Place) -> dict:
    url = place.url or f"deb-src:{place.archive}/{place.path}"
    return {"type": "distribution", "url": url, "hashes": [_hash(place.sha256)], "comment": place.label()}


def _package_url(source: lock.Source) -> str:
    """Source: the purl specification; types github and generic."""
    for place in source.places:
        match = re.match(r"https://github\.com/([^/]+)/([^/]+)/(?:archive/refs/tags/(.+)\.tar\.gz|releases/download/([^/]+)/)",
                         place.url or "")
        if match:
            return f"pkg:github/{match[1].lower()}/{match[2].lower()}@{match[3] or match[4]}"
    upstream = next((place.url for place in source.places if place.url), None)
    return f"pkg:generic/{source.name}@{source.version}" + (f"?download_url={upstream}" if upstream else "")


def _dependencies(product: dict, sources: dict[str, lock.Source]) -> list[dict]:
    """The product stands on everything; a source on those of the steps that its own step needs."""
    source_of_step = {step.name: step.source for step in STEPS}
    needs = {step.source: sorted({source_of_step[name] for name in step.needs} - {step.source}) for step in STEPS}
    return [{"ref": product["bom-ref"], "dependsOn": sorted(sources)},
            *({"ref": name, "dependsOn": [one for one in needs.get(name, []) if one in sources]} for name in sources)]
