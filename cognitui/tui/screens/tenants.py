"""Place 1: the tenants, their keys, and connecting to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from cognitui.callbacks.display import safe_text
from cognitui.errors import CognituiError
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import TENANTS
from cognitui.tui.render import plain, row_texts
from cognitui.tui.screens.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.tenants.profiles import Profile
    from cognitui.tui.commands import Command
    from cognitui.tui.screens.profile_dialog import TenantForm
    from cognitui.workspace.tenants import TenantEntry

COLUMNS = ("Tenant", "State", "Base URL", "Key")
EMPTY = """
No tenant yet.

  {tenants.add:3} add one: its base URL, key and secret

Only looking around? Quit and run  cognitui demo
It brings a tenant of its own, and needs no account.
"""
NEW_VAULT = (
    "Choose a passphrase of 8 characters or more. It encrypts your tenants' keys on this machine. "
    "If you forget it, the keys have to be entered again."
)
LOADING = "\nOpening …"
WAITING = """
{} is not open: its key is in the vault.

enter  unlock the vault and connect
"""
NEXT_STEPS = """
Where to go from here

  {app.go-browse:2} Browse     bots, skills and webhooks
  {app.go-webhook:2} Webhook    write and register one
  {app.go-callbacks:2} Callbacks  send a signed callback
  {app.go-audit:2} Audit      what was done
"""


class TenantsPlace(Place):
    """Lists the tenants, connects to one, and keeps their keys."""

    PLACE = "tenants"
    HELP = "Choose a tenant with the arrow keys and press enter to connect."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = TENANTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(TENANTS)

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[TenantEntry] = []
        self._pointed_at = ""

    def compose_body(self) -> ComposeResult:
        """The list, and what to do next."""
        with Horizontal(id="tenants"):
            with Vertical(id="tenants-list"):
                yield DataTable[Text](id="tenants-table", cursor_type="row")
                yield Static(LOADING, id="tenants-empty")
            yield Static("", id="tenants-detail")

    def on_mount(self) -> None:
        """The columns never change."""
        table = self.query_one("#tenants-table", DataTable)
        table.add_columns(*COLUMNS)
        table.display = False

    def entered(self) -> None:
        """Show what is known now."""
        self.call_later(self._show)

    def tenant_changed(self) -> None:
        """The states differ now."""
        self._show()

    def _show(self) -> None:
        try:
            self._entries, problem = self.workspace.tenants.entries(), None
        except CognituiError as error:
            self._entries, problem = [], error
            self.show_error(error)
        table = self.query_one("#tenants-table", DataTable)
        row = table.cursor_row
        table.clear()
        for entry in self._entries:
            table.add_row(*self._cells(entry))
        table.display = bool(self._entries)
        empty = self.query_one("#tenants-empty", Static)
        empty.display = not self._entries
        words = Content(self.app.with_keys(EMPTY))
        empty.update(words if problem is None else plain(f"✗ {problem.message}", 400))
        if self._entries:
            table.move_cursor(row=self._row_to_be_at(min(row, len(self._entries) - 1)))
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

    def _cells(self, entry: TenantEntry) -> list[Text]:
        profile = entry.profile
        cells = [
            (safe_text(profile.name, 40), ""),
            self._state(entry),
            (safe_text(profile.base_url, 200), ""),
            (profile.key_fingerprint or "–", ""),
        ]
        return row_texts(cells, self.app.theme_variables)

    def _state(self, entry: TenantEntry) -> tuple[str, str]:
        status = self.workspace.status
        if status.tenant == entry.profile.name:
            connected = status.connection == "connected"
            colour = "success" if connected else "warning"
            return f"{'●' if connected else '○'} {status.connection}", colour
        return ("ready", "") if entry.has_key else ("locked", "text-muted")

    def _show_detail(self) -> None:
        detail = self.query_one("#tenants-detail", Static)
        status = self.workspace.status
        if status.connection == "connected":
            detail.update(Content(self.app.with_keys(NEXT_STEPS)))
        elif status.problem:
            advice = self.app.with_keys("enter tries again · {tenants.edit} edits it")
            detail.update(Content(f"\n✗ {status.problem}\n\n{advice}"))
        elif waiting := self.app.whereabouts.waiting_for:
            detail.update(Content(WAITING.format(safe_text(waiting, 40))))
        elif self._entries:
            advice = "\nenter  connect to the tenant\n{tenants.test:6} test it first"
            detail.update(Content(self.app.with_keys(advice)))
        else:
            detail.update("")

    @property
    def _chosen(self) -> TenantEntry | None:
        row = self.query_one("#tenants-table", DataTable).cursor_row
        return self._entries[row] if 0 <= row < len(self._entries) else None

    @on(DataTable.RowSelected)
    def _connect(self) -> None:
        if (entry := self._chosen) is not None:
            self.start(self._open(entry), "open")

    async def _open(self, entry: TenantEntry) -> None:
        name = entry.profile.name
        if not entry.has_key and not await self._unlock():
            return
        self.tell(f"Connecting to {name} …")
        await self.app.open_tenant(name)
        self.tell(f"Connected to {name}.")

    async def _unlock(self) -> bool:
        vault = self.workspace.tenants.vault
        if vault.is_unlocked:
            return True
        problem = ""
        while (typed := await self._passphrase(problem)) is not None:
            try:
                await self.workspace.tenants.unlock(typed)
            except CognituiError as error:
                # Asked again rather than given up: a form that waits for it must not be lost.
                problem = error.message
            else:
                self._show()
                return True
        return False

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
        entry = self._chosen
        if entry is not None and entry.is_from_environment:
            self.tell("It comes from the environment: change the variables there.", warning=True)
        elif entry is not None:
            self.start(self._edit(entry.profile), "edit")

    async def _edit(self, profile: Profile | None) -> None:
        from cognitui.tui.screens.profile_dialog import ProfileDialog

        form = await self.app.push_screen_wait(ProfileDialog(profile))
        if form is None:
            return
        await self._store(form)
        self._show()
        advice = self.app.with_keys("enter connects, {tenants.test} tests it")
        self.tell(f"{form.profile.name} is ready. {advice}.")

    async def _store(self, form: TenantForm) -> None:
        tenants = self.workspace.tenants
        if form.credentials is None:
            tenants.change(form.profile)
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
        tenants = self.workspace.tenants
        self.tell(f"Testing {entry.profile.name} …")
        await tenants.test(entry.profile, tenants.credentials(entry.profile.name))
        self.tell(f"✓ {entry.profile.name} answers and accepts the key.")

    def action_lock(self) -> None:
        """Lock the vault."""
        vault = self.workspace.tenants.vault
        if not vault.is_unlocked:
            self.tell("The vault is locked already." if vault.exists else "There is no vault yet.")
            return
        vault.lock()
        self._show()
        self.tell("The vault is locked. The open tenant stays open.")

    def action_forget(self) -> None:
        """Forget the chosen tenant, after asking."""
        if (entry := self._chosen) is not None:
            self.start(self._forget(entry), "forget")

    async def _forget(self, entry: TenantEntry) -> None:
        name = entry.profile.name
        if entry.is_from_environment:
            self.tell("It comes from the environment; unset COGNITUI_BASE_URL.", warning=True)
            return
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
