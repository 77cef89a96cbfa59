# SPDX-License-Identifier: Apache-2.0
"""Certificates, made by the openssl command when a test needs them and gone with it."""

import dataclasses
import datetime
import pathlib
import subprocess

CONFIGURATION = """
[ca]
default_ca = this
[this]
database = {folder}/index
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
"""


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


@dataclasses.dataclass
class Identity:
    """Paths of a certificate and its key."""
    cert: str
    key: str

    def read(self):
        return pathlib.Path(self.cert).read_bytes(), pathlib.Path(self.key).read_bytes()


class Authority:
    """A certificate authority in a folder of its own; .cert is its certificate."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        (self.folder / "index").touch()
        (self.folder / "conf").write_text(CONFIGURATION.format(folder=self.folder))
        self.cert, self.key = str(self.folder / "ca.pem"), str(self.folder / "ca.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-out", self.cert, "-days", "2", "-subj", f"/CN={name}")

    def issue(self, name, san="DNS:localhost,IP:127.0.0.1", days=(-1, 2), key=("ec", "ec_paramgen_curve:P-256"),
              extensions="", authority=False):
        """A certificate and key for `san`, valid from days[0] to days[1] from now; "" for none."""
        cert, secret, request = (str(self.folder / (name + end)) for end in (".pem", ".key", ".csr"))
        openssl("req", "-new", "-newkey", key[0], *(("-pkeyopt", key[1]) if len(key) > 1 else ()), "-nodes",
                "-keyout", secret, "-out", request, "-subj", f"/CN={name}")
        file = self.folder / (name + ".ext")
        file.write_text(f"basicConstraints=critical,CA:{'TRUE' if authority else 'FALSE'}\n"
                        + (f"subjectAltName={san}\n" if san else "") + extensions)
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = (f"{now + datetime.timedelta(days=day):%Y%m%d%H%M%SZ}" for day in days)
        openssl("ca", "-batch", "-config", self.folder / "conf", "-in", request, "-out", cert, "-notext", "-cert",
                self.cert, "-keyfile", self.key, "-startdate", start, "-enddate", end, "-extfile", file)
        return Identity(cert, secret)

    def delegate(self, name):
        """An intermediate authority below this one."""
        middle = Authority(self.folder, name)
        identity = self.issue(name + "-ca", san="", authority=True)
        middle.cert, middle.key = identity.cert, identity.key
        return middle
