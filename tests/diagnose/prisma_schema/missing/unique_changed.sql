-- DropIndex
DROP INDEX "Post_authorId_title_key";

-- CreateIndex
CREATE UNIQUE INDEX "Post_title_authorId_key" ON "Post"("title", "authorId");
