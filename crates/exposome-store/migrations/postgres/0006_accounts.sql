-- People and what they may do.  Accounts belong to the installation, not to a site: one person
-- may work at several, signs in once, and is taken away once.  What she may see of each site
-- stands in `grants`.  No table here is a record of a hospital; so no key begins with `site`.

CREATE TABLE person (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- random, never given again
    login       TEXT COLLATE "C" NOT NULL UNIQUE,      -- in lower case
    name        TEXT COLLATE "C" NOT NULL,
    email       TEXT COLLATE "C",
    active      BIGINT NOT NULL,             -- 0 or 1
    created_at  BIGINT NOT NULL,
    password    TEXT COLLATE "C",                         -- Argon2id, PHC string format
    password_at BIGINT,
    totp        BYTEA,                         -- sealed with the key outside the database
    totp_step   BIGINT NOT NULL,             -- the last step that was used (RFC 6238, 5.2)
    issuer      TEXT COLLATE "C",                         -- OpenID provider and its name for this person
    subject     TEXT COLLATE "C",
    UNIQUE (issuer, subject)
);

-- What a person may do, where.  `until`: it was taken for a while (break-glass).
CREATE TABLE grants (
    person     TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    at_site    TEXT COLLATE "C" NOT NULL, -- '' for every site
    unit       TEXT COLLATE "C" NOT NULL, -- '' for every unit of it
    origin     TEXT COLLATE "C" NOT NULL, -- administrator, provider or glass
    until      BIGINT,
    PRIMARY KEY (person, role, at_site, unit, origin)
);

-- Passkeys (WebAuthn): nothing secret.
CREATE TABLE passkey (
    id         BYTEA   NOT NULL PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    body       TEXT COLLATE "C" NOT NULL -- JSON
);
CREATE INDEX passkey_of ON passkey (person);

-- Whoever is signed in.  The cookie holds 256 random bits, this table their SHA-256.
CREATE TABLE session (
    digest        BYTEA   NOT NULL PRIMARY KEY,
    person        TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C",             -- the one that is acted in
    second_factor TEXT COLLATE "C" NOT NULL, -- none, totp, passkey or provider
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL, -- to the minute
    expires_at    BIGINT NOT NULL
);
CREATE INDEX session_of ON session (person);

-- What programs sign in with.
CREATE TABLE token (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest     BYTEA   NOT NULL UNIQUE, -- SHA-256 of 256 random bits
    person     TEXT COLLATE "C" NOT NULL,        -- whose it is: it never may more than she
    name       TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    at_site    TEXT COLLATE "C" NOT NULL,        -- '' for every site
    unit       TEXT COLLATE "C" NOT NULL,
    writes     BIGINT NOT NULL,        -- 0: it only reads
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,                 -- to the minute
    revoked_at BIGINT
);
CREATE INDEX token_of ON token (person);

-- Sign-ins that failed, by login and by address; gone with one that succeeds.
CREATE TABLE attempt (
    subject      TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- 'login ana', 'address 192.0.2.7'
    failures     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

-- Links that work once: the first administrator's, and invitations.
CREATE TABLE link (
    digest     BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of what the link holds
    purpose    TEXT COLLATE "C" NOT NULL,             -- set_up or password
    person     TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- What was begun and waits for its second step: a sign-in by passkey or provider, an app to be confirmed.
CREATE TABLE pending (
    digest     BYTEA   NOT NULL PRIMARY KEY, -- SHA-256 of what whoever comes back shows
    body       BYTEA   NOT NULL,             -- sealed
    expires_at BIGINT NOT NULL
);

-- What a person has arranged for herself: theme, columns, views.
CREATE TABLE setting (
    person TEXT COLLATE "C" NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    body   TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (person, name)
);

-- Every change of an account, and the log that binds each to all before it, as `event` and `log` do for
-- what is decided of a site.
CREATE TABLE account_event (
    number      BIGINT NOT NULL PRIMARY KEY, -- from 1, without gaps
    recorded_at BIGINT NOT NULL,
    body        TEXT COLLATE "C" NOT NULL  -- JSON: who, and what
);

CREATE TABLE account_log (
    number      BIGINT NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL,
    digest      BYTEA   NOT NULL, -- SHA-256 of the event's body
    chain       BYTEA   NOT NULL  -- SHA-256 of the chain before, number, moment and digest
);

-- What the server does by itself.
CREATE TABLE job (
    name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next_at     BIGINT NOT NULL,
    holder      TEXT COLLATE "C",             -- who works on it, and until when nobody else does
    leased_to   BIGINT,
    failures    BIGINT NOT NULL, -- since the last success
    started_at  BIGINT,
    finished_at BIGINT,
    succeeded   BIGINT,          -- 0 or 1: how the last run ended
    result      TEXT COLLATE "C"           -- in words
);

-- Writes that carry a key are done once, however often they are sent.
CREATE TABLE once (
    person  TEXT COLLATE "C" NOT NULL,
    mark    TEXT COLLATE "C" NOT NULL, -- the Idempotency-Key
    request BYTEA   NOT NULL, -- SHA-256 of method, path and body
    made_at BIGINT NOT NULL,
    status  BIGINT,          -- of the answer; NULL while it is being done
    kind    TEXT COLLATE "C",             -- its content type
    answer  BYTEA,
    PRIMARY KEY (person, mark)
);
