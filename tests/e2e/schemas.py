# SPDX-License-Identifier: Apache-2.0
"""Published JSON schemas, from packages of the npm registry (npm_tools), applied with Debian's python3-jsonschema."""

import json

import jsonschema

import npm_tools

FORMATS = jsonschema.FormatChecker()


def load(path):
    return json.loads((npm_tools.install() / path).read_text(encoding="utf-8"))


def errors(schema, document, parts=()):
    """What is wrong with the document, a line each, at most ten. `parts`: schemas that it refers to, by file name."""
    base = schema["$id"].rpartition("/")[0] if "$id" in schema else ""
    resolver = jsonschema.RefResolver.from_schema(schema, store={f"{base}/{name}": part for name, part in parts})
    checker = jsonschema.validators.validator_for(schema, jsonschema.Draft7Validator)
    found = checker(schema, resolver=resolver, format_checker=FORMATS).iter_errors(document)
    return [f"{error.json_path}: {error.message[:300]}" for error, _ in zip(found, range(10))]


def compose_errors(document):
    """Source: the Compose specification's schema, in dclint."""
    return errors(load("dclint/schemas/compose.schema.json"), document)


def cyclonedx_errors(document):
    """Source: CycloneDX 1.5's schema, in the project's own library."""
    folder = "@cyclonedx/cyclonedx-library/res/schema"
    names = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    return errors(load(f"{folder}/bom-1.5.SNAPSHOT.schema.json"), document,
                  [(name, load(f"{folder}/{name}")) for name in names])
