import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { createQueries } from "./api/queries.ts";
import { resolver, theme } from "./design/theme.ts";
import { createPortalRouter } from "./router.tsx";

const schemes = localStorageColorSchemeManager({ key: "symphony.scheme" });

/** Providers, outermost first: look, data, pages. */
export function App() {
  const [queries] = useState(createQueries);
  const [router] = useState(() => createPortalRouter(queries));
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Notifications position="bottom-right" limit={3} />
    </MantineProvider>
  );
}
