CREATE TABLE "change" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organisation_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"user_id" text,
	"name" text,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "device_configuration" (
	"device_id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"output_rules" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"cameras" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"sent_version" integer DEFAULT 0 NOT NULL,
	"sent" jsonb,
	"reported_version" integer,
	"reported" jsonb,
	"reported_at" timestamp (3) with time zone,
	"address" text,
	"dropped" text[] DEFAULT '{}' NOT NULL,
	"states" text[] DEFAULT '{}' NOT NULL,
	"connected_to" text,
	"connected_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "groups" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "door_output" ADD COLUMN "confirm" text DEFAULT 'hold' NOT NULL;--> statement-breakpoint
ALTER TABLE "site" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "site" ADD COLUMN "time_zone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
ALTER TABLE "change" ADD CONSTRAINT "change_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_configuration" ADD CONSTRAINT "configuration_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "change_newest" ON "change" USING btree ("organisation_id","at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "change_of_subject" ON "change" USING btree ("organisation_id","subject","at" DESC NULLS LAST);