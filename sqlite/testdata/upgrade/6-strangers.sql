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
INSERT INTO goose_db_version VALUES(6,6,1,'2026-12-01 05:53:36');
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
INSERT INTO users VALUES(1,'The Boss','boss','boss','boss@example.org','boss@example.org','$argon2id$v=19$m=64,t=1,p=1$9BLb8As3a/2nUiCIsUYjGQ$cMYNreaSaRE8XLg//Y6RaxPnKjpK5cNmGmSMWAq8x6k','en','null','admin','operator',0,0,1791633600000,NULL,NULL,'',NULL,'','','',0,1,replace('the boss\nboss\nboss@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL);
INSERT INTO users VALUES(2,'Person exi','exi','exi','exi@example.org','exi@example.org','$argon2id$v=19$m=64,t=1,p=1$LN5OJdLAge8+bfuUANcSBw$iFSQuLhSRb+SJixH/ZbMUiBC+6Q0v13kds8UHz5tzmU','en','null','member','signup',1,1,1795003200000,NULL,NULL,'',NULL,'','','',0,1,replace('person exi\nexi\nexi@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795003200000);
INSERT INTO users VALUES(3,'Ann A. Example','ann','ann','Ann@example.org','ann@example.org','$argon2id$v=19$m=64,t=1,p=1$pT7QmjhTCMrGWa4dCpwIOg$CskfB8obR6Y7/+xWiIvQ9E4bvUfqGmnAmiKPgdTs0zA','de','{"company":"Ann \u0026 Söhne","size":7}','member','signup',1,1,1795003200000,1795003800000,1795003800000,'user:1',NULL,'','','',0,4,replace('ann a. example\nann\nann@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003200000);
INSERT INTO users VALUES(4,'Person rex','rex','rex','rex@example.org','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$NAL/XSl4A3SQ9RK+xrxg6g$ACcQbh+OP6XwaemVaD9xEAaln3n/6b4jgETf3dYuaCA','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'user:1','We don''t know you.','looks like spam',0,4,replace('person rex\nrex\nrex@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(5,'Person rob','rob','rob','rob@example.org','rob@example.org','$argon2id$v=19$m=64,t=1,p=1$u4ttRuq4V+J2Dv0gxCENpQ$m0FH2vQONtb/dVQ9XS57j/f37KDGSbqdaSWcIquR4hg','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'cli','','',0,4,replace('person rob\nrob\nrob@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(6,'Person dan2','dan2','dan2','dan@example.org','dan@example.org','$argon2id$v=19$m=64,t=1,p=1$XgIXWXBot50pkiCr6jyMhA$sX1VaIjhexY1D9bcjsgjGNW76IWJ+dXLJSvtKDwuDek','fr','null','member','signup',1,1,1795003800000,1795003800000,1795003800000,'cli',NULL,'','','',0,4,replace('person dan2\ndan2\ndan@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(8,'Person cor','cor','cor','cor@example.org','cor@example.org','$argon2id$v=19$m=64,t=1,p=1$asSbbcHw2NPQbqHoWgeH5g$isXqgH1nIDR5K4gG1fqs87NBXXWT1wn+Yix+PUjf7lA','en','null','member','signup',1,1,1795174200000,NULL,NULL,'',NULL,'','','',0,1,replace('person cor\ncor\ncor@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795172400000);
INSERT INTO users VALUES(9,'Person kim','kim','kim','kim@example.org','kim@example.org','$argon2id$v=19$m=64,t=1,p=1$SCyqhcTkB3T5M0UnYLrlyw$xDEy6b18zcgPgpRwKvbf0LmvCzuoUZw7AGy9F68/6jM','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',1,2,replace('person kim\nkim\nkim@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(10,'Person pia','pia','pia','pia@example.org','pia@example.org','$argon2id$v=19$m=64,t=1,p=1$p+EAwwCJfhljJCniqBwiXg$FKJ/smdFtzcb7xUzuZewhIMwU0yTWjI+Z93/3FQFda4','en','null','member','signup',1,1,1795176000000,1795176000000,NULL,'',NULL,'','','',0,3,replace('person pia\npia\npia@example.org','\n',char(10)),NULL,NULL,1795176000000,0,'2026-10',1795176000000);
INSERT INTO users VALUES(11,'Úna Ñandú','una','una','una@example.org','una@example.org','$argon2id$v=19$m=64,t=1,p=1$a5MSEQ7Pczl3aErh6iOIWA$tbakgBB/LiJpD3hoWcfP9jaW0ucn/2H1m96SLo+FBTM','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('úna ñandú\nuna\nuna@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(12,'Person ova','ova','ova','ova@example.org','ova@example.org','$argon2id$v=19$m=64,t=1,p=1$jTkByJ9iiS4pEhcLMQicPA$u+4q3t49NJEPTAHzzRnolnTnAsKuVxmHjfqznB0HZ3Y','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ova\nova\nova@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(13,'Person fay','fay','fay','fay@example.org','fay@example.org','$argon2id$v=19$m=64,t=1,p=1$/PtqfaEj46B0PMHFw5pqxA$Afx4gJljB3ZDBPYBLRYeBiCGmwSDTlOFnplVTVu/cK8','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('person fay\nfay\nfay@example.org','\n',char(10)),1795176000000,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(14,'Person cal1','cal1','cal1','cal@example.org','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$6v6YxG9djx/R9spXz6OYkw$IR4Aq9+QfU0dZj+OWSB0M2GBzyHtI2T5bGhYA2/ITRQ','en','{"company":"Cal One"}','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person cal1\ncal1\ncal@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(15,'Person lea1','lea1','lea1','lea@example.org','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$ZAy6+BUpLTKGPtZdkQWptw$vF1U2qaJcHY6KY5gXY3Pxp6NOF/fF5l5DAF1DAkz8Qw','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person lea1\nlea1\nlea@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(16,'Person eva','eva','eva','eva@example.org','eva@example.org','$argon2id$v=19$m=64,t=1,p=1$SztUtkqTDyKEl6cHqRivfQ$7/aKjkt3D4DMG7T2Z0/jJKG2+GzYop8MSWherkw3hp4','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person eva\neva\neva@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(17,'Person dan1new','dan1','dan1','dan1@example.org','dan1@example.org','$argon2id$v=19$m=64,t=1,p=1$VR99vbieu0TuQMcrmr61Iw$0E0DMudWpDAqD2o8YZ8is+aAlb6ukBLID1IgfYuGSJE','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person dan1new\ndan1\ndan1@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(18,'Second Admin','aid','aid','aid@example.org','aid@example.org','$argon2id$v=19$m=64,t=1,p=1$Mb0Qq3i3BRAX/4SqZvkCzg$tyhBL52dGQw7pUJpJCcTxeN2RLI3nbYyS4pSmg+Y1Bw','en','null','admin','operator',0,0,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('second admin\naid\naid@example.org','\n',char(10)),NULL,NULL,NULL,1,'',NULL);
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
INSERT INTO usernames VALUES('dan1',17);
INSERT INTO usernames VALUES('aid',18);
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
INSERT INTO sign_up_tokens VALUES('01a2302a-6de3-7d06-9d59-d951595cefa5',2,'','b4b6edcfe18f1af5b8d72378c8a73bd35efea0a3b3489e085db15099d24f0753','exi@example.org',1795003200000,1795093200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6deb-7aac-a801-f205f2ec4d9c',3,'','f122b96d9bb54d05ed362a4f5d63fe1d6a09856d272c6cbbf87b530e798ff99f','Ann@example.org',1795003200000,1795093200000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e23-7e43-a57c-a4c43dc0a0a3',4,'','612be40ab01c8fb78ca584f4f1aef0afb86f7068ff7ed920d28dba048ca80b32','rex@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e2b-7cc8-aeec-5550dafbc547',5,'','b14548650bec9cc4aece7c42a5a97e93b3ee906dc9e2815ebbcd0819f1802870','rob@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e31-7c06-a184-4b5909d4cef9',6,'','e43b57605d9a82724de202c02180478bf5223fdeeefaaadfc8d2ada46a0797de','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e35-74c4-a63b-7a907f89beab',6,'01a2302a-6e33-7c08-9c87-1d9d0f1f7e0d','5399e675ea966716860464a4540538d934b123bd89a718f545e907256a7d61ce','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e45-76cb-b969-4e475641a771',8,'','b0dd7b13f0768236bc707ff84015fee6627f6f3a56955dbb0eba90699029b837','cor@example.org',1795174200000,1795264200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e48-7a03-bf07-4ec1f95ae4ef',8,'','d4ad04d5be337d3d90531e74ed28eb0b4588b71a0a87e3393f2adc45a3ed3cb0','cor@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e4e-74ea-a91a-0e1818f081ba',9,'','e289083fed6a5324cb27033511a7ea92494bb9ba424eb91f19c6d9c96f2779ed','kim@exmaple.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e50-7dc9-a2d0-c4813c818545',9,'','9bdce406361153f23a3475b0daa6890378d7c559ad89d2b280e363db0a846982','kim@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e53-798d-99b9-066337e2b0d7',10,'','8afa2ed4a7e675fd1eea07c0df075656ebc07ba7902edf8ee9ad0e4451d15192','pia@example.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e59-7351-961c-07ad8634a423',11,'','f737310d843018d704bf8a5bf5bb06215bd88bbb0944644a12061b175a5fcaa8','una@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e5d-782e-9358-5ceb465463dd',13,'','3b654420118875014aa004a5986bf3783aad8d5af57d3bdb32641f0f3b904a56','fay@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e60-74f3-9a0c-0711cb385e06',14,'','93c434d665d87c128b6bd19609f9b715f448daf72d2aa1422630a85c37054128','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e68-709c-8fe2-742bad20e61b',14,'01a2302a-6e62-7abb-b316-55f0fbf68bd3','3081e74b5c252952c6f42d52f18ff036c1ba0c563f056b36c632aeab5afa3ffb','Cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e73-7d88-bce2-8ec5b5b2f091',14,'01a2302a-6e70-7484-b5a6-3cf6d232a73c','d9b5513de27cac893d9a0bf8ae2ba4fa0423fe87a9d12e950504b0a496df5759','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e7b-7dc3-b326-d27b9178778f',14,'01a2302a-6e77-7f07-8ad5-344f3f0790d1','0b6b350eec9292778a5200f27bfe6b9be9e706fe1fca031637ac7addab99fd69','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e87-7ca4-873a-b7551aab6be6',14,'01a2302a-6e84-7105-ad89-5b0b62327224','c4048ce4e4e63f1a372d0141624a017f1005719147a8cc3dae0191ef4f5ba1eb','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6e9b-7f1e-b03e-97d47024dd60',4,'01a2302a-6e95-752d-9ca1-c78c890dd0fe','26859c9737559ee070160850b09f36eabe21de7d7c03fbbf1cd0949ada5aefa7','rex@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6ea5-7e8c-a0e6-f57e41d00ece',15,'','28dd6b5d8e5423de61cbd647891d3e587ae2ac4cc32c7018e67278e87a4566f4','lea@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6ebb-7d3c-8d57-78bc5d648a4b',16,'','ec3d6e5bf2e8f2d270e5c6892dd3180d6c76539b0ab47aa614ead9378e0505bd','eva@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6ec5-7703-b19d-930438d18cda',17,'','e6b42d94f525a95d298492489ac94277483335069458b5dcf4f13212c3abbbf3','dan1@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6ec8-73bd-a145-79c1efaeb2d7',3,'','8e0aa9a34c7a16eeb029590dd0a3d9167c01854957485b866453add4d6b3babf','Ann@example.org',1795176000000,1795266000000,0);
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
INSERT INTO claims VALUES(2,'01a2302a-6e62-7abb-b316-55f0fbf68bd3',14,'Person cal2','cal2','cal2','Cal@example.org','$argon2id$v=19$m=64,t=1,p=1$MuJ+70Naw8w3tsCYTswyMg$Qrt6KaLpaXRKADEB9Zc0DDC1HlBI6vskEQUUWgG94Gw','pt-BR','{"company":"Cal \"Two\" \\ Co","size":3}',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(3,'01a2302a-6e70-7484-b5a6-3cf6d232a73c',14,'Cal O''Brien','cal3','cal3','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$Aw15GSCBOhVdDupIetvnhw$KTLRz0Z8sk/sIz9syWFSCgAfq6WNq+YXDjvCUGe7KeA','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(4,'01a2302a-6e77-7f07-8ad5-344f3f0790d1',14,'Person cal1again','Cal1','cal1','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$g26ybTK+us4qZy10WclBDg$UeUBYEvpvbHhfMR3P/t7rtw/bN0GiW+AKuhYCSmUawg','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(5,'01a2302a-6e84-7105-ad89-5b0b62327224',14,'Person cal5','cal5','cal5','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$3tuoAXz9nnjc2VwBtU9b/A$2h9c9kac3D4mJVi2mJTco2ZoSAz2ufpTcE/H44IcMlM','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(6,'01a2302a-6e95-752d-9ca1-c78c890dd0fe',4,'Person rex2','rex2','rex2','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$USnrIDrxmKgNTGX8Zx3YVw$x45YGGCzu7qKSQ1lcIFwgkYl0nJjysSvekYpYvN8UJ8','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(7,'01a2302a-6ea8-76ad-907c-57a1b7113a45',15,'Person lea2','lea2','lea2','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$nuI+jzkLdX0DzddpL1LIcw$37Ntd0/1/cT2V/3exVwEl4bRPtCq+d2bfV5pXN576WY','en','null',1,1795176000000,'2026-10',1795176000000);
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
INSERT INTO api_keys VALUES(1,'01a2302a-6ec8-7e4c-b7bf-8c92152c24d7','host','847ddea165adbee81b1243f6d1e0343ed9a925ea536ea06466ff479b8cf53ebf',1795176000000,NULL);
INSERT INTO api_keys VALUES(2,'01a2302a-6eca-7743-812a-876dae8129ff','old','4e92bd63df9dbf8a9c95ee87c4db6d9d220bfda42949469af0fff52ed77f908a',1795176000000,1795176000000);
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
INSERT INTO audit_events VALUES(39,1795176000000,'cli','token.created',3,'{"token_id":"01a2302a-6ec8-73bd-a145-79c1efaeb2d7"}');
INSERT INTO audit_events VALUES(40,1795176000000,'cli','api_key.created',0,'{"name":"host"}');
INSERT INTO audit_events VALUES(41,1795176000000,'cli','api_key.created',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(42,1795176000000,'cli','api_key.revoked',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(43,1795176000000,'cli','user.admin_created',18,'null');
INSERT INTO audit_events VALUES(44,1795176000000,'cli','user.notices_off',18,'null');
INSERT INTO audit_events VALUES(45,1795176000000,'user:1','session.started',1,'null');
INSERT INTO audit_events VALUES(46,1795176000000,'person','user.confirmation_resent',11,'null');
INSERT INTO audit_events VALUES(47,1795176000000,'cli','mail.cancelled',11,'{"kind":"confirmation","mail":"01a2302a-6ecd-7c41-9d57-389a8e1fb130"}');
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
INSERT INTO mails VALUES(1,'01a2302a-6dd1-7192-909c-cd87c9b68ebe','account_exists',1,1,'','sent',1,1791633600000,1791633600000,1791633600000,'250 2.0.0 Ok: queued','',1791633600000,NULL);
INSERT INTO mails VALUES(2,'01a2302a-6dd9-7f1a-972e-acbcbde657ca','account_exists',1,1,'','sent',1,1794484800000,1794484800000,1794484800000,'250 2.0.0 Ok: queued','',1794484800000,NULL);
INSERT INTO mails VALUES(3,'01a2302a-6de0-706d-8abb-354557a949b9','confirmation',2,2,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(4,'01a2302a-6de9-7364-a1d7-14f44a5e07dd','confirmation',3,3,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(5,'01a2302a-6ded-7437-b442-dfa21836589c','confirmation',3,3,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(6,'01a2302a-6e1b-755d-8d7f-5dcc2858fd5b','admin_notice',3,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(7,'01a2302a-6e20-7425-a510-fdc8ca6bcbe3','approved',3,3,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(8,'01a2302a-6e22-7c51-9154-e67246a85c09','confirmation',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(9,'01a2302a-6e26-73d7-a2d3-1e5ebd579141','admin_notice',4,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(10,'01a2302a-6e28-712e-829d-7a41de153904','rejected',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(11,'01a2302a-6e2a-71e8-aa2a-6ae4a4d862d6','confirmation',5,5,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(12,'01a2302a-6e2e-757c-976b-dd4b6bdd69b4','admin_notice',5,1,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(13,'01a2302a-6e2f-72ac-b19d-c24a333c52aa','rejected',5,5,'','owed',0,1795003800000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(14,'01a2302a-6e30-7acd-9e4a-b3bcfb29a564','confirmation',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(15,'01a2302a-6e33-7eb1-91bc-fdf644b7da1c','confirmation',6,6,'01a2302a-6e33-7c08-9c87-1d9d0f1f7e0d','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(16,'01a2302a-6e3c-76bb-b18a-670582fe6364','admin_notice',6,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(17,'01a2302a-6e3d-7f21-b73e-4804013e52ae','approved',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(19,'01a2302a-6e44-74de-826c-e8324c474daa','confirmation',8,8,'','sent',1,1795174200000,1795174200000,1795174200000,'250 2.0.0 Ok: queued','',1795174200000,NULL);
INSERT INTO mails VALUES(20,'01a2302a-6e47-7c66-b0f5-414407f72597','confirmation',8,8,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(21,'01a2302a-6e4a-730d-9d01-23d67e7771cb','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(22,'01a2302a-6e50-7123-882a-65b329af9318','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(23,'01a2302a-6e52-7b01-9dea-4345817c342f','confirmation',10,10,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(24,'01a2302a-6e56-7013-8519-4fb910ff9585','admin_notice',10,1,'','owed',1,1795176000000,1795176000000,NULL,'451 4.7.1 Try again later','',1795176000000,1795176010000);
INSERT INTO mails VALUES(25,'01a2302a-6e58-7439-92f7-15fa2d6218cd','confirmation',11,11,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(26,'01a2302a-6e5b-7232-9f2d-a8ca79f86c09','confirmation',12,12,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(27,'01a2302a-6e5c-788b-a405-735ab46bfa80','confirmation',13,13,'','failed',1,1795176000000,1795176000000,1795176000000,'550 5.1.1 No such user','',1795176000000,NULL);
INSERT INTO mails VALUES(28,'01a2302a-6e5f-77ba-8740-d7a059d38cda','confirmation',14,14,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(29,'01a2302a-6e62-7d73-ba2c-58c97d7834b8','confirmation',14,14,'01a2302a-6e62-7abb-b316-55f0fbf68bd3','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(30,'01a2302a-6e70-7669-9123-2caeabb510d0','confirmation',14,14,'01a2302a-6e70-7484-b5a6-3cf6d232a73c','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(31,'01a2302a-6e78-7145-979f-38314fbfb05e','confirmation',14,14,'01a2302a-6e77-7f07-8ad5-344f3f0790d1','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(32,'01a2302a-6e84-72dc-b6e3-7c51fbbeb4b4','confirmation',14,14,'01a2302a-6e84-7105-ad89-5b0b62327224','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(33,'01a2302a-6e95-7771-8cc3-904a1ed6e8b2','confirmation',4,4,'01a2302a-6e95-752d-9ca1-c78c890dd0fe','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(34,'01a2302a-6ea4-744f-a913-f2a06e4cb008','confirmation',15,15,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(35,'01a2302a-6ea8-7842-9dd3-fdb9242327e0','confirmation',15,15,'01a2302a-6ea8-76ad-907c-57a1b7113a45','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(36,'01a2302a-6eaa-7013-9e9e-11324b3a1dad','account_exists',3,3,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(37,'01a2302a-6eb4-708a-9034-554b5232ef4d','account_exists',1,1,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(38,'01a2302a-6eb4-7d0e-b4a1-9da11b3a1b2b','confirmation',16,16,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(39,'01a2302a-6ec4-76bc-ae92-5f014e216d0d','confirmation',17,17,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(40,'01a2302a-6ecd-7c41-9d57-389a8e1fb130','confirmation',11,11,'','cancelled',0,1795176000000,NULL,1795176000000,'','',NULL,NULL);
CREATE TABLE mail_attempts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT    NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    phase   TEXT    NOT NULL CHECK (length(phase) <= 64),
    answer  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
) STRICT;
INSERT INTO mail_attempts VALUES(1,'01a2302a-6dd1-7192-909c-cd87c9b68ebe',1791633600000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(2,'01a2302a-6dd9-7f1a-972e-acbcbde657ca',1794484800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(3,'01a2302a-6de0-706d-8abb-354557a949b9',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(4,'01a2302a-6de9-7364-a1d7-14f44a5e07dd',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(5,'01a2302a-6e1b-755d-8d7f-5dcc2858fd5b',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(6,'01a2302a-6e20-7425-a510-fdc8ca6bcbe3',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(7,'01a2302a-6e22-7c51-9154-e67246a85c09',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(8,'01a2302a-6e26-73d7-a2d3-1e5ebd579141',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(9,'01a2302a-6e28-712e-829d-7a41de153904',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(10,'01a2302a-6e2a-71e8-aa2a-6ae4a4d862d6',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(11,'01a2302a-6e30-7acd-9e4a-b3bcfb29a564',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(12,'01a2302a-6e33-7eb1-91bc-fdf644b7da1c',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(13,'01a2302a-6e3c-76bb-b18a-670582fe6364',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(14,'01a2302a-6e3d-7f21-b73e-4804013e52ae',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(16,'01a2302a-6e44-74de-826c-e8324c474daa',1795174200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(17,'01a2302a-6e47-7c66-b0f5-414407f72597',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(18,'01a2302a-6e4a-730d-9d01-23d67e7771cb',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(19,'01a2302a-6e50-7123-882a-65b329af9318',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(20,'01a2302a-6e52-7b01-9dea-4345817c342f',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(21,'01a2302a-6e56-7013-8519-4fb910ff9585',1795176000000,'rcpt','451 4.7.1 Try again later','again');
INSERT INTO mail_attempts VALUES(22,'01a2302a-6e58-7439-92f7-15fa2d6218cd',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(23,'01a2302a-6e5c-788b-a405-735ab46bfa80',1795176000000,'rcpt','550 5.1.1 No such user','failed');
INSERT INTO mail_attempts VALUES(24,'01a2302a-6e5f-77ba-8740-d7a059d38cda',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(25,'01a2302a-6e62-7d73-ba2c-58c97d7834b8',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(26,'01a2302a-6e70-7669-9123-2caeabb510d0',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(27,'01a2302a-6e78-7145-979f-38314fbfb05e',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(28,'01a2302a-6e84-72dc-b6e3-7c51fbbeb4b4',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(29,'01a2302a-6e95-7771-8cc3-904a1ed6e8b2',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(30,'01a2302a-6ea4-744f-a913-f2a06e4cb008',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(31,'01a2302a-6eaa-7013-9e9e-11324b3a1dad',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(32,'01a2302a-6eb4-7d0e-b4a1-9da11b3a1b2b',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(33,'01a2302a-6ec4-76bc-ae92-5f014e216d0d',1795176000000,'','250 2.0.0 Ok: queued','sent');
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
INSERT INTO sessions VALUES(1,'01a2302a-6ecc-7e66-9e43-2fcebb38ce9b',1,'1c5e046d6e8d69f0e7b178f303a8cc23ca3854dd688b030e01f154b39d591f49','Firefox',1795176000000,1795176000000,1795183200000);
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
INSERT INTO tickets VALUES('a95489b616524406e87b13d43481f57ae0884cf50a04e43935437f9107505f9e',1,'','{"name":"Person oda","username":"oda","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$c6cP7Tt9uy/Bgh8Wgsf+Yw$V71l+fGU3PTKGgKWADkpkWbyYUe7yrLCI3WK9Yby8zk","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-10-10T12:00:00Z","created_at":"2026-10-10T12:00:00Z"}',0,0,1791633600000,1791633600000,1794225600000);
INSERT INTO tickets VALUES('efe59b624dbcf6372c95b9173ef94ff6b83ed8226434ecd49f634b48cfd2324d',1,'','{"name":"Person evaheld","username":"eva","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$08WqhWMH4tuU4dNC0/krJg$7nP4M/vi2fPBEiJwKSiGFWwUM6fOmfYvXMwbnnKrRRc","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-12T12:00:00Z","created_at":"2026-11-12T12:00:00Z"}',0,0,1794484800000,1794484800000,1797076800000);
INSERT INTO tickets VALUES('f2414c846657749cfffe8767b9c10bd66cf78cf39d5bc28a9743c14dc4aaab2a',3,'','',0,0,1795003200000,1795003200000,1797595200000);
INSERT INTO tickets VALUES('c39ffbbf1dbf30656f2618cbc5e17b52355060dfe535816a7e0d59b24ab67f91',6,'','{"name":"Person dan1","username":"dan1","email":"dan@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$LQ+7uPLHBFnrP+i2gh1FVg$9HG+rD8qyznz0+lqA6ZNp07uA8D7LfboJtU0gN4iLPw","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-18T12:10:00Z","created_at":"2026-11-18T12:10:00Z"}',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('becdf48f3993d7f3a9c8704569932f39640891ca42cc5ef70bceccc768174608',6,'','',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('3b9e68843aaf9d7c911bc5c02c73bf4f3c3c518ec78e742057225546d47c45f2',8,'','',1,1,1795176000000,1795172400000,1797764400000);
INSERT INTO tickets VALUES('609df08409ab9049814575109377e48b4d27211172083a97fa4700c31010e6f6',11,'','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('f9eb82874d3c92a8ec3045bf863a091e22529af0fabfff110b6bd0773bc9eb31',14,'01a2302a-6e62-7abb-b316-55f0fbf68bd3','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('d2e5e9428a6e66d973c571b71b9490890d84ac6374b9bf36ccce81818fc1d5cb',14,'','{"name":"Person cal6","username":"cal6","email":"cal@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$m+M4jZNakWgay9k66A+cUQ$Q9rqBEaqiIn2oN5S0wOx+fyRLUOPYiyE1ur25sMw7rs","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('4173e22323a86802f6c4746601631ee9f2c13d8fb1e4b6d20cdea5ad2790b7fb',15,'01a2302a-6ea8-76ad-907c-57a1b7113a45','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('9d16eb152e277dacbd6244b8bbcd20f94e4b53484d78b359253243a75c358a19',3,'','{"name":"Person eve","username":"eve","email":"ann@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$oBTcfbG3z4t6ZLx5OsbD+A$fI6w9z62ITcwWuD+rEpaFnySXhLwA7VSsXx2NXC59l4","language":"en","profile":{"company":"Eve"},"approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('14913f3badafe8c4e16df42b398bd69940542100c1cd4e2ed5a04f4c7f8be8af',1,'','{"name":"Person ivoheld","username":"ivo","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$Lg5DtH6ZHPjqvnhmj9eFSg$EFVBVOwq6KdxuoKMNH/KW+psQsq6UKF1qE3ZD485J5w","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
CREATE TABLE address_mails (
    address_hash TEXT    NOT NULL CHECK (length(address_hash) <= 128),
    due_at       INTEGER NOT NULL
) STRICT;
INSERT INTO address_mails VALUES('60427a8d8e707dd7f239c27b5a7436c40f2eb4a13ec15d5397d54333e8cbf562',1795003200000);
INSERT INTO address_mails VALUES('438c4c7afe600cdf1e455c369bec76dc970fc8ca463447c7b387a347f3c79331',1795003200000);
INSERT INTO address_mails VALUES('7d47c8a8638cef4e2cc85c307f03aabc0c691c9df5d0938f793e64ff2cbbfdc5',1795003800000);
INSERT INTO address_mails VALUES('fd729fd07fabdc1331b6f931104ed0aa82f5eeae53f23c4550bf0ffcf24fac22',1795003800000);
INSERT INTO address_mails VALUES('7baae49012a217d21160df86bec77c13da3c830b38dcecbddbd693e00feec11f',1795003800000);
INSERT INTO address_mails VALUES('7baae49012a217d21160df86bec77c13da3c830b38dcecbddbd693e00feec11f',1795003800000);
INSERT INTO address_mails VALUES('e82f25fe67885c1719696c7c6daa63a3400a031f59cd608d0e883836d25ed2ef',1795172400000);
INSERT INTO address_mails VALUES('389084dee52b596296c27e266b7ea120ace3c587544d467fea02cd001042e469',1795174200000);
INSERT INTO address_mails VALUES('30d5fcb64301cb335aca10f1e8db855040595f3a9cad3b7185fdcc88d3920e55',1795176000000);
INSERT INTO address_mails VALUES('817f687589b7397fe1792c767b049f0e3eb06efb628fb8e2ff61a28f6f724594',1795176000000);
INSERT INTO address_mails VALUES('a7fd1afc9538fc7c47244704bfd08f01ad2433251e83ba5c4c20a8fda5ecbf7b',1795176000000);
INSERT INTO address_mails VALUES('8f73826cb435dce4b72d69bfd0c7ee8a6efd4c60308ab86081cca39eab773881',1795176000000);
INSERT INTO address_mails VALUES('61376c15857d5dacc354feadebc80c406640573fad942195704fb8630a2ab858',1795176000000);
INSERT INTO address_mails VALUES('a91a42d3bb6469b0ea56c71b70d935cea3f5fe9e2c754290ae3ef3e5560e49a6',1795176000000);
INSERT INTO address_mails VALUES('a91a42d3bb6469b0ea56c71b70d935cea3f5fe9e2c754290ae3ef3e5560e49a6',1795176000000);
INSERT INTO address_mails VALUES('a91a42d3bb6469b0ea56c71b70d935cea3f5fe9e2c754290ae3ef3e5560e49a6',1795176000000);
INSERT INTO address_mails VALUES('a91a42d3bb6469b0ea56c71b70d935cea3f5fe9e2c754290ae3ef3e5560e49a6',1795176000000);
INSERT INTO address_mails VALUES('a91a42d3bb6469b0ea56c71b70d935cea3f5fe9e2c754290ae3ef3e5560e49a6',1795176000000);
INSERT INTO address_mails VALUES('7d47c8a8638cef4e2cc85c307f03aabc0c691c9df5d0938f793e64ff2cbbfdc5',1795176000000);
INSERT INTO address_mails VALUES('cd3f6bd6faff3e3107f07845d09d39fa17de9f3bc39e31cff84cdc52f662f580',1795176000000);
INSERT INTO address_mails VALUES('cd3f6bd6faff3e3107f07845d09d39fa17de9f3bc39e31cff84cdc52f662f580',1795176000000);
INSERT INTO address_mails VALUES('3f12bb17de259e162c9585a92bd968677ac9f6c9cbfb4c1b425df61db9ab7868',1795176000000);
INSERT INTO address_mails VALUES('493097ce96bc4969c785a3e1347925cd1bd4a039a38b512db651e6c2bd1f5a2a',1795176000000);
CREATE TABLE held_usernames (
    key        TEXT    NOT NULL PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO held_usernames VALUES('oda',1,1792238400000);
INSERT INTO held_usernames VALUES('eva',1,1795089600000);
INSERT INTO held_usernames VALUES('cal6',14,1795780800000);
INSERT INTO held_usernames VALUES('eve',3,1795780800000);
INSERT INTO held_usernames VALUES('ivo',1,1795780800000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',6);
INSERT INTO sqlite_sequence VALUES('mails',40);
INSERT INTO sqlite_sequence VALUES('users',18);
INSERT INTO sqlite_sequence VALUES('audit_events',47);
INSERT INTO sqlite_sequence VALUES('mail_attempts',33);
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
CREATE INDEX address_mails_address ON address_mails (address_hash, due_at);
CREATE INDEX address_mails_due ON address_mails (due_at);
CREATE INDEX held_usernames_user ON held_usernames (user_id);
CREATE INDEX held_usernames_expires ON held_usernames (expires_at);
COMMIT;
