#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""print compose: valid by the Compose specification's schema, hardened, and true of the binary."""

import re
import shutil
import subprocess
import tempfile

import yaml

import appliance
import schemas
from tls_case import WithCertificates


def printed():
    return yaml.safe_load(appliance.run("print", "compose").stdout)


class Compose(appliance.Test):
    def test_it_fits_the_schema(self):
        document = printed()
        self.assertEqual(schemas.compose_errors(document), [])
        document["services"]["iris-predictor"]["red_only"] = True
        self.assertIn("red_only", str(schemas.compose_errors(document)))

    def test_it_is_as_confined_as_the_image_bears(self):
        document = printed()
        for name, service in document["services"].items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertRegex(service["user"], r"^[1-9]\d*:[1-9]\d*$")
                self.assertFalse({"privileged", "network_mode", "pid", "cap_add", "volumes"} & set(service))
                self.assertGreater(int(service["stop_grace_period"].rstrip("s")), 10)  # the drain timeout's default
                self.assertNotIn("healthcheck", service)  # the image's
                version = appliance.run("version").stdout.split()[1].rstrip(",")
                self.assertIn(f":-iris-predictor:{version}}}", service["image"])
                self.assertLessEqual(set(service.get("secrets", [])), set(document["secrets"]))
                known = set(re.findall(r"IRIS_\w+", appliance.run("serve", "--help").stdout))
                self.assertLessEqual(set(service.get("environment", {})), known)

    def test_podman_compose_takes_it(self):
        """An independent reader: what it would give to podman has the confinement in it."""
        if shutil.which("podman-compose") is None or shutil.which("podman") is None:
            self.skipTest("podman-compose or podman is not installed; toolchain/bootstrap test installs them")
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/compose.yaml", "w", encoding="utf-8") as file:
                file.write(appliance.run("print", "compose").stdout)
            done = subprocess.run(["podman-compose", "-f", f"{folder}/compose.yaml", "--dry-run", "up", "iris-predictor"],
                                  capture_output=True, timeout=60, text=True, cwd=folder, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        created = re.findall(r"^podman create .*--label com\.docker\.compose\.service=iris-predictor .*$",
                             done.stdout + done.stderr, re.M)
        self.assertTrue(created, done.stdout + done.stderr)
        for words in (" --read-only ", " --cap-drop ALL ", " --security-opt no-new-privileges:true ", " -u 65532:65532 ",
                      " -p 50052:50052 ", " -m 256m "):
            self.assertIn(words, created[0])


class TheServerTakesIt(WithCertificates):
    def test_the_environment_with_tls(self):
        """Started with the settings of the service, but for paths and ports; the health check has the very same ones."""
        env = printed()["services"]["iris-predictor-tls"]["environment"]
        self.assertTrue(env["IRIS_LISTEN_PLAINTEXT"].startswith("127.0.0.1:"))  # nobody else may come in without TLS
        secrets = {"/run/secrets/tls.crt": self.server_identity.cert, "/run/secrets/tls.key": self.server_identity.key,
                   "/run/secrets/client-ca.crt": self.ca.cert}
        env = {name: secrets.get(value, value) for name, value in env.items()}
        env.update(IRIS_LISTEN="127.0.0.1:0", IRIS_LISTEN_PLAINTEXT="127.0.0.1:0")
        with appliance.Server(listen=(), plaintext=(), env=env, wait=False) as server:
            found = [server.wait_for_line(r"^listening on (\S+)( \(TLS\))?$") for _ in range(2)]
            secure, plain = sorted(found, key=lambda match: match.group(2) or "", reverse=True)
            follow = {**env, "IRIS_LISTEN": secure.group(1), "IRIS_LISTEN_PLAINTEXT": plain.group(1)}
            self.check(appliance.run("healthcheck", env=follow), stdout="", stderr="")
            self.assertEqual(secure.group(2), " (TLS)")
            self.assertIsNone(plain.group(2))


if __name__ == "__main__":
    appliance.main()
