"""Kernels of a build are copies of one process that has imported what pages import."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from clusters_book import kernels
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient import NotebookClient

PAGE = """# A page

from here on one reads prose,
import duties are not a module.

```{code-cell} ipython3
:tags: [hide-input]
from email import policy
from collections.abc import (
    Iterable,
    Mapping,
)

import json as text
def late():
    import colorsys
```
"""


def test_statements_of_the_code_are_found_whole_and_prose_is_not() -> None:
    assert kernels.imports(PAGE) == {
        "from email import policy",
        "from collections.abc import (\n    Iterable,\n    Mapping,\n)",
        "import json as text",
    }


@pytest.fixture
def factory() -> Iterator[KernelProvisionerFactory]:
    """Kernels are started as in a build, and afterwards as before."""
    one = KernelProvisionerFactory.instance()
    before = one.default_provisioner_name
    connected: Any = SimpleNamespace(connect=lambda *_, **__: None)
    kernels.setup(connected)
    yield one
    one.default_provisioner_name = before
    one.provisioners.pop("copied", None)


def test_kernels_begin_with_what_was_imported_and_share_no_state(
    factory: KernelProvisionerFactory,
) -> None:
    missing = ["import no_such_module", "from json import no_such_name", "import 1"]
    kernels.Stock.start([*missing, "import colorsys"])
    code = "import sys; print('colorsys' in sys.modules, 'kept' in dir()); kept = 1"
    copied = sys.platform == "linux"  # elsewhere kernels start one by one
    for _ in range(2):
        cell = nbformat.v4.new_code_cell(code)
        notebook = nbformat.v4.new_notebook(cells=[cell])
        NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
        assert notebook.cells[0].outputs[0].text == f"{copied} False\n"
    process = kernels.Stock.process
    assert process is not None
    assert process.stdin
    process.stdin.close()  # as when the build ends
    assert process.wait(10) == 0
