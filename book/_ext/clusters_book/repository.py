"""Buttons, and the address of the site, that point at git's own remote.

A fork's buttons point at the fork without anyone editing a setting. Where the remote
is not a public https address on a host whose links the theme can write, there are no
buttons rather than dead ones, and nothing of the remote shows in the site.
"""

import re
import subprocess
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).parents[3]
PUBLIC = re.compile(r"https://(?:github|gitlab)\.com/[\w.-]+/[\w.-]+?(?:\.git)?/?")
BUTTONS = ("use_repository_button", "use_source_button", "use_edit_page_button")


def git(root: Path, *words: str) -> str:
    """What git answers, or nothing where there is no git, repository or remote."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def public_address(remote: str) -> str | None:
    """The remote as an address one may show, or None.

    Addresses with a user name or a token in them are not shown, nor guessed at.
    """
    if not PUBLIC.fullmatch(remote):
        return None
    return remote.rstrip("/").removesuffix(".git")


def pages_address(repository: str) -> str:
    """Where GitHub and GitLab publish the pages of a repository."""
    host, owner, name = repository.removeprefix("https://").split("/")
    return f"https://{owner.lower()}.{host.removesuffix('.com')}.io/{name}/"


def set_buttons(app: Sphinx, config: Config) -> None:
    """Switch the theme's buttons on for a public remote, and off for any other."""
    options = config.html_theme_options
    address = public_address(git(ROOT, "remote", "get-url", "origin"))
    options["repository_url"] = address or ""
    app.config.ogp_site_url = pages_address(address) if address else ""
    options.update(dict.fromkeys(BUTTONS, address is not None))
    if address is None:
        options["launch_buttons"] = {}
    else:
        branch = git(ROOT, "symbolic-ref", "--short", "HEAD") or "main"
        options["repository_branch"] = branch


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("config-inited", set_buttons)
