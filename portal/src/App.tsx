import { localStorageColorSchemeManager, MantineProvider, mergeThemeOverrides, Notification } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { createQueries } from "./api/queries.ts";
import { resolver, theme } from "./design/theme.ts";
import { createPortalRouter } from "./router.tsx";

const schemes = localStorageColorSchemeManager({ key: "symphony.scheme" });

/** Providers, outermost first: look, data, pages. */
export function App() {
  const [queries] = useState(createQueries);
  const [router] = useState(() => createPortalRouter(queries));
  const { t } = useTranslation("shell");
  const closes = t("keys.close");
  const named = useMemo(() => {
    const notice = Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": closes } } });
    return mergeThemeOverrides(theme, { components: { Notification: notice } });
  }, [closes]);
  return (
    <MantineProvider
      theme={named}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Notifications position="bottom-right" limit={5} />
    </MantineProvider>
  );
}
