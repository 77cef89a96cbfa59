# SPDX-License-Identifier: Apache-2.0
"""Run by iris_embed_file: deflate.py INPUT OUTPUT writes INPUT in zlib's format (RFC 1950)."""

import sys
import zlib
from pathlib import Path

Path(sys.argv[2]).write_bytes(zlib.compress(Path(sys.argv[1]).read_bytes(), level=9))
