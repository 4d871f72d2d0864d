-- AlterTable
ALTER TABLE "Post" ALTER COLUMN "title" SET DEFAULT '';
