-- AlterTable
ALTER TABLE "OrderLine" DROP COLUMN "secret_bytes",
ADD COLUMN     "secret" BYTEA;
