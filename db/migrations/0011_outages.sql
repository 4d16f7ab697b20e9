CREATE TABLE "outage" (
	"device_id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"cause" text NOT NULL,
	"told_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"end_told_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "device_configuration" ADD COLUMN "lost_with" text;--> statement-breakpoint
ALTER TABLE "outage" ADD CONSTRAINT "outage_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;