"""A real kube-apiserver with an etcd of its own on this machine.

    with KubernetesServer(folder) as kubernetes:
        kubernetes.install_crds()
        kubernetes.apply(manifests)

Nothing else of a cluster is there. No operator writes a status, so tests do; no controller makes
service accounts or counts quotas, and a namespace that is deleted never goes: for that there is
`live.controllers`.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from live.apiserver.access import Access, Refused, UserAuthority
from live.certificates import VALID, Identity, Lifetime
from live.etcd import Etcd, Program, executable
from live.node import LOOPBACK, free_ports
from live.stopping import Stopping
from support import crd_files

__all__ = ["MANAGER", "Access", "KubernetesServer", "Refused"]

MANAGER = "argocd-controller"
"""Who applies, unless a test says otherwise: Argo CD, as the server knows it."""

_ISSUER = "https://kubernetes.default.svc"
_HOW = "GOBIN=~/.cache/strimzi-gitops/bin go install -C tests/live/apiserver ."
# The first wants a controller that makes service accounts, the other one that counts what is used.
_WITHOUT = "ServiceAccount,ResourceQuota"
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class KubernetesServer(Stopping):
    """The server, and what Argo CD, operators and users do with it."""

    def __init__(self, folder: Path, options: Mapping[str, object] | None = None) -> None:
        """`folder` is where data, certificates and kubeconfigs go; `options` are the server's own.

        Raises:
            MissingError: when there is no kube-apiserver or etcd to start.
        """
        self._folder = folder
        self._authority = UserAuthority(folder / "certificates", "kubernetes-ca")
        self._signer = self._authority.issue("service-accounts")
        self._etcd = Etcd(folder / "etcd")
        (self._port,) = free_ports(1)
        command = self._command(options or {})
        self._server = Program("kube-apiserver", folder / "kube-apiserver.log", command)
        self._accesses = 0
        self._paths: dict[tuple[str, str], str] = {}
        self._cleanup = ExitStack()
        self.ca = self._authority.certificate
        self.url = f"https://{LOOPBACK}:{self._port}"
        self.admin = self.user("admin", ["system:masters"])
        """Who may do everything, and does what the methods here say."""
        self.kubeconfig = self.admin.kubeconfig

    def _command(self, more: Mapping[str, object]) -> list[str]:
        shown = self._authority.issue("kube-apiserver", ["localhost", LOOPBACK])
        options = {
            "etcd-servers": self._etcd.url,
            "bind-address": LOOPBACK,
            "secure-port": self._port,
            # The address of the service `kubernetes` may not be a loopback one; nobody needs it.
            "endpoint-reconciler-type": "none",
            "service-cluster-ip-range": "10.0.0.0/24",
            "tls-cert-file": shown.certificate,
            "tls-private-key-file": shown.key,
            "client-ca-file": self._authority.certificate,
            "authorization-mode": "RBAC",
            "disable-admission-plugins": _WITHOUT,
            "service-account-issuer": _ISSUER,
            "service-account-signing-key-file": self._signer.key,
            "service-account-key-file": self._signer.certificate,
            # etcd tells watchers how far it is since 3.5; without that, clients wait for ever.
            "feature-gates": "WatchList=false",
            **more,
        }
        program = executable("kube-apiserver", _HOW)
        return [program, *(f"--{name}={value}" for name, value in options.items())]

    def __enter__(self) -> Self:
        """Start both; the server is ready when this returns.

        Raises:
            ServerError: when one of them does not start in time.
        """
        with ExitStack() as cleanup:
            for program in (self._etcd, self._server):
                cleanup.callback(program.stop)
                program.start()
            self.until(lambda: self.admin.request("GET", "/readyz") == "ok", "get ready")
            self._cleanup = cleanup.pop_all()
        return self

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Ask until the answer is yes; a refusal is a no.

        Raises:
            ServerError: when it is not yes in time.
        """

        def holds() -> bool:
            try:
                return condition()
            except Refused:
                return False

        self._server.until(holds, what)

    def log_tail(self) -> str:
        """The last lines of both logs."""
        return "\n".join(f"{each.name}:\n{each.log_tail()}" for each in (self._etcd, self._server))

    def user(self, name: str, groups: Iterable[str] = (), lifetime: Lifetime = VALID) -> Access:
        """Someone with a certificate; one that is `EXPIRED` is answered with 401."""
        return self._access(identity=self._authority.client(name, groups, lifetime))

    def bearer(self, token: str) -> Access:
        """Someone with a token; one that the server does not know is answered with 401."""
        return self._access(token=token)

    def kubeconfig_for(self, user: str, groups: Iterable[str] = ()) -> Path:
        """The kubeconfig of someone with a certificate, who has no rights but those of groups."""
        return self.user(user, groups).kubeconfig

    def _access(self, identity: Identity | None = None, token: str | None = None) -> Access:
        self._accesses += 1
        file = self._folder / f"kubeconfig-{self._accesses}.yaml"
        return Access(file, self._port, self.ca, identity, token).write_kubeconfig()

    def token(self, namespace: str, name: str, seconds: int = 3600) -> str:
        """A token of a service account, which is made where it is not there; at least 600 s."""
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        self.apply([account | {"metadata": {"name": name, "namespace": namespace}}])
        path = f"{self.path('ServiceAccount', name, namespace)}/token"
        answer = self.admin.request("POST", path, {"spec": {"expirationSeconds": seconds}})
        return str(answer["status"]["token"])

    def expired_token(self, namespace: str, name: str) -> str:
        """A token of a service account that was good until an hour ago."""
        header, payload, _ = self.token(namespace, name).split(".")
        claims = json.loads(urlsafe_b64decode(payload + "=="))
        claims |= {claim: claims[claim] - 7200 for claim in ("iat", "nbf", "exp")}
        signed = f"{header}.{_base64(json.dumps(claims).encode())}"
        key = load_pem_private_key(self._signer.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        numbers = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{_base64(b''.join(number.to_bytes(32, 'big') for number in numbers))}"

    def install_crds(self, but: str | None = None, strimzi: str = "") -> None:
        """Install the definitions of a release of Strimzi (the newest), Prometheus and Argo CD, but those of a name.

        They count in the end.
        """
        files = [file for file in crd_files(strimzi) if not but or but not in file.name]
        crds = [yaml.safe_load(file.read_bytes()) for file in files]
        self.apply(crds)
        for crd in crds:
            self.until(partial(self._is_served, crd), f"serve {crd['metadata']['name']}")

    def _is_served(self, crd: Any) -> bool:
        conditions = self.admin.request("GET", self.path_of(crd))["status"].get("conditions") or ()
        established = {"type": "Established", "status": "True"}
        if not any(established.items() <= each.items() for each in conditions):
            return False
        group, kind = crd["spec"]["group"], crd["spec"]["names"]["kind"]
        served = {f"{group}/{each['name']}" for each in crd["spec"]["versions"] if each["served"]}
        if any((version, kind) not in self._paths for version in served):
            self._paths = self._discovered()
        return all((version, kind) in self._paths for version in served)

    def apply(
        self, manifests: Iterable[Any], dry_run: bool = False, manager: str = MANAGER
    ) -> list[Any]:
        """Apply manifests on the server, and take over what others manage in them.

        Returns:
            The objects as they are now; with `dry_run` as they would be.

        Raises:
            Refused: when the server refuses one; those before it are applied.
        """
        query = f"?fieldManager={manager}&force=true" + ("&dryRun=All" if dry_run else "")
        return [
            self.admin.request("PATCH", self.path_of(each) + query, each, _APPLY)
            for each in manifests
        ]

    def write_status(self, kind: str, name: str, namespace: str | None, status: Any) -> Any:
        """Write what an operator says of an object; what is not said here stays as it is."""
        path, told = self.path(kind, name, namespace), {"status": status}
        try:
            return self.admin.request("PATCH", f"{path}/status", told, _MERGE)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            # To Argo CD's definitions the status is a part of the object like any other.
            return self.admin.request("PATCH", path, told, _MERGE)

    def read(self, kind: str, name: str, namespace: str | None = None) -> Any:
        """An object as it is now.

        Raises:
            Refused: with the status 404 when there is none.
        """
        return self.admin.request("GET", self.path(kind, name, namespace))

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Delete an object, and later what belongs to it, as kubectl does.

        Raises:
            Refused: with the status 404 when there is none.
        """
        later = {"propagationPolicy": "Background"}
        self.admin.request("DELETE", self.path(kind, name, namespace), later)

    def path_of(self, manifest: Any) -> str:
        """The path of the object that a manifest says."""
        name, namespace = manifest["metadata"]["name"], manifest["metadata"].get("namespace")
        return self.path(manifest["kind"], name, namespace, manifest["apiVersion"])

    def path(self, kind: str, name: str, namespace: str | None = None, version: str = "") -> str:
        """The path of an object; `version` is its apiVersion, for a kind that is in several."""
        path = self.template(kind, version)
        assert ("{namespace}" in path) == (namespace is not None), f"{kind} {name} in {namespace}"
        return path.format(namespace=namespace, name=name)

    def template(self, kind: str, version: str = "") -> str:
        """The path of a kind's objects, with `{name}` and, where they are in one, `{namespace}`.

        Raises:
            KeyError: when the server has no such kind.
        """
        if (version, kind) not in self._paths:
            self._paths = self._discovered()
        return self._paths[version, kind]

    def _discovered(self) -> dict[tuple[str, str], str]:
        """Where the objects of each kind are, by apiVersion and without one."""
        paths: dict[tuple[str, str], str] = {}
        for root in ("/api", "/apis"):
            for group in self.admin.request("GET", root, accept=_DISCOVERY)["items"]:
                prefix = f"{group['metadata']['name']}/" if root == "/apis" else ""
                for each in group["versions"]:
                    version = prefix + each["version"]
                    for resource in each["resources"]:
                        kind = resource["responseKind"]["kind"]
                        is_namespaced = resource["scope"] == "Namespaced"
                        within = "/namespaces/{namespace}" if is_namespaced else ""
                        path = f"{root}/{version}{within}/{resource['resource']}/{{name}}"
                        paths[version, kind] = path
                        paths.setdefault(("", kind), path)
        return paths


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
