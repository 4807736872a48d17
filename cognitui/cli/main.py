"""Finds the command, imports it alone, runs it, and turns what happened into an exit status.

Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 the tenant could not be reached or did
not let us in, 130 interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import io
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from cognitui.__about__ import __version__
from cognitui.errors import CognituiError, UsageError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

INTERRUPTED = 130
SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class Command:
    """A command: where it lives and what it is for."""

    module: str
    help: str


COMMANDS: dict[str, Command] = {
    "demo": Command("demo", "the console on a sandbox tenant: no account needed"),
    "serve": Command("serve", "the console in a browser"),
    "sandbox": Command("sandbox", "the sandbox tenant alone"),
    "tenants list": Command("tenants_list", "the tenants that are known here"),
    "tenants add": Command("tenants_add", "add a tenant, and keep its key in the vault"),
    "tenants test": Command("tenants_test", "find out whether a tenant lets you in, or why not"),
    "tenants remove": Command("tenants_remove", "remove a tenant and its key from this machine"),
    "tenants export": Command("tenants_export", "the tenants as a file, without their keys"),
    "tenants import": Command("tenants_import", "add tenants from such a file"),
    "tenants passphrase": Command("tenants_passphrase", "give the vault another passphrase"),
    "tenants keyring": Command("tenants_keyring", "let the system's keyring open the vault"),
    "webhooks list": Command("webhooks_list", "a bot's webhooks"),
    "webhooks show": Command("webhooks_show", "one webhook, also as curl, Python or a file"),
    "webhooks check": Command("webhooks_check", "which webhooks are unhealthy, and why"),
    "webhooks register": Command("webhooks_register", "register a webhook from a file"),
    "webhooks update": Command("webhooks_update", "change what is given of a webhook"),
    "webhooks delete": Command("webhooks_delete", "delete a webhook"),
    "webhooks export": Command("webhooks_export", "a bot's webhooks as a file, for git"),
    "webhooks plan": Command("webhooks_plan", "what a file of webhooks would change"),
    "webhooks apply": Command("webhooks_apply", "make a bot's webhooks what a file says"),
    "callback send": Command("callback_send", "sign a callback and send it to a URL"),
    "callback burst": Command("callback_burst", "send many callbacks and measure the endpoint"),
    "callback verify": Command("callback_verify", "check the signature of a body"),
    "callback explain": Command("callback_explain", "tell why a callback does not verify"),
    "callback code": Command("callback_code", "code that verifies callbacks in your endpoint"),
    "callback listen": Command("callback_listen", "receive callbacks on this machine"),
    "callback probe": Command("callback_probe", "attack an endpoint on purpose: a report card"),
    "callback export": Command("callback_export", "a kept callback as curl, .http, HAR or a test"),
    "audit list": Command("audit_list", "what was done, by a filter"),
    "audit report": Command("audit_report", "registrations, success rate and latency"),
    "audit export": Command("audit_export", "the log as JSON Lines, CSV or an HTML report"),
    "audit sync": Command("audit_sync", "send the report to the monitor"),
    "audit verify": Command("audit_verify", "find out whether the audit log was tampered with"),
    "audit archive": Command("audit_archive", "move old records into a file of their own"),
    "keys": Command("keys", "the console's commands and the keys they are on"),
    "config path": Command("config_path", "where the file of settings is"),
    "config show": Command("config_show", "every setting, and where its value comes from"),
    "config check": Command("config_check", "find what is wrong with the settings"),
}
CONSOLE = Command("console", "the console")
OPTIONS = ["--help", "--version"]


def run(argv: Sequence[str]) -> int:
    """Run a command line and return the exit status. Never raises, except `SystemExit`."""
    # Looking for pydantic plugins reads the metadata of every installed package: 40 ms for nothing.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A sign that an old terminal cannot show is no reason to stop.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _whatever_happens(list(argv))
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        from cognitui.cli.output import give_up_on

        give_up_on(sys.stdout, sys.stderr)
        return 0
    except OSError as error:
        from cognitui.cli.output import give_up_on, unwritable

        give_up_on(sys.stdout)
        return _report(unwritable(error), as_json=False)


def _whatever_happens(argv: list[str]) -> int:
    """Run a command line; no error is a traceback, which would show what is in memory."""
    as_json = "--json" in argv
    try:
        if any(getattr(sys, name) is None for name in ("stdin", "stdout", "stderr")):
            from cognitui.cli.last_resort import open_streams

            open_streams()
        _require_text(argv)
        return _run(argv)
    except CognituiError as error:
        return _report(error, as_json=as_json)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort; it is logged and told
        from cognitui.cli.last_resort import explained

        return _report(explained(error), as_json=as_json)


def _require_text(argv: list[str]) -> None:
    """Refuse bytes that are no text: neither the log nor a terminal could take them."""
    for number, argument in enumerate(argv, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            encoding = sys.getfilesystemencoding()
            raise UsageError(
                f"Argument {number} is not text: its bytes are not {encoding}."
            ) from None


def _run(argv: list[str]) -> int:
    name, command, rest = _find(argv)
    module = import_module(f"cognitui.cli.{command.module}")
    prog = f"cognitui {name}".strip()
    parser = _Parser(
        prog=prog,
        description=module.__doc__,
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    args, unknown = parser.parse_known_args(rest)
    if unknown:
        parser.refuse(unknown[0])
    as_json = getattr(args, "json", False)
    try:
        status = module.run(args)
        if not isinstance(status, int):
            import asyncio

            status = asyncio.run(_until_told_to_stop(status))
    except CognituiError as error:
        return _report(error, as_json=as_json)
    return int(status)


async def _until_told_to_stop(work: Coroutine[Any, Any, int]) -> int:
    """The work; SIGTERM and SIGHUP end it as Ctrl-C does, with everything closed and recorded."""
    import asyncio
    import contextlib
    import signal

    task = asyncio.ensure_future(work)
    told: list[int] = []

    def stop(number: int) -> None:
        told.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = int(getattr(signal, name))
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, stop, number)  # in the main thread only
    try:
        return await task
    except asyncio.CancelledError:
        if not told:
            raise
        return SIGNALLED + told[0]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and where to read more."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:].rstrip(".")
        _say(f"{sentence}. See `{self.prog} --help`.")
        raise SystemExit(UsageError.kind.value)

    def refuse(self, word: str) -> NoReturn:
        """End because of an argument that the command does not take."""
        if not word.startswith("-"):
            if self.prog == "cognitui" and _is_command(word):
                self.error(f"`{word}` is a command, and the console's options are not for commands")
            self.error(f"`{word}` is one argument too many")
        # What comes after an equals sign may be a secret that somebody meant to hand over.
        raise SystemExit(
            _unknown("option", word.partition("=")[0], list(self._option_string_actions), self.prog)
        )


def _is_command(word: str) -> bool:
    return any(word == name.split()[0] for name in COMMANDS)


def _find(argv: list[str]) -> tuple[str, Command, list[str]]:
    """The command that the arguments begin with, and the arguments that are left."""
    if not argv:
        return "", CONSOLE, argv
    if argv[0] in {"-h", "--help", "help"}:
        sys.stdout.write(_overview(""))
        raise SystemExit(0)
    if argv[0] in {"-V", "--version"}:
        sys.stdout.write(f"cognitui {__version__}\n")
        raise SystemExit(0)
    for length in (2, 1):
        name = " ".join(argv[:length])
        if name in COMMANDS:
            return name, COMMANDS[name], argv[length:]
    group = argv[0]
    if any(name.startswith(f"{group} ") for name in COMMANDS):
        return _no_subcommand(group, argv[1:])
    if group.startswith("-"):
        from cognitui.cli import flags

        if flags.is_flag(group):
            return "", CONSOLE, argv
        known = [*OPTIONS, *flags.console_flags()]
        raise SystemExit(_unknown("option", group.partition("=")[0], known))
    raise SystemExit(_unknown("command", group, sorted({name.split()[0] for name in COMMANDS})))


def _no_subcommand(group: str, rest: list[str]) -> NoReturn:
    if rest and rest[0] in {"-h", "--help"}:
        sys.stdout.write(_overview(group))
        raise SystemExit(0)
    names = [name.split()[1] for name in COMMANDS if name.startswith(f"{group} ")]
    if rest and not rest[0].startswith("-"):
        known = [f"{group} {name}" for name in names]
        raise SystemExit(_unknown("command", f"{group} {rest[0]}", known))
    _say(f"`cognitui {group}` needs one of: {', '.join(names)}.")
    raise SystemExit(UsageError.kind.value)


def _unknown(kind: str, word: str, known: list[str], prog: str = "cognitui") -> int:
    names = {name.lstrip("-"): name for name in known}  # dashes alone make nothing alike
    near = difflib.get_close_matches(word.lstrip("-"), names, 1)
    if kind == "option":
        from cognitui.cli import secret_flags

        if told := secret_flags.advice(word, known):
            _say(f"There is no option `{word}`. {told}")
            return UsageError.kind.value
    advice = f"did you mean `{names[near[0]]}`?" if near else f"see `{prog} --help`."
    _say(f"There is no {kind} `{word}`; {advice}")
    return UsageError.kind.value


def _overview(group: str) -> str:
    names = [name for name in COMMANDS if not group or name.startswith(f"{group} ")]
    rows = [(name, COMMANDS[name].help) for name in names]
    tell = f"`cognitui {names[0]} --help` tells more about a command, with an example.\n"
    if group:
        head = f"usage: cognitui {group} COMMAND [--help]\n\n"
        return f"{head}commands:\n{_columns(rows)}\n{tell}"
    from cognitui.cli import flags

    return (
        "usage: cognitui [COMMAND] [--help]\n\n"
        "A terminal console for Cognigy.AI webhook callbacks.\n\n"
        f"commands:\n{_columns(rows)}\n"
        "Without a command the console opens. New here? `cognitui demo` needs no account.\n\n"
        f"options of the console:\n{_columns(flags.overview())}\n"
        f"{tell}"
    )


def _columns(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows) + 2
    return "".join(f"  {left:<{width}}{right}\n" for left, right in rows)


def _report(error: CognituiError, *, as_json: bool) -> int:
    if as_json:
        import json

        sys.stdout.write(json.dumps({"error": error.as_dict()}) + "\n")
    _say(error.message)
    if error.hint:
        _say(f"  {error.hint}")
    return error.kind.value


def _say(text: str) -> None:
    from cognitui.cli.output import talk

    talk(text)
