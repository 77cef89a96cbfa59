#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The service in real Debian systems that their own systemd booted: installed, started, called, reloaded, watched,
activated by its socket, stopped, its journal read. Debian 12 (systemd 252) and Debian 13 (257, which knows notify-reload)."""

import pathlib
import re
import sys
import tempfile
import time

import appliance
import certificates
import debian_tree
import sandbox

sys.path.append(str(appliance.SOURCE / "toolchain/lib"))
import fetcher  # noqa: E402

PROGRAM = "/usr/local/bin/iris-predictor"
UNITS = "/etc/systemd/system"
FLOWER = ("5.0", "3.6", "1.3", "0.25")


class Booted:
    suite = None  # of the subclasses, which are test cases
    reload_type = None

    @classmethod
    def setUpClass(cls):
        lacking = debian_tree.missing()
        if lacking:
            raise appliance.unittest.SkipTest(f"needs {lacking}")
        try:
            cls.machine = debian_tree.Machine(fetcher.cache_folder(), cls.suite)
        except sandbox.Failed as error:
            raise appliance.unittest.SkipTest(f"no Debian tree to be had: {error}") from None
        cls.addClassCleanup(cls.machine.close)
        cls.machine.install_program(appliance.BINARY, PROGRAM)
        try:
            with sandbox.step(f"boot {cls.suite}"):
                cls.state = cls.machine.boot()
        except sandbox.Failed as error:
            raise appliance.unittest.SkipTest(f"this machine does not boot a tree: {error}") from None

    def sh(self, command, **options):
        return self.machine.run("sh", "-c", command, **options).stdout

    def property(self, name, unit="iris-predictor.service"):
        return self.machine.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def predict(self, *words, **options):
        return self.machine.run(PROGRAM, "predict", "--host", "127.0.0.1", "--timeout", "10", *words, *FLOWER, **options)

    def journal(self, since="", *words):
        cursor = [f"--after-cursor={since}"] if since else []
        return self.machine.run("journalctl", "--no-pager", "--unit=iris-predictor.service", "--output=short",
                                *cursor, *words).stdout

    def cursor(self):
        shown = self.machine.run("journalctl", "--no-pager", "--lines=0", "--show-cursor").stdout
        return shown.rpartition("-- cursor: ")[2].strip()

    def wait_for(self, what, condition, timeout=appliance.DEADLINE):
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                self.fail(f"not within {timeout} s: {what}\n{self.status()}")
            time.sleep(0.1)

    def status(self):
        return self.machine.run("systemctl", "--no-pager", "status", "iris-predictor.service", check=False).stdout

    def systemctl(self, *words):
        done = self.machine.run("systemctl", *words, check=False)
        self.assertEqual(done.returncode, 0, f"{done.stderr}\n{self.status()}")

    def test_life(self):
        # One test, because one thing follows from the other.
        self.sh(f"{PROGRAM} print unit >{UNITS}/iris-predictor.service")
        self.assertEqual(self.sh(f"sed -n s/^Type=//p {UNITS}/iris-predictor.service").strip(), self.reload_type)
        verify = self.machine.run("systemd-analyze", "verify", f"{UNITS}/iris-predictor.service", check=False)
        self.assertEqual((verify.returncode, verify.stdout, verify.stderr), (0, "", ""))
        self.machine.run("systemd-analyze", "security", "--no-pager", "--threshold=12", "--offline=true",
                         f"{UNITS}/iris-predictor.service")

        self.systemctl("daemon-reload")
        self.systemctl("enable", "--now", "iris-predictor.service")
        self.assertEqual(self.property("ActiveState"), "active")
        self.assertEqual(self.property("StatusText"), "serving")
        self.assertIn("setosa", self.predict().stdout)
        self.sh("cp /proc/self/status /tmp/ours")
        pid = self.property("MainPID")
        confined = pathlib.Path(f"/proc/{self.machine.init}/root", f"proc/{pid}/status").read_text()
        self.assertRegex(confined, r"(?m)^CapBnd:\s+0+$")
        self.assertRegex(confined, r"(?m)^NoNewPrivs:\s+1$")
        self.assertRegex(confined, r"(?m)^Seccomp:\s+2$")
        self.assertNotRegex(confined, r"(?m)^Uid:\s+0\b")

        # A model in its state folder, by the settings file.
        self.sh(f"{PROGRAM} train --out /var/lib/iris-predictor/model.json && mkdir -p /etc/iris-predictor && "
                "chmod 644 /var/lib/iris-predictor/model.json && "
                "echo IRIS_MODEL=/var/lib/iris-predictor/model.json >/etc/iris-predictor/environment")
        self.systemctl("restart", "iris-predictor.service")
        self.assertIn("setosa", self.predict().stdout)

        # Reloads: another model, and none.
        self.sh(f"{PROGRAM} train --cost 9 --out /var/lib/iris-predictor/model.json && "
                "chmod 644 /var/lib/iris-predictor/model.json")
        mark = self.cursor()
        self.systemctl("reload", "iris-predictor.service")
        if self.reload_type == "notify-reload":  # it returns when the reload is done
            self.assertRegex(self.property("StatusText"), "^serving; reloaded at ")
        self.wait_for("reloaded", lambda: "reloaded the model" in self.journal(mark))
        self.sh("echo junk >/var/lib/iris-predictor/model.json")
        self.systemctl("reload", "iris-predictor.service")
        self.wait_for("failure told", lambda: "failed in part" in self.property("StatusText"))
        self.wait_for("failure in the journal", lambda: "cannot reload the model" in
                      self.journal("", "--priority=err"))  # its priority came through
        self.assertEqual(self.property("MainPID"), self.property("ExecMainPID"))
        self.assertIn("setosa", self.predict().stdout)
        self.assertEqual(self.property("NRestarts"), "0")

        # A start that cannot be: its code, and no attempt after attempt.
        done = self.machine.run("systemctl", "restart", "iris-predictor.service", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.property("ExecMainStatus"), str(appliance.BAD_DATA))
        self.assertEqual(self.property("Result"), "exit-code")
        time.sleep(2.5)
        self.assertEqual(self.property("ActiveState"), "failed")
        self.sh("rm /etc/iris-predictor/environment")

        # TLS from the credential store.
        with tempfile.TemporaryDirectory() as folder:
            authority = certificates.Authority(folder, "ca")
            identity = authority.issue("server")
            self.machine.install(identity.cert, "/etc/credstore/iris-predictor.tls.crt", 0o600)
            self.machine.install(identity.key, "/etc/credstore/iris-predictor.tls.key", 0o600)
            self.machine.install(authority.cert, "/etc/ca.crt")
        self.systemctl("restart", "iris-predictor.service")
        self.assertIn("setosa", self.predict("--tls-ca", "/etc/ca.crt").stdout)
        self.sh("rm /etc/credstore/iris-predictor.*")

        # The watchdog: a process that hangs is ended and started again.
        self.machine.write(f"{UNITS}/iris-predictor.service.d/watch.conf",
                           "[Service]\nWatchdogSec=2\nRestartSec=0\n")
        self.systemctl("daemon-reload")
        self.systemctl("restart", "iris-predictor.service")
        before = self.property("MainPID")
        time.sleep(4)
        self.assertEqual(self.property("MainPID"), before)  # who serves is left alone
        mark = self.cursor()
        self.sh(f"kill -STOP {before}")
        self.wait_for("ended by the watchdog", lambda: "watchdog" in self.journal(mark).lower())
        self.wait_for("started again", lambda: self.property("ActiveState") == "active" and
                      self.property("MainPID") not in ("0", before))
        self.assertIn("setosa", self.predict().stdout)
        self.sh(f"rm -r {UNITS}/iris-predictor.service.d")
        self.systemctl("daemon-reload")

        # The end.
        mark = self.cursor()
        self.systemctl("stop", "iris-predictor.service")
        self.assertEqual(self.property("Result"), "success")
        self.assertEqual(self.property("ExecMainStatus"), "0")
        self.assertNotEqual(self.predict(check=False).returncode, 0)

        # Socket activation: started by the first call; a call during a restart waits, and is answered.
        self.sh(f"{PROGRAM} print socket >{UNITS}/iris-predictor.socket")
        verify = self.machine.run("systemd-analyze", "verify", f"{UNITS}/iris-predictor.socket", check=False)
        self.assertEqual((verify.returncode, verify.stdout, verify.stderr), (0, "", ""))
        self.machine.write(f"{UNITS}/iris-predictor.service.d/alone.conf", "[Service]\nPrivateNetwork=yes\n")
        self.systemctl("daemon-reload")
        self.systemctl("enable", "--now", "iris-predictor.socket")
        self.assertEqual(self.property("ActiveState"), "inactive")
        self.assertIn("setosa", self.predict().stdout)
        self.assertEqual(self.property("ActiveState"), "active")
        answers = self.sh(f"systemctl stop --no-block iris-predictor.service; for i in 1 2 3 4 5 6 7 8; do "
                          f"{PROGRAM} predict --host 127.0.0.1 --timeout 10 {' '.join(FLOWER)} || exit; "
                          "systemctl restart --no-block iris-predictor.service; done", check=False)
        self.assertEqual(answers.count("setosa"), 8, self.status())
        self.systemctl("stop", "iris-predictor.socket", "iris-predictor.service")
        self.assertEqual(self.sh("systemctl --failed --no-legend").strip(), "")

        # What the journal has of all this.
        journal = self.journal()
        for line in (r"iris-predictor\[\d+\]: listening on \[::\]:50052", "reloaded the model", "cannot reload the model",
                     r"listening on \[::\]:50052 \(TLS\)", r"TLS with tls\.crt, tls\.key of \$CREDENTIALS_DIRECTORY"):
            self.assertRegex(journal, line)
        self.assertFalse(re.search(r"<\d>", journal), "priorities belong to the journal, not into its text")


    def test_whoever_starts_it_waits_for_readiness(self):
        # systemd-notify --fork (258 and later) and systemd-run return once the program has said READY, and not before.
        serve = f"{PROGRAM} serve --listen 127.0.0.1:50060"
        if "--fork" in self.sh("systemd-notify --help"):
            start, end = f"systemd-notify --fork -- {serve} >/tmp/pid", "kill $(cat /tmp/pid)"
        else:
            start, end = f"systemd-run --unit=once --service-type=notify {serve}", "systemctl stop once.service"
        for _ in range(3):
            self.sh(start)
            self.assertIn("setosa", self.predict("--port", "50060").stdout)  # at once
            self.sh(end)


class Bookworm(Booted, appliance.Test):
    suite, reload_type = "bookworm", "notify"


class Trixie(Booted, appliance.Test):
    suite, reload_type = "trixie", "notify-reload"


if __name__ == "__main__":
    appliance.main()
