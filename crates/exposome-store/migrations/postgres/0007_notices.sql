-- Notices: what people are told of without looking, and the ways they are told.

-- A way to tell: a mailbox, or a receiver of signed messages.
CREATE TABLE channel (
    id           TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    name         TEXT COLLATE "C"    NOT NULL,
    kind         TEXT COLLATE "C"    NOT NULL, -- mail or webhook
    target       TEXT COLLATE "C"    NOT NULL,
    secret       BYTEA,             -- sealed; what messages to it are signed with
    at_site      TEXT COLLATE "C"    NOT NULL, -- '' for every site
    unit         TEXT COLLATE "C"    NOT NULL, -- '' for every unit
    least        TEXT COLLATE "C"    NOT NULL, -- the least urgency that is told at once: act_now, soon or digest
    details      BIGINT NOT NULL, -- 1: names of vulnerabilities and assets may be told
    quiet_from   BIGINT,          -- minutes of the day, UTC; act_now is never quiet
    quiet_to     BIGINT,
    escalate_to  TEXT COLLATE "C",             -- the channel that hears what nobody has acknowledged
    escalate_minutes BIGINT,
    active       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    failures     BIGINT NOT NULL, -- since it last took anything
    dead_since   BIGINT,
    last_error   TEXT COLLATE "C",
    last_ok_at   BIGINT
);

-- What there is to tell.  Its id follows from what it is about: raised again, it is the same.
CREATE TABLE notice (
    id              TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    raised_at       BIGINT NOT NULL,
    urgency         TEXT COLLATE "C"    NOT NULL,
    at_site         TEXT COLLATE "C"    NOT NULL, -- '': it is about no site
    unit            TEXT COLLATE "C"    NOT NULL,
    body            TEXT COLLATE "C"    NOT NULL, -- JSON
    acknowledged_by TEXT COLLATE "C",
    acknowledged_at BIGINT
);
CREATE INDEX notice_raised ON notice (raised_at);

-- What is on its way: a row a notice and channel, written with the notice.
CREATE TABLE delivery (
    notice     TEXT COLLATE "C"    NOT NULL,
    channel    TEXT COLLATE "C"    NOT NULL,
    next_at    BIGINT NOT NULL,
    escalates_at BIGINT,           -- unless somebody acknowledges it before
    digest     BIGINT NOT NULL,    -- 1: told together with others
    attempts   BIGINT NOT NULL,
    sent_at    BIGINT,
    PRIMARY KEY (notice, channel)
);
CREATE INDEX delivery_due ON delivery (sent_at, next_at);
