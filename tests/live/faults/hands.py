"""What nobody types on a shell, and faults are made of: `freeze events-combined-1`, `intent OLD => NEW`."""

import json
import shlex
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from live.certificates import EXPIRED, Authority, ending
from live.kubernetes_server import Refused

if TYPE_CHECKING:
    from live.faults.site import Site

_CLIENTS_CA = (("events-clients-ca-cert", "ca.crt"), ("events-clients-ca", "ca.key"))
_CLIENT = Path(__file__).with_name("client.py")


class Hands:
    """Each public method is a word, which takes what stands behind it."""

    def __init__(self, site: "Site") -> None:
        """Nothing is done yet."""
        self._site = site
        self._taken_back = ExitStack()
        self._running: dict[str, subprocess.Popen[str]] = {}

    def known(self) -> dict[str, Callable[..., str | None]]:
        """The words."""
        return {
            name: getattr(self, name)
            for name in vars(Hands)
            if not name.startswith("_") and name not in ("known", "do", "rest")
        }

    def do(self, line: str) -> str:
        """What a line says; what is printed comes back."""
        word, *told = shlex.split(line)
        return self.known()[word](*told) or ""

    def rest(self) -> None:
        """Take back what was done by hand, and would stay."""
        self._taken_back.close()
        for name in list(self._running):
            self.stop(name)
        self._site.options.clear()

    def intent(self, *words: str) -> None:
        """`OLD => NEW`: another text of the intent, which is rendered and synced."""
        old, new = " ".join(words).split(" => ")
        assert old in self._site.text, f"the intent has no {old}"
        self._site.commit(self._site.text.replace(old, new))

    def as_rendered(self) -> None:
        """The intent as it was at first."""
        self._site.commit(self._site.first)

    def kill(self, *pods: str) -> None:
        """The processes of pods end as in a crash; nobody starts them again, before the fault is over."""
        for pod in pods:
            self._site.signal(pod, signal.SIGKILL)
            self._taken_back.callback(self._site.delete_if_crashed, pod)

    def freeze(self, *pods: str) -> None:
        """The processes of pods do nothing at all; connections to them are still taken by the system."""
        for pod in pods:
            self._site.signal(pod, signal.SIGSTOP)
            self._taken_back.callback(self.thaw, pod)

    def thaw(self, *pods: str) -> None:
        """They go on, unless others have taken their place."""
        for pod in pods:
            with suppress(Refused, OSError):
                self._site.signal(pod, signal.SIGCONT)

    def wait_for_pods(self) -> None:
        """Wait until every node's pod is ready."""
        self._site.until_pods_are_ready()

    def say(self, option: str, value: str = "") -> None:
        """Who asks says an option, or no longer says it."""
        self._site.options[option] = value

    def say_file(self, option: str, secret: str, key: str) -> None:
        """The same of a file, with what a Secret holds."""
        self._site.options[option] = str(self._site.file_of(secret, key))

    def show(self, user: str, what: str) -> None:
        """The Secret of a user gets another certificate: of a `foreign` authority, one that is `ending`, or has `ended`."""
        folder = self._site.folder / what
        if what == "foreign":
            shown = Authority(folder, what).issue(user)
        else:
            signer = [self._site.secret(name, key) for name, key in _CLIENTS_CA]
            lifetime = ending(3) if what == "ending" else EXPIRED
            shown = Authority.of(folder, *signer).issue(user, lifetime=lifetime)
        data = {"user.crt": shown.certificate, "user.key": shown.key}
        said = {key: b64encode(file.read_bytes()).decode() for key, file in data.items()}
        patch = {"data": said}
        self._site.carry_out(
            f"kubectl -n {self._site.namespace} patch secret {user} --type merge -p {shlex.quote(json.dumps(patch))}"
        )

    def client(self, *words: str) -> str:
        """What client.py does, as somebody who may do everything, until it ends."""
        done = self._site.run(*self._client_of(words))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, *words: str) -> None:
        """The same under a name, until it is stopped; it does its work when this returns."""
        process = self._site.started(*self._client_of(words))
        self._running[name] = process
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", f"{name} did not start"

    def stop(self, name: str) -> None:
        """What was started ends as a program that is told to; who undoes a fault need not know whether it was."""
        if (process := self._running.pop(name, None)) is not None:
            process.communicate(timeout=60)

    def _client_of(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return (sys.executable, str(_CLIENT), *self._site.way_of_everybody(), *words)
