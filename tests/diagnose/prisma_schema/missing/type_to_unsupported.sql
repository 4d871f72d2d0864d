-- AlterTable
ALTER TABLE "User" ALTER COLUMN "birthday" SET DATA TYPE tsvector;
