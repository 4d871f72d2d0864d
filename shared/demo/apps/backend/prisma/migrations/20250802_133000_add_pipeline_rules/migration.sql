-- CreateTable
CREATE TABLE "pipeline_rules" (
    "id" SERIAL NOT NULL,
    "phase" TEXT NOT NULL,
    "rule" JSONB NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "pipeline_rules_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "pipeline_rules_phase_idx" ON "pipeline_rules"("phase");
