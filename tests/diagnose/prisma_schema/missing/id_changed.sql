-- AlterTable
ALTER TABLE "orders" DROP CONSTRAINT "orders_pkey",
ADD CONSTRAINT "orders_pkey" PRIMARY KEY ("number", "region");
