-- Rebuilt for the feed
CREATE INDEX CONCURRENTLY "Post_author_id_idx" ON "Post"("author_id");

-- AlterTable
ALTER TABLE "Post" ALTER COLUMN "views" SET DATA TYPE BIGINT;

-- AlterTable
ALTER TABLE "User" DROP COLUMN "name";

UPDATE "Post" SET "title" = trim("title");
