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
from importlib.metadata import EntryPoint
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from clusters_book.execution import has_code

STOCK = Path(__file__).with_name("stock.py")
IMPORT = re.compile(r"^(?:from|import) ([A-Za-z_][\w.]*)", re.MULTILINE)
OWN = "creative_clusters"  # loads in no time, once the packages it uses are there


def imports(text: str) -> set[str]:
    """Modules that a page's code imports by name, but for Python's and the book's."""
    found = set(IMPORT.findall(text))
    known = {*sys.stdlib_module_names, OWN}
    return {name for name in found if name.split(".")[0] not in known}


def note_imports(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Hand on what the pages to be read import."""
    paths = [path for name in docnames if has_code(path := env.doc2path(name))]
    needed = [imports(Path(path).read_text(encoding="utf-8")) for path in paths]
    if paths:  # from here on it loads, while the build goes on
        Stock.start(sorted(set().union(*needed)))


class Stock:
    """The process that kernels are copied from, one for all processes of a build."""

    process: "subprocess.Popen[str] | None" = None
    turn: Any = None  # one order at a time

    @classmethod
    def start(cls, modules: list[str]) -> None:
        """Begin to load the modules."""
        cls.turn = get_context("fork").Lock()
        cls.process = subprocess.Popen(
            [sys.executable, STOCK, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
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
    app.connect("env-before-read-docs", note_imports)
