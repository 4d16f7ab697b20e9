ALTER TABLE "device_configuration" ADD COLUMN "cameras_not_asked" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "device_configuration" DROP COLUMN "cameras_not_public";