#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The container image: built as toolchain/image does with buildah, looked at byte by byte, and run with podman."""

import hashlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import unittest

import appliance
import certificates
import debian_base
import sandbox
from test_tutorial_contract import RPC, WRONG, request

sys.path.append(str(appliance.SOURCE / "toolchain/lib"))
import fetcher  # noqa: E402
import settle_image  # noqa: E402

NAME = "localhost/iris-predictor:test"
EPOCH = 1_700_000_000
CREATED = "2023-11-14T22:13:20Z"
PUBLISHED = {"SOURCE": "https://forge.example/iris", "DOCUMENTATION": "https://docs.example/iris", "VENDOR": "Example Ltd."}
CACHE = fetcher.cache_folder()
BUILD_SECONDS = 2200.0  # where the cache has no toolchain yet; else two minutes
# Wanted: 3,000,000. As buildah compresses it; gzip -6 would make 2,975,000 of it. The way back: docs/building.md, sizes.
MAX_COMPRESSED = 2_500_000
# This machine may not let limits be raised, and podman would.
LIMITS = ("--cgroups=disabled", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000")
LOCKED_DOWN = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "12345:12345")


def setUpModule():
    global box
    lacking = sandbox.missing()
    if lacking:
        raise unittest.SkipTest(f"needs {lacking}")
    try:
        box = sandbox.Sandbox()
    except sandbox.Failed as error:
        raise unittest.SkipTest(f"needs the right to make namespaces and to mount control groups: {error}")
    unittest.addModuleCleanup(box.close)
    with sandbox.step("base image"):
        base = debian_base.archive(CACHE, box)
        box.buildah("pull", "--quiet", f"docker-archive:{base}", timeout=300)
    with sandbox.step("buildah bud -f Dockerfile.scratch"):
        box.build("-v", f"{CACHE}:/var/cache/iris-predictor",
                  *image_words(NAME, appliance.SOURCE / "Dockerfile.scratch", appliance.SOURCE), timeout=BUILD_SECONDS)
        settle(NAME, box.folder / "settled")


def image_words(name, dockerfile, context):
    """What toolchain/image gives to buildah, for an image of this Dockerfile."""
    done = subprocess.run([appliance.SOURCE / "toolchain/image", "--arguments", "buildah", name], text=True, check=True,
                          env=appliance.environment(SOURCE_DATE_EPOCH=str(EPOCH), **PUBLISHED), stdout=subprocess.PIPE)
    words = done.stdout.splitlines()
    assert words[:2] == ["buildah", "build"] and words[-1] == ".", words
    return [str(dockerfile) if word == "Dockerfile.scratch" else word for word in words[2:-1]] + [str(context)]


def settle(name, folder):
    """What toolchain/image does once the image is built."""
    box.buildah("push", "--quiet", "--format", "v2s2", name, f"dir:{folder}")
    settle_image.settle(folder)
    box.buildah("tag", box.buildah("pull", "--quiet", f"dir:{folder}").stdout.strip(), name)


def pushed(name, folder):
    """The manifest of an image as it would be pushed to a registry, and its blobs."""
    box.buildah("push", "--quiet", "--format", "v2s2", "--disable-compression=false", name, f"dir:{folder}")
    manifest = (folder / "manifest.json").read_bytes()
    return manifest, lambda digest: folder / digest.removeprefix("sha256:")


class Image(appliance.Test):
    """What is in it. Pushed into a folder, it is as a registry would hold it: a manifest, a configuration, layers."""

    @classmethod
    def setUpClass(cls):
        cls.bytes, blob = pushed(NAME, box.folder / "pushed")
        cls.manifest, cls.blob = json.loads(cls.bytes), staticmethod(blob)
        cls.image = json.loads(cls.blob(cls.manifest["config"]["digest"]).read_text())
        cls.config = cls.image["config"]

    def test_one_layer_with_one_file(self):
        (layer,) = self.manifest["layers"]
        with tarfile.open(self.blob(layer["digest"])) as archive:
            members = archive.getmembers()
            (binary,) = members  # no folder, no second file
            self.assertEqual(binary.name.lstrip("./"), "iris-predictor")
            self.assertTrue(binary.isreg())
            self.assertEqual((binary.mode & 0o7777, binary.uid, binary.gid), (0o755, 0, 0))
            content = archive.extractfile(binary).read()
        sandbox.show(f"image: {layer['size']:,} bytes compressed, {len(content):,} in it")
        self.assertLessEqual(layer["size"], MAX_COMPRESSED)
        if appliance.is_static():  # the product, then: built in another folder, on another system, yet the same bytes
            self.assertEqual(digest(content), digest(pathlib.Path(appliance.BINARY).read_bytes()),
                             f"is {appliance.BINARY} older than the sources? then build it and run this again")

    def test_configuration(self):
        self.assertEqual(self.config["Entrypoint"], ["/iris-predictor"])
        self.assertEqual(self.config["Cmd"], ["serve"])
        self.assertEqual(self.config["ExposedPorts"], {"50052/tcp": {}})
        self.assertEqual(self.config["StopSignal"], "SIGTERM")
        user, group = self.config["User"].split(":")
        self.assertGreater(int(user), 0)
        self.assertGreater(int(group), 0)
        self.assertFalse(self.config.get("Volumes"))
        self.assertEqual((self.image["os"], self.image["architecture"]), ("linux", "amd64"))

    def test_health_check_is_the_binary_itself(self):
        check = self.config["Healthcheck"]
        self.assertEqual(check["Test"], ["CMD", "/iris-predictor", "healthcheck"])
        for name in ("Interval", "Timeout", "StartPeriod"):
            self.assertGreaterEqual(check[name], 1_000_000_000, name)  # nanoseconds
        self.assertGreater(check["Retries"], 0)

    def test_labels(self):
        prefix = "org.opencontainers.image."
        labels = {name.removeprefix(prefix): value for name, value in self.config["Labels"].items()
                  if name.startswith(prefix)}
        cmake = (appliance.SOURCE / "CMakeLists.txt").read_text()
        project = re.search(r"^project\(iris-predictor VERSION (\S+)", cmake, re.M).group(1)
        revision = subprocess.run(["git", "-C", appliance.SOURCE, "rev-parse", "HEAD"], stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.DEVNULL, check=False).stdout.strip() or "unknown"
        self.assertTrue(labels.pop("description"))
        self.assertEqual(labels, {
            "title": "iris-predictor", "version": project, "revision": revision, "created": CREATED,
            "licenses": "Apache-2.0", "source": PUBLISHED["SOURCE"], "url": PUBLISHED["SOURCE"],
            "documentation": PUBLISHED["DOCUMENTATION"], "vendor": PUBLISHED["VENDOR"], "authors": PUBLISHED["VENDOR"],
            "base.name": "scratch"})
        self.assertEqual(set(self.config["Labels"]), {prefix + name for name in (*labels, "description")})

    def test_without_arguments_the_labels_are_complete_too(self):
        text = (appliance.SOURCE / "Dockerfile.scratch").read_text()
        defaults = dict(re.findall(r'^ARG (\w+)="?([^"\n]+)"?$', text, re.M))
        cmake = (appliance.SOURCE / "CMakeLists.txt").read_text()
        self.assertEqual(defaults["VERSION"], re.search(r"^project\(iris-predictor VERSION (\S+)", cmake, re.M).group(1))
        for name in re.findall(r'\.image\.[\w.]+="\$\{(\w+)\}"', text):
            self.assertTrue(defaults[name], name)

    def test_everything_is_dated_as_asked(self):
        self.assertEqual(self.image["created"], CREATED)
        self.assertEqual({one["created"] for one in self.image["history"]}, {CREATED})
        with tarfile.open(self.blob(self.manifest["layers"][0]["digest"])) as archive:
            self.assertEqual([member.mtime for member in archive], [EPOCH])

    def test_another_build_has_the_same_digest(self):
        """The second one takes the binary that was built here, outside: another folder, another system, another hour."""
        if not appliance.is_static():
            self.skipTest("needs the released binary, which is the one in the image")
        context = box.folder / "again"
        context.mkdir()
        shutil.copy(appliance.BINARY, context / "iris-predictor")
        final = (appliance.SOURCE / "Dockerfile.scratch").read_text().partition("\nFROM scratch\n")[2]
        (context / "Dockerfile").write_text("FROM scratch AS build\nCOPY iris-predictor /src/build/static/iris-predictor\n"
                                            f"FROM scratch\n{final}")
        name = "localhost/iris-predictor:again"
        box.build(*image_words(name, context / "Dockerfile", context), timeout=120)
        settle(name, box.folder / "settled-again")
        manifest, _ = pushed(name, box.folder / "pushed-again")
        sandbox.show(f"digest: sha256:{digest(manifest)}")
        self.assertEqual(manifest, self.bytes)


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Container:
    """A running container of the image, until it is removed."""

    def __init__(self, test, *options, command=()):
        self.id = box.podman("run", "--detach", *LIMITS, *options, NAME, *command).stdout.strip()
        test.addCleanup(box.podman, "rm", "--force", "--time", "0", self.id)

    def exec(self, *words, env=()):
        return box.podman("exec", *(f"--env={one}" for one in env), self.id, *words, check=False)

    def state(self):
        return json.loads(box.podman("inspect", "--type", "container", self.id).stdout)[0]["State"]

    def log(self):
        return box.podman("logs", self.id).stderr

    def wait_until_healthy(self):
        """Seconds that it took, as HEALTHCHECK says."""
        begun = time.monotonic()
        while True:
            done = box.podman("healthcheck", "run", self.id, check=False)
            if done.returncode == 0:
                return time.monotonic() - begun
            if time.monotonic() - begun > appliance.DEADLINE:
                raise AssertionError(f"not healthy: {done.stdout}{done.stderr}; its log: {self.log()}")
            time.sleep(0.1)

    def stop(self):
        """SIGTERM, as the image says; the seconds until it ended."""
        begun = time.monotonic()
        box.podman("stop", "--time", "20", self.id)
        return time.monotonic() - begun


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LockedDown(appliance.Test):
    """As any user, without a capability, on a file system that cannot be written to; on the machine's loopback."""

    def test_the_main_job(self):
        port = free_port()
        with sandbox.step("run, 150 flowers, health, stop"):
            container = Container(self, "--network", "host", "--env", f"IRIS_LISTEN=127.0.0.1:{port}", *LOCKED_DOWN)
            container.wait_until_healthy()
            self.check_confinement(container)
            self.check_flowers(port)
            self.check_health(container, port)
            seconds = container.stop()
            state = container.state()
        self.assertEqual((state["Status"], state["ExitCode"]), ("exited", 0), container.log())
        self.assertLess(seconds, 10)  # podman would have killed it after 20
        self.assertRegex(container.log(), rf"(?m)^listening on 127\.0\.0\.1:{port}$")

    def check_confinement(self, container):
        status = box.run("cat", f"/proc/{container.state()['Pid']}/status").stdout
        fields = dict(re.findall(r"^(\w+):\s*(.*)$", status, re.M))
        self.assertEqual(set(fields["Uid"].split() + fields["Gid"].split()), {"12345"})
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(fields[name], 16), 0, name)
        self.assertEqual(fields["NoNewPrivs"], "1")
        self.assertEqual(fields["NSpid"].split()[-1], "1")
        refused = container.exec("/iris-predictor", "train", "--out", "/model.json")
        self.assertEqual(refused.returncode, appliance.IO, refused.stderr)

    def check_flowers(self, port):
        rows = appliance.iris_rows()
        self.assertEqual(len(rows), 150)
        with appliance.channel(f"127.0.0.1:{port}") as channel:
            stub = RPC.IrisPredictorStub(channel)
            wrong = [i for i, (values, label) in enumerate(rows)
                     if stub.PredictIrisSpecies(request(values), timeout=appliance.DEADLINE).species != label]
        self.assertEqual(wrong, WRONG)  # so 145 are right

    def check_health(self, container, port):
        done = container.exec("/iris-predictor", "healthcheck")
        self.check(done, appliance.OK, "", "")
        elsewhere = container.exec("/iris-predictor", "healthcheck", "--timeout", "2",
                                   env=[f"IRIS_LISTEN=127.0.0.1:{free_port()}"])
        self.check(elsewhere, appliance.CHECK_FAILED, "")
        done = container.exec("/iris-predictor", "predict", "--host", "127.0.0.1", "--port", port,
                              "5.0", "3.6", "1.3", "0.25")
        self.check(done, appliance.OK, "0 setosa\n", "")

    def test_a_port_that_the_system_picks(self):
        container = Container(self, "--network", "host", *LOCKED_DOWN,
                              command=("serve", "--listen", "127.0.0.1:0"))
        end = time.monotonic() + appliance.DEADLINE
        while not (match := re.search(r"(?m)^listening on (127\.0\.0\.1:\d+)$", container.log())):
            self.assertLess(time.monotonic(), end, container.log())
            time.sleep(0.1)
        with appliance.channel(match.group(1)) as channel:
            reply = RPC.IrisPredictorStub(channel).PredictIrisSpecies(request([6.3, 3.3, 6.0, 2.5]), timeout=10)
        self.assertEqual(reply.species, 2)
        container.stop()
        self.assertEqual(container.state()["ExitCode"], 0, container.log())


class AsBuilt(appliance.Test):
    """Nothing but the image's own settings, in a network of its own with nothing in it but loopback."""

    def test_starts_and_is_healthy(self):
        with sandbox.step("run without a network"):
            container = Container(self, "--network", "none")
            container.wait_until_healthy()
            self.assertRegex(container.log(), r"(?m)^listening on (\[::\]|0\.0\.0\.0):50052$")
            done = container.exec("/iris-predictor", "predict", "5.0", "3.6", "1.3", "0.25")
            self.check(done, appliance.OK, "0 setosa\n", "")
            container.stop()
        self.assertEqual(container.state()["ExitCode"], 0, container.log())


class HealthChecks(appliance.Test):
    """HEALTHCHECK follows the server's own settings, without a network, a capability, a user or a file that it could write."""

    @classmethod
    def setUpClass(cls):
        cls.folder = box.folder / "tls"
        cls.folder.mkdir(mode=0o755)
        authority = certificates.Authority(box.folder, "authority")
        clients = certificates.Authority(box.folder, "clients")
        own = authority.issue("iris", san="DNS:iris.example")
        for name, path in (("tls.crt", own.cert), ("tls.key", own.key), ("ca.crt", authority.cert),
                           ("clients.crt", clients.cert)):
            shutil.copy(path, cls.folder / name)
            (cls.folder / name).chmod(0o644)

    def container(self, **env):
        words = [word for item in env.items() for word in ("--env", "=".join(item))]
        return Container(self, "--network", "none", "--volume", f"{self.folder}:/tls:ro", *LOCKED_DOWN, *words)

    def check_healthy(self, listening, **env):
        container = self.container(**env)
        container.wait_until_healthy()
        self.assertRegex(container.log(), rf"(?m)^listening on {listening}$")
        container.stop()
        self.assertEqual(container.state()["ExitCode"], 0, container.log())
        # And it is the server that it asks: none, and it says so.
        gone = box.podman("healthcheck", "run", container.id, check=False)
        self.assertNotEqual(gone.returncode, 0)

    TLS = {"IRIS_TLS_CERT": "/tls/tls.crt", "IRIS_TLS_KEY": "/tls/tls.key"}

    def test_plaintext(self):
        self.check_healthy(r"(\[::\]|0\.0\.0\.0):50052")

    def test_another_port(self):
        self.check_healthy(r"0\.0\.0\.0:6000", IRIS_LISTEN="0.0.0.0:6000")

    def test_tls(self):
        self.check_healthy(r"\S+:50052 \(TLS\)", **self.TLS)

    def test_tls_on_another_port(self):
        self.check_healthy(r"0\.0\.0\.0:6000 \(TLS\)", **self.TLS, IRIS_LISTEN="0.0.0.0:6000")

    def test_mutual_tls_with_one_authority(self):
        self.check_healthy(r"\S+:50052 \(TLS\)", **self.TLS, IRIS_TLS_CLIENT_CA="/tls/ca.crt")

    def test_mutual_tls_with_an_authority_for_clients(self):
        self.check_healthy(r"\S+:6000 \(TLS\)", **self.TLS, IRIS_TLS_CLIENT_CA="/tls/clients.crt",
                           IRIS_LISTEN="0.0.0.0:6000", IRIS_LISTEN_PLAINTEXT="127.0.0.1:50051")

    def test_what_it_says_where_it_cannot_ask(self):
        container = self.container(**self.TLS, IRIS_TLS_CLIENT_CA="/tls/clients.crt")
        end = time.monotonic() + appliance.DEADLINE
        while "listening on" not in container.log():
            self.assertLess(time.monotonic(), end, container.log())
            time.sleep(0.1)
        done = container.exec("/iris-predictor", "healthcheck")
        self.check(done, appliance.CHECK_FAILED, "", re.compile(r"; if --tls-client-ca .* IRIS_LISTEN_PLAINTEXT="))


if __name__ == "__main__":
    appliance.main()
