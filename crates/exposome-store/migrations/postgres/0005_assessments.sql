-- Versions of the rules that were in force at a site, by content.
CREATE TABLE ruleset (
    site   TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    texts  BYTEA NOT NULL, -- packed JSON: text by name
    PRIMARY KEY (site, digest)
);

-- Assessments that were finished and recorded (src/assessments.rs): numbered from 1
-- within a site, their moments ascending.
CREATE TABLE assessment (
    site        TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    as_of       BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    program     TEXT COLLATE "C" NOT NULL, -- the version of the program that concluded
    ruleset     BYTEA NOT NULL,
    position    TEXT COLLATE "C" NOT NULL, -- JSON: how far the facts went
    answers     BYTEA NOT NULL, -- SHA-256 over everything that was concluded
    PRIMARY KEY (site, number)
);

-- What stands elsewhere than in the assessment before: exposures from decision to
-- decision, with the facts that moved them.
CREATE TABLE transition (
    site       TEXT COLLATE "C" NOT NULL,
    assessment BIGINT NOT NULL,
    part       BIGINT NOT NULL,
    body       BYTEA NOT NULL, -- packed JSON: exposome_model::transition::Transitions
    PRIMARY KEY (site, assessment, part)
);

-- What an assessment added up to, by the day it is of.
CREATE TABLE daily_summary (
    site       TEXT COLLATE "C" NOT NULL,
    day        BIGINT NOT NULL, -- days since 1970
    assessment BIGINT NOT NULL,
    body       BYTEA NOT NULL, -- packed JSON: exposome_model::summary::Summary
    PRIMARY KEY (site, day, assessment)
);

-- They are packed already.
ALTER TABLE ruleset ALTER COLUMN texts SET STORAGE EXTERNAL;
ALTER TABLE transition ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE daily_summary ALTER COLUMN body SET STORAGE EXTERNAL;
