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
