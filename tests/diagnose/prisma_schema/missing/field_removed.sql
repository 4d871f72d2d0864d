-- AlterTable
ALTER TABLE "User" DROP COLUMN "birthday";
