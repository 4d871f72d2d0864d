-- AlterTable
ALTER TABLE "User" ALTER COLUMN "code" SET DEFAULT 'some';
