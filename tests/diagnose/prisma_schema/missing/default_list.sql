-- AlterTable
ALTER TABLE "User" ALTER COLUMN "tags" SET DEFAULT ARRAY['new']::TEXT[];
