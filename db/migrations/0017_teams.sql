CREATE TABLE "team" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "team_of_organisation" UNIQUE("organisation_id","id"),
	CONSTRAINT "team_name_once" UNIQUE("organisation_id","name")
);
--> statement-breakpoint
CREATE TABLE "team_member" (
	"organisation_id" text NOT NULL,
	"team_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	CONSTRAINT "team_member_team_id_user_id_pk" PRIMARY KEY("team_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "share" DROP CONSTRAINT "share_once";--> statement-breakpoint
ALTER TABLE "share" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "share" ADD COLUMN "team_id" uuid;--> statement-breakpoint
ALTER TABLE "team" ADD CONSTRAINT "team_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "team_member" ADD CONSTRAINT "team_member_team_fk" FOREIGN KEY ("organisation_id","team_id") REFERENCES "public"."team"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "team_member" ADD CONSTRAINT "team_member_member_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "team_member_person" ON "team_member" USING btree ("organisation_id","user_id");--> statement-breakpoint
ALTER TABLE "share" ADD CONSTRAINT "share_team_fk" FOREIGN KEY ("organisation_id","team_id") REFERENCES "public"."team"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "share" ADD CONSTRAINT "share_once" UNIQUE NULLS NOT DISTINCT("organisation_id","user_id","team_id","device_id","site_id");--> statement-breakpoint
ALTER TABLE "share" ADD CONSTRAINT "share_with_one" CHECK (num_nonnulls("share"."user_id", "share"."team_id") = 1);