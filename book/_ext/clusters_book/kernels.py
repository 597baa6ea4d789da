"""Kernels that start with the packages of the pages already loaded.

Starting Python and loading pandas, matplotlib and their like takes longer than most
pages compute. So the build keeps one stock process that has loaded what the pages to be
read import, and every page gets a copy of it made by fork: a kernel as fresh as one
started from nothing, in a tenth of a second.

Only on Linux: elsewhere a forked copy of these packages is not safe, and pages run in
kernels started one by one, with the same results.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from clusters_book.execution import has_code

STOCK = Path(__file__).with_name("stock.py")
# Pages already run on all cores; more threads would only wait for one another.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r"^(?:from|import) [^(\n]+(?:\([^)]*\))?", re.MULTILINE)


def imports(text: str) -> set[str]:
    """The statements by which a page's code imports."""
    return set(IMPORT.findall("\n".join(CELL.findall(text))))


def load_for(paths: Iterable[str]) -> None:
    """From here on, what pages import is loaded, while the build goes on."""
    coded = [Path(path) for path in paths if has_code(path)]
    needed = [imports(path.read_text(encoding="utf-8")) for path in coded]
    if coded and Stock.process is None:
        Stock.start(sorted(set().union(*needed)))


def load_for_all(app: Sphinx, config: Config) -> None:
    """Begin at once where every page will be read."""
    if not (Path(app.doctreedir) / ENV_PICKLE_FILENAME).exists():
        load_for(map(str, Path(app.srcdir).rglob("*.md")))


def load_for_changed(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Begin as soon as it is known which pages will be read."""
    load_for(map(env.doc2path, docnames))


class Stock:
    """The process that kernels are copied from, one for all processes of a build."""

    process: "subprocess.Popen[str] | None" = None
    turn: Any = None  # one order at a time

    @classmethod
    def start(cls, statements: list[str]) -> None:
        """Begin to import."""
        cls.turn = get_context("fork").Lock()
        cls.process = subprocess.Popen(
            [sys.executable, STOCK, *statements],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ONE_THREAD},
        )

    @classmethod
    def kernel(cls, command: list[str], cwd: str, env: dict[str, str]) -> int:
        """Have a kernel made; return the number of its process."""
        assert cls.process is not None
        assert cls.process.stdin
        assert cls.process.stdout
        order = {"command": command, "cwd": cwd, "env": env}
        with cls.turn:
            print(json.dumps(order), file=cls.process.stdin, flush=True)
            return int(cls.process.stdout.readline())


class Copied:
    """What jupyter_client asks of a process that it has not started by itself."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        """Find the process by its number."""
        self.pid = pid
        self.process = psutil.Process(pid)
        self.send_signal = self.process.send_signal
        self.kill = self.process.kill
        self.terminate = self.process.terminate

    def poll(self) -> int | None:
        """None while it runs. How it ended, only its parent knows; nobody asks."""
        return None if self.process.is_running() else 0

    def wait(self) -> int:
        """Wait for its end."""
        self.process.wait()
        return 0


class CopyProvisioner(LocalProvisioner):
    """Starts kernels as copies of the stock process."""

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Make the kernel, where the notebook lies."""
        cwd = kwargs.get("cwd") or os.getcwd()
        pid = Stock.kernel(cmd, str(cwd), dict(kwargs.get("env") or os.environ))
        self.process = Copied(pid)  # type: ignore[assignment]
        self.pid = self.pgid = pid
        return self.connection_info


def setup(app: Sphinx) -> None:
    """Make copies the way in which kernels of this build are started."""
    if sys.platform != "linux":
        return
    factory = KernelProvisionerFactory.instance()
    value = f"{CopyProvisioner.__module__}:{CopyProvisioner.__name__}"
    factory.provisioners["copied"] = EntryPoint("copied", value, factory.GROUP_NAME)
    factory.default_provisioner_name = "copied"
    Stock.process = None
    app.connect("config-inited", load_for_all, priority=950)  # doctrees are settled
    app.connect("env-before-read-docs", load_for_changed)
