BEGIN TRANSACTION;
PRAGMA defer_foreign_keys=ON;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-12-01 05:53:36');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-12-01 05:53:36');
CREATE TABLE users (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    name                  TEXT    NOT NULL CHECK (length(name) <= 250),
    username              TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key          TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email                 TEXT    NOT NULL CHECK (length(email) <= 320),
    email_key             TEXT    NOT NULL UNIQUE CHECK (length(email_key) <= 1000),
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
    -- name, username and email in lower case, one a line: SQLite folds ASCII only.
    search                TEXT    NOT NULL,
    -- signup.User.Status in SQL, so that a list of one status has an index.
    -- Computed from the facts; storetest holds it to the Go function.
    status                TEXT    NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN rejected_at IS NOT NULL THEN 'rejected'
            WHEN verification_required = 1 AND verified_at IS NULL THEN 'unconfirmed'
            WHEN approval_required = 1 AND approved_at IS NULL THEN 'pending_approval'
            ELSE 'active'
        END
    ) VIRTUAL
) STRICT;
INSERT INTO users VALUES(1,'The Boss','boss','boss','boss@example.org','boss@example.org','$argon2id$v=19$m=64,t=1,p=1$zvhE8Dxu7f0eiPWv2Q3txA$8LzVIUTROtsB01j5qx/AWsg1/pzT7WyGtLb/PvJvbMw','en','null','admin','operator',0,0,1791633600000,NULL,NULL,'',NULL,'','','',0,1,replace('the boss\nboss\nboss@example.org','\n',char(10)));
INSERT INTO users VALUES(2,'Person exi','exi','exi','exi@example.org','exi@example.org','$argon2id$v=19$m=64,t=1,p=1$CuQLKz2o2dDeMftoFx6DTQ$xNl3q7Sj8JRSHR9UQIbpN+Gi9DMfQk2/hI7UVFvcy30','en','null','member','signup',1,1,1795003200000,NULL,NULL,'',NULL,'','','',0,1,replace('person exi\nexi\nexi@example.org','\n',char(10)));
INSERT INTO users VALUES(3,'Ann A. Example','ann','ann','Ann@example.org','ann@example.org','$argon2id$v=19$m=64,t=1,p=1$94gV/fPHVebPAE++TMI4gg$/yBvSOad8V5OZwTsgWWr7rJ2JtRCzP+FiGNHdmNCuqk','de','{"company":"Ann \u0026 Söhne","size":7}','member','signup',1,1,1795003200000,1795003800000,1795003800000,'user:1',NULL,'','','',0,3,replace('ann a. example\nann\nann@example.org','\n',char(10)));
INSERT INTO users VALUES(4,'Person rex','rex','rex','rex@example.org','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$ReS2MMy7ynPlxe0zFwKRvA$RAKkGgvPcfJF0D25zY4QRQa8v3eUsjdIae9uVmrf65M','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'user:1','We don''t know you.','looks like spam',0,3,replace('person rex\nrex\nrex@example.org','\n',char(10)));
INSERT INTO users VALUES(5,'Person rob','rob','rob','rob@example.org','rob@example.org','$argon2id$v=19$m=64,t=1,p=1$y+hzUsAyqfrJFXA+bvUE8g$VCBJj5ELSrLJiL1m0teZpcGEut1arCU875corH3B46o','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'cli','','',0,3,replace('person rob\nrob\nrob@example.org','\n',char(10)));
INSERT INTO users VALUES(6,'Person dan2','dan2','dan2','dan@example.org','dan@example.org','$argon2id$v=19$m=64,t=1,p=1$x/JJRoAtKFi1fYBsYJpkbA$u6WHN55QboTM5mfcGmP3Il1JkGqCA/s0Zv+UKhS8l+E','fr','null','member','signup',1,1,1795003800000,1795003800000,1795003800000,'cli',NULL,'','','',0,3,replace('person dan2\ndan2\ndan@example.org','\n',char(10)));
INSERT INTO users VALUES(7,'Person kim','kim','kim','kim@example.org','kim@example.org','$argon2id$v=19$m=64,t=1,p=1$fCNxqKcZJIazeY5M5aRd7A$7ffmF5JiTbpsZVjG6EuiVPhgOsnuf6ivIEsxatUabxc','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',1,2,replace('person kim\nkim\nkim@example.org','\n',char(10)));
INSERT INTO users VALUES(8,'Person pia','pia','pia','pia@example.org','pia@example.org','$argon2id$v=19$m=64,t=1,p=1$MR7rNZPRXU19cx6GwjE1yQ$JX22pPcr8cQxFAA+EKvS7t6AZSiqin62JqpudwxvXtQ','en','null','member','signup',1,1,1795176000000,1795176000000,NULL,'',NULL,'','','',0,2,replace('person pia\npia\npia@example.org','\n',char(10)));
INSERT INTO users VALUES(9,'Úna Ñandú','una','una','una@example.org','una@example.org','$argon2id$v=19$m=64,t=1,p=1$04paSSDJN5uSlRIjSBJtlQ$yjW55LifZQHVPpGC/fwp727tHPU61lgmGgqsaisVXJ8','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('úna ñandú\nuna\nuna@example.org','\n',char(10)));
INSERT INTO users VALUES(10,'Person ova','ova','ova','ova@example.org','ova@example.org','$argon2id$v=19$m=64,t=1,p=1$Bc0onX1y0bcOxk7LERLyuA$t2/SrNonIbD0xr7vchVtUBru3S1AbxdR/1g7Ksq/tWk','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ova\nova\nova@example.org','\n',char(10)));
INSERT INTO users VALUES(11,'Person fay','fay','fay','fay@example.org','fay@example.org','$argon2id$v=19$m=64,t=1,p=1$QSsraqIaFXBRDcixV9stfA$q7TM4IV7auIfoAn/G6G4bsnSc7XW7UdZZYMW+loXlgI','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person fay\nfay\nfay@example.org','\n',char(10)));
INSERT INTO users VALUES(12,'Person cal1','cal1','cal1','cal@example.org','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$D1IOFO2Sh+r8RNomSyvgeA$5WltCdL2XcKWnhIxQfLAHvn+epi6+59zYufLPS31Fh4','en','{"company":"Cal One"}','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person cal1\ncal1\ncal@example.org','\n',char(10)));
INSERT INTO users VALUES(13,'Person lea1','lea1','lea1','lea@example.org','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$5K0ngYvKxkaJVAqDbdbLWw$sjIRfUkJxS3w1Irk+c13zRXCzh31mEXsaZOOk99QWWw','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person lea1\nlea1\nlea@example.org','\n',char(10)));
INSERT INTO users VALUES(14,'Person eva','eva','eva','eva@example.org','eva@example.org','$argon2id$v=19$m=64,t=1,p=1$a4xR+IXYv1O6t9rR6Ibjdw$qGFeu9tQdHBUgecBOabCu3i/NodKLQ0POQbP9nTSqL8','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person eva\neva\neva@example.org','\n',char(10)));
INSERT INTO users VALUES(15,'Person ivo','ivo','ivo','ivo@example.org','ivo@example.org','$argon2id$v=19$m=64,t=1,p=1$ceVyBRa/+tagWYsdcWe0Pw$3nfOCba2hLIXWTDvn/q7iNF71aqrR6/GcTmCloI//Zo','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ivo\nivo\nivo@example.org','\n',char(10)));
INSERT INTO users VALUES(16,'Person dan1new','dan1','dan1','dan1@example.org','dan1@example.org','$argon2id$v=19$m=64,t=1,p=1$KuzlkjxfA7qwkUdFUiIvXA$jPVL8p53eIiE/QUNXNKHvxyyewz8FfbO2pEVRcUcJ0I','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person dan1new\ndan1\ndan1@example.org','\n',char(10)));
CREATE TABLE usernames (
    key     TEXT    NOT NULL PRIMARY KEY CHECK (length(key) <= 1000),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO usernames VALUES('boss',1);
INSERT INTO usernames VALUES('exi',2);
INSERT INTO usernames VALUES('ann',3);
INSERT INTO usernames VALUES('rex',4);
INSERT INTO usernames VALUES('rex2',4);
INSERT INTO usernames VALUES('rob',5);
INSERT INTO usernames VALUES('dan2',6);
INSERT INTO usernames VALUES('kim',7);
INSERT INTO usernames VALUES('pia',8);
INSERT INTO usernames VALUES('una',9);
INSERT INTO usernames VALUES('ova',10);
INSERT INTO usernames VALUES('fay',11);
INSERT INTO usernames VALUES('cal1',12);
INSERT INTO usernames VALUES('cal2',12);
INSERT INTO usernames VALUES('cal3',12);
INSERT INTO usernames VALUES('cal5',12);
INSERT INTO usernames VALUES('lea1',13);
INSERT INTO usernames VALUES('lea2',13);
INSERT INTO usernames VALUES('eva',14);
INSERT INTO usernames VALUES('ivo',15);
INSERT INTO usernames VALUES('dan1',16);
CREATE TABLE sign_up_tokens (
    id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) <= 64),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id   TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    token_hash TEXT    NOT NULL UNIQUE CHECK (length(token_hash) <= 128),
    address    TEXT    NOT NULL CHECK (length(address) <= 320),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT;
INSERT INTO sign_up_tokens VALUES('01a2302a-6b4c-768b-a019-3dd97c0d3f75',2,'','ba9bd0055184fac5bd3d31dccc4042a641d630d21dc421bfe06109ba164105c3','exi@example.org',1795003200000,1795093200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b4f-752b-bec7-7fe240c72a9f',3,'','3a3f515df204c8b614d0514f67029ae84743deb5cca01039bf9557c486a1b3b1','Ann@example.org',1795003200000,1795093200000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b5b-7975-a72f-b2598470f25e',4,'','47d9155063dda8caa0248afa9104636811a0f710e3261911be7219b09e858b70','rex@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b60-76b6-b5be-47575a55e79f',5,'','73e5fd807374c540d6b94ba7ab299cc508721ba2a946f1663e083b3f1ab8d6bc','rob@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b64-764a-8daf-f6adc62a4a1b',6,'','14f3be8b3ce609a66c0b49ca0e79b02ebcd9f537fe8a1ba6a7fefa10802269fa','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b66-75e4-a0d2-0a1af30f2815',6,'01a2302a-6b65-7bb0-b265-77a5f132f6f9','543a15cf319b585f831f9608e6a593b471b030432010082c612aa4a91ffc195c','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b6b-78ed-a79e-39070213f33a',7,'','2c48f36f82d7882c616a6a79e35ed15aaf5cbc7961d5a9401d3533acc2dc85ea','kim@exmaple.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b6d-7d4a-b83e-755e6c439661',7,'','3dc0d332414afe5ee0e09773b8cdee1667663fcfbe4d338bc0fe28be6c5cb6ea','kim@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b72-75bd-a9e2-2bf7084f009d',8,'','7f7920cf2ee277fdda60dcf4f06ab83badc898b9d97704c4c321c9f03127ec2f','pia@example.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b76-7f09-808f-327b446ac195',9,'','36898b637d44de08b5e77d9988a5ac4fd77288204f51e5e84994baf3c5bab3e0','una@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b7d-70c1-a07e-0006ce1ded0a',11,'','77640afb47b0999e8c74bf32bffc9f614a1f6f34639431fee1c56a9ec3171420','fay@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b7f-7641-a5df-4833525bfb9f',12,'','e4447e04020c2f554fa1a07451c1838f2e2f8b879a0b481074bd8d6a5126f4d2','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b81-7784-9d35-244d303704b9',12,'01a2302a-6b80-7acc-bbc9-5f6a496866e2','2c782bf5369a9815205b1fdf39f7cdf1fb1943943c1cc97d516fc1606f71045a','Cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b83-7b84-9385-36b8e0bb7bab',12,'01a2302a-6b82-7c8d-ad1f-f670f88adcc7','0e1f40f75f9b0475f28f8c63927b38dcbf9818c1c21c47f0710c1163dc998b09','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b85-7bfb-a714-80a5b9cc2615',12,'01a2302a-6b84-7eeb-9582-9d72adbbdde4','81b040a164f9f6d5e559a52a38d9fcc1d7d165408f5a2558e2f5abbfdf0e8f93','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b88-7324-a6d0-5d5ce4fda4a0',12,'01a2302a-6b87-7431-9a6f-6530dccb5f18','23f7f1c7cceebc695c11bb5aa136d9e3429871154626394b4830f8fe0cfa8df7','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b8b-77ec-a832-749178b79428',4,'01a2302a-6b8a-790f-a290-3bfa42b90e47','60e4a94628ccc939e0d9ac683fdfc3fa2f68e6d93692958d3f46a893f6f38e1d','rex@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b8d-79f6-829b-9ca220a126e8',13,'','d065983e003c59074cc8b94809e478c5806caa4d896678cc73002ba4bf6c9e3d','lea@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b92-7e2a-9635-67ebdb70f0da',14,'','70a8a3d0925eab9abf408490ee2ad153f26a9c21190170f111e2f4bfd0e27a45','eva@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b96-7dcd-b465-d85275100ff7',15,'','c0250463dd86cb30a514b12262610ec6201d1753bf305ff928b8a3f860c8c2b5','ivo@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b99-7b7b-be3d-3db4ded6f147',16,'','a156e9ec3d1caca0fff93bccae3d35513992fde84b3c26689da0b7776a482f04','dan1@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6b9a-7f1f-a3f9-14756cb91d3b',3,'','6b3e6d57e482280f25e6412ffc6f02497fce1d7516a8873ee7db787e1c2a668d','Ann@example.org',1795176000000,1795266000000,0);
CREATE TABLE claims (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    user_id           INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name              TEXT    NOT NULL CHECK (length(name) <= 250),
    username          TEXT    NOT NULL CHECK (length(username) <= 250),
    username_key      TEXT    NOT NULL CHECK (length(username_key) <= 1000),
    email             TEXT    NOT NULL CHECK (length(email) <= 320),
    password_hash     TEXT    NOT NULL CHECK (length(password_hash) <= 512),
    language          TEXT    NOT NULL CHECK (length(language) <= 64),
    profile           TEXT    NOT NULL CHECK (json_valid(profile)),
    approval_required INTEGER NOT NULL CHECK (approval_required IN (0, 1)),
    created_at        INTEGER NOT NULL
) STRICT;
INSERT INTO claims VALUES(2,'01a2302a-6b80-7acc-bbc9-5f6a496866e2',12,'Person cal2','cal2','cal2','Cal@example.org','$argon2id$v=19$m=64,t=1,p=1$khAD55AzmElEta8VNjK93g$MO/I74VrmfTbOa3jb7bfSzbSnm3uFOAAek79A1dpaQk','pt-BR','{"company":"Cal \"Two\" \\ Co","size":3}',1,1795176000000);
INSERT INTO claims VALUES(3,'01a2302a-6b82-7c8d-ad1f-f670f88adcc7',12,'Cal O''Brien','cal3','cal3','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$cWc7CkFI7KMy6SdJ2xsE1w$MzEkP8y1gsdyKWfib8tnJ5zak4gdKJGo4uymrCyp1kM','en','null',1,1795176000000);
INSERT INTO claims VALUES(4,'01a2302a-6b84-7eeb-9582-9d72adbbdde4',12,'Person cal1again','Cal1','cal1','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$F4DlPTyRcz/JIjEbAxSaWQ$Kml/pERIfqiX4c1a+44MrC8Ypc1udsXFu7mlsxXx3uY','en','null',1,1795176000000);
INSERT INTO claims VALUES(5,'01a2302a-6b87-7431-9a6f-6530dccb5f18',12,'Person cal5','cal5','cal5','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$RHfEfUVw2I3nxwIIPS07Kg$GXX2TPjKXgwfg8oNCw7UprPZzQ3zqBEJCh2BVfEmdGk','en','null',1,1795176000000);
INSERT INTO claims VALUES(6,'01a2302a-6b8a-790f-a290-3bfa42b90e47',4,'Person rex2','rex2','rex2','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$M+tkBEAbv0s7Fc8dioY2nw$VcsGNBHUie1/NXq8PyCdD3V7usgoPkNCs8y54BvVEsU','en','null',1,1795176000000);
INSERT INTO claims VALUES(7,'01a2302a-6b8e-7d93-9256-bf50ea5a687c',13,'Person lea2','lea2','lea2','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$5RgNFFW7kCowaNOSGfAGrw$sql51+0rtjcy2bogCneU5Acr/S4Qth2h0vmBP+7Ko5Q','en','null',1,1795176000000);
CREATE TABLE mails (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    kind            TEXT    NOT NULL CHECK (length(kind) <= 64),
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    state           TEXT    NOT NULL CHECK (state IN ('owed', 'sent', 'failed', 'superseded')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    created_at      INTEGER NOT NULL,
    last_attempt_at INTEGER,
    ended_at        INTEGER,
    last_answer     TEXT    NOT NULL
) STRICT;
INSERT INTO mails VALUES(1,'01a2302a-6b37-73b4-ab31-ed282d4e04ce','account_exists',1,1,'','sent',1,1791633600000,1791633600000,1791633600000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(2,'01a2302a-6b39-72b6-aaba-5968838dbe3b','account_exists',1,1,'','sent',1,1794484800000,1794484800000,1794484800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(3,'01a2302a-6b3c-76d9-ac21-cda68670a646','confirmation',2,2,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(4,'01a2302a-6b4e-72fa-af79-f557178dec55','confirmation',3,3,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(5,'01a2302a-6b54-75b5-b7b3-84daee31f68a','confirmation',3,3,'','superseded',0,1795003800000,NULL,1795003800000,'');
INSERT INTO mails VALUES(6,'01a2302a-6b57-74ec-9378-c4aae5a71862','admin_notice',3,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(7,'01a2302a-6b59-73da-b3e4-e57b5dd1d0ca','approved',3,3,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(8,'01a2302a-6b5a-7e43-b33a-cda2200325be','confirmation',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(9,'01a2302a-6b5c-78ca-8dca-957198bd55c6','admin_notice',4,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(10,'01a2302a-6b5d-7ee1-a0cc-1302d27b0c05','rejected',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(11,'01a2302a-6b5f-78ea-907b-6cd91a8c5ec2','confirmation',5,5,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(12,'01a2302a-6b61-7894-94b1-4cd0e274f6d8','admin_notice',5,1,'','superseded',0,1795003800000,NULL,1795003800000,'');
INSERT INTO mails VALUES(13,'01a2302a-6b62-7139-abf0-301e06639e3f','rejected',5,5,'','owed',0,1795003800000,NULL,NULL,'');
INSERT INTO mails VALUES(14,'01a2302a-6b63-791c-b91c-f365608817dd','confirmation',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(15,'01a2302a-6b65-7cb0-9876-a37ed60cea91','confirmation',6,6,'01a2302a-6b65-7bb0-b265-77a5f132f6f9','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(16,'01a2302a-6b67-7802-8118-3edfce5be382','admin_notice',6,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(17,'01a2302a-6b69-7100-8e9e-ca268c1f11a8','approved',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(18,'01a2302a-6b6a-7ecc-90d7-ecb014642f2b','confirmation',7,7,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(19,'01a2302a-6b6d-70fe-b1f3-24477d75f993','confirmation',7,7,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(20,'01a2302a-6b6f-70d9-a85b-f7718d427076','confirmation',8,8,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(21,'01a2302a-6b73-7eea-bf3c-bec4bee6b3ff','admin_notice',8,1,'','owed',1,1795176000000,1795176000000,NULL,'451 4.7.1 Try again later');
INSERT INTO mails VALUES(22,'01a2302a-6b76-72c0-a678-923178b26b15','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(23,'01a2302a-6b79-71f4-bd20-2e2847df9c01','confirmation',10,10,'','owed',0,1795176000000,NULL,NULL,'');
INSERT INTO mails VALUES(24,'01a2302a-6b7a-7200-b393-cd38004c0ec4','confirmation',11,11,'','failed',1,1795176000000,1795176000000,1795176000000,'550 5.1.1 No such user');
INSERT INTO mails VALUES(25,'01a2302a-6b7e-7a27-b638-9cca7e041453','confirmation',12,12,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(26,'01a2302a-6b80-7b4f-b95f-a374c0bbbc51','confirmation',12,12,'01a2302a-6b80-7acc-bbc9-5f6a496866e2','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(27,'01a2302a-6b82-7cfa-8825-20d0e9aae118','confirmation',12,12,'01a2302a-6b82-7c8d-ad1f-f670f88adcc7','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(28,'01a2302a-6b85-7022-8913-8493b1aafd97','confirmation',12,12,'01a2302a-6b84-7eeb-9582-9d72adbbdde4','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(29,'01a2302a-6b87-7542-ba6a-515adaf40328','confirmation',12,12,'01a2302a-6b87-7431-9a6f-6530dccb5f18','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(30,'01a2302a-6b8a-7a1c-a6cd-c2107201ff02','confirmation',4,4,'01a2302a-6b8a-790f-a290-3bfa42b90e47','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(31,'01a2302a-6b8c-7eb5-8232-e149bff9a2a3','confirmation',13,13,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(32,'01a2302a-6b8e-7e60-97a0-c17f860e7be1','confirmation',13,13,'01a2302a-6b8e-7d93-9256-bf50ea5a687c','owed',0,1795176000000,NULL,NULL,'');
INSERT INTO mails VALUES(33,'01a2302a-6b8f-7b5d-85fe-a5e2d1824c7f','account_exists',3,3,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(34,'01a2302a-6b90-7e2c-ab8e-070a39946f3e','account_exists',1,1,'','owed',0,1795176000000,NULL,NULL,'');
INSERT INTO mails VALUES(35,'01a2302a-6b92-7342-979f-2a0df8e4b6e3','confirmation',14,14,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(36,'01a2302a-6b96-7065-8838-6c8387fbf8f6','confirmation',15,15,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
INSERT INTO mails VALUES(37,'01a2302a-6b98-7ef9-9bc7-67ddd6716396','confirmation',16,16,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued');
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 250),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO settings VALUES('password_length_regular_users','10');
INSERT INTO settings VALUES('rejected_retention','"1440h0m0s"');
INSERT INTO settings VALUES('token_lifetime','"25h0m0s"');
CREATE TABLE api_keys (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    name       TEXT    NOT NULL CHECK (length(name) <= 250),
    hash       TEXT    NOT NULL UNIQUE CHECK (length(hash) <= 128),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
INSERT INTO api_keys VALUES(1,'01a2302a-6b9c-7549-8031-b5c7d15d6cda','host','c8cc6f254c569ffb9fa1d6be1e3b2e4786e95146e9c4c9e07ea838bad1b90e53',1795176000000,NULL);
INSERT INTO api_keys VALUES(2,'01a2302a-6b9c-7ce8-bc50-8f10482851c9','old','7d58eb3cad90da261658b8d262a54eabfe2d4b78bce5b9793eeadbb70501cb61',1795176000000,1795176000000);
CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL CHECK (length(actor) <= 300),
    action  TEXT    NOT NULL CHECK (length(action) <= 250),
    user_id INTEGER NOT NULL,
    detail  TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT;
INSERT INTO audit_events VALUES(1,1791633600000,'cli','user.admin_created',1,'null');
INSERT INTO audit_events VALUES(2,1795003200000,'cli','settings.changed',0,'{"password_length_regular_users":"10","rejected_retention":"\"1440h0m0s\"","token_lifetime":"\"25h0m0s\""}');
INSERT INTO audit_events VALUES(3,1795003200000,'person','user.signed_up',2,'null');
INSERT INTO audit_events VALUES(4,1795003200000,'person','user.signed_up',3,'null');
INSERT INTO audit_events VALUES(5,1795003800000,'person','user.verified',3,'null');
INSERT INTO audit_events VALUES(6,1795003800000,'user:1','user.approved',3,'null');
INSERT INTO audit_events VALUES(7,1795003800000,'person','user.signed_up',4,'null');
INSERT INTO audit_events VALUES(8,1795003800000,'person','user.verified',4,'null');
INSERT INTO audit_events VALUES(9,1795003800000,'user:1','user.rejected',4,'null');
INSERT INTO audit_events VALUES(10,1795003800000,'person','user.signed_up',5,'null');
INSERT INTO audit_events VALUES(11,1795003800000,'person','user.verified',5,'null');
INSERT INTO audit_events VALUES(12,1795003800000,'cli','user.rejected',5,'null');
INSERT INTO audit_events VALUES(13,1795003800000,'person','user.signed_up',6,'null');
INSERT INTO audit_events VALUES(14,1795003800000,'person','user.signed_up_again',6,'null');
INSERT INTO audit_events VALUES(15,1795003800000,'person','user.verified',6,'null');
INSERT INTO audit_events VALUES(16,1795003800000,'cli','user.approved',6,'null');
INSERT INTO audit_events VALUES(17,1795176000000,'person','user.signed_up',7,'null');
INSERT INTO audit_events VALUES(18,1795176000000,'cli','user.email_corrected',7,'null');
INSERT INTO audit_events VALUES(19,1795176000000,'person','user.signed_up',8,'null');
INSERT INTO audit_events VALUES(20,1795176000000,'person','user.verified',8,'null');
INSERT INTO audit_events VALUES(21,1795176000000,'person','user.signed_up',9,'null');
INSERT INTO audit_events VALUES(22,1795176000000,'person','user.signed_up',10,'null');
INSERT INTO audit_events VALUES(23,1795176000000,'person','user.signed_up',11,'null');
INSERT INTO audit_events VALUES(24,1795176000000,'person','user.signed_up',12,'null');
INSERT INTO audit_events VALUES(25,1795176000000,'person','user.signed_up_again',12,'null');
INSERT INTO audit_events VALUES(26,1795176000000,'person','user.signed_up_again',12,'null');
INSERT INTO audit_events VALUES(27,1795176000000,'person','user.signed_up_again',12,'null');
INSERT INTO audit_events VALUES(28,1795176000000,'person','user.signed_up_again',12,'null');
INSERT INTO audit_events VALUES(29,1795176000000,'person','user.signed_up_again',4,'null');
INSERT INTO audit_events VALUES(30,1795176000000,'person','user.signed_up',13,'null');
INSERT INTO audit_events VALUES(31,1795176000000,'person','user.signed_up_again',13,'null');
INSERT INTO audit_events VALUES(32,1795176000000,'person','user.signed_up',14,'null');
INSERT INTO audit_events VALUES(33,1795176000000,'person','user.signed_up',15,'null');
INSERT INTO audit_events VALUES(34,1795176000000,'person','user.signed_up',16,'null');
INSERT INTO audit_events VALUES(35,1795176000000,'cli','token.created',3,'{"token_id":"01a2302a-6b9a-7f1f-a3f9-14756cb91d3b"}');
INSERT INTO audit_events VALUES(36,1795176000000,'cli','api_key.created',0,'{"name":"host"}');
INSERT INTO audit_events VALUES(37,1795176000000,'cli','api_key.created',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(38,1795176000000,'cli','api_key.revoked',0,'{"name":"old"}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
INSERT INTO sqlite_sequence VALUES('users',16);
INSERT INTO sqlite_sequence VALUES('audit_events',38);
INSERT INTO sqlite_sequence VALUES('mails',37);
INSERT INTO sqlite_sequence VALUES('claims',7);
INSERT INTO sqlite_sequence VALUES('api_keys',2);
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;
CREATE INDEX usernames_user ON usernames (user_id);
CREATE INDEX sign_up_tokens_user ON sign_up_tokens (user_id);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);
CREATE INDEX claims_user ON claims (user_id, created_at);
CREATE INDEX mails_created ON mails (created_at, seq);
CREATE INDEX mails_state ON mails (state, created_at, seq);
CREATE INDEX mails_user ON mails (user_id, created_at, seq);
CREATE INDEX mails_recipient ON mails (recipient_id, state);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;
CREATE INDEX audit_events_user ON audit_events (user_id, id);
COMMIT;
