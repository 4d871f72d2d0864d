-- RenameIndex
ALTER INDEX "Post_authorId_title_key" RENAME TO "one_title";
