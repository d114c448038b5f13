-- World knowledge in blocks (src/block.rs): a row is what one step of a load said that
-- was new, and is never changed.  The table `knowledge` is empty from here on: what an
-- earlier version wrote there is packed into blocks when the store is opened.
CREATE TABLE knowledge_block (
    feed        TEXT    NOT NULL,
    recorded_at INTEGER NOT NULL, -- of its earliest entry
    part        INTEGER NOT NULL,
    entries     BLOB    NOT NULL, -- packed: record, recorded at, digest, modified, length of the body
    bodies      BLOB    NOT NULL, -- packed: the bodies as JSON, one after the other
    PRIMARY KEY (feed, recorded_at, part)
) STRICT;

-- Distinct components, many to a row; the table `component` is empty from here on as well.
CREATE TABLE component_block (
    site    TEXT NOT NULL,
    first   INTEGER NOT NULL, -- the id of the first; the others follow one by one
    digests BLOB    NOT NULL, -- 16 bytes each
    bodies  BLOB    NOT NULL, -- packed: JSON, a line each
    PRIMARY KEY (site, first)
) STRICT;
