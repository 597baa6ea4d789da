"""A room full: the hub takes students in, and its measures and values are sound."""

import asyncio
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml
from bs4 import BeautifulSoup
from clusters_book.room import (
    TRIALS,
    Trial,
    measured,
    pull_link,
    read_trials,
    size,
    write_trials,
)
from nbgitpuller.pull import GitPuller

ROOT = Path(__file__).parents[2]


def imported(path: Path) -> ModuleType:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # named tuples look themselves up there
    spec.loader.exec_module(module)
    return module


load_test = imported(ROOT / "benchmarks" / "room.py")

TRIAL = Trial(
    students=30,
    arrival_s=0,
    lesson="lessons/tensions",
    wait_median_s=70.0,
    wait_p95_s=80.0,
    lesson_median_s=60.0,
    lesson_p95_s=65.0,
    server_core_s=3.0,
    first_output_core_s=4.0,
    whole_core_s=9.0,
    memory_a_student_mib=256.0,
    total_mib=30 * 256 + 200.0,
    failures=0,
    cores=2,
    load_before=0.1,
    date=date(2026, 11, 30),
)


# The hub


@pytest.fixture(scope="module")
def room() -> Iterator[Any]:
    """The hub on a free port, with two students; nothing of it may be left behind."""
    with load_test.open_room(2) as room:
        yield room
        started = load_test.family(room.process)
    left = [process for process in started if process.is_running()]
    assert len(started) >= 2  # hub and proxy
    assert not left, "closing the room left these running"


def test_a_student_logs_in_and_runs_the_books_code(room: Any) -> None:
    """Through form, hub, proxy, server, kernel, and the web socket back."""

    async def attend() -> float | None:
        student = load_test.Student("student01", room)
        student.log_in()
        path, cells = student.open("lessons/no-guarantee")
        assert any("load(" in cell for cell in cells)
        socket = await student.connect(path)
        code = "import creative_clusters.data as d; print(d.load('uk_area_gva').shape)"
        first: float | None = await student.run(socket, code)
        with pytest.raises(load_test.Failed, match="ZeroDivisionError"):
            await student.run(socket, "1 / 0")
        return first

    # Other tests of the process may have a browser, and with it a loop that runs.
    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(asyncio.run, attend()).result() is not None
    (server,) = room.servers().values()
    assert len(load_test.family(server)) == 2  # the server and its kernel
    assert load_test.mebibytes(load_test.family(server)) > 50


def test_nobody_comes_in_without_name_and_password(room: Any) -> None:
    stranger = load_test.Student("stranger", room)
    with pytest.raises(load_test.Failed):
        stranger.log_in()
    guesser = load_test.Student("student02", load_test.Room(room.address, "guessed", 0))
    with pytest.raises(load_test.Failed):
        guesser.log_in()
    assert set(room.servers()) <= {"student01"}


class Config(dict[str, Any]):
    """What JupyterHub hands to its configuration: sections that make themselves."""

    def __getattr__(self, name: str) -> Any:
        return self.setdefault(name, Config())

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def configured(folder: Path, monkeypatch: pytest.MonkeyPatch, **told: str) -> Config:
    """The configuration as it comes out with these variables."""
    for name in [name for name in os.environ if name.startswith("ROOM_")]:
        monkeypatch.delenv(name)
    for name, value in {"ROOM_FOLDER": str(folder), **told}.items():
        monkeypatch.setenv(name, value)
    found = Config()
    path = ROOT / "hub" / "jupyterhub_config.py"
    scope = {"get_config": lambda: found, "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), scope)
    found["hand_out"] = scope["hand_out"]
    found["scope"] = scope
    return found


def test_room_is_open_to_this_machine_only_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: None)  # no list of fonts
    assert configured(tmp_path, monkeypatch).JupyterHub.bind_url == (
        "http://127.0.0.1:8000"
    )
    told = configured(tmp_path, monkeypatch, ROOM_ADDRESS="0.0.0.0", ROOM_PORT="80")
    assert told.JupyterHub.bind_url == "http://0.0.0.0:80"


def test_each_start_has_new_passwords_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: None)
    said = [
        configured(tmp_path, monkeypatch).SharedPasswordAuthenticator for _ in range(2)
    ]
    assert said[0].user_password != said[1].user_password
    assert said[0].admin_password != said[1].admin_password
    assert len(said[0].user_password) >= 8
    assert len(said[0].admin_password) >= 32
    with pytest.raises(SystemExit, match="ROOM_PASSWORD is too short: 8"):
        configured(tmp_path, monkeypatch, ROOM_PASSWORD="short")


def test_accounts_of_the_system_are_not_mixed_with_shared_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = configured(
        tmp_path, monkeypatch, ROOM_ACCOUNTS="system", ROOM_TEACHERS="ada"
    )
    assert found.JupyterHub.authenticator_class == "pam"
    assert found.JupyterHub.spawner_class == "localprocess"
    assert found.LocalAuthenticator.allowed_groups == {"students"}
    assert found.Authenticator == {"admin_users": {"ada"}}
    assert "SharedPasswordAuthenticator" not in found
    assert "pre_spawn_hook" not in found.Spawner  # root writes into nobody's home
    with pytest.raises(SystemExit, match="say shared or system"):
        configured(tmp_path, monkeypatch, ROOM_ACCOUNTS="none")


@pytest.mark.parametrize("copies", [True, False])
def test_students_find_copies_and_what_they_wrote_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copies: bool
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: None)
    found = configured(tmp_path, monkeypatch)
    made = tmp_path / "copies"
    if copies:
        made.mkdir()
        (made / "lessons-no-guarantee.ipynb").write_text("{}")
    found["scope"]["COPIES"] = made
    student = Config(user=Config(name="student01"))
    found["hand_out"](student)
    first = tmp_path / "homes" / "student01" / found["scope"]["first_page"]()
    assert first.is_file()
    first.write_text("mine")
    found["hand_out"](student)
    assert first.read_text() == "mine"
    assert not list(tmp_path.rglob("*.unfinished"))


# The measures


def test_summary_counts_failures_and_leaves_them_out_of_the_times() -> None:
    course = load_test.Course
    fared = [course(float(wait), wait / 2, 2.0, 3.0) for wait in range(1, 21)]
    found = load_test.summary(
        "lessons/tensions",
        120,
        [*fared, load_test.Failed("no server")],
        load_test.Cost(2100, 2300, 189, 210, 0.2),  # hub and proxy: a second a student
    )
    assert (found.students, found.failures, found.arrival_s) == (21, 1, 120)
    assert (found.wait_median_s, found.wait_p95_s) == (10.5, 19)
    assert (found.lesson_median_s, found.lesson_p95_s) == (5.2, 9.5)
    assert (found.server_core_s, found.first_output_core_s) == (3, 4)
    assert found.whole_core_s == 10
    assert (found.memory_a_student_mib, found.total_mib) == (100, 2300)
    assert found.cores == os.cpu_count()
    assert found.alone


def test_room_that_nobody_gets_into_is_no_trial() -> None:
    cost = load_test.Cost(0, 0, 0, 0, 0)
    with pytest.raises(SystemExit, match="All 1 students failed: no server"):
        load_test.summary("x", 0, [load_test.Failed("no server")], cost)


@pytest.mark.parametrize(
    ("count", "share", "rank"),
    [(20, 0.95, 19), (30, 0.95, 29), (1, 0.95, 1), (4, 1, 4)],
)
def test_percentile_is_a_value_that_was_seen(
    count: int, share: float, rank: int
) -> None:
    values = [float(value) for value in range(count, 0, -1)]
    assert load_test.percentile(values, share) == rank


def test_newer_trial_replaces_the_same_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "room.csv"
    small = dataclasses.replace(TRIAL, students=5)
    again = dataclasses.replace(TRIAL, wait_median_s=60.5, failures=2)
    write_trials(path, [TRIAL, small])
    assert read_trials(path) == [small, TRIAL]
    write_trials(path, [*read_trials(path), again])
    assert read_trials(path) == [small, again]


def test_fault_in_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "room.csv"
    write_trials(path, [TRIAL])
    path.write_text(path.read_text().replace(",70.0,", ",soon,"))
    with pytest.raises(ValueError, match=r"wait_median_s .*soon"):
        read_trials(path)


def test_machine_is_reckoned_from_the_largest_class_at_once() -> None:
    other = dataclasses.replace(TRIAL, students=5, memory_a_student_mib=900)
    later = dataclasses.replace(TRIAL, students=60, arrival_s=120)
    found = measured([TRIAL, other, later])
    assert found == {TRIAL.lesson: TRIAL}
    need = size(TRIAL, 30)
    # 200 of the hub, 2048 of the system, 256 and a quarter for each; in GiB, rounded up
    assert need.memory_gib == 12
    assert need.cores_at_once == 3  # 30 x 4 s x 1.25 in 60 s
    assert need.cores_arriving == 2  # the same in 120 s
    assert need.cores_lesson == 1  # 30 x 6 s x 1.25 in 300 s
    assert size(TRIAL, 300).cores_at_once == 25


def test_trials_of_the_book_name_lessons_of_the_book() -> None:
    trials = read_trials(TRIALS)
    assert trials
    for trial in trials:
        assert (ROOT / "book" / f"{trial.lesson}.md").is_file()
        assert trial.wait_median_s <= trial.wait_p95_s
        assert trial.server_core_s <= trial.first_output_core_s <= trial.whole_core_s
        assert 0 <= trial.failures <= trial.students


# Student copies by nbgitpuller


def git(*words: str, cwd: Path) -> str:
    # Hooks and settings of the machine's user play no part.
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=Somebody", "-c", "user.email=some@body.example"]
    done = subprocess.run(
        ["git", *who, *words],
        cwd=cwd,
        env=os.environ | alone,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def shelf(tmp_path: Path) -> tuple[Path, Callable[[str], None]]:
    """A remote, and a way to offer student copies on it."""
    remote, tree = tmp_path / "remote.git", tmp_path / "tree"
    tree.mkdir()
    git("init", "--quiet", "--bare", str(remote), cwd=tmp_path)
    git("init", "--quiet", "-b", "main", cwd=tree)
    git("commit", "--quiet", "--allow-empty", "-m", "The book", cwd=tree)
    git("remote", "add", "origin", str(remote), cwd=tree)

    def offer(text: str) -> None:
        copies = tree / "_build" / "student-notebooks"
        copies.mkdir(parents=True, exist_ok=True)
        (copies / "lesson.ipynb").write_text(text)
        (copies / "notes.ipynb").write_text("notes")
        subprocess.run([ROOT / ".ci" / "offer-notebooks"], cwd=tree, check=True)

    return remote, offer


def test_copies_reach_students_and_leave_their_work(
    shelf: tuple[Path, Callable[[str], None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remote, offer = shelf
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    home = tmp_path / "home" / "book"

    def pull() -> None:
        puller = GitPuller(f"file://{remote}", str(home), branch="student-notebooks")
        assert list(puller.pull()) is not None

    offer("first")
    pull()
    assert (home / "lesson.ipynb").read_text() == "first"
    (home / "notes.ipynb").write_text("what a student wrote")
    offer("second")
    offer("second")  # nothing new, so no commit
    pull()
    assert (home / "lesson.ipynb").read_text() == "second"
    assert (home / "notes.ipynb").read_text() == "what a student wrote"
    commits = git("rev-list", "--count", "student-notebooks", cwd=remote)
    assert commits == "2"


def test_no_copies_no_branch(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / ".ci" / "offer-notebooks"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert "make notebooks" in done.stderr


def test_pull_link_opens_the_student_copy() -> None:
    assert pull_link("https://github.com/someone/fork", "lessons/place") == (
        "https://YOUR-HUB/hub/user-redirect/git-pull"
        "?repo=https%3A%2F%2Fgithub.com%2Fsomeone%2Ffork"
        "&branch=student-notebooks"
        "&urlpath=lab%2Ftree%2Ffork%2Flessons-place.ipynb"
    )


# Kubernetes: the chart's own schema is neither published as a package nor small. This
# one is ours, written from the chart's documentation, for the keys that we use.


def of(**properties: Any) -> dict[str, Any]:
    """An object of these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


TEXT, NUMBER, SWITCH = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
COUNT = {"type": "integer", "minimum": 0}
MEMORY = {"anyOf": [NUMBER, {"type": "string", "pattern": r"^\d+(\.\d+)?[KMGT]$"}]}
NEEDED = {"required": ["name", "tag"]}
CHART = of(
    hub=of(config={"type": "object", "additionalProperties": {"type": "object"}}),
    proxy=of(
        service=of(type={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]}),
        https=of(enabled=SWITCH, hosts={"type": "array", "items": TEXT}),
    ),
    singleuser=of(
        image=of(name=TEXT, tag=TEXT) | NEEDED,
        defaultUrl=TEXT,
        startTimeout=COUNT,
        memory=of(guarantee=MEMORY, limit=MEMORY),
        cpu=of(guarantee=NUMBER, limit=NUMBER),
        storage=of(type={"enum": ["dynamic", "static", "none"]}, capacity=TEXT),
        extraEnv={"type": "object", "additionalProperties": TEXT},
    ),
    cull=of(enabled=SWITCH, timeout=COUNT, every=COUNT),
    prePuller=of(hook=of(enabled=SWITCH), continuous=of(enabled=SWITCH)),
    scheduling=of(
        userScheduler=of(enabled=SWITCH),
        userPlaceholder=of(enabled=SWITCH, replicas=COUNT),
    ),
)


def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (ROOT / "hub" / "values.yaml").read_text(encoding="utf-8")
    )
    return found


def faults(found: dict[str, Any]) -> list[str]:
    """What the schema says against values."""
    checker = jsonschema.Draft202012Validator(CHART)
    return [error.message for error in checker.iter_errors(found)]


def test_values_are_of_keys_and_types_that_the_chart_knows() -> None:
    jsonschema.Draft202012Validator.check_schema(CHART)
    assert faults(values()) == []


@pytest.mark.parametrize(
    ("place", "key", "value", "said"),
    [
        ("singleuser", "memori", {}, "'memori' was unexpected"),
        ("singleuser.memory", "limit", "1 gigabyte", "not valid under any"),
        ("singleuser.extraEnv", "OMP_NUM_THREADS", 1, "1 is not of type 'string'"),
        ("cull", "enabled", "maybe", "'maybe' is not of type 'boolean'"),
        ("singleuser", "image", {"name": "x"}, "'tag' is a required property"),
        ("scheduling.userPlaceholder", "replicas", -1, "less than the minimum"),
    ],
)
def test_planted_fault_in_the_values_is_found(
    place: str, key: str, value: Any, said: str
) -> None:
    found = inner = values()
    for step in place.split("."):
        inner = inner[step]
    inner[key] = value
    assert len(faults(found)) == 1
    assert said in faults(found)[0]


def mib(text: str) -> float:
    """An amount of memory as Kubernetes writes it."""
    return float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


def test_memory_that_kubernetes_keeps_is_what_a_student_was_measured_to_take() -> None:
    memory = values()["singleuser"]["memory"]
    most = max(trial.memory_a_student_mib for trial in read_trials(TRIALS))
    assert mib(memory["guarantee"]) >= most
    assert mib(memory["limit"]) >= 1.5 * most


def test_threads_are_the_same_in_both_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = configured(tmp_path, monkeypatch, ROOM_ACCOUNTS="system").Spawner.environment
    there = values()["singleuser"]["extraEnv"]
    assert there.items() <= here.items()
    assert json.dumps(there)  # plain text, as the chart hands it on


# The page


def cells(page: Any, caption: str) -> list[list[str]]:
    """The rows of a table as a reader sees them."""
    (found,) = (
        t for t in page("table") if t.caption and t.caption.text.rstrip("#") == caption
    )
    return [[cell.text for cell in row(["th", "td"])] for row in found("tr")][1:]


def test_page_shows_the_trials_and_what_follows_from_them(book: Path) -> None:
    html = (book / "teaching" / "room.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    trials = read_trials(TRIALS)
    shown = cells(page, "A room on one machine, measured")
    assert len(shown) == len(trials)
    for row, trial in zip(shown, trials, strict=True):
        assert row[1].startswith(f"{trial.students}, ")
        assert row[2] == f"{trial.wait_median_s:.0f}; {trial.wait_p95_s:.0f}"
        assert row[3] == f"{trial.lesson_median_s:.0f}; {trial.lesson_p95_s:.0f}"
        assert row[4:7] == [
            f"{trial.memory_a_student_mib:.0f}",
            f"{trial.total_mib / 1024:.1f}",
            f"{trial.failures}",
        ]
        assert row[7].endswith("*") is not trial.alone
    reckoned = cells(page, "The machine that a class needs, reckoned")
    expected = [
        [str(students), *(str(n) for n in vars(size(trial, students)).values())]
        for _, trial in sorted(measured(trials).items())
        for students in (30, 300)
    ]
    assert [row[1:] for row in reckoned] == expected
