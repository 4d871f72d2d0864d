-- DropIndex
DROP INDEX "Post_body_idx";

-- AlterTable
ALTER TABLE "Post" DROP COLUMN "body",
ADD COLUMN     "body" TEXT[];
