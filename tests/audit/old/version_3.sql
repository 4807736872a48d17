PRAGMA application_id = 1668245365;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE records (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            monotonic REAL NOT NULL,
            operation_id TEXT NOT NULL,
            tenant TEXT NOT NULL,
            bot_id TEXT NOT NULL,
            action TEXT NOT NULL,
            webhook_id TEXT NOT NULL,
            skill_id TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            event TEXT NOT NULL,
            outcome TEXT NOT NULL,
            latency_ms REAL,
            attempts TEXT NOT NULL,
            error_code TEXT NOT NULL,
            detail TEXT NOT NULL,
            before TEXT,
            after TEXT
        );
INSERT INTO "records" VALUES(1,'2026-01-31T12:00:00.000000+00:00',100.0,'op_0','acme','bot_1','webhook.register','wh_0','skill_1','https://hooks.example/in','','ok',10.0,'[]','','',NULL,NULL);
INSERT INTO "records" VALUES(3,'2026-01-31T12:00:07.000000+00:00',107.0,'op_7','acme','bot_1','webhook.update','wh_7','skill_1','https://hooks.example/in','ON_MESSAGE','failed',3.00000000000000044408e-01,'[{"number": 1, "status": 503, "ms": 12.25, "error": "server_error"}, {"number": 2, "status": null, "ms": 3000.0, "error": "timeout"}]','timeout','Nothing was heard – für 3 s.','{"triggers": [{"event": "ON_MESSAGE"}], "url": "https://a.example"}','{"nested": {"list": [1, 2.5, null, true]}}');
INSERT INTO "records" VALUES(4,'2026-01-31T12:00:03.000000+00:00',103.0,'op_3','acme','bot_1','webhook.register','wh_3','skill_1','https://hooks.example/in','','ok',10.0,'[]','','',NULL,NULL);
CREATE INDEX records_by_action ON records (action, tenant, id);
CREATE INDEX records_by_webhook ON records (webhook_id, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('records',4);
COMMIT;
