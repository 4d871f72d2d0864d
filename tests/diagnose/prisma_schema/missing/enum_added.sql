-- CreateEnum
CREATE TYPE "Colour" AS ENUM ('RED');
