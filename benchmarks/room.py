"""How long a full room waits, and how much memory it takes.

Starts the hub of ``hub/``, logs students in by the form as browsers do, lets each start
a server, open a lesson and run all its cells, and writes one row a trial into
``benchmarks/room.csv``. No browser is driven: what a student's own machine draws costs
the room nothing. Times depend on what else the machine does; the row says how much that
was.

``room.py`` runs the trials of a class of thirty; ``room.py --students 5 --over 0
--lessons lessons/tensions`` one of your own.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from clusters_book.room import (  # noqa: E402
    ARRIVAL,
    TRIALS,
    Trial,
    read_trials,
    write_trials,
)

LESSONS = ("lessons/tensions", "lessons/no-guarantee")  # a light one, a heavy one
FOLDER = "creative-clusters"  # where the hub hands the notebooks out
PATIENCE = 900  # seconds that a student waits for an answer before giving up
OUTPUT = {"stream", "display_data", "execute_result"}
SHOWN = 300  # letters of what went wrong


class Failed(Exception):
    """What a student could not do."""


class Course(NamedTuple):
    """How one student fared: seconds of the clock, and of the processor."""

    wait: float
    lesson: float
    server_core: float
    first_output_core: float


class Room:
    """A running hub."""

    def __init__(self, address: str, password: str, process: psutil.Process) -> None:
        """Note where it is; ``open_room`` starts it."""
        self.address, self.password, self.process = address, password, process

    def servers(self) -> dict[str, psutil.Process]:
        """The running servers by student."""
        found = {}
        for child in self.process.children():
            try:
                student = child.environ().get("JUPYTERHUB_USER")
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            if student:
                found[student] = child
        return found


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that it has started."""
    return [process, *process.children(recursive=True)]


def core_seconds(processes: Sequence[psutil.Process]) -> float:
    """What they have used of the processor so far."""
    total = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


def mebibytes(processes: Sequence[psutil.Process]) -> float:
    """What they hold; on Linux what they share is divided among them."""
    total = 0
    for process in processes:
        try:
            said = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += getattr(said, "pss", said.rss)
    return total / 2**20


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        found: int = asked.getsockname()[1]
    return found


@contextmanager
def open_room(students: int) -> Iterator[Room]:
    """Start the hub in a folder of its own; stop it and all servers at the end."""
    password, port = secrets.token_hex(8), free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = os.environ | {
            "ROOM_FOLDER": folder,
            "ROOM_ADDRESS": "127.0.0.1",
            "ROOM_PORT": str(port),
            "ROOM_PASSWORD": password,
            "ROOM_ACCOUNTS": "shared",
            "ROOM_STUDENTS": str(students),
        }
        command = (sys.executable, "-m", "jupyterhub", "-f")
        log = Path(folder) / "hub.log"
        with log.open("w", encoding="utf-8") as said:
            hub = psutil.Popen(
                [*command, str(ROOT / "hub" / "jupyterhub_config.py")],
                cwd=folder,
                env=environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{address}/hub/login", hub, log)
            yield Room(address, password, hub)
        finally:
            close(hub)


def wait_for(address: str, hub: psutil.Popen, log: Path) -> None:
    """Wait until the hub answers."""
    while hub.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"The hub stopped:\n{log.read_text(encoding='utf-8')}")


def close(hub: psutil.Popen) -> None:
    """Ask the hub to stop, then end what it has started and left."""
    started = family(hub) if hub.is_running() else []
    if hub.poll() is None:
        hub.terminate()
    _, left = psutil.wait_procs(started, timeout=60)
    for process in left:
        process.kill()


class Student:
    """One student at a browser."""

    def __init__(self, name: str, room: Room) -> None:
        """Sit down; nothing has been asked yet."""
        self.name, self.room = name, room
        self.cookies = CookieJar()
        browser = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(browser)
        self.server = f"{room.address}/user/{name}"

    def ask(self, url: str, data: bytes | None = None, **headers: str) -> str:
        """One request, redirects followed, cookies kept."""
        # As a browser says of a page that a person opens; the hub asks for it.
        headers.setdefault("Sec-Fetch-Mode", "navigate")
        request = urllib.request.Request(url, data, headers)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                text: str = answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            place = url.removeprefix(self.room.address).partition("?")[0]
            raise Failed(f"{place}: {error.code} {error.reason}") from None
        except OSError as error:
            raise Failed(f"{url}: {error}") from None
        return text

    def log_in(self) -> None:
        """Fill in the form, which also starts the server, and wait until it is up."""
        hub = f"{self.room.address}/hub"
        form = self.ask(f"{hub}/login?next=%2Fhub%2Fspawn")
        hidden = re.search(r'name="_xsrf"\s+value="([^"]+)"', form)
        if not hidden:
            raise Failed("the login page has no form")
        filled = {
            "username": self.name,
            "password": self.room.password,
            "_xsrf": hidden[1],
        }
        self.ask(
            f"{hub}/login?next=%2Fhub%2Fspawn",
            urllib.parse.urlencode(filled).encode(),
        )
        # The waiting page reads this until it says that the server is ready.
        news = self.ask(
            f"{hub}/api/users/{self.name}/server/progress?_xsrf={self.token('/hub/')}"
        )
        if '"ready": true' not in news:
            raise Failed(f"no server: {news[-SHOWN:]}")
        self.ask(f"{self.server}/lab")  # takes the student's cookie from hub to server

    def token(self, path: str) -> str:
        """The mark against forged requests that the browser holds for a path."""
        for cookie in self.cookies:
            if cookie.name == "_xsrf" and cookie.path == path:
                return cookie.value or ""
        raise Failed(f"no _xsrf cookie for {path}")

    def api(self, path: str, said: dict[str, Any] | None = None) -> Any:
        """What the student's own server answers."""
        answer = self.ask(
            f"{self.server}/api/{path}",
            json.dumps(said).encode() if said else None,
            **{"X-XSRFToken": self.token(f"/user/{self.name}/")},
        )
        return json.loads(answer)

    def open(self, lesson: str) -> tuple[str, list[str]]:
        """The notebook's path and its code, as the server gives it out."""
        found = {entry["name"] for entry in self.api(f"contents/{FOLDER}")["content"]}
        copy = f"{lesson.replace('/', '-')}.ipynb"
        path = f"{FOLDER}/{copy if copy in found else f'{lesson}.md'}"
        notebook = self.api(f"contents/{path}?type=notebook&content=1")["content"]
        cells = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
        if not cells:
            raise Failed(f"{path} has no code")
        return path, cells

    async def connect(self, path: str) -> WebSocketClientConnection:
        """Start a kernel beside the notebook, and talk to it."""
        asked = {
            "path": path,
            "name": path,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        session = await asyncio.to_thread(self.api, "sessions", asked)
        kernel = session["kernel"]["id"]
        token = self.token(f"/user/{self.name}/")
        address = f"{self.server}/api/kernels/{kernel}/channels?_xsrf={token}"
        request = urllib.request.Request(address)
        self.cookies.add_cookie_header(request)
        return await websocket_connect(
            HTTPRequest(
                address.replace("http", "ws", 1),
                headers={"Cookie": request.get_header("Cookie", "")},
                connect_timeout=PATIENCE,
                request_timeout=PATIENCE,
            ),
            max_message_size=2**28,
        )

    async def run(self, socket: WebSocketClientConnection, code: str) -> float | None:
        """Run one cell; return when its first output came, if any did."""
        asked = message(code)
        await socket.write_message(json.dumps(asked))
        first, replied, idle = None, False, False
        while not (replied and idle):
            said = await asyncio.wait_for(socket.read_message(), PATIENCE)
            if said is None:
                raise Failed("the connection to the kernel broke off")
            answer = json.loads(said)
            if answer["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind in OUTPUT and first is None:
                first = time.perf_counter()
            elif kind == "error":
                raise Failed(f"{content['ename']}: {content['evalue']}")
            replied = replied or kind == "execute_reply"
            idle = idle or content.get("execution_state") == "idle"
        return first

    def used(self) -> float:
        """Seconds of the processor that this student has cost so far."""
        return core_seconds(family(self.room.servers()[self.name]))

    async def attend(self, lesson: str, after: float = 0) -> Course:
        """Come in, run the lesson, and stay."""
        await asyncio.sleep(after)
        came = time.perf_counter()
        await asyncio.to_thread(self.log_in)
        path, cells = await asyncio.to_thread(self.open, lesson)
        started = self.used()
        socket = await self.connect(path)
        began, first, used = time.perf_counter(), None, 0.0
        for number, cell in enumerate(cells, start=1):
            try:
                seen = await self.run(socket, cell)
            except Failed as error:
                raise Failed(f"cell {number} of {path}: {error}") from None
            if first is None and seen:
                first = seen
                used = self.used()
        ended = time.perf_counter()
        return Course((first or ended) - came, ended - began, started, used)


def message(code: str) -> dict[str, Any]:
    """What a notebook sends to run a cell."""
    return {
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid.uuid4().hex,
            "username": "",
            "version": "5.4",
        },
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


class Cost(NamedTuple):
    """What the whole room took when all had finished."""

    servers_mib: float
    total_mib: float
    servers_core_s: float
    total_core_s: float
    load_before: float


def summary(
    lesson: str, arrival: int, fared: Sequence[Course | Exception], cost: Cost
) -> Trial:
    """One row: who failed counts as a failure, and in nothing else."""
    done = [one for one in fared if isinstance(one, Course)]
    if not done:
        raise SystemExit(f"All {len(fared)} students failed: {fared[0]}")
    waits, lessons = [one.wait for one in done], [one.lesson for one in done]
    # Hub and proxy work while students come in, so their part belongs to the start.
    hub = (cost.total_core_s - cost.servers_core_s) / len(fared)
    server = hub + statistics.mean(one.server_core for one in done)
    first = hub + statistics.mean(one.first_output_core for one in done)
    return Trial(
        students=len(fared),
        arrival_s=arrival,
        lesson=lesson,
        wait_median_s=round(statistics.median(waits), 1),
        wait_p95_s=round(percentile(waits, 0.95), 1),
        lesson_median_s=round(statistics.median(lessons), 1),
        lesson_p95_s=round(percentile(lessons, 0.95), 1),
        server_core_s=round(server, 2),
        first_output_core_s=round(first, 2),
        whole_core_s=round(cost.total_core_s / len(fared), 2),
        memory_a_student_mib=round(cost.servers_mib / len(fared), 1),
        total_mib=round(cost.total_mib, 1),
        failures=len(fared) - len(done),
        cores=os.cpu_count() or 1,
        load_before=round(cost.load_before, 1),
        date=date.today(),
    )


async def attend_all(
    room: Room, names: Sequence[str], lesson: str, over: float
) -> list[Course | Exception]:
    """All come in, evenly over some seconds, and run the lesson."""
    step = over / max(len(names) - 1, 1)
    fared = await asyncio.gather(
        *(Student(n, room).attend(lesson, i * step) for i, n in enumerate(names)),
        return_exceptions=True,
    )
    found: list[Course | Exception] = []
    for name, one in zip(names, fared, strict=True):
        if isinstance(one, Exception):
            print(f"{name} failed: {one}", file=sys.stderr)
        elif isinstance(one, BaseException):
            raise one
        found.append(one)
    return found


def trial(students: int, over: int, lesson: str) -> Trial:
    """Open a room, fill it, measure it and close it."""
    load = os.getloadavg()[0]
    names = [f"student{number:02}" for number in range(1, students + 1)]
    with open_room(students) as room:
        loop = asyncio.new_event_loop()
        # Each student is a thread while waiting for a page.
        loop.set_default_executor(ThreadPoolExecutor(students))
        before = core_seconds(family(room.process))
        fared = loop.run_until_complete(attend_all(room, names, lesson, over))
        everything = family(room.process)
        servers = [p for one in room.servers().values() for p in family(one)]
        cost = Cost(
            mebibytes(servers),
            mebibytes(everything),
            core_seconds(servers),
            core_seconds(everything) - before,
            load,
        )
        loop.close()
    return summary(lesson, over, fared, cost)


def main() -> None:
    """Run trials from the command line, and keep each at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument(
        "--over",
        type=int,
        nargs="+",
        default=[0, ARRIVAL],
        help="seconds over which they arrive; 0 is at once",
    )
    parser.add_argument("--lessons", nargs="+", default=LESSONS, help="pages to run")
    parser.add_argument("--out", type=Path, default=TRIALS)
    options = parser.parse_args()
    for lesson in options.lessons:
        for over in options.over:
            found = trial(options.students, over, lesson)
            print(found, flush=True)
            older = read_trials(options.out) if options.out.exists() else []
            write_trials(options.out, [*older, found])


if __name__ == "__main__":
    main()
