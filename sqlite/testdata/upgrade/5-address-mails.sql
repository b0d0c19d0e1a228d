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
INSERT INTO users VALUES(1,'The Boss','boss','boss','boss@example.org','boss@example.org','$argon2id$v=19$m=64,t=1,p=1$ZVpcp+yZU22TvneRkV2apg$pjzUF/HdIrZ+kONKKC79XBtwTTYaGshAL0MPoE36mwE','en','null','admin','operator',0,0,1791633600000,NULL,NULL,'',NULL,'','','',0,1,replace('the boss\nboss\nboss@example.org','\n',char(10)),NULL,NULL,NULL,0,'',NULL);
INSERT INTO users VALUES(2,'Person exi','exi','exi','exi@example.org','exi@example.org','$argon2id$v=19$m=64,t=1,p=1$0BXPrTv7JOliDiF16kfotA$xRnftzf2f8/41Rorarwos9hgoqG9pkMjoTQ6ee0IcRw','en','null','member','signup',1,1,1795003200000,NULL,NULL,'',NULL,'','','',0,1,replace('person exi\nexi\nexi@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795003200000);
INSERT INTO users VALUES(3,'Ann A. Example','ann','ann','Ann@example.org','ann@example.org','$argon2id$v=19$m=64,t=1,p=1$abdzOXcT1o7n1DRaHChwIA$le7idCWiHyhyxI0fQX5EOkgMlaC2qPAjKvhV2w6rLt0','de','{"company":"Ann \u0026 Söhne","size":7}','member','signup',1,1,1795003200000,1795003800000,1795003800000,'user:1',NULL,'','','',0,4,replace('ann a. example\nann\nann@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003200000);
INSERT INTO users VALUES(4,'Person rex','rex','rex','rex@example.org','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$9avtd5zs7U/9MhP1gX4kVA$OrhO+lmG6fPbE74hoH16T0QFQ8x5C/Ks4nD9i7etkj8','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'user:1','We don''t know you.','looks like spam',0,4,replace('person rex\nrex\nrex@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(5,'Person rob','rob','rob','rob@example.org','rob@example.org','$argon2id$v=19$m=64,t=1,p=1$C/dmz1Gg5zl6w9d902fPpg$qFXvqye7EbTTisYoYdoyxzY8wSFf1CmE+XUGQZGkDm4','en','null','member','signup',1,1,1795003800000,1795003800000,NULL,'',1795003800000,'cli','','',0,4,replace('person rob\nrob\nrob@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(6,'Person dan2','dan2','dan2','dan@example.org','dan@example.org','$argon2id$v=19$m=64,t=1,p=1$a1VeoRTJynhX1C3ybeSw8Q$7/agGsGDQnwoaO4slrUGItaTFwjB9DOrTyuyTTAEvKk','fr','null','member','signup',1,1,1795003800000,1795003800000,1795003800000,'cli',NULL,'','','',0,4,replace('person dan2\ndan2\ndan@example.org','\n',char(10)),NULL,NULL,1795003800000,0,'2026-10',1795003800000);
INSERT INTO users VALUES(8,'Person cor','cor','cor','cor@example.org','cor@example.org','$argon2id$v=19$m=64,t=1,p=1$+85riQISDFhYDMiYxkfBlw$lp2C+ATpmVMCsugj3hQ7zg87/k44vbFgmiqC+hJ4Yes','en','null','member','signup',1,1,1795174200000,NULL,NULL,'',NULL,'','','',0,1,replace('person cor\ncor\ncor@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795172400000);
INSERT INTO users VALUES(9,'Person kim','kim','kim','kim@example.org','kim@example.org','$argon2id$v=19$m=64,t=1,p=1$tajb6B2XoLN89VNw5zxSBg$/drcFhDI/Lu1NabbXsqWqSF784dlTbeETAvfQK93+z8','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',1,2,replace('person kim\nkim\nkim@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(10,'Person pia','pia','pia','pia@example.org','pia@example.org','$argon2id$v=19$m=64,t=1,p=1$uE9/06+24f+J0Y6+3hZUlw$BnDN3uQaRH1Rx+9bwhxtgORGYuAMvUMFxNuUnt+jvig','en','null','member','signup',1,1,1795176000000,1795176000000,NULL,'',NULL,'','','',0,3,replace('person pia\npia\npia@example.org','\n',char(10)),NULL,NULL,1795176000000,0,'2026-10',1795176000000);
INSERT INTO users VALUES(11,'Úna Ñandú','una','una','una@example.org','una@example.org','$argon2id$v=19$m=64,t=1,p=1$TvSwmLSKD4Igj4YqAFxdXA$LltkLagBxCfMI6BAFHbxl5A64xMQfbKLLmbcpQLbdfM','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('úna ñandú\nuna\nuna@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(12,'Person ova','ova','ova','ova@example.org','ova@example.org','$argon2id$v=19$m=64,t=1,p=1$ISKoHgD/LrTZdJ/arB0zvg$xoWJfBnmmMiLTHxWR+3EcVpug1O61CKyXZLJU20rQA0','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ova\nova\nova@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(13,'Person fay','fay','fay','fay@example.org','fay@example.org','$argon2id$v=19$m=64,t=1,p=1$SQtFlzHa4J6xIy8dw9Gp5A$j6awQEiFQ0kG/zUblvydOzytasl1LyWEmQJflc5WkdM','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('person fay\nfay\nfay@example.org','\n',char(10)),1795176000000,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(14,'Person cal1','cal1','cal1','cal@example.org','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$DbAg7Wl2xuRGkELocdNoeQ$dhjflUtd//Sor9e1wSzH4eHNjnkjAVX+SU+6hKW829I','en','{"company":"Cal One"}','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person cal1\ncal1\ncal@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(15,'Person lea1','lea1','lea1','lea@example.org','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$2IfwRC4UjMRDCL7KAFx+Bg$p8FuqJuWh9IL5wENkHFj8TNYEetCY395Dhg3FOlPCew','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person lea1\nlea1\nlea@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(16,'Person eva','eva','eva','eva@example.org','eva@example.org','$argon2id$v=19$m=64,t=1,p=1$Gren/mcgwco+kDABzMdwsg$sRkvKPFpHlo/N0Q8hBdQ05Wpmx1Wa44ZqPgO55LY2WI','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person eva\neva\neva@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(17,'Person ivo','ivo','ivo','ivo@example.org','ivo@example.org','$argon2id$v=19$m=64,t=1,p=1$mfJMaRyN2BBMLSsh3uFTwQ$5+rYysKuuUcSoeZ7/a6gWdfzBPNow17Vw7OxDI/GCOU','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person ivo\nivo\nivo@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(18,'Person dan1new','dan1','dan1','dan1@example.org','dan1@example.org','$argon2id$v=19$m=64,t=1,p=1$bOCTDrvqGN+dElwiSoTzSA$5R5WRtetW3FXYTk5WKw48S6WrQM0z1H+B3f8dNwBMV4','en','null','member','signup',1,1,1795176000000,NULL,NULL,'',NULL,'','','',0,1,replace('person dan1new\ndan1\ndan1@example.org','\n',char(10)),NULL,NULL,NULL,0,'2026-10',1795176000000);
INSERT INTO users VALUES(19,'Second Admin','aid','aid','aid@example.org','aid@example.org','$argon2id$v=19$m=64,t=1,p=1$D66EB0XeJbC4wioqVBkkxQ$62CqtqDvvVVskSeXPq6B6WvL9zCAsnTVCi/vq2/F8q4','en','null','admin','operator',0,0,1795176000000,NULL,NULL,'',NULL,'','','',0,2,replace('second admin\naid\naid@example.org','\n',char(10)),NULL,NULL,NULL,1,'',NULL);
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
INSERT INTO sign_up_tokens VALUES('01a2302a-6cba-7a5b-8c4c-c1c98638d80c',2,'','6c29c339f3b79dd3c2985c9bd9840ae38ed889234ffd74c35a619d7cbf4ab42a','exi@example.org',1795003200000,1795093200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6cbe-703a-bd8e-16686694d557',3,'','0bf64ff244284f51cb113d8c351b849086da2625883869a7ba031574c92d4af6','Ann@example.org',1795003200000,1795093200000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6cc8-7c12-be5f-937fa2691816',4,'','e7c8c829045485a759b22ce4aca94a928eef613368209f98947ce7249cc4ef61','rex@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6cd4-7e27-9c0c-ac3ef6469358',5,'','556c6bcea9368e751d30ed4b7fac54a367dad06a6947c9d7554cedee75465f7f','rob@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6ce2-7a69-ae7d-f41ee6036e2c',6,'','2a6a4bf934099f02e318f07ec6401247f228545fe0b4ff26d920472eae7f6dee','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6cec-7c6c-854d-5724cf736d76',6,'01a2302a-6ceb-7a30-a81f-49b3276c0fcd','975be12934db3d12ccd333836aec7949695765b2e042e88ebae30320e92f58f2','dan@example.org',1795003800000,1795093800000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d0e-7572-ae77-0ffcdae9c0d4',8,'','f27f0f3cec574ec6d918750820c66290be38ac780d7d37a64418942b52337cea','cor@example.org',1795174200000,1795264200000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d11-7e6d-8fda-29d29a6a37cd',8,'','c426e1a81e57a4d522ff43f7f250e6fb685355a111ab04eaf710474b79363dd2','cor@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d17-783a-9163-2844234f5428',9,'','e200fa76956189fd36f4ae9866500e677334d064da07a6621ff765c6cae24be1','kim@exmaple.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d19-7ae2-bee6-2f6968b19058',9,'','a747c2565e17c5483bcb38ca4a4afed22aef2c29d571ec64ffa34af0e1ac83c4','kim@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d1d-7937-a9d7-1bc00450cf1b',10,'','eed17a75a27ad7070b76a830aa3441f263a4aa5ad7ee2f36b9464480ff05e3cc','pia@example.org',1795176000000,1795266000000,1);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d24-7567-ad52-5f8b16c7ffb0',11,'','4adbcb5460bf1eed9c44fb60a9b8dfcd7bd6383fd085286201fd6d7f2416e2b4','una@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d2f-7ab7-abdc-44ec50bc4f28',13,'','535f5dd29c333eea0e9a9dd143276d6c3937955ccc9c42bbf88a458da15ea619','fay@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d3a-74ce-93d4-dd8e724d361e',14,'','82210b9514c2608719a2b89ecf7a5d897abc5fde372d622ff8f8062389e37b06','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d43-7bdf-8b02-31e0eab27402',14,'01a2302a-6d3f-7094-bbe6-fcbdb680fccb','33018c63ffdbb1a1167eba53ece38beec2ac8c06f8fe94262ae81cb81edac227','Cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d4d-76de-903b-1262333c6a93',14,'01a2302a-6d4b-7ebd-bf3c-dfbd17a23a0e','7f704d3f126710c21084de252e1538c0d8b2775aea46278d7498aeb3a4402184','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d53-7ce8-8434-83fdb50d8dc4',14,'01a2302a-6d4f-7747-8ea0-e0cba22ed119','dad959f15ef920dcf8dff0bc4b2c4d77d41ead35ec6873819d6fa854bf9a6b4e','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d5e-74a4-b96c-53faa1913913',14,'01a2302a-6d5b-7dd7-81a8-a7a9e5b786b0','9229e9056a84b497dfe0bdfa09e7d0b730f45be64ab876d7bd185cb6a3700b0c','cal@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d63-7f35-8951-c9726cea3c47',4,'01a2302a-6d60-781a-bb2f-22289e25f00a','9da14b43671cbae4ff29c9610bf4b089409ff640c9e7fe4a02109d04a3ad0902','rex@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d67-7682-b90c-636a6a124151',15,'','9403bc98f6166a96e7ece4a299abcab39a64c750cbc7d34a7bb7c26a4542432c','lea@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d6f-72ab-b3d4-3d51e9223bed',16,'','acfd20e3bf1ac9e353fb0df9aa2c5a02544be2b66e34887eada1f4948c1f2e5d','eva@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d71-7360-b9af-e7edd6c10c5c',17,'','722764953f0e42547109cec084b675dd8715cc5a642017a5679a87013733ff8d','ivo@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d73-73be-af9c-e6428572d5dc',18,'','1b147e18d347773d1438cd7cc7e1a4b9c51dcf5321a9f6880c30c5fe82f36140','dan1@example.org',1795176000000,1795266000000,0);
INSERT INTO sign_up_tokens VALUES('01a2302a-6d75-7163-9faa-a1fb7fc045fd',3,'','0465d6d34da3fd52fc8b3858da12aa4326a2f047b337be06b4170d9de637c359','Ann@example.org',1795176000000,1795266000000,0);
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
INSERT INTO claims VALUES(2,'01a2302a-6d3f-7094-bbe6-fcbdb680fccb',14,'Person cal2','cal2','cal2','Cal@example.org','$argon2id$v=19$m=64,t=1,p=1$HcZSJ+PsdUOsUc4l6CRy/w$7RVaCUA3ELKjAatcztNcBYz7ymbPP9YmPVzWHLmFkdE','pt-BR','{"company":"Cal \"Two\" \\ Co","size":3}',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(3,'01a2302a-6d4b-7ebd-bf3c-dfbd17a23a0e',14,'Cal O''Brien','cal3','cal3','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$+syVisVGVxu/M816uoY7Xw$8Xz3ErZCGil5/YlKDXCv9+DxpsPf6/lHY9afp+VQWmE','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(4,'01a2302a-6d4f-7747-8ea0-e0cba22ed119',14,'Person cal1again','Cal1','cal1','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$XpOohRR4sE0uYjyrzl5i8Q$LMRyqSzdhg7e3Fk7IuQ34Iy2maIzW4TUhkXr/dbIeho','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(5,'01a2302a-6d5b-7dd7-81a8-a7a9e5b786b0',14,'Person cal5','cal5','cal5','cal@example.org','$argon2id$v=19$m=64,t=1,p=1$U6MqzVhVFiMp5NV+TCSZgQ$VDUKX9yX0JSy5peqWhc+Qq3ykyr3Jga3ChbXqptS3Eg','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(6,'01a2302a-6d60-781a-bb2f-22289e25f00a',4,'Person rex2','rex2','rex2','rex@example.org','$argon2id$v=19$m=64,t=1,p=1$9gDKlUx9WNEyIe6mrk1Fug$MudNzQQuWykPm+TIg+X64+dpwfNyCtzRpCKC5BFUqOE','en','null',1,1795176000000,'2026-10',1795176000000);
INSERT INTO claims VALUES(7,'01a2302a-6d69-7c4d-9371-de2ee1af482c',15,'Person lea2','lea2','lea2','lea@example.org','$argon2id$v=19$m=64,t=1,p=1$1P4dtBGRgiPUdlWlJHE1Cw$82fp2CRSi7lnwBj1DagR+BO8xFQ9EpkGaFDnNjAst1c','en','null',1,1795176000000,'2026-10',1795176000000);
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
INSERT INTO api_keys VALUES(1,'01a2302a-6d75-789c-8d71-31a1f32f157b','host','5a0032bf6786c6862c449e65cb57091725d2372e7b47ac02ab7ce92e1c39c494',1795176000000,NULL);
INSERT INTO api_keys VALUES(2,'01a2302a-6d76-7086-a67b-adb382e085b5','old','2dba71559524e07f40c2f1f4b9dc1218a1f01a404dc65045da1b1adbf29ca929',1795176000000,1795176000000);
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
INSERT INTO audit_events VALUES(40,1795176000000,'cli','token.created',3,'{"token_id":"01a2302a-6d75-7163-9faa-a1fb7fc045fd"}');
INSERT INTO audit_events VALUES(41,1795176000000,'cli','api_key.created',0,'{"name":"host"}');
INSERT INTO audit_events VALUES(42,1795176000000,'cli','api_key.created',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(43,1795176000000,'cli','api_key.revoked',0,'{"name":"old"}');
INSERT INTO audit_events VALUES(44,1795176000000,'cli','user.admin_created',19,'null');
INSERT INTO audit_events VALUES(45,1795176000000,'cli','user.notices_off',19,'null');
INSERT INTO audit_events VALUES(46,1795176000000,'user:1','session.started',1,'null');
INSERT INTO audit_events VALUES(47,1795176000000,'person','user.confirmation_resent',11,'null');
INSERT INTO audit_events VALUES(48,1795176000000,'cli','mail.cancelled',11,'{"kind":"confirmation","mail":"01a2302a-6d7b-789d-85e0-cf0414f5e081"}');
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
INSERT INTO mails VALUES(1,'01a2302a-6caf-7dbf-b77a-e121e097a62f','account_exists',1,1,'','sent',1,1791633600000,1791633600000,1791633600000,'250 2.0.0 Ok: queued','',1791633600000,NULL);
INSERT INTO mails VALUES(2,'01a2302a-6cb5-7a25-a6e1-349b92032248','account_exists',1,1,'','sent',1,1794484800000,1794484800000,1794484800000,'250 2.0.0 Ok: queued','',1794484800000,NULL);
INSERT INTO mails VALUES(3,'01a2302a-6cb9-78aa-977f-6e31ec7f4777','confirmation',2,2,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(4,'01a2302a-6cbd-71b5-8e99-0ce3bd646f23','confirmation',3,3,'','sent',1,1795003200000,1795003200000,1795003200000,'250 2.0.0 Ok: queued','',1795003200000,NULL);
INSERT INTO mails VALUES(5,'01a2302a-6cc0-7c2a-a38f-1a493868b256','confirmation',3,3,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(6,'01a2302a-6cc3-7e98-9199-67c2a42d9d2e','admin_notice',3,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(7,'01a2302a-6cc5-7b73-8d0a-7f1c56f5bf7c','approved',3,3,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(8,'01a2302a-6cc7-7e4c-aee9-342547865ecf','confirmation',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(9,'01a2302a-6ccd-7309-9e6d-b7b499aae22a','admin_notice',4,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(10,'01a2302a-6cd0-78af-a384-5e57109b42da','rejected',4,4,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(11,'01a2302a-6cd2-7df6-8fff-ff1852ae1244','confirmation',5,5,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(12,'01a2302a-6cd7-79f5-b9a7-d371c4b61e17','admin_notice',5,1,'','superseded',0,1795003800000,NULL,1795003800000,'','',NULL,NULL);
INSERT INTO mails VALUES(13,'01a2302a-6cdf-7b1e-9d3c-1aa4e446172f','rejected',5,5,'','owed',0,1795003800000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(14,'01a2302a-6ce1-77af-bd51-e96abe759993','confirmation',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(15,'01a2302a-6ceb-7ce6-abf1-f7bfa993e843','confirmation',6,6,'01a2302a-6ceb-7a30-a81f-49b3276c0fcd','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(16,'01a2302a-6cf7-7c35-961d-bbab90c20e93','admin_notice',6,1,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(17,'01a2302a-6d04-702f-94fb-b4237d8f4059','approved',6,6,'','sent',1,1795003800000,1795003800000,1795003800000,'250 2.0.0 Ok: queued','',1795003800000,NULL);
INSERT INTO mails VALUES(19,'01a2302a-6d0d-7223-8b22-01543286bfb8','confirmation',8,8,'','sent',1,1795174200000,1795174200000,1795174200000,'250 2.0.0 Ok: queued','',1795174200000,NULL);
INSERT INTO mails VALUES(20,'01a2302a-6d10-7aab-a850-19ce1ca0e5aa','confirmation',8,8,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(21,'01a2302a-6d16-79fd-9c09-55b6abecf7af','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(22,'01a2302a-6d18-7e72-9078-da37dc73602e','confirmation',9,9,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(23,'01a2302a-6d1c-7a21-afd0-0eeddb3fb9b2','confirmation',10,10,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(24,'01a2302a-6d20-71c7-80c5-8e4d5606556b','admin_notice',10,1,'','owed',1,1795176000000,1795176000000,NULL,'451 4.7.1 Try again later','',1795176000000,1795176010000);
INSERT INTO mails VALUES(25,'01a2302a-6d22-7003-8713-64f324b11675','confirmation',11,11,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(26,'01a2302a-6d28-72cc-95af-876399d0eace','confirmation',12,12,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(27,'01a2302a-6d2c-710e-b76a-42ddddf2dc07','confirmation',13,13,'','failed',1,1795176000000,1795176000000,1795176000000,'550 5.1.1 No such user','',1795176000000,NULL);
INSERT INTO mails VALUES(28,'01a2302a-6d38-7175-a657-921736290e1f','confirmation',14,14,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(29,'01a2302a-6d3f-719b-994b-19b1c7ebc94e','confirmation',14,14,'01a2302a-6d3f-7094-bbe6-fcbdb680fccb','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(30,'01a2302a-6d4c-7081-865e-59d71cb8ea75','confirmation',14,14,'01a2302a-6d4b-7ebd-bf3c-dfbd17a23a0e','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(31,'01a2302a-6d4f-7844-9e86-c077fd36ad3f','confirmation',14,14,'01a2302a-6d4f-7747-8ea0-e0cba22ed119','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(32,'01a2302a-6d5b-7f0c-8540-7d58f99189f2','confirmation',14,14,'01a2302a-6d5b-7dd7-81a8-a7a9e5b786b0','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(33,'01a2302a-6d60-78e1-bdb2-0b09630c847d','confirmation',4,4,'01a2302a-6d60-781a-bb2f-22289e25f00a','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(34,'01a2302a-6d66-7b69-aff7-656a1916381f','confirmation',15,15,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(35,'01a2302a-6d69-7d22-9659-1f4448334f07','confirmation',15,15,'01a2302a-6d69-7c4d-9371-de2ee1af482c','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(36,'01a2302a-6d6b-787f-9ea8-203f5641aa81','account_exists',3,3,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(37,'01a2302a-6d6d-7931-8822-820cfb2ad299','account_exists',1,1,'','owed',0,1795176000000,NULL,NULL,'','',NULL,NULL);
INSERT INTO mails VALUES(38,'01a2302a-6d6e-784e-9d27-2e5492a07086','confirmation',16,16,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(39,'01a2302a-6d70-753b-a6f7-caf98f43960c','confirmation',17,17,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(40,'01a2302a-6d72-77f2-be16-de5623a38881','confirmation',18,18,'','sent',1,1795176000000,1795176000000,1795176000000,'250 2.0.0 Ok: queued','',1795176000000,NULL);
INSERT INTO mails VALUES(41,'01a2302a-6d7b-789d-85e0-cf0414f5e081','confirmation',11,11,'','cancelled',0,1795176000000,NULL,1795176000000,'','',NULL,NULL);
CREATE TABLE mail_attempts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id TEXT    NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    phase   TEXT    NOT NULL CHECK (length(phase) <= 64),
    answer  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'failed'))
) STRICT;
INSERT INTO mail_attempts VALUES(1,'01a2302a-6caf-7dbf-b77a-e121e097a62f',1791633600000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(2,'01a2302a-6cb5-7a25-a6e1-349b92032248',1794484800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(3,'01a2302a-6cb9-78aa-977f-6e31ec7f4777',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(4,'01a2302a-6cbd-71b5-8e99-0ce3bd646f23',1795003200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(5,'01a2302a-6cc3-7e98-9199-67c2a42d9d2e',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(6,'01a2302a-6cc5-7b73-8d0a-7f1c56f5bf7c',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(7,'01a2302a-6cc7-7e4c-aee9-342547865ecf',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(8,'01a2302a-6ccd-7309-9e6d-b7b499aae22a',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(9,'01a2302a-6cd0-78af-a384-5e57109b42da',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(10,'01a2302a-6cd2-7df6-8fff-ff1852ae1244',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(11,'01a2302a-6ce1-77af-bd51-e96abe759993',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(12,'01a2302a-6ceb-7ce6-abf1-f7bfa993e843',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(13,'01a2302a-6cf7-7c35-961d-bbab90c20e93',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(14,'01a2302a-6d04-702f-94fb-b4237d8f4059',1795003800000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(16,'01a2302a-6d0d-7223-8b22-01543286bfb8',1795174200000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(17,'01a2302a-6d10-7aab-a850-19ce1ca0e5aa',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(18,'01a2302a-6d16-79fd-9c09-55b6abecf7af',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(19,'01a2302a-6d18-7e72-9078-da37dc73602e',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(20,'01a2302a-6d1c-7a21-afd0-0eeddb3fb9b2',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(21,'01a2302a-6d20-71c7-80c5-8e4d5606556b',1795176000000,'rcpt','451 4.7.1 Try again later','again');
INSERT INTO mail_attempts VALUES(22,'01a2302a-6d22-7003-8713-64f324b11675',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(23,'01a2302a-6d2c-710e-b76a-42ddddf2dc07',1795176000000,'rcpt','550 5.1.1 No such user','failed');
INSERT INTO mail_attempts VALUES(24,'01a2302a-6d38-7175-a657-921736290e1f',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(25,'01a2302a-6d3f-719b-994b-19b1c7ebc94e',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(26,'01a2302a-6d4c-7081-865e-59d71cb8ea75',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(27,'01a2302a-6d4f-7844-9e86-c077fd36ad3f',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(28,'01a2302a-6d5b-7f0c-8540-7d58f99189f2',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(29,'01a2302a-6d60-78e1-bdb2-0b09630c847d',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(30,'01a2302a-6d66-7b69-aff7-656a1916381f',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(31,'01a2302a-6d6b-787f-9ea8-203f5641aa81',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(32,'01a2302a-6d6e-784e-9d27-2e5492a07086',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(33,'01a2302a-6d70-753b-a6f7-caf98f43960c',1795176000000,'','250 2.0.0 Ok: queued','sent');
INSERT INTO mail_attempts VALUES(34,'01a2302a-6d72-77f2-be16-de5623a38881',1795176000000,'','250 2.0.0 Ok: queued','sent');
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
INSERT INTO sessions VALUES(1,'01a2302a-6d7a-7594-ba11-291e09212e3c',1,'5e1ab69db90d6d69c164abbb90229f6d5277bcfb51f67d04947e4fc195c09548','Firefox',1795176000000,1795176000000,1795183200000);
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
INSERT INTO tickets VALUES('b276be8a9a401cbc697cf8e627326d46fe16f31977a42942aa057e72b3550bb4',1,'','{"name":"Person oda","username":"oda","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$TYph7YilsLXyNaUse1S+ew$RhlW49iCY/fwXq/vdEmO/9yy2eNg6wUcdCg6JlqEENY","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-10-10T12:00:00Z","created_at":"2026-10-10T12:00:00Z"}',0,0,1791633600000,1791633600000,1794225600000);
INSERT INTO tickets VALUES('a0c31d0003ce6b73c69d6f77cf5cd156d86555474b3ee0474fda646e13f5c86c',1,'','{"name":"Person evaheld","username":"eva","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$F0HfucKp3gOMGr+7eo3Ovw$vW2oa68Y1lTNT5LxHPxnHJPgS8apK9QPxk/BZFu13ak","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-12T12:00:00Z","created_at":"2026-11-12T12:00:00Z"}',0,0,1794484800000,1794484800000,1797076800000);
INSERT INTO tickets VALUES('966975148beef2f424d09b540be6cbfd55ac8a2b21dd123c3a7d49f5bcb4167c',3,'','',0,0,1795003200000,1795003200000,1797595200000);
INSERT INTO tickets VALUES('f470275f92f4db73482e1fbb43b19cba63141a67ab8fbfdcefb0ec61e31b82cf',6,'','{"name":"Person dan1","username":"dan1","email":"dan@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$wEZnw4GDvGoGbFioQODrkg$YSejxf+sNQkcarvNjzpfQCYst/m4GCfPCEYuIDMX2P4","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-18T12:10:00Z","created_at":"2026-11-18T12:10:00Z"}',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('907c4824922ad2387bfb49b5c359a4244c07ba21b9116a27890e7c148d36238c',6,'','',0,0,1795003800000,1795003800000,1797595800000);
INSERT INTO tickets VALUES('dec650131556a81f4399c26414a3b10a2f9ae3b7cc19ef63fab6712eda3cd68e',8,'','',1,1,1795176000000,1795172400000,1797764400000);
INSERT INTO tickets VALUES('833936f612e2f36a18c3fcb0ee00693f6b70f52fca115e8188d32dbb00b15ecc',11,'','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('fe100639acfc37fe74af0cca6d5f1e49f9fe3d867125cecf3711ac6401daaca1',14,'01a2302a-6d3f-7094-bbe6-fcbdb680fccb','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('ef1acd58374fe36ccd85fb05d3310de5ae8df5de3c25be627ee5153f7ec16948',14,'','{"name":"Person cal6","username":"cal6","email":"cal@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$m8QiLEOop4QK6glA10z6Hw$g9PXDFbkLHHrTBtPWV7uDvkmHSALPXvh1zvgiKdQiAk","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('fcd0fbe9d99dced24fb157681c939c0e2f0a2702bad8828a3990384d3c667985',15,'01a2302a-6d69-7c4d-9371-de2ee1af482c','',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('a8ad090fdd0becda824f1e085ae1924fe9f69b85f76161cc43022092b11b6485',3,'','{"name":"Person eve","username":"eve","email":"ann@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$p9hfUWRfY1g/DFSXcBir+A$sDrycK1W6vp0k/OwVVzQ9JAy5Jc9qOt/XZ+lumOBoF8","language":"en","profile":{"company":"Eve"},"approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
INSERT INTO tickets VALUES('1b88dfe9df25d0eadabf175fc3eaca93f6fcb216783d354b731f3637f6b844e9',1,'','{"name":"Person ivoheld","username":"ivo","email":"boss@example.org","password_hash":"$argon2id$v=19$m=64,t=1,p=1$hucHtMZA35+jG+nM91ZqrA$qB06zxyFmrUsKwWysap0ETqKFKWmvSlC3mpzsxRWIcQ","language":"en","approval_required":true,"terms_version":"2026-10","terms_at":"2026-11-20T12:00:00Z","created_at":"2026-11-20T12:00:00Z"}',0,0,1795176000000,1795176000000,1797768000000);
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
INSERT INTO address_mails VALUES('d80de76a120a52c4fd2c6d669da8c0e93605087519cb9d656da6a202cea7077c',1795176000000);
INSERT INTO address_mails VALUES('493097ce96bc4969c785a3e1347925cd1bd4a039a38b512db651e6c2bd1f5a2a',1795176000000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',6);
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
CREATE INDEX address_mails_address ON address_mails (address_hash, due_at);
CREATE INDEX address_mails_due ON address_mails (due_at);
COMMIT;
