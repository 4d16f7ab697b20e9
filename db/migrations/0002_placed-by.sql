ALTER TABLE "call" ADD COLUMN "placed_by_user_id" text;--> statement-breakpoint
ALTER TABLE "call" ADD COLUMN "placed_by_name" text;