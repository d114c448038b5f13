-- World knowledge: what publishers say.  It has no site.  A row is never
-- changed; a later row of the same record replaces it for readers of the
-- present, and a row without a body says that the record left its feed.
CREATE TABLE knowledge (
    feed        TEXT    NOT NULL,
    record      TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds since 1970, UTC, here and below
    digest      BLOB    NOT NULL, -- first 16 bytes of SHA-256 of the body
    modified    INTEGER,          -- when its publisher last changed it
    body        TEXT,
    PRIMARY KEY (feed, record, recorded_at)
) STRICT;

-- EPSS: what changed against the day before, packed (src/epss.rs).
CREATE TABLE epss_change (
    recorded_at   INTEGER NOT NULL PRIMARY KEY,
    score_date    INTEGER NOT NULL, -- days since 1970
    model_version TEXT    NOT NULL,
    changes       BLOB    NOT NULL
) STRICT;

-- Every feed document that was offered, in force or held back.
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

-- What is installed: distinct components, and bills as packed lists of them.
CREATE TABLE component (
    site   TEXT    NOT NULL,
    id     INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, digest)
) STRICT;

CREATE TABLE bill (
    site       TEXT NOT NULL,
    digest     BLOB NOT NULL,
    components BLOB NOT NULL, -- ascending ids, each as the difference to the one before, LEB128
    PRIMARY KEY (site, digest)
) STRICT;

-- What each source says of each subject.
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

-- A source said the same again: at most one row a day, source and subject.
CREATE TABLE seen (
    site    TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    day     INTEGER NOT NULL, -- days since 1970
    PRIMARY KEY (site, source, subject, day)
) STRICT, WITHOUT ROWID;

-- Every inventory document that was imported.
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
