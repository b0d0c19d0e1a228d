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
INSERT INTO goose_db_version VALUES(3,3,1,'2026-12-01 05:53:36');
INSERT INTO goose_db_version VALUES(4,4,1,'2026-12-01 05:53:36');
INSERT INTO goose_db_version VALUES(5,5,1,'2026-12-01 05:53:36');
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
, undeliverable_at INTEGER, reminded_at INTEGER, noticed_at INTEGER, notices_off INTEGER NOT NULL DEFAULT 0 CHECK (notices_off IN (0, 1)), terms_version TEXT NOT NULL DEFAULT '' CHECK (length(terms_version) <= 250), terms_at INTEGER) STRICT;
INSERT INTO users VALUES(1,'The Boss','boss','boss','boss@example.org','boss@example.org','$argon2id$v=19$m=64,t=1,p=1$SWCasN0I8YO77D5Sp5oC5w$ph5lT19DtKUnio326GfHR4r/gNa8BVflPa5HXwkVbmc','en','null','admin','operator',0,0,1791633600000,NULL,NULL,'',NULL,'','','',0,1,replace('the boss\nboss\nboss@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL);
INSERT INTO users VALUES(2,'Person exi','exi','exi','exi@example.org','exi@example.org','$argon2id$v=19$m=64,t=1,p=1$lv23jo1pWhpPrgbrxssMeQ$wBFGjqOBXMs265z+fFKFgHB+WDjKRZnoM9cioxlSc74','en','null','member','signup',1,1,1795003200000,NULL,NULL,'',NULL,'','','',0,1,replace('person exi\nexi\nexi@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795003200000);
INSERT INTO users VALUES(3,'Ann A. Example','ann','ann','Ann@example.org','ann@example.org','$argon2id$v=19$m=64,t=1,p=1$9ieQyFCOaYQ43nzrlWOo+g$9QsCMIQRHrwTyHc/1kLMQJAb8sRCYDInjLx5r0O8uuE','de','{"company":"Ann \u0026 Söhne","size":7}','member','signup',1,1,1795003200000,1795003800000,1795003800000,'user:1',NULL,'','','',0,4,replace('ann a. example\nann\nann@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003200000);
INSERT INTO users VALUES(4,'Person rex','rex','rex','rex@example.org','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$jSSW1L3BTbZ1mC4bZa5Ltw$wBmmbZYKF28onNQvKsLkfqqjXVJRqBEnCcS/Z4mO62w','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'user:1','We don''t know you.','looks like spam',0,4,replace('person rex\nrex\nrex@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(5,'Person rob','rob','rob','rob@example.org','rob@example.org','$argon2id$v=19$m=64,t=1,p=1$jGFVaIw/NH2J1t6TIZHZ2Q$oNYVZTXWEfKPJVBAkneVKjhmdb5WH9pxWEaDNRWMWNU','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'cli','','',0,4,replace('person rob\nrob\nrob@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(6,'Person dan2','dan2','dan2','dan@example.org','dan@example.org','$argon2id$v=19$m=64,t=1,p=1$RcHs5CI0Dngi0kTDx/5osw$uJtI64AyrzBxTVIr/1sqAO3VeeRVfwrnaNKetJfgeTM','fr','null','member','signup',1,1,1795003800000,1795003800000,1795003800000,'cli',NULL,'','','',0,4,replace('person dan2\ndan2\ndan@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(8,'Person cor','cor','cor','cor@example.org','cor@example.org','$argon2id$v=19$m=64,t=1,p=1$4xwdYx6CFDqS+6LP6V97bQ$QX5yDdnlVxnl2zhiAHy+DtVQkUp5G/PU7KOHx3jmfbs','en','null','member','signup',1,1,1795174200000,NULL,NULL,'',NULL,'','','',0,1,replace('person cor\ncor\ncor@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795172400000);
INSERT INTO users VALUES(9,'Person kim','kim','kim','kim@example.org','kim@example.org','$argon2id$v=19$m=64,t=1,p=1$h8cnQs/b4VdfIeQ80A/vqg$fqm0TlwrHCGG/ycLZUbKnh60n6ATU68b+V2Y3dSq2Gs','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',1,2,replace('person kim\nkim\nkim@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(10,'Person pia','pia','pia','pia@example.org','pia@example.org','$argon2id$v=19$m=64,t=1,p=1$JzCPc1UFwt4zrrJhtBu85g$KbJCU2RArgSoSMgQI1Idet3RjlSuZLCBaVdfK3bubvg','en','null','member','signup',1,1,1795176000000,1795176000000,NULL,'',NULL,'','','',0,3,replace('person pia\npia\npia@example.org','\n',char(10)),NULL,NULL,1795176000000,0,'2026-10',1795176000000);
INSERT INTO users VALUES(11,'Úna Ñandú','una','una','una@example.org','una@example.org','$argon2id$v=19$m=64,t=1,p=1$4HBQ2Hg7Zv477i+DgSFwtw$cwXHS0XPn2MyCorOnWOytmG5JpYuqD9GcTJ/1AYQbUM','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('úna ñandú\nuna\nuna@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(12,'Person ova','ova','ova','ova@example.org','ova@example.org','$argon2id$v=19$m=64,t=1,p=1$sEh+OA74T9t4TvclgtZwUg$B3fYyPNQqyC9Wn7SCNRrymrmbdnVRitjGpWNDMsZMg4','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ova\nova\nova@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(13,'Person fay','fay','fay','fay@example.org','fay@example.org','$argon2id$v=19$m=64,t=1,p=1$0pzNCLePibA8xGPZZ1EoOA$M9wE09WC0VoibfbdnfvfGw6FWhtNxmKhvEjAgvq6+6Q','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('person fay\nfay\nfay@example.org','\n',char(10)),1795176000000,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(14,'Person cal1','cal1','cal1','cal@example.org','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$Yt2l0hTnPHyo5qUmPQW9Rw$wkGYqQNC6+hJJ4ONZwoYY57a8ALhc3Et05EtVlrr440','en','{"company":"Cal One"}','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person cal1\ncal1\ncal@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(15,'Person lea1','lea1','lea1','lea@example.org','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$UYw/e7Zc27hXfPTQRJr8cQ$d9wWjz4Gf5LQ6qKB/LhvqUA46uAvtg1CpQfrXAgckqY','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person lea1\nlea1\nlea@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(16,'Person eva','eva','eva','eva@example.org','eva@example.org','$argon2id$v=19$m=64,t=1,p=1$BmHbXii8vpzkIlCthzRU3w$tDK6Eu7vVPln5nREjtOhDimpbIxdbwFGXeLj4ZzcepQ','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person eva\neva\neva@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(17,'Person ivo','ivo','ivo','ivo@example.org','ivo@example.org','$argon2id$v=19$m=64,t=1,p=1$BAK7yAzzvdMOSFDdnu+Thg$oznxu3mpn/NjnMmr2L/1UkouKTXrYT3kl0XPLwJoUeE','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ivo\nivo\nivo@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(18,'Person dan1new','dan1','dan1','dan1@example.org','dan1@example.org','$argon2id$v=19$m=64,t=1,p=1$99IXYC/fzAMRJMbRffIm4w$9mDXQVfoYx6k3zqqB66pEOkaGzne6xBOSDpt9npNklQ','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person dan1new\ndan1\ndan1@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(19,'Second Admin','aid','aid','aid@example.org','aid@example.org','$argon2id$v=19$m=64,t=1,p=1$3/pY8ygXISFqUFRVfgvuyg$5ExpvRCop22COIOMVPkm36+nUDIS+F9im457zKHjxIg','en','null','admin','operator',0,0,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('second admin\naid\naid@example.org','\n',char(10)),NULL,NULL,NULL,1,'',NULL);
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
INSERT INTO usernames VALUES('cor',8);
INSERT INTO usernames VALUES('kim',9);
INSERT INTO usernames VALUES('pia',10);
INSERT INTO usernames VALUES('una',11);
INSERT INTO usernames VALUES('ova',12);
INSERT INTO usernames VALUES('fay',13);
INSERT INTO usernames VALUES('cal1',14);
INSERT INTO usernames VALUES('cal2',14);
INSERT INTO usernames VALUES('cal3',14);
INSERT INTO usernames VALUES('cal5',14);
INSERT INTO usernames VALUES('lea1',15);
INSERT INTO usernames VALUES('lea2',15);
INSERT INTO usernames VALUES('eva',16);
INSERT INTO usernames VALUES('ivo',17);
INSERT INTO usernames VALUES('dan1',18);
INSERT INTO usernames VALUES('aid',19);
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
INSERT INTO sign_up_tokens VALUES('01a2302a-6be0-72c1-b889-268c5d1b1d10',2,'','56117bea47c3470b611513b5f808d1979f32015bbf0ccb6219f84636dae01513','exi@example.org',1795003200000,1795093200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6be3-7558-9ba6-fae5f27f3410',3,'','18478eeceb2319dcc4d2c5d3bdcd034559b228eb2e88cfa8e55286a621a34c08','Ann@example.org',1795003200000,1795093200000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6bf7-7e15-ae70-5d7379a346bb',4,'','3861607947063664623a89050f548ff17a43f70e681ad96a8e3d8bd9a4ec4baf','rex@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c05-7d7e-87f5-3e3465597e5c',5,'','e350d02291913aedcdd76f4e3afcc7f8b6e48b43b283f5081aaef07312076599','rob@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c0b-7cd1-aade-bd0db6eff028',6,'','94b9be8fabd9c2a491699129861560d66813c0b5c715ac887061b54963d3f1e6','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c11-73cc-9b1d-0b7979258cd2',6,'01a2302a-6c10-72a8-ad8e-e841244aa3ed','ce095932e7d9e87416aa86b7efff8ca33ae920ff4c91d2870478844d8b79da28','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c26-729d-8180-5fc3aec660da',8,'','1bf59687dfe063e218fa6f217abc2789e47716b87fff0009ba96e49ff9417e4e','cor@example.org',1795174200000,1795264200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c28-71e4-a799-9334041cdfac',8,'','e6a6559ef5071aba01d40870040172f1b0866ed0f76a8c79460acbce09b85852','cor@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c2a-7803-9e05-6563b5f5f9ee',9,'','e33b97049c7add71775b5dbba826301cd54895b484df87eafa6d058baec29ce8','kim@exmaple.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c2f-7e07-a5a7-db1c6715b63d',9,'','e50ff1ffecdf4052e3feba22bf324b94e7174fb92e339061703fd449ae5fa35d','kim@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c3b-70c9-b3d1-2478b3093a77',10,'','00fd1d5bdb35a8d5dd8dda9736e0eceae4fe63d4ad4e601c007e2dbe0d1c9bb3','pia@example.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c45-7221-a4c1-a9536ca9cdd7',11,'','34c4ee347989388411c27869358459654edfb482eb255711c79a2877c83f853d','una@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c48-7d52-9422-2ace225d2473',13,'','b96965a54e8994415c6f480ce9beaba3abca6e688663cf344af486e8d873f566','fay@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c4b-7508-b568-49a91026984b',14,'','6e61a34b39cec418ce0846f5921f140ea91ef2f7b61e514f3a517c252ef000cf','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c4d-7ba7-8043-d7516b2467c2',14,'01a2302a-6c4c-7df0-8c5e-13f180a2f355','e72b1171e04ecfcbd776e96d235751f395062a5f4c1a358e2206c880e1af9d82','Cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c50-7327-a667-1b9bba74e766',14,'01a2302a-6c4f-7125-816b-5fa8971675dc','78544913d704005bbb42cc30bd8763d341f7bcaff9bcbecfccd20800d14b1081','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c52-79f3-abf8-65409124c8e6',14,'01a2302a-6c51-7ac6-895a-9c88f7cdef75','4130f54e73eaf3b39e390914798a6ff51ea19ff57a1e87ba690886c21dcf764c','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c55-71f3-a64a-7a134078840a',14,'01a2302a-6c54-7351-9f86-c2a8144c0c5c','1dc58fab4b6accc31880e1d288aa08707c15eb21484a8f31e1e4d242960a9f7f','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c58-73d7-ad1e-347593b1a141',4,'01a2302a-6c57-735e-b36d-0fb0ebcb7b06','30bb9f482da2171d26d097e78f2c6a40506357cf43dac0809ce44e6693dab3cc','rex@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c5a-7dcf-b988-608dd2b90359',15,'','19d49efb450d53eeaa78184bed3f2a4be0cc2dd4c8e457dcadae2360bab35208','lea@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c62-7a47-9e98-4f0abf0bf8dc',16,'','6ad17faa7c4ef4d744f3e91fb315a072fbf4c230e8ea9c441406e092b8789404','eva@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c64-7cdc-b9c8-52b8f542aadc',17,'','fbffa526321bc346e79670fcdee528c9e6b21c68067799005c63946ed8a3d8de','ivo@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c66-7c3f-aa0b-5a0dc2a53cf3',18,'','00ab9e2ef93b64245ac8be5061794e71711e50533315385e106caa00be304035','dan1@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6c68-71a9-af1e-18ab9fedaeeb',3,'','ba391c59a3aedf07076c7c8d76427e06f56faabe6bd1b9ec86ec136359deb76b','Ann@example.org',1795176000000,1795266000000,0);
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
, terms_version TEXT NOT NULL DEFAULT '' CHECK (length(terms_version) <= 250), terms_at INTEGER) STRICT;
INSERT INTO claims VALUES(2,'01a2302a-6c4c-7df0-8c5e-13f180a2f355',14,'Person cal2','cal2','cal2','Cal@example.org','$argon2id$v=19$m=64,t=1,p=1$qKK1siAU+HbN11Uo2pTuVA$BCMYrl6XZOto7cwbiQ+6MF25C3SRtwXX7kWxoTehlMU','pt-BR','{"company":"Cal \"Two\" \\ Co","size":3}',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(3,'01a2302a-6c4f-7125-816b-5fa8971675dc',14,'Cal O''Brien','cal3','cal3','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$/TDNG3Uzkes5jxYNyk4uqw$Svjqpl8nnTk4CiT+N++HY/W8PLE2N7n4thdv0RO8ULE','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(4,'01a2302a-6c51-7ac6-895a-9c88f7cdef75',14,'Person cal1again','Cal1','cal1','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$b3IigWzKxYJA1hHi/RJ+3g$jI71JNY+9Y9ItFXZps6ylvZfwoggQNeHe3MteoVLr4I','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(5,'01a2302a-6c54-7351-9f86-c2a8144c0c5c',14,'Person cal5','cal5','cal5','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$pO//pPe/ueRHCx/h1SMX8A$8eQGkRshJprEQf/P9OV66d1yZVl1aYkrT2cCl6efLAw','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(6,'01a2302a-6c57-735e-b36d-0fb0ebcb7b06',4,'Person rex2','rex2','rex2','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$99+sbWu+nhI9RoZ6/+JKYw$ODPuC45RMEozSncdRb54H+cDkVq5DB1RYQfePtFIMZQ','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(7,'01a2302a-6c5c-751c-b5da-7eb3dbf6e6ee',15,'Person lea2','lea2','lea2','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$eNExwk5lcW2xNNxl9LEoZw$L++GfY4ffKH5ZLbpwx/eYXkzsxl0cg5XVh1DGQRlR84','en','null',1,1795176000000,'2026-10',1795176000000);
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
INSERT INTO api_keys VALUES(1,'01a2302a-6c68-7b25-969a-eb70c1c65066','host','0c187d0eefc3149d5638b93b5c8b64a694fa0870d44cccb87019e833cf47269b',1795176000000,NULL);
INSERT INTO api_keys VALUES(2,'01a2302a-6c6b-7d5e-a562-cfd86375258e','old','f837cc6cea99084f7496e5aa7eaa03ab4fe88195aad88a05ca05b65c3d44b631',1795176000000,1795176000000);
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
INSERT INTO audit_events VALUES(5,1795003800000,'person','user.confirmation_resent',3,'null');
INSERT INTO audit_events VALUES(6,1795003800000,'person','user.verified',3,'null');
INSERT INTO audit_events VALUES(7,1795003800000,'user:1','user.approved',3,'null');
INSERT INTO audit_events VALUES(8,1795003800000,'person','user.signed_up',4,'null');
INSERT INTO audit_events VALUES(9,1795003800000,'person','user.verified',4,'null');
INSERT INTO audit_events VALUES(10,1795003800000,'user:1','user.rejected',4,'null');
INSERT INTO audit_events VALUES(11,1795003800000,'person','user.signed_up',5,'null');
INSERT INTO audit_events VALUES(12,1795003800000,'person','user.verified',5,'null');
INSERT INTO audit_events VALUES(13,1795003800000,'cli','user.rejected',5,'null');
INSERT INTO audit_events VALUES(14,1795003800000,'person','user.signed_up',6,'null');
INSERT INTO audit_events VALUES(15,1795003800000,'person','user.signed_up_again',6,'null');
INSERT INTO audit_events VALUES(16,1795003800000,'person','user.verified',6,'null');
INSERT INTO audit_events VALUES(17,1795003800000,'cli','user.approved',6,'null');
INSERT INTO audit_events VALUES(18,1795172400000,'person','user.signed_up',7,'null');
INSERT INTO audit_events VALUES(19,1795174200000,'person','user.signed_up',8,'null');
INSERT INTO audit_events VALUES(20,1795174200000,'person','user.email_corrected',8,'{"from_user":"7"}');
INSERT INTO audit_events VALUES(21,1795176000000,'person','user.confirmation_resent',8,'null');
INSERT INTO audit_events VALUES(22,1795176000000,'person','user.signed_up',9,'null');
INSERT INTO audit_events VALUES(23,1795176000000,'cli','user.email_corrected',9,'null');
INSERT INTO audit_events VALUES(24,1795176000000,'person','user.signed_up',10,'null');
INSERT INTO audit_events VALUES(25,1795176000000,'person','user.verified',10,'null');
INSERT INTO audit_events VALUES(26,1795176000000,'person','user.signed_up',11,'null');
INSERT INTO audit_events VALUES(27,1795176000000,'person','user.signed_up',12,'null');
INSERT INTO audit_events VALUES(28,1795176000000,'person','user.signed_up',13,'null');
INSERT INTO audit_events VALUES(29,1795176000000,'person','user.signed_up',14,'null');
INSERT INTO audit_events VALUES(30,1795176000000,'person','user.signed_up_again',14,'null');
INSERT INTO audit_events VALUES(31,1795176000000,'person','user.signed_up_again',14,'null');
INSERT INTO audit_events VALUES(32,1795176000000,'person','user.signed_up_again',14,'null');
INSERT INTO audit_events VALUES(33,1795176000000,'person','user.signed_up_again',14,'null');
INSERT INTO audit_events VALUES(34,1795176000000,'person','user.signed_up_again',4,'null');
INSERT INTO audit_events VALUES(35,1795176000000,'person','user.signed_up',15,'null');
INSERT INTO audit_events VALUES(36,1795176000000,'person','user.signed_up_again',15,'null');
INSERT INTO audit_events VALUES(37,1795176000000,'person','user.signed_up',16,'null');
INSERT INTO audit_events VALUES(38,1795176000000,'person','user.signed_up',17,'null');
INSERT INTO audit_events VALUES(39,1795176000000,'person','user.signed_up',18,'null');
INSERT INTO audit_events VALUES(40,1795176000000,'cli','token.created',3,'{"token_id":"01a2302a-6c68-71a9-af1e-18ab9fedaeeb"}');
INSERT INTO audit_events VALUES(41,1795176000000,'cli','api_key.created',0,'{"name":"host"}');
INSERT INTO audit_events VALUES(42,1795176000000,'cli','api_key.created',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(43,1795176000000,'cli','api_key.revoked',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(44,1795176000000,'cli','user.admin_created',19,'null');
INSERT INTO audit_events VALUES(45,1795176000000,'cli','user.notices_off',19,'null');
INSERT INTO audit_events VALUES(46,1795176000000,'user:1','session.started',1,'null');
INSERT INTO audit_events VALUES(47,1795176000000,'person','user.confirmation_resent',11,'null');
INSERT INTO audit_events VALUES(48,1795176000000,'cli','mail.cancelled',11,'{"kind":"confirmation","mail":"01a2302a-6c70-7e57-80aa-bad7135db09b"}');
CREATE TABLE IF NOT EXISTS "mails" (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (length(id) <= 64),
    kind            TEXT    NOT NULL CHECK (length(kind) <= 64),
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id        TEXT    NOT NULL CHECK (length(claim_id) <= 64),
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
INSERT INTO mails VALUES(1,'01a2302a-6bd9-7176-9ef9-96f7085f32da','account_exists',1,1,'','sent',1,1791633600000,1791633600000,1791633600000,'250 2.0.0 Ok: queued','',1791633600000,NULL);
INSERT INTO mails VALUES(2,'01a2302a-6bdc-7297-8ca0-9ee6197a5f82','account_exists',1,1,'','sent',1,1794484800000,1794484800000,1794484800000,'250 2.0.0 Ok: queued','',1794484800000,NULL);
INSERT INTO mails VALUES(3,'01a2302a-6bdf-7135-9ede-55d8cc402c87','confirmation',2,2,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(4,'01a2302a-6be1-7d59-95d6-ffd07ece4f95','confirmation',3,3,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(5,'01a2302a-6bec-7a9e-81c6-1ddec654cb9d','confirmation',3,3,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(6,'01a2302a-6bef-7c7b-9008-439c216bd938','admin_notice',3,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(7,'01a2302a-6bf1-7846-bef5-9ce12db6ba27','approved',3,3,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(8,'01a2302a-6bf3-77ff-9091-b62a38ff4219','confirmation',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(9,'01a2302a-6bfb-7cae-a886-da2da8840af2','admin_notice',4,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(10,'01a2302a-6bfe-7d65-b0c9-0b6f98d5ffd9','rejected',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(11,'01a2302a-6c03-7668-a377-25d84ab219df','confirmation',5,5,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(12,'01a2302a-6c08-7b2f-aba0-1413f3d81c34','admin_notice',5,1,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(13,'01a2302a-6c09-7768-beb2-e2aca553433f','rejected',5,5,'','owed',0,1795003800000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(14,'01a2302a-6c0b-70b6-ace8-9d598ee218ed','confirmation',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(15,'01a2302a-6c10-74ea-b8d6-70711e1c960b','confirmation',6,6,'01a2302a-6c10-72a8-ad8e-e841244aa3ed','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(16,'01a2302a-6c19-7b78-bdae-dfb7e5653360','admin_notice',6,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(17,'01a2302a-6c1b-76ae-bfdc-ed6c51412e21','approved',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(19,'01a2302a-6c25-728e-9852-31d1039166f9','confirmation',8,8,'','sent',1,1795174200000,1795174200000,1795174200000,'250 2.0.0 Ok: queued','',1795174200000,NULL);
INSERT INTO mails VALUES(20,'01a2302a-6c27-765c-95b9-4546cd7db8d8','confirmation',8,8,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(21,'01a2302a-6c29-7c67-832f-16de7d27d25a','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(22,'01a2302a-6c2b-7ed2-956c-dc6b7d87a785','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(23,'01a2302a-6c34-7950-8624-de986322874a','confirmation',10,10,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(24,'01a2302a-6c41-7b08-bfe3-6022e48f0c86','admin_notice',10,1,'','owed',1,1795176000000,1795176000000,NULL,'451 4.7.1 Try again later','',1795176000000,1795176010000);
INSERT INTO mails VALUES(25,'01a2302a-6c44-7178-89a6-a2db64530faa','confirmation',11,11,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(26,'01a2302a-6c46-7f01-be2d-3655891b5854','confirmation',12,12,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(27,'01a2302a-6c48-7099-8660-f68e70ac4b0a','confirmation',13,13,'','failed',1,1795176000000,1795176000000,1795176000000,'550 5.1.1 No such user','',1795176000000,NULL);
INSERT INTO mails VALUES(28,'01a2302a-6c4a-778f-8132-b8df4bb50bf4','confirmation',14,14,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(29,'01a2302a-6c4c-7f10-9f1a-9238323020ff','confirmation',14,14,'01a2302a-6c4c-7df0-8c5e-13f180a2f355','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(30,'01a2302a-6c4f-7203-9120-35d7c33b1403','confirmation',14,14,'01a2302a-6c4f-7125-816b-5fa8971675dc','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(31,'01a2302a-6c51-7b9e-95af-a4272cc8797b','confirmation',14,14,'01a2302a-6c51-7ac6-895a-9c88f7cdef75','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(32,'01a2302a-6c54-73b8-835f-25d948439036','confirmation',14,14,'01a2302a-6c54-7351-9f86-c2a8144c0c5c','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(33,'01a2302a-6c57-73de-9e6e-913613aee483','confirmation',4,4,'01a2302a-6c57-735e-b36d-0fb0ebcb7b06','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(34,'01a2302a-6c59-7ec7-be29-e2b6429b66b6','confirmation',15,15,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(35,'01a2302a-6c5c-758a-a9d0-79b7a10b8f1f','confirmation',15,15,'01a2302a-6c5c-751c-b5da-7eb3dbf6e6ee','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(36,'01a2302a-6c5e-791b-b1c2-49213131f6d0','account_exists',3,3,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(37,'01a2302a-6c60-7ea4-8dff-1c7b0809b349','account_exists',1,1,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(38,'01a2302a-6c61-7ea6-8149-06c07901b62a','confirmation',16,16,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(39,'01a2302a-6c64-71d5-a0e0-552fd29102f4','confirmation',17,17,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(40,'01a2302a-6c66-71f0-98b0-623d65689d5f','confirmation',18,18,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(41,'01a2302a-6c70-7e57-80aa-bad7135db09b','confirmation',11,11,'','cancelled',0,1795176000000,NULL,1795176000000,'','',NULL,NULL);
CREATE TABLE mail_attempts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT    NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    phase   TEXT    NOT NULL CHECK (length(phase) <= 64),
    answer  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
) STRICT;
INSERT INTO mail_attempts VALUES(1,'01a2302a-6bd9-7176-9ef9-96f7085f32da',1791633600000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(2,'01a2302a-6bdc-7297-8ca0-9ee6197a5f82',1794484800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(3,'01a2302a-6bdf-7135-9ede-55d8cc402c87',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(4,'01a2302a-6be1-7d59-95d6-ffd07ece4f95',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(5,'01a2302a-6bef-7c7b-9008-439c216bd938',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(6,'01a2302a-6bf1-7846-bef5-9ce12db6ba27',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(7,'01a2302a-6bf3-77ff-9091-b62a38ff4219',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(8,'01a2302a-6bfb-7cae-a886-da2da8840af2',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(9,'01a2302a-6bfe-7d65-b0c9-0b6f98d5ffd9',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(10,'01a2302a-6c03-7668-a377-25d84ab219df',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(11,'01a2302a-6c0b-70b6-ace8-9d598ee218ed',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(12,'01a2302a-6c10-74ea-b8d6-70711e1c960b',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(13,'01a2302a-6c19-7b78-bdae-dfb7e5653360',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(14,'01a2302a-6c1b-76ae-bfdc-ed6c51412e21',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(16,'01a2302a-6c25-728e-9852-31d1039166f9',1795174200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(17,'01a2302a-6c27-765c-95b9-4546cd7db8d8',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(18,'01a2302a-6c29-7c67-832f-16de7d27d25a',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(19,'01a2302a-6c2b-7ed2-956c-dc6b7d87a785',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(20,'01a2302a-6c34-7950-8624-de986322874a',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(21,'01a2302a-6c41-7b08-bfe3-6022e48f0c86',1795176000000,'rcpt','451 4.7.1 Try again later','again');
INSERT INTO mail_attempts VALUES(22,'01a2302a-6c44-7178-89a6-a2db64530faa',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(23,'01a2302a-6c48-7099-8660-f68e70ac4b0a',1795176000000,'rcpt','550 5.1.1 No such user','failed');
INSERT INTO mail_attempts VALUES(24,'01a2302a-6c4a-778f-8132-b8df4bb50bf4',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(25,'01a2302a-6c4c-7f10-9f1a-9238323020ff',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(26,'01a2302a-6c4f-7203-9120-35d7c33b1403',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(27,'01a2302a-6c51-7b9e-95af-a4272cc8797b',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(28,'01a2302a-6c54-73b8-835f-25d948439036',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(29,'01a2302a-6c57-73de-9e6e-913613aee483',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(30,'01a2302a-6c59-7ec7-be29-e2b6429b66b6',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(31,'01a2302a-6c5e-791b-b1c2-49213131f6d0',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(32,'01a2302a-6c61-7ea6-8149-06c07901b62a',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(33,'01a2302a-6c64-71d5-a0e0-552fd29102f4',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(34,'01a2302a-6c66-71f0-98b0-623d65689d5f',1795176000000,'','250 2.0.0 Ok: queued','sent');
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
INSERT INTO sessions VALUES(1,'01a2302a-6c70-711a-a110-cdbc9cc3904e',1,'9854eb78edd94ab6f4ab9637b9f2793eccd681409294e47fe34a475c7add69d1','Firefox',1795176000000,1795176000000,1795183200000);
CREATE TABLE tickets (
    hash        TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) <= 128),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_id    TEXT    NOT NULL CHECK (length(claim_id) <= 64),
    held        TEXT    NOT NULL CHECK (held = '' OR json_valid(held)),
    corrections INTEGER NOT NULL CHECK (corrections >= 0),
    resends     INTEGER NOT NULL CHECK (resends >= 0),
    asked_at    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
INSERT INTO tickets VALUES('8c49454eb41be317810e8cca1387dba587f51892f917c261f0b2b9e081c08c9c',1,'','{"name":"Person oda","username":"oda","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$zYAiNBvo+Rl6YPKN4pMwIg$KK32kRiCpWXI5EMaGbaEj4qJfqJ8HGwbF1tX4IaYhDU","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-10-10T12:00:00Z","created_at":"2026-10-10T12:00:00Z"}',0,0,1791633600000,1791633600000,1794225600000);
INSERT INTO tickets VALUES('413eb4d93eba1a449826e2551778fe2c854019f6d74c49371386267267045d03',1,'','{"name":"Person evaheld","username":"eva","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$YWpd5aer7Yenfqriu3zOlw$p9wOZubyd/dieYsb7XehZDlcK6Tyvbh0QP0tpsMRz9o","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-12T12:00:00Z","created_at":"2026-11-12T12:00:00Z"}',0,0,1794484800000,1794484800000,1797076800000);
INSERT INTO tickets VALUES('205a535e949ffa4e0f3ce27a07915712be8b27c14c2a7e4769720deb9c78b64a',3,'','',0,0,1795003200000,1795003200000,1797595200000);
INSERT INTO tickets VALUES('516d873c20ba785d174201fc83ce4c47baeb5447f8be2a0baae034f96e1ce6aa',6,'','{"name":"Person dan1","username":"dan1","email":"dan@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$vPMX3ngBXKqlRaCHfS/D/w$VBiLGKcx/3JgOtx7uSKxyqeBPmxioXBlOM4ukpWP5zY","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-18T12:10:00Z","created_at":"2026-11-18T12:10:00Z"}',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('fb1b7fb13aaf4e455f570447ff59520167eadf5fb630fff29d0492845147a91e',6,'','',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('39710465b4c30c634dfd64ad3b2a08c5b1d63a512c34b4e2b42947847489cfe7',8,'','',1,1,1795176000000,1795172400000,1797764400000);
INSERT INTO tickets VALUES('bc76f4f024bce8b688c68df083153ca82fc04bd0a18d2f9dc5767943e399b28c',11,'','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('6eaca12e3739ab21c1c46a6a24a45bf53810520175177b971bfbcd0ccb3e391a',14,'01a2302a-6c4c-7df0-8c5e-13f180a2f355','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('b7b59aaea6e7a5677b2c0e233b19e517534f6a0b7b4c8fc41f4062b649267690',14,'','{"name":"Person cal6","username":"cal6","email":"cal@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$t+hHIDsk7I/b68+I7tyIpw$5SWouE/J2kpH9U0mWdfiutr8yz1a1KbTkoyCcZfyXcI","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('167b7d89e3b667737de74bdf79c19ed1d52b6d96b2442eec49713cfa1e18a3bd',15,'01a2302a-6c5c-751c-b5da-7eb3dbf6e6ee','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('ae7202a564a58345d1e19e42ac990f4085d8a1084bf0bc93cd7948cdd6558261',3,'','{"name":"Person eve","username":"eve","email":"ann@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$jv3PxT57w/UT1uNFPKP4BA$rHlSWw16IK01epf9fiCzTvr4/gY5IZCHzATgxrpojpg","language":"en","profile":{"company":"Eve"},"approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('44ec8cfc227824eff8a63e27944a7704f82ce1123c4110b8684ca4519ea8de32',1,'','{"name":"Person ivoheld","username":"ivo","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$apb6blH4PP1p0zpEEfn7FQ$S5ujaoVnwM6vMy7NgMBQ9X15X2ZRjL2p1zBLkzHDWVo","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',5);
INSERT INTO sqlite_sequence VALUES('mails',41);
INSERT INTO sqlite_sequence VALUES('users',19);
INSERT INTO sqlite_sequence VALUES('audit_events',48);
INSERT INTO sqlite_sequence VALUES('mail_attempts',34);
INSERT INTO sqlite_sequence VALUES('claims',7);
INSERT INTO sqlite_sequence VALUES('api_keys',2);
INSERT INTO sqlite_sequence VALUES('sessions',1);
CREATE INDEX users_status ON users (status, id, created_at);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_rejected ON users (id, rejected_at) WHERE rejected_at IS NOT NULL;
CREATE INDEX usernames_user ON usernames (user_id);
CREATE INDEX sign_up_tokens_user ON sign_up_tokens (user_id);
CREATE INDEX sign_up_tokens_expires ON sign_up_tokens (expires_at);
CREATE INDEX claims_user ON claims (user_id, created_at);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;
CREATE INDEX audit_events_user ON audit_events (user_id, id);
CREATE INDEX users_unnoticed ON users (id)
    WHERE approval_required = 1 AND approved_at IS NULL AND rejected_at IS NULL AND noticed_at IS NULL
    AND (verification_required = 0 OR verified_at IS NOT NULL);
CREATE INDEX users_noticed ON users (noticed_at) WHERE noticed_at IS NOT NULL;
CREATE INDEX users_unreminded ON users (created_at, id)
    WHERE verification_required = 1 AND verified_at IS NULL AND rejected_at IS NULL AND reminded_at IS NULL AND undeliverable_at IS NULL;
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
COMMIT;
