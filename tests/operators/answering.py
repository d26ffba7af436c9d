"""What answers where tests start no process: Connect's REST API, and Cruise Control's, as far as operators ask.

Connectors are as they were told to be, and run; a rebalance always has a proposal, in which nothing moves.

"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any
from urllib.parse import unquote

CONNECT_PORT = 8083
CRUISE_CONTROL_PORT = 9090

Answer = tuple[int, Any]


class Standin:
    """Answers at an address, until it is stopped."""

    def __init__(
        self,
        address: tuple[str, int],
        answer: Callable[[str, str, Any], Answer],
        asked: list[str],
        tls: SSLContext | None = None,
    ) -> None:
        """`answer` is given method, path and body; those that do not only look are told to `asked`."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # else operators ask on where nobody answers any more

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command != "GET":
                    asked.append(f"{self.command} {unquote(self.path)}")
                status, said = answer(self.command, unquote(self.path), json.loads(body or b"null"))
                text = b"" if said is None else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("User-Task-ID", "a-task")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _any  # noqa: N815 (named by the library)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(address, Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class Connect:
    """The workers of one Connect."""

    def __init__(self) -> None:
        """Without any connector."""
        self._configs: dict[str, Any] = {}
        self._states: dict[str, str] = {}

    def __call__(self, method: str, path: str, body: Any) -> Answer:
        """What the REST API of Kafka 4.3.1 says (ConnectorsResource.java)."""
        _, kind, *rest = path.split("/")
        if kind != "connectors":
            return 200, []
        name, what = (*rest, "", "")[:2]
        match method, what.partition("?")[0]:
            case "GET", "" if not name:
                return 200, [*self._configs]
            case "POST", "" if not name:
                return 201, self._put(body["name"], body["config"], body.get("initial_state"))
            case "PUT", "config":
                return 200 if name in self._configs else 201, self._put(name, body)
            case _ if name not in self._configs:
                return 404, {"error_code": 404, "message": f"Connector {name} not found"}
            case "GET", "config":
                return 200, self._configs[name]
            case "GET", "status":
                state = {"state": self._states[name], "worker_id": "worker"}
                return 200, {"name": name, "connector": state, "tasks": [], "type": "source"}
            case "GET", "topics":
                return 200, {name: {"topics": []}}
            case "PUT", "pause" | "resume" | "stop":
                self._states[name] = {
                    "pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[what]  # fmt: skip
                return 204 if what == "stop" else 202, None
            case "DELETE", "":
                del self._configs[name]
                return 204, None
            case _:
                return 405, {"error_code": 405, "message": f"{method} {path}"}

    def _put(self, name: str, config: Any, state: str | None = None) -> Any:
        told = {key: value if isinstance(value, str) else json.dumps(value)
                for key, value in config.items()}  # fmt: skip
        self._configs[name] = {"name": name, **told}
        self._states[name] = state or self._states.get(name, "RUNNING")
        return {"name": name, "config": self._configs[name], "tasks": [], "type": "source"}


def cruise_control(method: str, path: str, body: Any) -> Answer:
    """A proposal at once; what is carried out never ends."""
    del method, body
    if "user_tasks" in path:
        task = {
            "Status": "Active",
            "ClientIdentity": "",
            "RequestURL": "",
            "UserTaskId": "a-task",
            "StartMs": "0",
        }
        return 200, {"userTasks": [task], "version": 1}
    load: Any = {"brokers": []}
    return 200, {"summary": {"numReplicaMovements": 0}, "loadBeforeOptimization": load,
                 "loadAfterOptimization": load}  # fmt: skip
