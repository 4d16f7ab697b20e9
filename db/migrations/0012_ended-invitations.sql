CREATE TABLE "ended_invitation" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"how" text NOT NULL,
	"goes_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ended_invitation" ADD CONSTRAINT "ended_invitation_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ended_invitation_goes" ON "ended_invitation" USING btree ("goes_at");--> statement-breakpoint
-- Took the place of by invitation_of_token (across-organisations.sql).
DROP FUNCTION IF EXISTS invitation_by_token(text, timestamptz);
