"""A room full: JupyterHub on one machine, with the environment of this book.

``make hub`` runs it with shared accounts, for a trial or for one class that trusts each
other: one password, one system account, so any student could read any other's files.
``ROOM_ACCOUNTS=system`` gives each student a system account instead. What can be set
stands in hub/README.md.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
COPIES = ROOT / "_build" / "student-notebooks"  # as `make notebooks` leaves them
PAGES = ("introduction", "theory", "cases", "lessons")
HANDED_OUT = "creative-clusters"  # the folder that a student finds
PATIENCE = 300  # seconds; thirty servers that start at once make each other wait

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821

folder = Path(os.environ.get("ROOM_FOLDER", ROOT / ".room"))
address = os.environ.get("ROOM_ADDRESS", "127.0.0.1")
port = os.environ.get("ROOM_PORT", "8000")
students = int(os.environ.get("ROOM_STUDENTS", "30"))
accounts = os.environ.get("ROOM_ACCOUNTS", "shared")


def secret(variable: str, length: int) -> str:
    """What the environment says, or a new one; JupyterHub asks for a minimum length."""
    told = os.environ.get(variable, "")
    if told and len(told) < length:
        sys.exit(f"{variable} is too short: {length} characters at least.")
    return told or secrets.token_hex(length // 2)


def free_port() -> int:
    """A port that nobody uses, for what only this machine's own parts talk through."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        found: int = asked.getsockname()[1]
    return found


def hand_out(spawner: Any) -> None:
    """Give a student a copy of the notebooks at the first start, and never again.

    Without the copies of `make notebooks` it is the pages themselves, as `make lab`
    shows them.
    """
    to = folder / "homes" / spawner.user.name / HANDED_OUT
    if to.exists():
        return
    unfinished = to.with_suffix(".unfinished")  # else a half copy would stay for ever
    shutil.rmtree(unfinished, ignore_errors=True)
    if COPIES.is_dir():
        shutil.copytree(COPIES, unfinished)
    else:
        for page in PAGES:
            shutil.copytree(ROOT / "book" / page, unfinished / page)
    unfinished.rename(to)


def first_page() -> str:
    """The lesson that opens when a server has started."""
    lesson = (
        "lessons-no-guarantee.ipynb" if COPIES.is_dir() else "lessons/no-guarantee.md"
    )
    return f"{HANDED_OUT}/{lesson}"


folder.mkdir(mode=0o700, parents=True, exist_ok=True)
c.JupyterHub.bind_url = f"http://{address}:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{free_port()}"
c.JupyterHub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.JupyterHub.log_level = os.environ.get("ROOM_LOG", "WARN")

# The proxy in Python is among the pins, and needs no Node. For HTTPS, or for more than
# one class, put the one from npm here, or a web server in front: see hub/README.md.
c.ConfigurableHTTPProxy.command = [sys.executable, str(ROOT / "hub" / "proxy.py")]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")

c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = f"/lab/tree/{first_page()}"
c.Spawner.notebook_dir = "~"
c.Spawner.start_timeout = c.Spawner.http_timeout = PATIENCE
# All who come are let in: a limit would turn the last of the class away with an error.
c.JupyterHub.concurrent_spawn_limit = 0
c.Spawner.environment = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    # One student's threads would only wait for those of the others.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

if not COPIES.is_dir():  # the copies bring the package, with the sealed answers
    c.Spawner.environment["PYTHONPATH"] = str(ROOT)

if accounts == "system":
    # The system knows the students and their passwords; the hub must run as root.
    c.JupyterHub.authenticator_class = "pam"
    c.JupyterHub.spawner_class = "localprocess"
    c.LocalAuthenticator.allowed_groups = {os.environ.get("ROOM_GROUP", "students")}
    c.Authenticator.admin_users = set(os.environ.get("ROOM_TEACHERS", "").split())
elif accounts == "shared":
    password, of_teacher = secret("ROOM_PASSWORD", 8), secret("ROOM_TEACHER", 32)
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = password
    c.SharedPasswordAuthenticator.admin_password = of_teacher
    c.Authenticator.admin_users = {"teacher"}
    # Known beforehand, so that the teacher can start their servers before class.
    c.Authenticator.allowed_users = {f"student{n:02}" for n in range(1, students + 1)}
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "homes" / "{username}")
    c.Spawner.pre_spawn_hook = hand_out
    if os.geteuid() == 0:  # as in a container; then so is every student
        c.Spawner.args = ["--allow-root"]
    # Matplotlib lists the machine's fonts once; thirty at once would take their time.
    fonts = str(folder / "matplotlib")
    c.Spawner.environment["MPLCONFIGDIR"] = fonts
    listing = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(listing, env=os.environ | {"MPLCONFIGDIR": fonts}, check=True)
    print(
        f"\nThe room opens at {c.JupyterHub.bind_url}\n"
        f"Students log in as student01 to student{students:02}, password {password}\n"
        f"You log in as teacher, password {of_teacher}\n"
        "The address with /hub/admin behind it starts all servers before class.\n"
        "All share one system account: for a trial, or a class that trusts each other."
        "\n\nCtrl-C closes the room; the students' files stay.\n",
        flush=True,
    )
else:
    sys.exit(f"ROOM_ACCOUNTS={accounts} is unknown: say shared or system.")
