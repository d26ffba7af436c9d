"""Chromium without a window, driven over a pipe with the Chrome DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/: messages are JSON that a NUL byte ends. Chromium
reads them from file descriptor 3 and answers on 4, so nothing beyond the standard library is needed.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import time
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Under which it is found on PATH, first come, first taken."""
_OPTIONS = (
    *("--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check"),
    # It opens only what the tests wrote, and as root it starts no other way.
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_PATIENCE_S = 60
_OWN_DESCRIPTORS = 10
"""From here on no descriptor can be mistaken for 3 or 4."""


class BrowserError(Exception):
    """Chromium did not start, did not answer, or refused a command."""


def find_chrome() -> str | None:
    """The program's path; None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Chrome:
    """A running Chromium with a profile of its own; `with` ends it."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._last, self._read, self._answers = 0, b"", dict[int, dict[str, Any]]()
        self.pages: dict[str, Page] = {}
        """By the name of the session in which the protocol speaks of them."""

    def __enter__(self) -> Self:
        commands, self._commands = _pipe()
        self._replies, replies = _pipe()
        log = str(self._folder / "chromium.log")
        self._process = os.posix_spawn(
            self._program,
            [
                self._program,
                *_OPTIONS,
                f"--user-data-dir={self._folder / 'profile'}",
                "about:blank",
            ],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, commands, 3),
                (os.POSIX_SPAWN_DUP2, replies, 4),
            ],
            setpgroup=0,
        )
        os.close(commands)
        os.close(replies)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._commands)
        os.close(self._replies)

    def open(self, file: Path, *, width: int = 1000, dark: bool = False, scripts: bool = True,
             hash_: str = "", media: str = "screen") -> "Page":  # fmt: skip
        """A new page that shows a file, and has finished loading it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                  deviceScaleFactor=1, mobile=width < 500)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        page.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        page.call("Page.navigate", url=file.as_uri() + hash_)
        self.wait_for(session, "Page.loadEventFired")
        return page

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The result of one command.

        Raises:
            BrowserError: when there is none.
        """
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _PATIENCE_S
        while self._last not in self._answers:
            self._listen(deadline)
        answer = self._answers.pop(self._last)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, session: str, event: str) -> None:
        """Return once a page has told of an event, now or earlier.

        Raises:
            BrowserError: when it does not.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while all(name != event for name, _ in self.pages[session].events):
            self._listen(deadline)

    def _listen(self, deadline: float) -> None:
        """Take in what Chromium says next."""
        ready, _, _ = select.select([self._replies], [], [], max(0, deadline - time.monotonic()))
        read = os.read(self._replies, 1 << 20) if ready else b""
        if not read:
            log = (self._folder / "chromium.log").read_text(errors="replace")
            raise BrowserError(f"Chromium says nothing; its log ends with: {log[-2000:]}")
        *messages, self._read = (self._read + read).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                page = self.pages[message["sessionId"]]
                page.events.append((message["method"], message["params"]))


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, which no program that is started inherits by itself."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _OWN_DESCRIPTORS) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


@dataclass
class Page:
    """One page, and everything that it told."""

    chrome: Chrome
    session: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command to this page."""
        return self.chrome.call(method, self.session, **params)

    def run(self, expression: str) -> Any:
        """What a JavaScript expression gives; a promise is awaited.

        Raises:
            BrowserError: when it throws.
        """
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                         awaitPromise=True)  # fmt: skip
        if "exceptionDetails" in done:
            raise BrowserError(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def click(self, selector: str) -> None:
        """Press the mouse on (the first line of) an element; the page has redrawn when this returns."""
        place = self.run(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)});"
            " it.scrollIntoView({block: 'center'}); const box = it.getClientRects()[0];"
            " return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })()"
        )
        for what in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=what, button="left", clickCount=1, **place)
        self._settle()

    def _settle(self) -> None:
        """Return once the page has done what it does at a key or a click, and has redrawn."""
        self.run("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")

    def type(self, text: str) -> None:
        """Press keys one by one; the page has redrawn when this returns."""
        for key in text:
            self.press(key, key)

    def press(self, key: str, text: str = "") -> None:
        """Press one key, such as Escape."""
        more = {"text": text} if text else {}
        codes = {"Escape": 27, "Tab": 9, "Enter": 13, " ": 32}
        for what in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=what, key=key,
                      windowsVirtualKeyCode=codes.get(key, 0), **(more if what == "keyDown" else {}))  # fmt: skip
        self._settle()

    def requests(self) -> list[str]:
        """The addresses of everything that the page asked for."""
        asked = [what for name, what in self.events if name == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in asked]

    def complaints(self) -> list[str]:
        """What stands in the console: errors, refused resources, and what the page wrote there."""
        wanted = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(what) for name, what in self.events if name in wanted]

    def screenshot(self, file: Path) -> None:
        """Write a picture of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(b64decode(shot["data"]))
