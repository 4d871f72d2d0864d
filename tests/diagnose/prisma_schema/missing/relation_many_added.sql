-- AlterTable
ALTER TABLE "orders" DROP CONSTRAINT "orders_pkey",
ADD COLUMN     "id" INTEGER NOT NULL,
ADD CONSTRAINT "orders_pkey" PRIMARY KEY ("id");

-- CreateTable
CREATE TABLE "_CategoryToOrder" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_CategoryToOrder_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE INDEX "_CategoryToOrder_B_index" ON "_CategoryToOrder"("B");

-- CreateIndex
CREATE UNIQUE INDEX "orders_region_number_key" ON "orders"("region", "number");

-- AddForeignKey
ALTER TABLE "_CategoryToOrder" ADD CONSTRAINT "_CategoryToOrder_A_fkey" FOREIGN KEY ("A") REFERENCES "Category"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_CategoryToOrder" ADD CONSTRAINT "_CategoryToOrder_B_fkey" FOREIGN KEY ("B") REFERENCES "orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;
