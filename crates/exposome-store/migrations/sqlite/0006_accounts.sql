-- People and what they may do.  Accounts belong to the installation, not to a site: one person
-- may work at several, signs in once, and is taken away once.  What she may see of each site
-- stands in `grants`.  No table here is a record of a hospital; so no key begins with `site`.

CREATE TABLE person (
    id          TEXT    NOT NULL PRIMARY KEY, -- random, never given again
    login       TEXT    NOT NULL UNIQUE,      -- in lower case
    name        TEXT    NOT NULL,
    email       TEXT,
    active      INTEGER NOT NULL,             -- 0 or 1
    created_at  INTEGER NOT NULL,
    password    TEXT,                         -- Argon2id, PHC string format
    password_at INTEGER,
    totp        BLOB,                         -- sealed with the key outside the database
    totp_step   INTEGER NOT NULL,             -- the last step that was used (RFC 6238, 5.2)
    issuer      TEXT,                         -- OpenID provider and its name for this person
    subject     TEXT,
    UNIQUE (issuer, subject)
) STRICT;

-- What a person may do, where.  `until`: it was taken for a while (break-glass).
CREATE TABLE grants (
    person     TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    at_site    TEXT    NOT NULL, -- '' for every site
    unit       TEXT    NOT NULL, -- '' for every unit of it
    origin     TEXT    NOT NULL, -- administrator, provider or glass
    until      INTEGER,
    PRIMARY KEY (person, role, at_site, unit, origin)
) STRICT;

-- Passkeys (WebAuthn): nothing secret.
CREATE TABLE passkey (
    id         BLOB    NOT NULL PRIMARY KEY,
    person     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    body       TEXT    NOT NULL -- JSON
) STRICT;
CREATE INDEX passkey_of ON passkey (person);

-- Whoever is signed in.  The cookie holds 256 random bits, this table their SHA-256.
CREATE TABLE session (
    digest        BLOB    NOT NULL PRIMARY KEY,
    person        TEXT    NOT NULL,
    role          TEXT,             -- the one that is acted in
    second_factor TEXT    NOT NULL, -- none, totp, passkey or provider
    created_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL, -- to the minute
    expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX session_of ON session (person);

-- What programs sign in with.
CREATE TABLE token (
    id         TEXT    NOT NULL PRIMARY KEY,
    digest     BLOB    NOT NULL UNIQUE, -- SHA-256 of 256 random bits
    person     TEXT    NOT NULL,        -- whose it is: it never may more than she
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    at_site    TEXT    NOT NULL,        -- '' for every site
    unit       TEXT    NOT NULL,
    writes     INTEGER NOT NULL,        -- 0: it only reads
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,                 -- to the minute
    revoked_at INTEGER
) STRICT;
CREATE INDEX token_of ON token (person);

-- Sign-ins that failed, by login and by address; gone with one that succeeds.
CREATE TABLE attempt (
    subject      TEXT    NOT NULL PRIMARY KEY, -- 'login ana', 'address 192.0.2.7'
    failures     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
) STRICT;

-- Links that work once: the first administrator's, and invitations.
CREATE TABLE link (
    digest     BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of what the link holds
    purpose    TEXT    NOT NULL,             -- set_up or password
    person     TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- What was begun and waits for its second step: a sign-in by passkey or provider, an app to be confirmed.
CREATE TABLE pending (
    digest     BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of what whoever comes back shows
    body       BLOB    NOT NULL,             -- sealed
    expires_at INTEGER NOT NULL
) STRICT;

-- What a person has arranged for herself: theme, columns, views.
CREATE TABLE setting (
    person TEXT NOT NULL,
    name   TEXT NOT NULL,
    body   TEXT NOT NULL, -- JSON
    PRIMARY KEY (person, name)
) STRICT;

-- Every change of an account, and the log that binds each to all before it, as `event` and `log` do for
-- what is decided of a site.
CREATE TABLE account_event (
    number      INTEGER NOT NULL PRIMARY KEY, -- from 1, without gaps
    recorded_at INTEGER NOT NULL,
    body        TEXT    NOT NULL  -- JSON: who, and what
) STRICT;

CREATE TABLE account_log (
    number      INTEGER NOT NULL PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    digest      BLOB    NOT NULL, -- SHA-256 of the event's body
    chain       BLOB    NOT NULL  -- SHA-256 of the chain before, number, moment and digest
) STRICT;

-- What the server does by itself.
CREATE TABLE job (
    name        TEXT    NOT NULL PRIMARY KEY,
    next_at     INTEGER NOT NULL,
    holder      TEXT,             -- who works on it, and until when nobody else does
    leased_to   INTEGER,
    failures    INTEGER NOT NULL, -- since the last success
    started_at  INTEGER,
    finished_at INTEGER,
    succeeded   INTEGER,          -- 0 or 1: how the last run ended
    result      TEXT              -- in words
) STRICT;

-- Writes that carry a key are done once, however often they are sent.
CREATE TABLE once (
    person  TEXT    NOT NULL,
    mark    TEXT    NOT NULL, -- the Idempotency-Key
    request BLOB    NOT NULL, -- SHA-256 of method, path and body
    made_at INTEGER NOT NULL,
    status  INTEGER,          -- of the answer; NULL while it is being done
    kind    TEXT,             -- its content type
    answer  BLOB,
    PRIMARY KEY (person, mark)
) STRICT;
