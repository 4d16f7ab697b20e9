CREATE TABLE "firmware_policy" (
	"organisation_id" text NOT NULL,
	"site_id" uuid,
	"device_id" uuid,
	"policy" text,
	"windows" jsonb,
	"approval" boolean DEFAULT false NOT NULL,
	CONSTRAINT "firmware_policy_once" UNIQUE NULLS NOT DISTINCT("organisation_id","site_id","device_id"),
	CONSTRAINT "firmware_policy_of_one" CHECK ("firmware_policy"."site_id" is null or "firmware_policy"."device_id" is null)
);
--> statement-breakpoint
CREATE TABLE "rollout" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"model" text NOT NULL,
	"revision" text NOT NULL,
	"release" integer NOT NULL,
	"critical" boolean NOT NULL,
	"note" text,
	"state" text NOT NULL,
	"reason" text,
	"steps" integer[] NOT NULL,
	"step" integer NOT NULL,
	"step_since" timestamp (3) with time zone NOT NULL,
	"approval" boolean NOT NULL,
	"back" uuid,
	"user_id" text,
	"name" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "rollout_of_organisation" UNIQUE("organisation_id","id")
);
--> statement-breakpoint
CREATE TABLE "rollout_device" (
	"organisation_id" text NOT NULL,
	"rollout_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"step" integer NOT NULL,
	"critical" boolean NOT NULL,
	"state" text NOT NULL,
	"failure" text,
	"detail" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"deadline" timestamp (3) with time zone,
	"since" timestamp (3) with time zone NOT NULL,
	"command_id" uuid,
	CONSTRAINT "rollout_device_rollout_id_device_id_pk" PRIMARY KEY("rollout_id","device_id")
);
--> statement-breakpoint
ALTER TABLE "firmware_policy" ADD CONSTRAINT "firmware_policy_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "firmware_policy" ADD CONSTRAINT "firmware_policy_site_fk" FOREIGN KEY ("organisation_id","site_id") REFERENCES "public"."site"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "firmware_policy" ADD CONSTRAINT "firmware_policy_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollout_device" ADD CONSTRAINT "rollout_device_rollout_fk" FOREIGN KEY ("organisation_id","rollout_id") REFERENCES "public"."rollout"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollout_device" ADD CONSTRAINT "rollout_device_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rollout_one_open" ON "rollout" USING btree ("organisation_id","model","revision") WHERE "rollout"."state" not in ('stopped', 'replaced');--> statement-breakpoint
CREATE INDEX "rollout_newest" ON "rollout" USING btree ("organisation_id","started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "rollout_device_of_device" ON "rollout_device" USING btree ("organisation_id","device_id");--> statement-breakpoint
CREATE INDEX "rollout_device_deadline" ON "rollout_device" USING btree ("deadline") WHERE "rollout_device"."deadline" is not null;