"""The back office: what every room may contribute to it stands in core.desk.registry."""

from core.desk.registry import place

place(
    "Audit log",
    link="admin:core_auditrecord_changelist",
    permission="core.view_auditrecord",
    words="who did what when trail history",
)
place("Home", link="admin:index", words="today desk start tiles")
