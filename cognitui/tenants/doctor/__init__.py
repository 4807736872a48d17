"""Finds out why a tenant does not let us in: one check after the other, each told as it ends."""

from cognitui.tenants.doctor.examine import examine
from cognitui.tenants.doctor.line import Cause, CheckName, Line
from cognitui.tenants.doctor.question import Question
from cognitui.tenants.doctor.report import Report

__all__ = ["Cause", "CheckName", "Line", "Question", "Report", "examine"]
