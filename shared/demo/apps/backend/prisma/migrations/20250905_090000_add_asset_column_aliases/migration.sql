-- CreateTable
CREATE TABLE "asset_column_aliases" (
    "id" SERIAL NOT NULL,
    "csv_alias" TEXT NOT NULL,
    "asset_field" TEXT NOT NULL,

    CONSTRAINT "asset_column_aliases_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "asset_column_aliases_csv_alias_key" ON "asset_column_aliases"("csv_alias");
