-- Versions of the rules that were in force at a site, by content.
CREATE TABLE ruleset (
    site   TEXT NOT NULL,
    digest BLOB NOT NULL,
    texts  BLOB NOT NULL, -- packed JSON: text by name
    PRIMARY KEY (site, digest)
) STRICT;

-- Assessments that were finished and recorded (src/assessments.rs): numbered from 1
-- within a site, their moments ascending.
CREATE TABLE assessment (
    site        TEXT NOT NULL,
    number      INTEGER NOT NULL,
    as_of       INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    program     TEXT NOT NULL, -- the version of the program that concluded
    ruleset     BLOB NOT NULL,
    position    TEXT NOT NULL, -- JSON: how far the facts went
    answers     BLOB NOT NULL, -- SHA-256 over everything that was concluded
    PRIMARY KEY (site, number)
) STRICT;

-- What stands elsewhere than in the assessment before: exposures from decision to
-- decision, with the facts that moved them.
CREATE TABLE transition (
    site       TEXT NOT NULL,
    assessment INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    body       BLOB NOT NULL, -- packed JSON: exposome_model::transition::Transitions
    PRIMARY KEY (site, assessment, part)
) STRICT;

-- What an assessment added up to, by the day it is of.
CREATE TABLE daily_summary (
    site       TEXT NOT NULL,
    day        INTEGER NOT NULL, -- days since 1970
    assessment INTEGER NOT NULL,
    body       BLOB NOT NULL, -- packed JSON: exposome_model::summary::Summary
    PRIMARY KEY (site, day, assessment)
) STRICT;
