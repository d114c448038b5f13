-- World knowledge in blocks (src/block.rs): a row is what one step of a load said that
-- was new, and is never changed.  The table `knowledge` is empty from here on: what an
-- earlier version wrote there is packed into blocks when the store is opened.
CREATE TABLE knowledge_block (
    feed        TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL, -- of its earliest entry
    part        BIGINT NOT NULL,
    entries     BYTEA    NOT NULL, -- packed: record, recorded at, digest, modified, length of the body
    bodies      BYTEA    NOT NULL, -- packed: the bodies as JSON, one after the other
    PRIMARY KEY (feed, recorded_at, part)
);
-- They are packed already.
ALTER TABLE knowledge_block ALTER COLUMN entries SET STORAGE EXTERNAL, ALTER COLUMN bodies SET STORAGE EXTERNAL;

-- Distinct components, many to a row; the table `component` is empty from here on as well.
CREATE TABLE component_block (
    site    TEXT COLLATE "C" NOT NULL,
    first   BIGINT NOT NULL, -- the id of the first; the others follow one by one
    digests BYTEA    NOT NULL, -- 16 bytes each
    bodies  BYTEA    NOT NULL, -- packed: JSON, a line each
    PRIMARY KEY (site, first)
);
ALTER TABLE component_block ALTER COLUMN digests SET STORAGE EXTERNAL, ALTER COLUMN bodies SET STORAGE EXTERNAL;
