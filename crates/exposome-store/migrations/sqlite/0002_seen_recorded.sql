-- When we heard that a source saw a subject again, so that a look at a past moment
-- knows no more than was known then.  Of older rows it is not known: 0, always.
ALTER TABLE seen ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
