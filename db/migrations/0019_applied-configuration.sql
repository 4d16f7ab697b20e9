ALTER TABLE "device_configuration" ADD COLUMN "applied" jsonb;--> statement-breakpoint
UPDATE "device_configuration" SET "applied" = "sent" WHERE "reported_version" = "sent_version";
