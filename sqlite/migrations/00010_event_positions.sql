-- The list of events for applications is read in order of position. Ids are
-- assigned before the commit, so an event with a lower id can appear after one
-- with a higher id, and a reader who remembers the last id would miss it.
-- Positions are assigned after the commit, by one transaction at a time. 0 is
-- for an event that has none yet; existing events get theirs as new ones do.

-- +goose Up
ALTER TABLE audit_events ADD COLUMN position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0);
CREATE UNIQUE INDEX audit_events_position ON audit_events (position) WHERE position > 0;
CREATE INDEX audit_events_unnumbered ON audit_events (id) WHERE position = 0;
