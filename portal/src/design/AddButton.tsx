import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

/** What can be added to a part of a page, and how. */
export interface Adding {
  words: string;
  open: () => void;
}

/** Beside the title of what something is added to. */
export function AddButton({ words, open, className }: Adding & { className?: string | undefined }) {
  return (
    <Button
      className={className}
      variant="subtle"
      color="gray"
      size="xs"
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
      onClick={open}
    >
      {words}
    </Button>
  );
}
