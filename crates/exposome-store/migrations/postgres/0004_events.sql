-- What people decide (src/events.rs): numbered from 1 within a site, never changed.
CREATE TABLE event (
    site        TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    body        TEXT NOT NULL, -- JSON: who, and what
    PRIMARY KEY (site, number)
);

-- The audit log: a row an event, written with it.  It holds digests, not words, so
-- that it still verifies where words were removed.
CREATE TABLE log (
    site        TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    digest      BYTEA NOT NULL, -- SHA-256 of the event's body
    chain       BYTEA NOT NULL, -- SHA-256 of the chain before, site, number, moment and digest
    PRIMARY KEY (site, number)
);
