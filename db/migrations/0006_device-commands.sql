CREATE TABLE "device_command" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"device_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"command" jsonb NOT NULL,
	"state" text NOT NULL,
	"detail" text,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"answered_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "device_configuration" ADD COLUMN "progress" jsonb;--> statement-breakpoint
ALTER TABLE "device_command" ADD CONSTRAINT "command_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "command_newest" ON "device_command" USING btree ("organisation_id","device_id","asked_at" DESC NULLS LAST);