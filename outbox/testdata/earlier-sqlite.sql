PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(3,3,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(4,4,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(5,5,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(6,6,1,'2026-12-01 12:37:59');
INSERT INTO goose_db_version VALUES(7,7,1,'2026-12-01 12:37:59');
CREATE TABLE sign_up_tokens (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    address    TEXT    NOT NULL CHECK (length(address) <= 320),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT;
INSERT INTO sign_up_tokens VALUES('01a2319c-a6a6-7ca8-b760-213e6b723667',3,'392d2205c7f84ddc67735dc83452fd53bb7924b7d93919619dd3a49289fc4908','bob@example.org',1796128679590,1796215079590,0);
INSERT INTO sign_up_tokens VALUES('01a2319c-a6ae-7013-b0ed-724340a19f04',2,'54eb702dd1c047ea4457a784803d4526b7e3622bdb0e74c97dab684a05163498','ada@example.org',1796128679598,1796215079598,1);
INSERT INTO sign_up_tokens VALUES('01a2319c-b2a7-7b70-a2b4-77d293193ea4',4,'039d949d398ad7c1bbab9aeeb4c841edae0a59168a5fac211e0c15a5311c37c7','carl@example.org',1796128682663,1796215082663,0);
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 250),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE api_keys (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    name       TEXT    NOT NULL CHECK (length(name) <= 250),
    hash       TEXT    NOT NULL UNIQUE CHECK (length(hash) <= 128),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL CHECK (length(actor) <= 300),
    action  TEXT    NOT NULL CHECK (length(action) <= 250),
    user_id INTEGER NOT NULL,
    detail  TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT;
INSERT INTO audit_events VALUES(1,1796128679313,'cli','user.admin_created',1,'null');
INSERT INTO audit_events VALUES(2,1796128679313,'cli','user.active',1,'null');
INSERT INTO audit_events VALUES(3,1796128679511,'person','user.signed_up',2,'null');
INSERT INTO audit_events VALUES(4,1796128679530,'person','user.signed_up',3,'null');
INSERT INTO audit_events VALUES(5,1796128682550,'person','user.signed_up',4,'null');
INSERT INTO audit_events VALUES(6,1796128684203,'cli','user.verified',2,'null');
INSERT INTO audit_events VALUES(7,1796128684347,'cli','user.approved',2,'null');
INSERT INTO audit_events VALUES(8,1796128684347,'cli','user.active',2,'null');
CREATE TABLE IF NOT EXISTS "mails" (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    kind            TEXT    NOT NULL CHECK (length(kind) <= 64),
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state           TEXT    NOT NULL CHECK (state IN ('owed', 'sent', 'failed', 'superseded', 'cancelled')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    created_at      INTEGER NOT NULL,
    last_attempt_at INTEGER,
    ended_at        INTEGER,
    last_answer     TEXT    NOT NULL,
    channel         TEXT    NOT NULL CHECK (length(channel) <= 64),
    trying_since    INTEGER,
    next_attempt_at INTEGER
) STRICT;
INSERT INTO mails VALUES(1,'01a2319c-a657-774e-b3ce-d43bc28656d4','confirmation',2,2,'superseded',1,1796128679511,1796128679602,1796128684202,'smtp 127.0.0.1:1: connecting failed: dial tcp 127.0.0.1:1: connect: connection refused','',1796128679602,NULL);
INSERT INTO mails VALUES(2,'01a2319c-a66a-7796-9b94-4ea94749c52c','confirmation',3,3,'owed',1,1796128679530,1796128679604,NULL,'smtp 127.0.0.1:1: connecting failed: dial tcp 127.0.0.1:1: connect: connection refused','',1796128679604,1796128689229);
INSERT INTO mails VALUES(3,'01a2319c-b236-7dbe-9f46-083d4b6b2145','confirmation',4,4,'owed',0,1796128682550,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(4,'01a2319c-b93b-752a-ab1f-c0be9d768969','approved',2,2,'owed',0,1796128684347,NULL,NULL,'','',NULL,NULL);
CREATE TABLE mail_attempts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT    NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    phase   TEXT    NOT NULL CHECK (length(phase) <= 64),
    answer  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
) STRICT;
INSERT INTO mail_attempts VALUES(1,'01a2319c-a657-774e-b3ce-d43bc28656d4',1796128679602,'dial','smtp 127.0.0.1:1: connecting failed: dial tcp 127.0.0.1:1: connect: connection refused','again');
INSERT INTO mail_attempts VALUES(2,'01a2319c-a66a-7796-9b94-4ea94749c52c',1796128679604,'dial','smtp 127.0.0.1:1: connecting failed: dial tcp 127.0.0.1:1: connect: connection refused','again');
CREATE TABLE sessions (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    agent      TEXT    NOT NULL CHECK (length(agent) <= 250),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE tickets (
    hash        TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) <= 128),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    resends     INTEGER NOT NULL CHECK (resends >= 0),
    asked_at    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE TABLE address_mails (
    address_hash TEXT    NOT NULL CHECK (length(address_hash) <= 128),
    due_at       INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS "users" (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    name                  TEXT    NOT NULL CHECK (length(name) <= 250),
    username              TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key          TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email                 TEXT    NOT NULL CHECK (length(email) <= 320),
    email_key             TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    password_hash         TEXT    NOT NULL CHECK (length(password_hash) <= 512),
    language              TEXT    NOT NULL CHECK (length(language) <= 64),
    profile               TEXT    NOT NULL CHECK (json_valid(profile)),
    role                  TEXT    NOT NULL CHECK (role IN ('member', 'admin')),
    origin                TEXT    NOT NULL CHECK (origin IN ('signup', 'operator')),
    verification_required INTEGER NOT NULL CHECK (verification_required IN (0, 1)),
    approval_required     INTEGER NOT NULL CHECK (approval_required IN (0, 1)),
    created_at            INTEGER NOT NULL,
    verified_at           INTEGER,
    approved_at           INTEGER,
    approved_by           TEXT    NOT NULL CHECK (length(approved_by) <= 300),
    rejected_at           INTEGER,
    rejected_by           TEXT    NOT NULL CHECK (length(rejected_by) <= 300),
    rejection_reason      TEXT    NOT NULL CHECK (length(rejection_reason) <= 65536),
    rejection_note        TEXT    NOT NULL CHECK (length(rejection_note) <= 65536),
    corrections           INTEGER NOT NULL CHECK (corrections >= 0),
    version               INTEGER NOT NULL CHECK (version >= 1),
    -- signup.SearchText: SQLite folds ASCII only.
    search                TEXT    NOT NULL,
    -- signup.User.Status in SQL, so that a list of one status has an index.
    -- Computed from the facts; storetest compares it with the Go function.
    status                TEXT    NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN rejected_at IS NOT NULL THEN 'rejected'
            WHEN verification_required = 1 AND verified_at IS NULL THEN 'unconfirmed'
            WHEN approval_required = 1 AND approved_at IS NULL THEN 'pending_approval'
            ELSE 'active'
        END
    ) VIRTUAL,
    undeliverable_at      INTEGER,
    reminded_at           INTEGER,
    noticed_at            INTEGER,
    notices_off           INTEGER NOT NULL CHECK (notices_off IN (0, 1)),
    terms_version         TEXT    NOT NULL CHECK (length(terms_version) <= 250),
    terms_at              INTEGER,
    link_asked_at         INTEGER
) STRICT;
INSERT INTO users VALUES(1,'Boss','boss','boss','boss@example.org','boss@example.org','$argon2id$v=19$m=64,t=1,p=1$VegpSfHrPXguexAh43Zhxg$Eyz7bvLDHnUUfK1oWqg7gQDSMmgN69ypvA+P8oU9rX4','en','null','admin','operator',0,0,1796128679312,NULL,NULL,'',NULL,'','','',0,1,replace('boss\nboss\nboss@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL,NULL);
INSERT INTO users VALUES(2,'ada','ada','ada','ada@example.org','ada@example.org','$argon2id$v=19$m=64,t=1,p=1$TDgoMPOMDXc6mZcAk+RBmg$F7Caxq0p7AdZ1Nfmlt3SaMhReJxt97cHDbr3IpdY1c4','en','null','member','signup',1,1,1796128679510,1796128684201,1796128684346,'cli',NULL,'','','',0,3,replace('ada\nada\nada@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL,1796128679510);
INSERT INTO users VALUES(3,'bob','bob','bob','bob@example.org','bob@example.org','$argon2id$v=19$m=64,t=1,p=1$KZfKx3NcztJ/xrP+V6O+2Q$XHHtrCxGwSY+VgXcUmR2rIZNcidxck1zCniJDjVrwIs','en','null','member','signup',1,1,1796128679530,NULL,NULL,'',NULL,'','','',0,1,replace('bob\nbob\nbob@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL,1796128679530);
INSERT INTO users VALUES(4,'carl','carl','carl','carl@example.org','carl@example.org','$argon2id$v=19$m=64,t=1,p=1$ikRSR5syP7oF5Px8uA+4kg$g9FEAYfZuyBkRdlLNji6O9W4sTPYwmH5RxJ92hxPiVw','en','null','member','signup',1,1,1796128682549,NULL,NULL,'',NULL,'','','',0,1,replace('carl\ncarl\ncarl@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL,1796128682549);
CREATE TABLE link_requests (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    email_key    TEXT    NOT NULL CHECK (length(email_key) <= 1000),
    username_key TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    at           INTEGER NOT NULL,
    UNIQUE (email_key, username_key)
) STRICT;
CREATE TABLE river_leader (
    elected_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    leader_id text NOT NULL,
    name text PRIMARY KEY NOT NULL DEFAULT 'default' CHECK (name = 'default'),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT leader_id_length CHECK (length(leader_id) > 0 AND length(leader_id) < 128)
);
INSERT INTO river_leader VALUES('2026-12-01 12:37:59.442','2026-12-01 12:38:14.442','vm_2026_12_01T12_37_59_347554','default');
CREATE TABLE river_migration (
    line text NOT NULL,
    version integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT line_length CHECK (length(line) > 0 AND length(line) < 128),
    CONSTRAINT version_gte_1 CHECK (version >= 1),
    PRIMARY KEY (line, version)
);
INSERT INTO river_migration VALUES('main',1,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',2,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',3,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',4,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',5,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',6,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',7,'2026-12-01 12:37:59');
INSERT INTO river_migration VALUES('main',8,'2026-12-01 12:37:59');
CREATE TABLE river_notification (
    id integer PRIMARY KEY AUTOINCREMENT,
    created_at timestamp NOT NULL DEFAULT (datetime('now', 'subsec')),
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT topic_length CHECK (length(topic) > 0 AND length(topic) < 128)
);
INSERT INTO river_notification VALUES(1,'2026-12-01 12:37:59.513','{"queue": "mail"}','river_insert');
INSERT INTO river_notification VALUES(2,'2026-12-01 12:38:01.458','{"queue": "chore"}','river_insert');
INSERT INTO river_notification VALUES(3,'2026-12-01 12:38:02.552','{"queue": "mail"}','river_insert');
INSERT INTO river_notification VALUES(4,'2026-12-01 12:38:04.349','{"queue": "mail"}','river_insert');
CREATE TABLE river_queue (
    name text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (jsonb('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO river_queue VALUES('mail','2026-12-01 12:37:59.436',X'0c',NULL,'2026-12-01 12:38:02.280');
INSERT INTO river_queue VALUES('chore','2026-12-01 12:37:59.446',X'0c',NULL,'2026-12-01 12:38:02.323');
CREATE TABLE river_job (
    id integer PRIMARY KEY AUTOINCREMENT,
    args blob NOT NULL DEFAULT (jsonb('{}')),
    attempt integer NOT NULL DEFAULT 0,
    attempted_at timestamp,
    attempted_by blob, -- json
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    errors blob, -- json
    finalized_at timestamp,
    kind text NOT NULL,
    max_attempts integer NOT NULL DEFAULT 25,
    metadata blob NOT NULL DEFAULT (jsonb('{}')),
    priority integer NOT NULL DEFAULT 1,
    queue text NOT NULL DEFAULT 'default',
    state text NOT NULL DEFAULT 'available',
    scheduled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags blob NOT NULL DEFAULT (jsonb('[]')),
    unique_key blob,
    unique_states integer,
    CONSTRAINT finalized_or_finalized_at_null CHECK (
        (finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded')) OR
        (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))
    ),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (length(queue) > 0 AND length(queue) < 128),
    CONSTRAINT kind_length CHECK (length(kind) > 0 AND length(kind) < 128),
    CONSTRAINT state_valid CHECK (state IN ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'))
);
INSERT INTO river_job VALUES(1,X'cc2e776d61696c5f6964c72430316132333139632d613635372d373734652d623363652d643433626332383635366434',0,'2026-12-01 12:37:59.566',X'cb1fc71d766d5f323032365f31325f30315431325f33375f35395f333437353534','2026-12-01 12:37:59.513',NULL,NULL,'mail',25,X'cc30c71272697665723a756e697175655f6e6f6e6365c710303162616662623139343164633337647a736e6f6f7a65731331',1,'mail','scheduled','2026-12-01 12:38:09.210',X'0b',X'b312107e751f341a23a5c748a5d4bb7e8751665229f2f3511dc07d95cc650dee',241);
INSERT INTO river_job VALUES(2,X'cc2e776d61696c5f6964c72430316132333139632d613636612d373739362d396239342d346561393437343963353263',0,'2026-12-01 12:37:59.566',X'cb1fc71d766d5f323032365f31325f30315431325f33375f35395f333437353534','2026-12-01 12:37:59.530',NULL,NULL,'mail',25,X'cc30c71272697665723a756e697175655f6e6f6e6365c710343234386665353530653537386333667a736e6f6f7a65731331',1,'mail','scheduled','2026-12-01 12:38:09.232',X'0b',X'5265b602ba7c3120815816adb5da439279c9f913cc84a816b3fb6ca0e177cd12',241);
INSERT INTO river_job VALUES(3,X'0c',1,'2026-12-01 12:38:01.499',X'cb1fc71d766d5f323032365f31325f30315431325f33375f35395f333437353534','2026-12-01 12:38:01.458',NULL,NULL,'clean',3,X'cc3087706572696f64696301c71272697665723a756e697175655f6e6f6e6365c71066343764313735346234666437343865',1,'chore','running','2026-12-01 12:38:01.458',X'0b',X'c1dce196929fe6dde8152efb77bc2b9e0e386905dde5b5e58e4e943a9e575d5a',241);
INSERT INTO river_job VALUES(4,X'0c',1,'2026-12-01 12:38:01.499',X'cb1fc71d766d5f323032365f31325f30315431325f33375f35395f333437353534','2026-12-01 12:38:01.458',NULL,NULL,'sweep',3,X'cc3087706572696f64696301c71272697665723a756e697175655f6e6f6e6365c71063366431663135346133343930353535',1,'chore','running','2026-12-01 12:38:01.458',X'0b',X'073ec72f7591c96fdd79d41812df2fe9c1b1108f2a3ab1006a2eb3569c3ae180',241);
INSERT INTO river_job VALUES(5,X'0c',1,'2026-12-01 12:38:01.520',X'cb1fc71d766d5f323032365f31325f30315431325f33375f35395f333437353534','2026-12-01 12:38:01.458',NULL,NULL,'remind',3,X'cc3087706572696f64696301c71272697665723a756e697175655f6e6f6e6365c71034333663343964396532313664636561',1,'chore','running','2026-12-01 12:38:01.458',X'0b',X'dcdc491c32c445c6d65e068bb245e1e9d0ab63b2374451e7e81a194fa6b2133a',241);
INSERT INTO river_job VALUES(6,X'cc2e776d61696c5f6964c72430316132333139632d623233362d376462652d396634362d303833643462366232313435',1,'2026-12-01 12:38:02.578',X'cb1fc71d766d5f323032365f31325f30315431325f33385f30315f373138343933','2026-12-01 12:38:02.551',NULL,NULL,'mail',25,X'cc26c71272697665723a756e697175655f6e6f6e6365c71031373438653533653737653863396438',1,'mail','running','2026-12-01 12:38:02.551',X'0b',X'a4302085f797f43a9b4f12da8d48acbc1a7f6883db4add33b1b356abfeba49ad',241);
INSERT INTO river_job VALUES(7,X'cc2e776d61696c5f6964c72430316132333139632d623933622d373532612d616231662d633062653964373638393639',0,NULL,NULL,'2026-12-01 12:38:04.348',NULL,NULL,'mail',25,X'cc26c71272697665723a756e697175655f6e6f6e6365c71037346134316264633733376466336231',1,'mail','available','2026-12-01 12:38:04.348',X'0b',X'7c2c3ab00ca391a5cf44c52b6cb50183507bedde9a36f3aa08750ee1df917bb2',241);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',7);
INSERT INTO sqlite_sequence VALUES('mails',4);
INSERT INTO sqlite_sequence VALUES('users',4);
INSERT INTO sqlite_sequence VALUES('river_job',7);
INSERT INTO sqlite_sequence VALUES('audit_events',8);
INSERT INTO sqlite_sequence VALUES('river_notification',4);
INSERT INTO sqlite_sequence VALUES('mail_attempts',2);
CREATE INDEX sign_up_tokens_user ON sign_up_tokens (user_id);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;
CREATE INDEX audit_events_user ON audit_events (user_id, id);
CREATE INDEX mails_created ON mails (created_at, seq);
CREATE INDEX mails_state ON mails (state, created_at, seq);
CREATE INDEX mails_user ON mails (user_id, created_at, seq);
CREATE INDEX mails_recipient ON mails (recipient_id, state);
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX mail_attempts_mail ON mail_attempts (mail_id, seq);
CREATE INDEX sessions_user ON sessions (user_id, seq);
CREATE INDEX sessions_expires ON sessions (expires_at);
CREATE INDEX audit_events_action ON audit_events (action, at);
CREATE INDEX tickets_user ON tickets (user_id);
CREATE INDEX tickets_expires ON tickets (expires_at);
CREATE INDEX address_mails_address ON address_mails (address_hash, due_at);
CREATE INDEX address_mails_due ON address_mails (due_at);
CREATE UNIQUE INDEX users_username ON users (username_key) WHERE rejected_at IS NULL;
CREATE UNIQUE INDEX users_verified_email ON users (email_key)
    WHERE rejected_at IS NULL AND (verified_at IS NOT NULL OR verification_required = 0);
CREATE INDEX users_rejected_username ON users (username_key, id) WHERE rejected_at IS NOT NULL;
CREATE INDEX users_email ON users (email_key, id, status);
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;
CREATE INDEX users_unnoticed ON users (id)
    WHERE approval_required = 1 AND approved_at IS NULL AND rejected_at IS NULL AND noticed_at IS NULL
    AND (verification_required = 0 OR verified_at IS NOT NULL);
CREATE INDEX users_noticed ON users (noticed_at) WHERE noticed_at IS NOT NULL;
CREATE INDEX users_unreminded ON users (created_at, id)
    WHERE verification_required = 1 AND verified_at IS NULL AND rejected_at IS NULL AND reminded_at IS NULL AND undeliverable_at IS NULL;
CREATE INDEX link_requests_at ON link_requests (at, seq);
CREATE INDEX river_notification_created_at_idx ON river_notification (created_at);
CREATE INDEX river_notification_topic_id_idx ON river_notification (topic, id);
CREATE INDEX river_job_kind ON river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);
CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL
        AND unique_states IS NOT NULL
        AND CASE state
            WHEN 'available' THEN unique_states & (1 << 0)
            WHEN 'cancelled' THEN unique_states & (1 << 1)
            WHEN 'completed' THEN unique_states & (1 << 2)
            WHEN 'discarded' THEN unique_states & (1 << 3)
            WHEN 'pending'   THEN unique_states & (1 << 4)
            WHEN 'retryable' THEN unique_states & (1 << 5)
            WHEN 'running'   THEN unique_states & (1 << 6)
            WHEN 'scheduled' THEN unique_states & (1 << 7)
            ELSE 0
        END >= 1;
COMMIT;
