"""Place 1: the tenants, their keys, and connecting to one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cognitui.callbacks.display import safe_text
from cognitui.errors import CognituiError
from cognitui.tenants.explain import NEW_VAULT
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import TENANTS
from cognitui.tui.parts import Part
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Soon
from cognitui.tui.tenants_text import EMPTY, advice, tenant_detail, tenant_row
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import INDENT, Column, FlatRows, Header, Row
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.tenants.profiles import Profile
    from cognitui.tui.commands import Command
    from cognitui.tui.screens.profile_dialog import TenantForm
    from cognitui.workspace.tenants import TenantEntry

LEAST_NAME, MOST_NAME = 12, 24
COLUMNS = (
    Column("tenant", "TENANT", LEAST_NAME, share=1, most=MOST_NAME),
    Column("state", "STATE", 15),
    Column("url", "BASE URL", 26, share=3),
    Column("used", "LAST USED", 11, rank=1),
)
HEADER = Header(indent=2)
LOADING = "\n◌ opening …"
NO_TENANT = "There is no tenant yet: {tenants.add} adds one."
FROM_ENVIRONMENT = "It comes from the environment: change the variables there."
NO_VAULT = "There is no vault: it is made when you let a key be remembered."
LOCKED_ALREADY = "The vault is locked already."
NEED_A_TENANT = {"edit", "test", "forget"}


class TenantsPlace(Place):
    """Lists the tenants, connects to one, and keeps their keys."""

    PLACE = "tenants"
    HELP = "Where your tenants are, and the keys that open them. One tenant is open at a time."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = TENANTS
    PARTS: ClassVar[Sequence[Part]] = (
        Part(
            "tenants-table",
            "List of tenants",
            "The tenants that this machine knows, and how we stand with each.",
            (("enter", "Connect to the tenant"),),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(TENANTS)

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[TenantEntry] = []
        self._soon = Soon(self, self._show_detail)
        self._pointed_at = ""

    def compose_body(self) -> ComposeResult:
        """The list, and what to do next."""
        with Horizontal(id="tenants"):
            with Vertical(id="tenants-list"):
                yield RowList(COLUMNS, header=HEADER, id="tenants-table")
                yield Static(LOADING, id="tenants-empty")
            with VerticalScroll(id="tenants-box", can_focus=False):
                yield Static("", id="tenants-detail")

    def on_mount(self) -> None:
        """Nothing is listed yet."""
        self.query_one(RowList).display = False

    def entered(self) -> None:
        """Show what is known now."""
        self.call_later(self._show)

    def tenant_changed(self) -> None:
        """The states differ now."""
        self._show()

    def connection_changed(self) -> None:
        """The states differ now."""
        self._show()

    def _show(self) -> None:
        try:
            self._entries, problem = self.workspace.tenants.entries(), None
        except CognituiError as error:
            self._entries, problem = [], error
            self.show_error(error)
        status, now = self.workspace.status, self.workspace.clock.now()
        rows = [tenant_row(entry, status, now) for entry in self._entries]
        table = self.query_one(RowList)
        # Not under their names: one of the environment may be called as a stored one is.
        keys = [str(number) for number in range(len(rows))]
        table.show_rows(FlatRows(keys, lambda key: rows[int(key)]), columns=_columns(rows))
        table.display = bool(self._entries)
        self.set_class(not self._entries, "-empty")
        empty = self.query_one("#tenants-empty", Static)
        empty.display = not self._entries
        words = Content(self.app.with_keys(EMPTY))
        show(empty, words if problem is None else _failure(problem))
        if self._entries:
            table.move_cursor(self._row_to_be_at(table.cursor))
            if self.focused is None:
                table.focus()
        self._show_detail()

    def _row_to_be_at(self, row: int) -> int:
        """The row of the tenant that waits to be unlocked, for the first time; else this one."""
        waiting = self.app.whereabouts.waiting_for
        if waiting == self._pointed_at:
            return row
        self._pointed_at = waiting
        rows = [at for at, entry in enumerate(self._entries) if entry.profile.name == waiting]
        return rows[0] if rows else row

    @on(RowList.Highlighted)
    def _moved(self) -> None:
        self._soon.ask()

    def _show_detail(self) -> None:
        detail, entry = self.query_one("#tenants-detail", Static), self._chosen
        if entry is None:
            show(detail, "")
        else:
            workspace, trouble = self.workspace, self.app.connection.trouble
            hint = workspace.problem.hint if workspace.problem else ""
            words = (trouble.message, trouble.hint) if trouble else ("", "")
            problem, steps = advice(entry, workspace.status, hint, words)
            steps, now = self.app.with_keys(steps), workspace.clock.now()
            show(detail, tenant_detail(entry, workspace.status, problem, steps, now))
        self.refresh_bindings()

    @property
    def _chosen(self) -> TenantEntry | None:
        row = self.query_one(RowList).cursor
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def reason_against(self, command: Command) -> str:
        """Some need a tenant, and some a vault."""
        reason = super().reason_against(command)
        if reason or not self.app.is_ready:
            return reason
        entry = self._chosen
        if command.name in NEED_A_TENANT and entry is None:
            return self.app.with_keys(NO_TENANT)
        if command.name in {"edit", "forget"} and entry is not None and entry.is_from_environment:
            return FROM_ENVIRONMENT
        vault = self.workspace.tenants.vault
        if command.name == "lock" and not vault.is_unlocked:
            return LOCKED_ALREADY if vault.exists else NO_VAULT
        return ""

    @on(RowList.Selected)
    def _connect(self) -> None:
        if (entry := self._chosen) is not None:
            self.start(self._open(entry), "open")

    def connect(self, name: str) -> None:
        """Connect to a tenant by name."""
        for row, entry in enumerate(self._entries):
            if entry.profile.name == name:
                self.query_one(RowList).move_cursor(row)
                self.start(self._open(entry), "open")

    async def _open(self, entry: TenantEntry) -> None:
        if entry.has_key or await self._unlock():
            self.app.connection.open(entry.profile.name)

    async def _unlock(self) -> bool:
        access, problem = self.workspace.tenants.access, ""
        try:
            # What the environment, a file or the keyring can open asks nobody.
            is_open = await access.reopen()
        except CognituiError as error:
            is_open, problem = False, error.message
        if access.keyring_problem is not None:
            problem = access.keyring_problem.message
        while not is_open:
            typed = await self._passphrase(problem)
            if typed is None:
                return False
            try:
                await self.workspace.tenants.unlock(typed)
                is_open = True
            except CognituiError as error:
                # Asked again rather than given up: a form that waits for it must not be lost.
                problem = error.message
        self._show()
        return True

    async def _passphrase(self, problem: str) -> SecretStr | None:
        """The vault's passphrase; for a new vault typed twice."""
        if self.workspace.tenants.vault.exists:
            text = "It opens the vault that holds your tenants' keys."
            return await self._ask("Vault passphrase", text, problem)
        first = await self._ask("A new vault", NEW_VAULT, problem)
        if first is None:
            return None
        again = await self._ask("A new vault", "The same passphrase once more.", "")
        if again is None or again == first:
            return again
        return await self._passphrase("The two were not the same.")

    async def _ask(self, title: str, text: str, problem: str) -> SecretStr | None:
        from pydantic import SecretStr

        from cognitui.tui.screens.ask import Ask

        dialog = Ask(title, text, problem=problem, is_secret=True)
        typed = await self.app.push_screen_wait(dialog)
        return SecretStr(typed) if typed else None

    def action_reload(self) -> None:
        """Read the profiles again."""
        self._show()

    def action_add(self) -> None:
        """Add a tenant."""
        self.start(self._edit(None), "edit")

    def action_edit(self) -> None:
        """Edit the chosen tenant."""
        if (entry := self._chosen) is not None:
            self.start(self._edit(entry.profile), "edit")

    async def _edit(self, profile: Profile | None) -> None:
        from cognitui.tui.screens.profile_dialog import ProfileDialog
        from cognitui.workspace.tenants import ENVIRONMENT

        taken = {entry.profile.name for entry in self.workspace.tenants.entries()}
        form = await self.app.push_screen_wait(ProfileDialog(profile, taken | {ENVIRONMENT}))
        if form is None:
            return
        await self._store(form)
        self._show()
        what = self.app.with_keys("enter connects, {tenants.test} tests it.")
        self.tell(f"{form.profile.name} is ready. {what}")

    async def _store(self, form: TenantForm) -> None:
        tenants = self.workspace.tenants
        if form.credentials is None:
            await tenants.change(form.profile)
            return
        if form.remember and await self._unlock():
            await tenants.remember(form.profile, form.credentials)
            return
        fingerprint = form.credentials.fingerprint
        profile = form.profile.model_copy(update={"key_fingerprint": fingerprint})
        tenants.add_session(profile, form.credentials)
        self.tell("The key is kept until you quit; it is not stored.")

    def action_test(self) -> None:
        """Does the chosen tenant let us in?"""
        if (entry := self._chosen) is not None:
            self.start(self._test(entry), "test")

    async def _test(self, entry: TenantEntry) -> None:
        if not entry.has_key and not await self._unlock():
            return
        from cognitui.tui.screens.doctor import Doctor

        tenants, profile = self.workspace.tenants, entry.profile
        credentials = tenants.credentials(profile.name)
        dialog = Doctor(
            f"{profile.name}  {profile.base_url}",
            lambda: tenants.test(profile, credentials),
            can_use=not entry.is_from_environment,
        )
        if (base_url := await self.app.push_screen_wait(dialog)) is not None:
            await self._edit(profile.model_copy(update={"base_url": base_url}))

    def action_lock(self) -> None:
        """Lock the vault."""
        self.workspace.tenants.vault.lock()
        self._show()
        self.tell("The vault is locked. The open tenant stays open.")

    def action_forget(self) -> None:
        """Forget the chosen tenant, after asking."""
        if (entry := self._chosen) is not None:
            self.start(self._forget(entry), "forget")

    async def _forget(self, entry: TenantEntry) -> None:
        name = entry.profile.name
        from cognitui.tui.screens.confirm import Confirm

        question = Confirm(
            f"Forget the tenant {name}?",
            "Its profile and key are removed from this machine. The tenant itself and the audit "
            "log stay as they are.",
            action="Forget",
            key="y",
        )
        if await self.app.push_screen_wait(question):
            if entry.source == "vault" and not await self._unlock():
                return
            await self.workspace.tenants.forget(name)
            self._show()
            self.tell(f"{name} is forgotten.")


def _columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    """The columns, with room for the names and for the mark behind them."""
    names = [INDENT + cell_len("".join(text for text, _ in row.cells[0])) for row in rows]
    least = min(MOST_NAME, max(LEAST_NAME, *names, 0))
    return (replace(COLUMNS[0], least=least), *COLUMNS[1:])


def _failure(error: CognituiError) -> Content:
    """Why there is no list, and what to do about it."""
    words = "\n".join(filter(None, (f"✗ {error.message}", error.hint)))
    return Content("\n" + safe_text(words, 600, multiline=True))
