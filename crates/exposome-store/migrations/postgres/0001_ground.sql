-- World knowledge: what publishers say.  It has no site.  A row is never
-- changed; a later row of the same record replaces it for readers of the
-- present, and a row without a body says that the record left its feed.
CREATE TABLE knowledge (
    feed        TEXT COLLATE "C" NOT NULL,
    record      TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL, -- microseconds since 1970, UTC, here and below
    digest      BYTEA    NOT NULL, -- first 16 bytes of SHA-256 of the body
    modified    BIGINT,          -- when its publisher last changed it
    body        TEXT,
    PRIMARY KEY (feed, record, recorded_at)
);

-- EPSS: what changed against the day before, packed (src/epss.rs).
CREATE TABLE epss_change (
    recorded_at   BIGINT NOT NULL PRIMARY KEY,
    score_date    BIGINT NOT NULL, -- days since 1970
    model_version TEXT COLLATE "C" NOT NULL,
    changes       BYTEA    NOT NULL
);

-- Every feed document that was offered, in force or held back.
CREATE TABLE feed_document (
    feed        TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    digest      BYTEA    NOT NULL,
    data_date   BIGINT,          -- microseconds; when the publisher says it was made
    records     BIGINT NOT NULL,
    added       BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    removed     BIGINT NOT NULL,
    refused     BIGINT NOT NULL,
    held        TEXT,             -- why it is not in force, where it is not
    PRIMARY KEY (feed, recorded_at)
);

-- What is installed: distinct components, and bills as packed lists of them.
CREATE TABLE component (
    site   TEXT COLLATE "C" NOT NULL,
    id     BIGINT NOT NULL,
    digest BYTEA    NOT NULL,
    body   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, digest)
);

CREATE TABLE bill (
    site       TEXT NOT NULL,
    digest     BYTEA NOT NULL,
    components BYTEA NOT NULL, -- ascending ids, each as the difference to the one before, LEB128
    PRIMARY KEY (site, digest)
);

-- What each source says of each subject.
CREATE TABLE sheet (
    site        TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    digest      BYTEA    NOT NULL,
    bill        BYTEA,
    body        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (site, source, subject, recorded_at)
);

-- A source said the same again: at most one row a day, source and subject.
CREATE TABLE seen (
    site    TEXT COLLATE "C" NOT NULL,
    source  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    day     BIGINT NOT NULL, -- days since 1970
    PRIMARY KEY (site, source, subject, day)
);

-- Every inventory document that was imported.
CREATE TABLE import (
    site        TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    observed_at BIGINT NOT NULL,
    format      TEXT COLLATE "C" NOT NULL,
    digest      BYTEA    NOT NULL,
    added       BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    unchanged   BIGINT NOT NULL,
    complaints  TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (site, recorded_at, source)
);
