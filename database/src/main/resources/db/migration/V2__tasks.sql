-- Accepted tasks and their results, with TASK_STORE=postgres.
CREATE TABLE task (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  idempotency_key text UNIQUE,
  body_hash text NOT NULL,
  text bytea, -- no text of PostgreSQL's, which may not hold every character; null once it has ended
  wait_ms integer,
  bytes integer NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  accepted_at timestamptz NOT NULL,
  -- Which instance does it, how often it was begun, and when its lease ends.
  owner uuid,
  attempt integer NOT NULL DEFAULT 0,
  lease_until timestamptz,
  worker text,
  started_at timestamptz,
  ended_at timestamptz,
  result text,
  problem text,
  -- How often a result was stored: more than once would be a fault of ours.
  results integer NOT NULL DEFAULT 0
);
CREATE INDEX task_unfinished ON task (number) WHERE state IN ('queued', 'running');
CREATE INDEX task_ended ON task (ended_at) WHERE state IN ('done', 'failed');
