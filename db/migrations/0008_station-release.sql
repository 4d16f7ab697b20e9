ALTER TABLE "device_configuration" ADD COLUMN "release" integer;--> statement-breakpoint
ALTER TABLE "device_configuration" ADD COLUMN "below_floor" boolean DEFAULT false NOT NULL;