"""Tries whether git can read each repository that is configured, and says what is off without it."""

import asyncio
import re
from collections.abc import Mapping

from bot.checking.row import Row, State
from bot.config import Config

_AREA = "credentials"
_SECONDS = 5.0
_OFF = {
    "POSTMORTEM_REPO": "No postmortem is written; the timeline keeps what one is made of.",
    "TERRAFORM_REPO": "What changed is asked without the commits to Terraform.",
}


async def rows(config: Config, environ: Mapping[str, str]) -> list[Row]:
    """One row each, side by side."""
    asked = (
        ("Postmortem repository", "Postmortems", "POSTMORTEM_REPO", config.postmortem_repo),
        ("Terraform repository", "Terraform", "TERRAFORM_REPO", config.terraform_repo),
    )
    return list(
        await asyncio.gather(
            *(
                _row(label, variable, repo, environ) if repo else _off(name, variable)
                for name, label, variable, repo in asked
            )
        )
    )


async def _off(name: str, variable: str) -> Row:
    what = f"{name} is not configured."
    return Row(area=_AREA, where=variable, state=State.OFF, what=what, fix=_OFF[variable])


async def _row(label: str, variable: str, repo: str, environ: Mapping[str, str]) -> Row:
    if wrong := await _unreadable(repo, environ):
        what, fix = wrong
        return Row(area=_AREA, where=variable, state=State.PROBLEM, what=what, fix=fix)
    shown = re.sub(r"//[^/@]*@", "//", repo)
    return Row(area=_AREA, where=variable, state=State.OK, what=f"{label}: {shown}")


async def _unreadable(repo: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong and what to do; None where it can be read."""
    try:
        listing = await asyncio.create_subprocess_exec(
            *("git", "ls-remote", "--heads", "--", repo),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Without this git would ask for a password on the terminal and wait.
            env={**environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError:
        return "git is not installed here.", "Install git."
    try:
        code = await asyncio.wait_for(listing.wait(), _SECONDS)
    except TimeoutError:
        listing.kill()
        await listing.wait()
        return "The repository did not answer within 5 s.", "Check its address."
    if code:
        return "git cannot read the repository.", "Check the address and the deploy key."
    return None
