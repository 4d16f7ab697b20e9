CREATE TABLE "watch_mail" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"user_id" text NOT NULL,
	"site_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"outages" jsonb NOT NULL,
	"written_at" timestamp (3) with time zone NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "device_configuration" ADD COLUMN "awaited_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "watch_mail" ADD CONSTRAINT "watch_mail_member_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "watch_mail" ADD CONSTRAINT "watch_mail_site_fk" FOREIGN KEY ("organisation_id","site_id") REFERENCES "public"."site"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "watch_mail_due" ON "watch_mail" USING btree ("due_at");