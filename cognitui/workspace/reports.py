"""What the audit log says, and telling it to the monitor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.monitor_post import MonitorPost
from cognitui.audit.monitor_sync import MonitorSync, given_up
from cognitui.audit.records import Action, AuditRecord, Outcome, new_operation_id
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

    from cognitui.audit.archive import Archive, Old
    from cognitui.audit.export.export import Exported
    from cognitui.audit.export.subject import ExportFormat
    from cognitui.audit.metrics import EfficiencyReport
    from cognitui.audit.monitor_sync import SyncResult
    from cognitui.audit.overview import GroupBy, Overview
    from cognitui.audit.threads import Progress
    from cognitui.audit.verdict import Verdict
    from cognitui.audit.wanted import Wanted
    from cognitui.tenants.profiles import Profile
    from cognitui.workspace.workspace import Workspace


class ReportActions:
    """Reading the audit log. Without a tenant's name it is about all of them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def monitor_url(self) -> str | None:
        """Where the monitor is, as the open tenant's profile or the environment says."""
        return self._monitor_of(self._workspace.profile)

    def _monitor_of(self, profile: Profile | None) -> str | None:
        if profile is not None and profile.monitor_url:
            return profile.monitor_url
        return self._workspace.settings.environment.monitor_url

    async def report(
        self, tenant: str | None = None, wanted: Wanted | None = None
    ) -> EfficiencyReport:
        """The tutorial's efficiency report.

        Args:
            tenant: Over this tenant's registrations only.
            wanted: Over those that are wanted only.
        """
        return await self._workspace.log.report(tenant=tenant, wanted=wanted)

    async def recent(
        self, *, limit: int = 200, tenant: str | None = None, text: str | None = None
    ) -> list[AuditRecord]:
        """The newest records, newest first."""
        return await self._workspace.log.recent(limit=limit, tenant=tenant, text=text)

    async def page(self, wanted: Wanted, limit: int = 200) -> list[AuditRecord]:
        """The newest records that are wanted, newest first; see `AuditLog.page`."""
        return await self._workspace.log.page(wanted, limit)

    async def newest_id(self) -> int:
        """The id of the last record that was written, by whoever it was; 0 when there is none."""
        from cognitui.audit.wanted import Wanted

        newest = await self._workspace.log.page(Wanted(), 1)
        return (newest[0].id or 0) if newest else 0

    async def overview(
        self, wanted: Wanted, *, steps: int, group_by: GroupBy, until_now: bool
    ) -> Overview:
        """How the records that are wanted went: the numbers and charts of the Audit place.

        Args:
            wanted: Which.
            steps: How many steps the time axis may have.
            group_by: What a group is.
            until_now: Whether the axis ends now, rather than at the newest record.
        """
        now = self._workspace.clock.now() if until_now else None
        return await self._workspace.log.overview(wanted, steps=steps, group_by=group_by, now=now)

    async def history(
        self, webhook_id: str, *, bot_id: str, limit: int = 100, before_id: int | None = None
    ) -> list[AuditRecord]:
        """What was done with one webhook of the open tenant, newest first.

        Args:
            webhook_id: The webhook.
            bot_id: The bot that it belongs to.
            limit: How many records at most.
            before_id: Only older ones than this record.
        """
        workspace = self._workspace
        return await workspace.log.recent(
            limit,
            before_id=before_id,
            tenant=workspace.tenant_name,
            bot_id=bot_id,
            webhook_id=webhook_id,
        )

    async def export(
        self,
        form: ExportFormat,
        to: Path | BinaryIO,
        *,
        tenant: str | None = None,
        since: datetime | None = None,
    ) -> Exported:
        """Write the log as a file for others.

        Args:
            form: How.
            to: A file, which appears whole and for its owner alone, or one that is open already.
            tenant: Only this tenant's records.
            since: Only records of this moment or later.

        Raises:
            UsageError: It cannot be written there.
            AuditError: The log could not be read.
        """
        from cognitui.audit.export.export import export, export_file
        from cognitui.audit.export.subject import Subject

        log = self._workspace.log
        head = await log.head()
        subject = Subject(
            self._workspace.clock.now(),
            tenant,
            since,
            head=f"{head.log}:{head.last}:{head.mac}" if head else None,
            last=head.last if head else None,
        )
        if isinstance(to, Path):
            return await export_file(log, form, subject, to)
        return await export(log, form, subject, to)

    async def verify(self, progress: Progress | None = None) -> Verdict:
        """Whether the audit log is whole; `AuditLog.verify` tells more."""
        return await self._workspace.log.verify(progress)

    async def older_than(self, before: datetime) -> Old | None:
        """The oldest records, up to the first that is not from before a moment."""
        return await self._workspace.log.older_than(before)

    async def archive(self, old: Old, to: Path, progress: Progress | None = None) -> Archive:
        """Move the oldest records into a new file; a record of that stays in the log.

        Raises:
            UsageError: The file is there already, or cannot be written.
            AuditError: What has not left the log is still there.
        """
        return await self._workspace.log.archive(old, to, self._record_of_archive, progress)

    def _record_of_archive(self, archive: Archive) -> AuditRecord:
        workspace, old = self._workspace, archive.old
        return AuditRecord(
            at=workspace.clock.now(),
            monotonic=workspace.clock.monotonic(),
            operation_id=new_operation_id(),
            tenant=workspace.tenant_name,
            bot_id=workspace.bot.id if workspace.bot else "",
            action=Action.AUDIT_ARCHIVE,
            outcome=Outcome.OK,
            detail=f"Records {old.first} to {old.last} were moved into an archive.",
            after={
                "file": str(archive.file),
                "first": old.first,
                "last": old.last,
                "records": old.count,
                "mac": archive.head.mac,
            },
            actor=workspace.trail.actor,
        )

    async def sync(self, url: str | None = None, tenant: str | None = None) -> SyncResult:
        """Send the last registrations and the report to the monitor, and record that.

        What was not acknowledged before is sent first; what is not acknowledged now is kept.

        Raises:
            UsageError: No monitor is known, or its URL cannot be one.
            ReadOnly: Nothing may be sent.
            CognituiError: The monitor refused or could not be reached.
        """
        self._workspace.require_writing()
        profile = self._workspace.profile
        if tenant is not None and tenant != self._workspace.tenant_name:
            profile = self._workspace.tenants.store.load().get(tenant)
        target = url or self._monitor_of(profile)
        if target is None:
            raise UsageError(
                "No monitor is known.",
                hint="Give --monitor-url, set COGNITUI_MONITOR_URL, or add one to the tenant.",
                field="monitor_url",
            )
        MonitorPost(target)  # a URL that is none may hold a secret anywhere: nothing is kept of it
        workspace = self._workspace
        async with workspace.trail.recorded(
            Action.MONITOR_SYNC,
            tenant=tenant or workspace.tenant_name,
            bot_id=workspace.recorded_bot,
            endpoint=target.split("?")[0],
        ) as entry:

            def note(count: int) -> None:
                entry.detail, entry.after = given_up(count), {"given_up": count}

            kept = workspace.settings.beside / "monitor"
            result = await MonitorSync(workspace.log, kept, workspace.clock).sync(
                target, tenant=tenant, given_up=note
            )
            entry.latency_ms = result.ms
        return result
