"""The tables of what is added up beside the records, so that a million of them answer at once.

``kinds``
    Every combination of the words that records repeat, and how many records are of it.
``notes``
    Every detail text.
``facts``
    Each record as numbers: a twentieth of its size, so that it is quick to look through all.
``spans``
    Of each 1024 ids, the earliest and the latest moment.
``cuts`` and ``cells``
    Sums and histograms of times, by some of the words and by hour, day, week or for good.
``rolled``
    Up to which record all this is true, and the letters that their operation ids consist of: a
    word with another one is not looked for in them. ``stale`` is set when a record that is in it
    was changed; then all is added up anew.
``gone``
    Which of those records were deleted and have to be taken out of the sums.
"""

from __future__ import annotations

ROLL_UP_TABLES: tuple[str, ...] = (
    """
    CREATE TABLE kinds (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        bot_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        webhook_id TEXT NOT NULL,
        skill_id TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        event TEXT NOT NULL,
        outcome TEXT NOT NULL,
        error_code TEXT NOT NULL,
        total INTEGER NOT NULL DEFAULT 0,
        UNIQUE (
            tenant, bot_id, actor, action, webhook_id, skill_id, endpoint, event, outcome,
            error_code
        )
    )
    """,
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE facts (
        id INTEGER PRIMARY KEY,
        kind INTEGER NOT NULL,
        at INTEGER NOT NULL,
        latency_ms REAL,
        attempts INTEGER NOT NULL,
        note INTEGER,
        operation_id TEXT NOT NULL
    )
    """,
    "CREATE INDEX facts_by_kind ON facts (kind, id)",
    "CREATE INDEX facts_by_note ON facts (note, id) WHERE note IS NOT NULL",
    """
    CREATE TABLE spans (
        id INTEGER PRIMARY KEY,
        earliest INTEGER NOT NULL,
        latest INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE cuts (
        id INTEGER PRIMARY KEY,
        cube INTEGER NOT NULL,
        tenant TEXT NOT NULL,
        bot_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        webhook_id TEXT NOT NULL,
        event TEXT NOT NULL,
        action TEXT NOT NULL,
        outcome TEXT NOT NULL,
        UNIQUE (cube, tenant, bot_id, actor, webhook_id, event, action, outcome)
    )
    """,
    """
    CREATE TABLE cells (
        cut INTEGER NOT NULL,
        grain INTEGER NOT NULL,
        start INTEGER NOT NULL,
        total INTEGER NOT NULL,
        timed INTEGER NOT NULL,
        spent_ms REAL NOT NULL,
        most_ms REAL NOT NULL,
        attempts INTEGER NOT NULL,
        times BLOB NOT NULL,
        PRIMARY KEY (cut, grain, start)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE rolled (upto INTEGER NOT NULL, stale INTEGER NOT NULL, letters TEXT NOT NULL)",
    "INSERT INTO rolled VALUES (0, 0, '')",
    "CREATE TABLE gone (id INTEGER PRIMARY KEY)",
    """
    CREATE TRIGGER records_deleted AFTER DELETE ON records
    WHEN old.id <= (SELECT upto FROM rolled WHERE NOT stale)
    BEGIN INSERT OR IGNORE INTO gone VALUES (old.id); END
    """,
    """
    CREATE TRIGGER records_changed AFTER UPDATE ON records
    WHEN old.id <= (SELECT upto FROM rolled WHERE NOT stale)
    BEGIN UPDATE rolled SET stale = 1; END
    """,
)
