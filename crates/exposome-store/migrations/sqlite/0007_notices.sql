-- Notices: what people are told of without looking, and the ways they are told.

-- A way to tell: a mailbox, or a receiver of signed messages.
CREATE TABLE channel (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    kind         TEXT    NOT NULL, -- mail or webhook
    target       TEXT    NOT NULL,
    secret       BLOB,             -- sealed; what messages to it are signed with
    at_site      TEXT    NOT NULL, -- '' for every site
    unit         TEXT    NOT NULL, -- '' for every unit
    least        TEXT    NOT NULL, -- the least urgency that is told at once: act_now, soon or digest
    details      INTEGER NOT NULL, -- 1: names of vulnerabilities and assets may be told
    quiet_from   INTEGER,          -- minutes of the day, UTC; act_now is never quiet
    quiet_to     INTEGER,
    escalate_to  TEXT,             -- the channel that hears what nobody has acknowledged
    escalate_minutes INTEGER,
    active       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    failures     INTEGER NOT NULL, -- since it last took anything
    dead_since   INTEGER,
    last_error   TEXT,
    last_ok_at   INTEGER
) STRICT;

-- What there is to tell.  Its id follows from what it is about: raised again, it is the same.
CREATE TABLE notice (
    id              TEXT    NOT NULL PRIMARY KEY,
    raised_at       INTEGER NOT NULL,
    urgency         TEXT    NOT NULL,
    at_site         TEXT    NOT NULL, -- '': it is about no site
    unit            TEXT    NOT NULL,
    body            TEXT    NOT NULL, -- JSON
    acknowledged_by TEXT,
    acknowledged_at INTEGER
) STRICT;
CREATE INDEX notice_raised ON notice (raised_at);

-- What is on its way: a row a notice and channel, written with the notice.
CREATE TABLE delivery (
    notice     TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    next_at    INTEGER NOT NULL,
    escalates_at INTEGER,           -- unless somebody acknowledges it before
    digest     INTEGER NOT NULL,    -- 1: told together with others
    attempts   INTEGER NOT NULL,
    sent_at    INTEGER,
    PRIMARY KEY (notice, channel)
) STRICT;
CREATE INDEX delivery_due ON delivery (sent_at, next_at);
