-- RenameIndex
ALTER INDEX "User_name_createdAt_idx" RENAME TO "by_name";
