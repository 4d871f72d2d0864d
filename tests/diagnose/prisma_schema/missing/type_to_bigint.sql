-- DropForeignKey
ALTER TABLE "OrderLine" DROP CONSTRAINT "OrderLine_region_number_fkey";

-- AlterTable
ALTER TABLE "orders" DROP CONSTRAINT "orders_pkey",
ALTER COLUMN "number" SET DATA TYPE BIGINT,
ADD CONSTRAINT "orders_pkey" PRIMARY KEY ("region", "number");

-- AlterTable
ALTER TABLE "OrderLine" ALTER COLUMN "number" SET DATA TYPE BIGINT;

-- AddForeignKey
ALTER TABLE "OrderLine" ADD CONSTRAINT "OrderLine_region_number_fkey" FOREIGN KEY ("region", "number") REFERENCES "orders"("region", "number") ON DELETE RESTRICT ON UPDATE CASCADE;
