-- DropIndex
DROP INDEX "Post_authorId_title_key";
