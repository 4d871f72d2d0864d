-- CreateEnum
CREATE TYPE "PhaseState" AS ENUM ('PENDING', 'RUNNING', 'DONE', 'FAILED');

-- CreateTable
CREATE TABLE "phase_results" (
    "id" SERIAL NOT NULL,
    "asset_id" INTEGER NOT NULL,
    "state" "PhaseState" NOT NULL DEFAULT 'PENDING',
    "finished_at" TIMESTAMP(3),

    CONSTRAINT "phase_results_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "pipeline_rules" ADD COLUMN     "order" INTEGER NOT NULL DEFAULT 0;

-- AddForeignKey
ALTER TABLE "phase_results" ADD CONSTRAINT "phase_results_asset_id_fkey" FOREIGN KEY ("asset_id") REFERENCES "assets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
