"""What a cluster is given is what Kubernetes and KEDA know, and asks for no more than it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gateway.broker.turns import MOST
from gateway.config import PREFIX, SECRETS, Settings, read_settings
from gateway.network.ggk.dienst import ADRES
from tests.integration.berichten import PROJECT, run
from tests.monitoring import PROCESSEN, job_in

KUBERNETES = PROJECT / "deploy" / "kubernetes"
BASE, EXAMPLE, ADAPTER = (KUBERNETES / name for name in ("base", "voorbeeld", "adapter"))
# The version that schemas are taken of; the kinds in use have been the same for years.
VERSION = kubernetes_validate.latest_version()
KEDA, KUSTOMIZE = "keda.sh/v1alpha1", "kustomize.config.k8s.io/"
LASTING = {"relay", "web", "worker"}
NIGHTLY = {"archive", "backup", "retention"}
OURS = {"fingerprints", "migrate", *LASTING, *NIGHTLY}
# Where a pod keeps what has to stay, on a volume of an installation.
KEPT = {"archive": "archief", "backup": "back-ups"}
KUBECTL = shutil.which("kubectl")

Tabel = dict[str, Any]


def _documents(text: str) -> list[Tabel]:
    return [one for one in yaml.safe_load_all(text) if isinstance(one, dict)]


@cache
def _written() -> list[Tabel]:
    """Every object as it stands in our files, before patches."""
    return [
        one
        for file in sorted(KUBERNETES.glob("*/*.yaml"))
        for one in _documents(file.read_text(encoding="utf-8"))
        if not one["apiVersion"].startswith(KUSTOMIZE)
    ]


@cache
def _applied() -> list[Tabel]:
    """Every object as a cluster gets it; skips where there is nothing to build it with."""
    if KUBECTL is None:
        pytest.skip("kubectl is er niet op deze machine")
    built = subprocess.run(
        [KUBECTL, "kustomize", EXAMPLE], capture_output=True, text=True, check=True
    )
    return _documents(built.stdout)


def _of(kind: str, objects: list[Tabel]) -> dict[str, Tabel]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def _pods() -> dict[str, Tabel]:
    """The pod of each of our parts, as a cluster gets it."""
    return {name: one["spec"] for name, one in _templates().items()}


def _templates() -> dict[str, Tabel]:
    nightly = _of("CronJob", _applied()).items()
    found = _of("Deployment", _applied()) | _of("Job", _applied())
    found |= {name: one["spec"]["jobTemplate"] for name, one in nightly}
    return {name: one["spec"]["template"] for name, one in found.items()}


@pytest.mark.parametrize("objects", [_written, _applied])
def test_kubernetes_knows_every_kind_and_every_field(objects: Any) -> None:
    own = [one for one in objects() if one["apiVersion"] != KEDA]
    kinds = {one["kind"] for one in own}
    known = {"Deployment", "Job", "CronJob", "Service", "PodDisruptionBudget", "NetworkPolicy"}
    assert known <= kinds
    for one in own:
        used = kubernetes_validate.validate(one, VERSION, strict=True)
        assert VERSION.startswith(used)


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    """Shows that the test above can fail."""
    (wrong, *_) = (yaml.safe_load(yaml.safe_dump(one)) for one in _written())
    wrong["spec"]["repicas"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_every_file_is_used() -> None:
    assert {BASE, EXAMPLE, ADAPTER} == set(KUBERNETES.iterdir())
    for folder in (BASE, EXAMPLE, ADAPTER):
        told = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
        used = {*told["resources"], *(one["path"] for one in told["patches"] if "path" in one)}
        files = {file.name for file in folder.iterdir()} - {"kustomization.yaml"}
        assert files == used - {"../base"}


def test_workers_are_scaled_on_what_waits() -> None:
    scaled = _of("ScaledObject", _written())["worker"]["spec"]
    assert {"name": "worker"} == scaled["scaleTargetRef"]
    # A number in the Deployment would undo what KEDA does, at every `apply`.
    assert "replicas" not in _of("Deployment", _written())["worker"]["spec"]
    (trigger,) = scaled["triggers"]
    assert "rabbitmq" == trigger["type"]
    told = trigger["metadata"]
    assert {"protocol", "queueName", "mode", "value"} == set(told)
    assert ("amqp", "QueueLength") == (told["protocol"], told["mode"])
    assert read_settings({}).queue_prefix + "werk" == told["queueName"]
    # A queue that never holds more than it does must be able to ask for all of them.
    assert MOST == int(told["value"]) * scaled["maxReplicaCount"]
    assert all(isinstance(value, str) for value in told.values())
    allowed = _of("TriggerAuthentication", _written())[trigger["authenticationRef"]["name"]]
    assert [{"parameter": "host", "name": "gateway", "key": "broker"}] == (
        allowed["spec"]["secretTargetRef"]
    )


def test_every_part_is_a_command_with_settings_that_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    settings |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    pods = _pods()
    assert OURS == set(pods)
    for name, pod in pods.items():
        (container,) = pod["containers"]
        assert name == container["args"][0]
        assert 0 == run([*container["args"], "--help"])
        given_to = {one["name"] for one in container["env"]}
        assert given_to <= settings
        # A store that got another key is opened with those before it too.
        assert {"GATEWAY_BSN_SLEUTEL_FILE", "GATEWAY_BSN_SLEUTEL_VORIGE_FILE"} <= given_to
    (given,) = (one["data"] for one in _of("ConfigMap", _applied()).values())
    assert set(given) <= settings
    assert ("0193",) == read_settings(given).gemeenten


def test_nobody_is_root_or_writes_beside_what_he_is_given() -> None:
    for pod in _pods().values():
        own = pod["securityContext"]
        assert (True, 10001) == (own["runAsNonRoot"], own["runAsUser"])
        assert {"type": "RuntimeDefault"} == own["seccompProfile"]
        assert (False, False) == (pod["automountServiceAccountToken"], pod["enableServiceLinks"])
        (container,) = pod["containers"]
        assert {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        } == container["securityContext"]
        volumes = {one["name"]: one for one in pod["volumes"]}
        written = {
            one["mountPath"]: volumes[one["name"]]
            for one in container["volumeMounts"]
            if not one.get("readOnly")
        }
        assert {"/tmp", "/data"} == set(written)
        (name,) = (one["name"] for one in pod["containers"])
        kept = [one for one in written.values() if "emptyDir" not in one]
        expected = [{"claimName": KEPT[name]}] if name in KEPT else []
        assert expected == [one["persistentVolumeClaim"] for one in kept]
        assert {one["name"] for one in container["volumeMounts"]} == set(volumes)
    image = (PROJECT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert "USER 10001\n" in image


def test_only_who_makes_tables_or_needs_all_rows_has_the_secret_of_their_owner() -> None:
    secrets = {
        name: {one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
        for name, pod in _pods().items()
    }
    for owner in ("migrate", "backup"):
        assert {"gateway-eigenaar"} == secrets.pop(owner)
    assert {"gateway", "adapter"} == secrets.pop("relay")
    assert {frozenset({"gateway"})} == {frozenset(one) for one in secrets.values()}


def test_a_key_is_changed_only_when_somebody_says_so() -> None:
    waiting = {name for name, one in _of("Job", _applied()).items() if one["spec"].get("suspend")}
    assert {"fingerprints"} == waiting


def test_by_night_goes_what_an_installation_turned_on() -> None:
    # Who takes a new version does not lose anything that he did not ask for.
    assert dict.fromkeys(NIGHTLY, True) == {
        name: one["spec"]["suspend"] for name, one in _of("CronJob", _written()).items()
    }
    nightly = _of("CronJob", _applied())
    asleep = {name for name, one in nightly.items() if one["spec"]["suspend"]}
    assert {"archive", "retention"} == asleep
    for one in nightly.values():
        assert ("Forbid", "Europe/Amsterdam") == (
            one["spec"]["concurrencyPolicy"],
            one["spec"]["timeZone"],
        )
    assert {KEPT["backup"]} == set(_of("PersistentVolumeClaim", _applied()))
    (retention,) = _pods()["retention"]["containers"]
    assert ["retention", "run", "--apply"] == retention["args"]


def test_who_watches_over_it_may_ask_every_process_for_its_figures() -> None:
    (given,) = (one["data"] for one in _of("ConfigMap", _applied()).values())
    settings = read_settings(given)
    ports = {
        (name, port["name"]): port["containerPort"]
        for name, pod in _pods().items()
        for port in pod["containers"][0].get("ports", ())
    }
    figures = {name: number for (name, port), number in ports.items() if port == "cijfers"}
    assert dict.fromkeys(LASTING, settings.metrics_port) == figures
    assert "0.0.0.0" == settings.metrics_host
    policy = _of("NetworkPolicy", _applied())["cijfers"]["spec"]
    (chosen,) = policy["podSelector"]["matchExpressions"]
    (rule,) = policy["ingress"]
    assert (LASTING, ["cijfers"]) == (set(chosen["values"]), [one["port"] for one in rule["ports"]])
    # Prometheus finds them by that port, and calls them what the alarms do.
    job = job_in("prometheus-kubernetes.yml")
    (found,) = job["kubernetes_sd_configs"]
    (space,) = _of("Namespace", _applied())
    assert ("pod", [space]) == (found["role"], found["namespaces"]["names"])
    keep, _, called, _ = job["relabel_configs"]
    assert ("cijfers", "keep") == (keep["regex"], keep["action"])
    label = called["source_labels"][0].removeprefix("__meta_kubernetes_pod_label_")
    assert "proces" == called["target_label"]
    told = {
        value
        for one in _templates().values()
        for name, value in one["metadata"]["labels"].items()
        if re.sub(r"\W", "_", name) == label
    }
    assert set(PROCESSEN) == LASTING <= told


def test_envelopes_come_in_by_a_certificate_only() -> None:
    pages, network = (_of("Ingress", _applied())[name] for name in ("web", "netwerk"))
    prefix = "nginx.ingress.kubernetes.io/"
    told = {
        name.removeprefix(prefix): text for name, text in network["metadata"]["annotations"].items()
    }
    assert ("on", "gateway/netwerk-ca") == (told["auth-tls-verify-client"], told["auth-tls-secret"])
    # With the annotation the whole name is of one certificate: see the example of nginx.
    named = re.compile(told["auth-tls-match-cn"])
    assert named.search("CN=adapter.netwerk.nl,serialNumber=00000001234567890000,O=Netwerk,C=NL")
    assert not named.search("CN=adapter.netwerk.nl.ander.nl,serialNumber=00000001234567890000,C=NL")
    assert [(ADRES, "Exact", "web")] == list(_ways(network))
    ways = list(_ways(pages))
    assert [("/", "Prefix", "web"), ("/ggk", "Prefix", "niemand")] == ways
    selected = _of("Service", _applied())["niemand"]["spec"]["selector"]
    labels = [one["metadata"]["labels"].items() for one in _templates().values()]
    assert not any(selected.items() <= one for one in labels)
    # The gateway answers to one name.
    (given,) = (one["data"] for one in _of("ConfigMap", _applied()).values())
    assert given["GATEWAY_WEB_ADRES"] == f"https://{told['upstream-vhost']}"


def _ways(ingress: Tabel) -> Iterator[tuple[str, str, str]]:
    """Each path of an Ingress, how it is meant, and who answers."""
    (rule,) = ingress["spec"]["rules"]
    for one in rule["http"]["paths"]:
        yield one["path"], one["pathType"], one["backend"]["service"]["name"]


def test_only_the_relay_goes_to_the_adapter_and_has_its_certificate() -> None:
    names = ("certificaat", "sleutel", "ca")
    expected = {f"GATEWAY_GGK_{one.upper()}": f"/run/secrets/adapter/{one}" for one in names}
    for part, pod in _pods().items():
        (container,) = pod["containers"]
        given = {one["name"]: one["value"] for one in container["env"]}
        own = {name: value for name, value in given.items() if name.startswith("GATEWAY_GGK_")}
        assert (expected if part == "relay" else {}) == own
    policy = _of("NetworkPolicy", _applied())["adapter"]["spec"]
    assert {"matchLabels": {"app.kubernetes.io/name": "relay"}} == policy["podSelector"]
    (rule,) = policy["egress"]
    assert [{"ipBlock": {"cidr": "10.0.20.0/24"}}] == rule["to"]
    (given,) = (one["data"] for one in _of("ConfigMap", _applied()).values())
    assert read_settings(given).ggk_url == "https://adapter.gemeente.nl/ggk"


def test_there_is_one_relay_and_an_update_stops_it_first() -> None:
    relay = _of("Deployment", _written())["relay"]["spec"]
    assert (1, {"type": "Recreate"}) == (relay["replicas"], relay["strategy"])
    web = _of("Deployment", _written())["web"]["spec"]
    assert web["replicas"] > _of("PodDisruptionBudget", _written())["web"]["spec"]["minAvailable"]


def test_probes_ask_what_is_answered() -> None:
    (web,) = _pods()["web"]["containers"]
    paths = {name: one["httpGet"]["path"] for name, one in web.items() if name.endswith("Probe")}
    assert {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    } == paths
    assert read_settings({}).webpoort == web["ports"][0]["containerPort"]


def test_nothing_goes_in_or_out_but_what_is_named() -> None:
    policies = _of("NetworkPolicy", _applied())
    everyone = {"matchLabels": {"app.kubernetes.io/part-of": "gateway"}}
    assert {"podSelector": everyone, "policyTypes": ["Ingress", "Egress"]} == (
        policies["niets"]["spec"]
    )
    for one in _templates().values():
        assert "gateway" == one["metadata"]["labels"]["app.kubernetes.io/part-of"]
    ports = {
        name: {port["port"] for rule in one["spec"].get("egress", []) for port in rule["ports"]}
        for name, one in policies.items()
    }
    named = {"namen": {53}, "opslag": {5432}, "wachtrij": {5671}, "buiten": {443}, "adapter": {443}}
    assert {"niets": set(), "web": set(), "cijfers": set(), **named} == ports
    for name in ("opslag", "wachtrij"):
        (rule,) = policies[name]["spec"]["egress"]
        assert [{"ipBlock": {"cidr": "10.0.10.0/24"}}] == rule["to"]


def test_the_page_makes_every_secret_and_file_that_is_asked_for() -> None:
    page = (PROJECT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    made = {
        name: set(re.findall(r"--from-file=([\w.]+)=", rest))
        for name, rest in re.findall(r"create secret generic (\S+)((?: \\\n|.)*)", page)
    }
    assert {
        "gateway": {"store", "broker", "bsn_sleutel", "bsn_sleutel_vorige", "kluis"},
        "gateway-eigenaar": {"store", "bsn_sleutel", "bsn_sleutel_vorige", "kluis"},
        "adapter": {"certificaat", "sleutel", "ca"},
        "netwerk-ca": {"ca.crt", "ca.crl"},
    } == made
    asked = {
        volume["configMap"]["name"]
        for pod in _pods().values()
        for volume in pod["volumes"]
        if "configMap" in volume
    }
    assert asked == set(re.findall(r"create configmap (\S+)", page))
