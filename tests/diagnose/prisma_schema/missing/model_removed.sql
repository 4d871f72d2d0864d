-- DropForeignKey
ALTER TABLE "OrderLine" DROP CONSTRAINT "OrderLine_region_number_fkey";

-- DropTable
DROP TABLE "OrderLine";
