import { ActionIcon, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

/** Closes the pane beside a list. */
export function ClosePane({ label, close }: { label: string; close: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" size={32} aria-label={label} onClick={close}>
        <IconX size={16} stroke={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}
