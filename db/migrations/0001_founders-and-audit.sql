CREATE TABLE "audit_line" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organisation_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"action" text NOT NULL,
	"device_id" uuid NOT NULL,
	"call_id" uuid,
	"command_id" uuid NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	CONSTRAINT "audit_line_once" UNIQUE("organisation_id","command_id","state")
);
--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "organisation_name" text;--> statement-breakpoint
ALTER TABLE "organisation" ADD COLUMN "founded_by" text;--> statement-breakpoint
ALTER TABLE "audit_line" ADD CONSTRAINT "audit_line_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_line" ADD CONSTRAINT "audit_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_line_newest" ON "audit_line" USING btree ("organisation_id","at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_founded_by_user_id_fk" FOREIGN KEY ("founded_by") REFERENCES "public"."user"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "device_one_virtual" ON "device" USING btree ("organisation_id") WHERE "device"."virtual";--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_founded_by_unique" UNIQUE("founded_by");