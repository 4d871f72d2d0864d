-- AlterTable
ALTER TABLE "User" ALTER COLUMN "seenAt" SET DEFAULT clock_timestamp();
