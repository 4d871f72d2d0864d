-- DropIndex
DROP INDEX "User_name_createdAt_idx";
