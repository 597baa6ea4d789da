"""The stock process of `kernels`: loads packages once, becomes a kernel by fork.

Called with the statements by which pages import. Reads an order a line, with command,
folder and environment of a kernel, and answers with the number of the process that it
made.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import sys


def become_kernel(order: dict[str, object]) -> None:
    """Turn this copy into the kernel that was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[call-overload]
    from ipykernel.kernelapp import IPKernelApp

    command = order["command"]
    assert isinstance(command, list)
    # A kernel ends when its parent does, which is this process and not the build.
    IPKernelApp.launch_instance(
        argv=[*command[command.index("-f") :], "--log-level=ERROR"],
        parent_handle=os.getppid(),
    )


def main() -> None:
    """Load, then wait for orders until the build ends."""
    # The folder of this file; a kernel has that of its page instead.
    sys.path.pop(0)
    # What a kernel tells matplotlib, which asks when it is loaded.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # or it warns
    importlib.import_module("ipykernel.kernelapp")
    importlib.import_module("ipykernel.debugger")  # which a kernel loads when it starts
    for statement in sys.argv[1:]:
        with contextlib.suppress(ImportError, SyntaxError):  # the page will say so
            exec(statement, {})
    gc.freeze()  # what is loaded stays: no copy need look through it for garbage
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for ended copies
    while line := sys.stdin.readline():
        made = os.fork()
        if not made:
            become_kernel(json.loads(line))
            os._exit(0)
        print(made, flush=True)


if __name__ == "__main__":
    main()
