-- A store as the program left it whose schema was version 1: rows of each table that was in use.
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'ground','2026-12-01 00:00:00',1,X'0F8F5CDB89C395E6EC0A954C7D86E3E6A706BE2F0DEB176CF6E76EC46198ADB50372B27575365BF45FF36405A4CA82A8',0);
CREATE TABLE bill (
    site       TEXT NOT NULL,
    digest     BLOB NOT NULL,
    components BLOB NOT NULL, -- ascending ids, each as the difference to the one before, LEB128
    PRIMARY KEY (site, digest)
) STRICT;
CREATE TABLE component (
    site   TEXT    NOT NULL,
    id     INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, digest)
) STRICT;
CREATE TABLE epss_change (
    recorded_at   INTEGER NOT NULL PRIMARY KEY,
    score_date    INTEGER NOT NULL, -- days since 1970
    model_version TEXT    NOT NULL,
    changes       BLOB    NOT NULL
) STRICT;
INSERT INTO "epss_change" VALUES(1796123946638299,20680,'v2026.06.15',X'8280808080F903A09C01A08D060802F4C001');
INSERT INTO "epss_change" VALUES(1796123946658671,20680,'v2026.06.15',X'82808080E0F303AE34C4D90A81808080A00509D86CA6198C8409A6C6848020BE9A0CC09A0C');
CREATE TABLE feed_document (
    feed        TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    digest      BLOB    NOT NULL,
    data_date   INTEGER,          -- microseconds; when the publisher says it was made
    records     INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    refused     INTEGER NOT NULL,
    held        TEXT,             -- why it is not in force, where it is not
    PRIMARY KEY (feed, recorded_at)
) STRICT;
INSERT INTO "feed_document" VALUES('kev',1796123946494015,'input.json',X'F7F85FED09F62FDAAABFC25971E7BBCB',NULL,1,1,0,0,1,NULL);
INSERT INTO "feed_document" VALUES('kev',1796123946506856,'input.json',X'F7F85FED09F62FDAAABFC25971E7BBCB',1786121147064800,4,3,0,0,4,NULL);
INSERT INTO "feed_document" VALUES('kev',1796123946510481,'input.json',X'F7F85FED09F62FDAAABFC25971E7BBCB',1786121147064800,3,0,0,0,0,'it has 3 rows where the one in force has 4');
INSERT INTO "feed_document" VALUES('epss',1796123946638299,'input.csv',X'E207C12F10CDC7E18742B0B2EE0A33DF',1786752000000000,2,2,0,0,5,NULL);
INSERT INTO "feed_document" VALUES('epss',1796123946658671,'input.csv',X'E207C12F10CDC7E18742B0B2EE0A33DF',1786752000000000,3,3,0,2,0,NULL);
INSERT INTO "feed_document" VALUES('cve-5',1796123946781989,'testdata/feeds/cve-5/changes/input.json testdata/feeds/cve-5/cvss4/input.json testdata/feeds/cve-5/kev/input.json testdata/feeds/cve-5/modules/input.json testdata/feeds/cve-5/own/input.json testdata/feeds/cve-5/package/input.json testdata/feeds/cve-5/philips/input.json testdata/feeds/cve-5/rejected/input.json testdata/feeds/cve-5/wrong/input.json',X'E9D6CC3FB8BB4B192E5858FBBDD6FCDB',NULL,15,15,0,0,0,NULL);
CREATE TABLE import (
    site        TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    observed_at INTEGER NOT NULL,
    format      TEXT    NOT NULL,
    digest      BLOB    NOT NULL,
    added       INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    complaints  TEXT    NOT NULL, -- JSON
    PRIMARY KEY (site, recorded_at, source)
) STRICT;
INSERT INTO "import" VALUES('main',1796123946881349,'inv.csv','inv.csv',1796123946881349,'csv-inventory',X'DB1A8A751A3C15459F6B66984951587D',2,0,0,'[]');
CREATE TABLE knowledge (
    feed        TEXT    NOT NULL,
    record      TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds since 1970, UTC, here and below
    digest      BLOB    NOT NULL, -- first 16 bytes of SHA-256 of the body
    modified    INTEGER,          -- when its publisher last changed it
    body        TEXT,
    PRIMARY KEY (feed, record, recorded_at)
) STRICT;
INSERT INTO "knowledge" VALUES('kev','CVE-2023-43208',1790000000000000,X'FFA5F388E29E7D86BB6DC2CC8EDD39A8',NULL,'{"Kev":{"vulnerability":"CVE-2023-43208","vendor":"NextGen","product":"Mirth Connect","name":"A flaw","added":"2024-05-20","due":"2024-06-10","required_action":"patch","ransomware":null}}');
CREATE TABLE seen (
    site    TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    day     INTEGER NOT NULL, -- days since 1970
    PRIMARY KEY (site, source, subject, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE sheet (
    site        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    bill        BLOB,
    body        TEXT    NOT NULL,
    PRIMARY KEY (site, source, subject, recorded_at)
) STRICT;
INSERT INTO "sheet" VALUES('main','inv.csv','P-1',1796123946881349,1796123946881349,X'1D831328979FC566A028DF4952935478',NULL,'{"key":"P-1","attributes":[["asset_id","P-1"],["serial","SN1"],["manufacturer","Baxter"],["model","Sigma Spectrum"],["device_class","infusion pump"],["unit","ICU"],["ip","10.1.1.5"]]}');
INSERT INTO "sheet" VALUES('main','inv.csv','W-1',1796123946881349,1796123946881349,X'B7EBEA99AFFAF64CD4CE3F8B9DA809B2',NULL,'{"key":"W-1","attributes":[["asset_id","W-1"],["serial","SN2"],["manufacturer","Dell"],["model","OptiPlex 7090"],["device_class","workstation"],["unit","Lab"],["ip","10.1.1.9"]]}');
COMMIT;
