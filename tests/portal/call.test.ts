/** A call as its person sees it outside the stage, and as a page that was loaded anew takes it up. */
import { expect, it } from "vitest";
import { openDesk, stageOf, violations } from "./desk.ts";
import { talking, welcome } from "./lindenhof.ts";

const { signedIn, inCall } = openDesk();

it("shows on the account card that the person is in a call, and which microphone is theirs", async () => {
  const { page } = await inCall();
  const card = page.getByRole("region", { name: "Your account" });
  await card.getByText("In a call", { exact: true }).waitFor();
  await card.getByText(/Fake .*Audio/).waitFor();
  expect(await card.getByRole("switch").count()).toBe(0);
});

it.each(["light", "dark"] as const)(
  "has no barrier while the microphone waits for a click: %s",
  async (colorScheme) => {
    const { page } = await signedIn({ colorScheme, said: () => [welcome(), talking()] });
    await stageOf(page).getByRole("button", { name: "Turn the microphone on" }).waitFor();
    expect(await violations(page, "section[aria-label='Call with Main entrance']")).toEqual([]);
  },
);
