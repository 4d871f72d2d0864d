"""The release of the soak, and what people do to its database by hand: each with how it is undone, and its finding."""

from dataclasses import dataclass

BASE = """
CREATE TYPE role AS ENUM ('admin', 'member');
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, code text NOT NULL, role role NOT NULL DEFAULT 'member');
CREATE UNIQUE INDEX users_email_key ON users (email);
CREATE TABLE posts (
  id serial PRIMARY KEY, user_id int NOT NULL, title varchar(40) NOT NULL DEFAULT '', views int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX posts_user_id_idx ON posts (user_id);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.views := NEW.views + 1; RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW busy AS SELECT user_id, count(*) AS posts FROM posts GROUP BY user_id;
CREATE TABLE note (id int PRIMARY KEY, body text);
CREATE TABLE event (at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
"""
ROWS = """
INSERT INTO users (email, code) SELECT i || '@example.com', i FROM generate_series(1, 20) i;
INSERT INTO posts (user_id) SELECT i FROM generate_series(1, 20) i, generate_series(1, 20);
"""
# What the application does all the time, by pgbench.
TRAFFIC = r"""
\set user random(1, 5)
INSERT INTO posts (user_id, title) VALUES (:user, 'written');
UPDATE posts SET views = 0 WHERE id = (SELECT id FROM posts WHERE user_id = :user LIMIT 1);
DELETE FROM posts WHERE id IN (SELECT id FROM posts WHERE user_id = :user AND title = 'written' LIMIT 1);
SELECT count(*) FROM busy;
"""
# Users that hold no post of the traffic's.
FEW_USERS = "DELETE FROM users WHERE id > 10"
ALL_USERS = "INSERT INTO users (id, email, code) SELECT i, i || '@example.com', i FROM generate_series(11, 20) i"
LEAST_USERS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """*by_hand* is undone by *undo*; it is the incident *key*, or nothing where that is empty.

    *new* is what of it is compared since this version alone. Of what *is_info* nobody is ever notified.
    """

    by_hand: str
    undo: str
    key: str
    new: str = ""
    is_info: bool = False


CHANGES = (
    Change("DROP INDEX posts_user_id_idx", "CREATE INDEX posts_user_id_idx ON posts (user_id)", "schema-missing:index public.posts_user_id_idx"),
    Change("CREATE INDEX by_hand ON posts (title)", "DROP INDEX by_hand", "schema-unexpected:index public.by_hand"),
    Change("DROP INDEX users_email_key", "CREATE UNIQUE INDEX users_email_key ON users (email)", "schema-missing:index public.users_email_key"),
    Change("ALTER TABLE posts ADD extra text", "ALTER TABLE posts DROP extra", "schema-unexpected:column public.posts.extra"),
    Change("ALTER TABLE posts ALTER title TYPE varchar(80)", "ALTER TABLE posts ALTER title TYPE varchar(40)", "schema-changed:column public.posts.title"),
    Change("ALTER TABLE posts ALTER views SET DEFAULT 1", "ALTER TABLE posts ALTER views SET DEFAULT 0", "schema-changed:column public.posts.views"),
    Change("ALTER TABLE posts ALTER created_at DROP NOT NULL", "ALTER TABLE posts ALTER created_at SET NOT NULL", "schema-changed:column public.posts.created_at"),
    Change("ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey", "ALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE", "schema-missing:foreign key public.posts.posts_user_id_fkey"),
    Change("ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey, ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE NOT VALID", "ALTER TABLE posts VALIDATE CONSTRAINT posts_user_id_fkey", "constraint-not-valid:foreign key public.posts.posts_user_id_fkey"),
    Change("ALTER TABLE posts ADD CONSTRAINT by_hand CHECK (views >= 0)", "ALTER TABLE posts DROP CONSTRAINT by_hand", "schema-unexpected:check public.posts.by_hand"),
    Change("ALTER TABLE posts DISABLE TRIGGER touched", "ALTER TABLE posts ENABLE TRIGGER touched", "schema-changed:trigger public.posts.touched"),
    Change("ALTER FUNCTION touch() STABLE", "ALTER FUNCTION touch() VOLATILE", "schema-changed:function public.touch()"),
    Change("CREATE OR REPLACE VIEW busy AS SELECT user_id, count(*) AS posts FROM posts WHERE views > 1 GROUP BY user_id", "CREATE OR REPLACE VIEW busy AS SELECT user_id, count(*) AS posts FROM posts GROUP BY user_id", "schema-changed:view public.busy"),
    Change("ALTER TABLE note ENABLE ROW LEVEL SECURITY", "ALTER TABLE note DISABLE ROW LEVEL SECURITY", "schema-unexpected:row security public.note"),
    Change("ALTER TABLE note SET UNLOGGED", "ALTER TABLE note SET LOGGED", "schema-changed:table public.note"),
    Change("CREATE TABLE scratch (id int)", "DROP TABLE scratch", "schema-unexpected:table public.scratch"),
    Change("ALTER SEQUENCE posts_id_seq INCREMENT 2", "ALTER SEQUENCE posts_id_seq INCREMENT 1", "schema-changed:sequence public.posts_id_seq"),
    Change("ALTER TYPE role RENAME VALUE 'member' TO 'user'", "ALTER TYPE role RENAME VALUE 'user' TO 'member'", "schema-changed:enum public.role"),
    Change("ALTER TABLE users REPLICA IDENTITY FULL", "ALTER TABLE users REPLICA IDENTITY DEFAULT", "schema-unexpected:replica identity public.users", "replica identity"),
    Change("CLUSTER users USING users_pkey", "ALTER TABLE users SET WITHOUT CLUSTER", "schema-unexpected:cluster mark public.users", "cluster mark", is_info=True),
    Change(FEW_USERS, ALL_USERS, "seed-missing:users"),
)  # fmt: skip
# What no check may take for a change.
TOUCHES = (
    "ANALYZE", "REINDEX INDEX CONCURRENTLY posts_user_id_idx", "VACUUM FULL note", "VACUUM FREEZE users", "TRUNCATE note",
    "INSERT INTO note VALUES (1, 'a') ON CONFLICT DO NOTHING", "COMMENT ON TABLE note IS 'seen'", "GRANT SELECT ON posts TO PUBLIC", "REVOKE SELECT ON posts FROM PUBLIC",
    "CREATE TABLE IF NOT EXISTS event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "DROP TABLE IF EXISTS event_2026", "SELECT setval('posts_id_seq', nextval('posts_id_seq') + 1000)", "CHECKPOINT",
)  # fmt: skip
