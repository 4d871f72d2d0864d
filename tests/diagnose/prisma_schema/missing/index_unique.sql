-- DropIndex
DROP INDEX "User_name_createdAt_idx";

-- CreateIndex
CREATE UNIQUE INDEX "User_name_createdAt_key" ON "User"("name", "createdAt");
