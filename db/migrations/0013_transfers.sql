CREATE TABLE "device_transfer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"device_id" uuid NOT NULL,
	"email" text,
	"code_hmac" text NOT NULL,
	"offered_by" text NOT NULL,
	"offered_by_name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "device_transfer_code_hmac_unique" UNIQUE("code_hmac"),
	CONSTRAINT "device_transfer_once" UNIQUE("organisation_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "ownership_offer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"offered_by" text NOT NULL,
	"offered_to" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ownership_offer_once" UNIQUE("organisation_id","offered_by")
);
--> statement-breakpoint
ALTER TABLE "device_transfer" ADD CONSTRAINT "device_transfer_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_transfer" ADD CONSTRAINT "device_transfer_member_fk" FOREIGN KEY ("organisation_id","offered_by") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ownership_offer" ADD CONSTRAINT "ownership_offer_by_fk" FOREIGN KEY ("organisation_id","offered_by") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ownership_offer" ADD CONSTRAINT "ownership_offer_to_fk" FOREIGN KEY ("organisation_id","offered_to") REFERENCES "public"."member"("organisation_id","user_id") ON DELETE cascade ON UPDATE no action;