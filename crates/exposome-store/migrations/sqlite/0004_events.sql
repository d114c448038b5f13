-- What people decide (src/events.rs): numbered from 1 within a site, never changed.
CREATE TABLE event (
    site        TEXT NOT NULL,
    number      INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    body        TEXT NOT NULL, -- JSON: who, and what
    PRIMARY KEY (site, number)
) STRICT;

-- The audit log: a row an event, written with it.  It holds digests, not words, so
-- that it still verifies where words were removed.
CREATE TABLE log (
    site        TEXT NOT NULL,
    number      INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    digest      BLOB NOT NULL, -- SHA-256 of the event's body
    chain       BLOB NOT NULL, -- SHA-256 of the chain before, site, number, moment and digest
    PRIMARY KEY (site, number)
) STRICT;
