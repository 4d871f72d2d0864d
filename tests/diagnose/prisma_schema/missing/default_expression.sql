-- AlterTable
ALTER TABLE "User" ALTER COLUMN "token" SET DEFAULT uuid_generate_v4();
