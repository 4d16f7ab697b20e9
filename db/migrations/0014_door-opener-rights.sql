CREATE TABLE "door_output_person" (
	"organisation_id" text NOT NULL,
	"device_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"user_id" text NOT NULL,
	CONSTRAINT "door_output_person_device_id_number_user_id_pk" PRIMARY KEY("device_id","number","user_id")
);
--> statement-breakpoint
ALTER TABLE "door_output" ADD COLUMN "opened_by" text[];
--> statement-breakpoint
ALTER TABLE "door_output" ADD CONSTRAINT "output_of_organisation" UNIQUE("organisation_id","device_id","number");
--> statement-breakpoint
ALTER TABLE "door_output_person" ADD CONSTRAINT "output_person_output_fk" FOREIGN KEY ("organisation_id","device_id","number") REFERENCES "public"."door_output"("organisation_id","device_id","number") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "door_output_person" ADD CONSTRAINT "output_person_member_fk" FOREIGN KEY ("organisation_id","user_id") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;