-- AlterTable
ALTER TABLE "User" DROP COLUMN "birthday",
ADD COLUMN     "born_on" DATE;
