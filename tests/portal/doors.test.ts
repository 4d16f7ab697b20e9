/** The doors' tiles, as the live state reaches them. */
import { expect, it } from "vitest";
import { deviceId } from "#core/messages/values.ts";
import { openDesk } from "./desk.ts";
import { doors, welcome } from "./lindenhof.ts";

const { signedIn } = openDesk();

const cellar = {
  ...doors[0]!,
  deviceId: deviceId.parse("5d2f7c61-8a30-4f0c-9a55-0c1f8e6b7a03"),
  name: "Cellar",
  last: undefined,
};

it("offers no opening of a door that never registered, before the edge has spoken nor after", async () => {
  const listed = { "/api/doors": { doors: [...doors, { ...cellar, online: false }] } };
  let greeted = false;
  const { page, edge } = await signedIn({ api: listed, said: () => (greeted ? [welcome()] : []) });
  const tile = page.getByRole("article", { name: "Cellar" });
  await tile.getByText("Can’t open while offline").waitFor();
  await page.getByRole("article", { name: "Main entrance" }).getByText("Hold to open").waitFor();
  greeted = true;
  edge.say(welcome());
  await page.getByText("2 online").waitFor();
  await tile.getByText("Can’t open while offline").waitFor();
  expect(await tile.getByText("Hold to open").count()).toBe(0);
});

it("takes a door that the welcome leaves out for offline, whatever the list said, until it registers", async () => {
  const { page, edge } = await signedIn({ api: { "/api/doors": { doors: [...doors, cellar] } } });
  const tile = page.getByRole("article", { name: "Cellar" });
  await tile.getByText("Can’t open while offline").waitFor();
  edge.say({
    type: "door-state",
    door: { deviceId: cellar.deviceId, online: true, since: Date.now(), contact: "closed" },
  });
  await tile.getByText("Hold to open").waitFor();
  await page.getByText("3 online").waitFor();
});
