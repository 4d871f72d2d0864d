-- AlterTable
ALTER TABLE "User" DROP COLUMN "code",
ADD COLUMN     "code" "Role" NOT NULL DEFAULT 'USER';
