-- What GET /db reads: rows of which any may be asked for.
CREATE TABLE item (
  id integer PRIMARY KEY,
  content text NOT NULL
);
INSERT INTO item SELECT id, md5(id::text) FROM generate_series(1, 10000) AS id;

-- What POST /db/increment raises.
CREATE TABLE counter (
  id integer PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO counter VALUES (1, 0);
