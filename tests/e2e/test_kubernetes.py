#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""print kubernetes: valid against the published API, as careful as it claims, and true of the binary."""

import json
import os
import re
import subprocess
import time

import yaml

import appliance
import npm_tools

PLAIN = {"Deployment": "apps/v1", "Service": "v1", "HorizontalPodAutoscaler": "autoscaling/v2",
         "PodDisruptionBudget": "policy/v1"}
KSERVE = {"ServingRuntime": "serving.kserve.io/v1alpha1", "InferenceService": "serving.kserve.io/v1beta1"}


def printed(*words):
    done = appliance.run("print", "kubernetes", *words)
    assert done.returncode == 0, done.stderr
    return {one["kind"]: one for one in yaml.safe_load_all(done.stdout) if one}


def api_errors(*objects):
    """What kubernetes_types.js finds wrong with (group, kind, object)."""
    path, env = npm_tools.node()
    jobs = [{"group": group, "kind": kind, "object": one} for group, kind, one in objects]
    done = subprocess.run([path, appliance.SOURCE / "tests/e2e/kubernetes_types.js"], input=json.dumps(jobs), env=env,
                          text=True, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Manifests(appliance.Test):
    @classmethod
    def setUpClass(cls):
        cls.plain, cls.kserve = printed("iris-predictor.yaml"), printed("kserve.yaml")

    def test_both_files_make_one_stream(self):
        self.assertEqual(printed(), {**self.plain, **self.kserve})
        for kinds, file in ((PLAIN, self.plain), (KSERVE, self.kserve)):
            self.assertEqual({kind: one["apiVersion"] for kind, one in file.items()}, kinds)

    def test_they_fit_the_published_api(self):
        self.assertEqual(api_errors(*((group, kind, self.plain[kind]) for kind, group in PLAIN.items())), [])

    def test_mistakes_would_be_found(self):
        def pod(one):
            return one["spec"]["template"]["spec"]

        for word, change in (("terminationGracePeriod", lambda one: pod(one).update(terminationGracePeriod=3)),
                             ("lables", lambda one: one["metadata"].update(lables={})),
                             ("replicas", lambda one: one["spec"].update(replicas="two")),
                             ("imag", lambda one: pod(one)["containers"][0].update(imag="x")),
                             ("name", lambda one: pod(one)["containers"][0].pop("name")),
                             ("port", lambda one: pod(one)["containers"][0]["readinessProbe"]["grpc"].pop("port"))):
            damaged = json.loads(json.dumps(self.plain["Deployment"]))
            change(damaged)
            self.assertIn(word, str(api_errors(("apps/v1", "Deployment", damaged))))

    def pod(self):
        return self.plain["Deployment"]["spec"]["template"]["spec"]

    def check_restricted(self, pod, container):
        """Source: kubernetes.io/docs/concepts/security/pod-security-standards, "Restricted"."""
        self.assertLessEqual(set(pod.get("volumes", [])), set())  # none, so none that is not allowed
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            self.assertFalse(pod.get(field))
        own, shared = container["securityContext"], pod.get("securityContext", {})
        self.assertIs(own["allowPrivilegeEscalation"], False)
        self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
        self.assertTrue(own.get("runAsNonRoot", shared.get("runAsNonRoot")))
        self.assertGreater(own.get("runAsUser", shared.get("runAsUser")), 0)
        self.assertIn(own.get("seccompProfile", shared.get("seccompProfile"))["type"], ("RuntimeDefault", "Localhost"))
        self.assertIs(own["readOnlyRootFilesystem"], True)  # more than the standard asks for
        self.assertFalse(own.get("privileged"))
        for port in container["ports"]:
            self.assertNotIn("hostPort", port)

    def test_the_pod_is_restricted(self):
        (container,) = self.pod()["containers"]
        self.check_restricted(self.pod(), container)
        self.assertIs(self.pod()["automountServiceAccountToken"], False)
        self.assertEqual(set(container["resources"]["limits"]), {"memory"})
        self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"})

    def test_probes_ask_the_port_that_is_served(self):
        (container,) = self.pod()["containers"]
        (port,) = container["ports"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertEqual(container[probe]["grpc"], {"port": port["containerPort"]})
        listen = {one["name"]: one["value"] for one in container["env"]}["IRIS_LISTEN"]
        self.assertEqual(listen, f"[::]:{port['containerPort']}")
        (served,) = self.plain["Service"]["spec"]["ports"]
        self.assertEqual((served["targetPort"], served["port"]), (port["name"], port["containerPort"]))

    def test_it_ends_in_time_and_without_a_hook(self):
        (container,) = self.pod()["containers"]
        self.assertNotIn("lifecycle", container)
        drain = float({one["name"]: one["value"] for one in container["env"]}["IRIS_DRAIN_TIMEOUT"])
        self.assertGreaterEqual(self.pod()["terminationGracePeriodSeconds"], drain + 5)

    def test_selectors_meet_the_pods(self):
        labels = self.plain["Deployment"]["spec"]["template"]["metadata"]["labels"]
        selectors = [self.plain["Deployment"]["spec"]["selector"]["matchLabels"], self.plain["Service"]["spec"]["selector"],
                     self.plain["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
                     *(one["labelSelector"]["matchLabels"] for one in self.pod()["topologySpreadConstraints"])]
        self.assertEqual(len(selectors), 5)
        for selector in selectors:
            self.assertLessEqual(selector.items(), labels.items())
        target = self.plain["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
        self.assertEqual((target["kind"], target["name"]), ("Deployment", self.plain["Deployment"]["metadata"]["name"]))
        self.assertNotIn("replicas", self.plain["Deployment"]["spec"])  # the autoscaler's
        self.assertEqual({one["topologyKey"] for one in self.pod()["topologySpreadConstraints"]},
                         {"topology.kubernetes.io/zone", "kubernetes.io/hostname"})

    def test_the_fleet_is_balanced_by_its_clients_and_never_gone(self):
        self.assertEqual(self.plain["Service"]["spec"]["clusterIP"], "None")
        rolling = self.plain["Deployment"]["spec"]["strategy"]["rollingUpdate"]
        self.assertEqual(rolling["maxUnavailable"], 0)
        scaler = self.plain["HorizontalPodAutoscaler"]["spec"]
        self.assertGreaterEqual(scaler["minReplicas"], 2)
        self.assertGreater(scaler["maxReplicas"], scaler["minReplicas"])
        (metric,) = scaler["metrics"]
        self.assertIn(metric["resource"]["name"], self.pod()["containers"][0]["resources"]["requests"])

    def test_kserve(self):
        """Their resource definitions are in no registry: field by field against servingruntime_types.go and predictor.go
        of KServe, and the containers, which are Kubernetes' own, against the published API."""
        runtime, service = self.kserve["ServingRuntime"], self.kserve["InferenceService"]
        for one in (runtime, service):
            self.assertEqual(set(one), {"apiVersion", "kind", "metadata", "spec"})
        self.assertEqual(set(runtime["spec"]), {"supportedModelFormats", "protocolVersions", "multiModel", "containers"})
        (model_format,) = runtime["spec"]["supportedModelFormats"]
        self.assertEqual(set(model_format), {"name", "version", "autoSelect"})
        self.assertEqual(runtime["spec"]["protocolVersions"], ["grpc-v2"])
        (container,) = runtime["spec"]["containers"]
        self.assertEqual(container["name"], "kserve-container")  # KServe looks for that name
        self.assertEqual(api_errors(("v1", "Container", container)), [])
        self.check_restricted({}, container)
        (port,) = container["ports"]
        self.assertEqual(port["name"], "h2c")
        self.assertEqual(set(service["spec"]), {"predictor"})
        predictor = service["spec"]["predictor"]
        self.assertEqual(set(predictor), {"minReplicas", "maxReplicas", "model"})
        self.assertEqual(set(predictor["model"]), {"modelFormat", "protocolVersion", "runtime"})
        self.assertEqual(predictor["model"]["modelFormat"], {key: model_format[key] for key in ("name", "version")})
        self.assertIn(predictor["model"]["protocolVersion"], runtime["spec"]["protocolVersions"])
        self.assertEqual(predictor["model"]["runtime"], runtime["metadata"]["name"])

    def test_the_image_is_of_this_version(self):
        version = json.loads(appliance.run("version", "--json").stdout)["version"]
        for container in (*self.pod()["containers"], *self.kserve["ServingRuntime"]["spec"]["containers"]):
            self.assertEqual(container["image"], f"iris-predictor:{version}")


class TheServerTakesThem(appliance.Test):
    """What the manifests set is what the binary understands, started with just that."""

    def test_arguments_and_environment(self):
        pods = (printed("iris-predictor.yaml")["Deployment"]["spec"]["template"]["spec"],
                printed("kserve.yaml")["ServingRuntime"]["spec"])
        for pod in pods:
            (container,) = pod["containers"]
            env = {one["name"]: one["value"] for one in container["env"]}
            known = set(re.findall(r"IRIS_\w+", appliance.run("serve", "--help").stdout))
            self.assertLessEqual(set(env), known)
            self.assertEqual(container["args"], ["serve"])
            env["IRIS_LISTEN"] = "127.0.0.1:0"  # the port may be taken on this machine
            with appliance.Server(listen=(), env=env) as server:
                self.assertEqual(appliance.run("healthcheck", "--port", server.port).returncode, 0)
                begun = time.monotonic()
                self.assertEqual(server.stop(), 0)
                self.assertLess(time.monotonic() - begun, pod.get("terminationGracePeriodSeconds", 20))


if __name__ == "__main__":
    os.environ.setdefault("NODE_NO_WARNINGS", "1")
    appliance.main()
