-- DropIndex
DROP INDEX "Post_body_idx";

-- CreateIndex
CREATE INDEX "Post_body_idx" ON "Post"("body");
