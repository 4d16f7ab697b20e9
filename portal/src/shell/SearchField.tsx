import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useKeys, useShortcut } from "../calls/keys.ts";
import { usePageHasKeys } from "./letters.ts";

interface SearchFieldProps {
  /** What is searched in: "Door or person". */
  label: string;
  /** Says what emptying the field does. */
  clear: string;
  /** As it stands in the address. */
  value: string | undefined;
  /** How long a pause in typing is waited for. Milliseconds. */
  pause: number;
  onSearch: (text: string | undefined) => void;
  className?: string | undefined;
}

/** A page's search, that lives in its address. `/` goes to it. */
export function SearchField({ label, clear, value, pause, onSearch, className }: SearchFieldProps) {
  const shortcut = useShortcut();
  const [typed, setTyped] = useState(value ?? "");
  const field = useRef<HTMLInputElement>(null);
  useKeys(usePageHasKeys(), (key) => {
    if (key !== "/") return false;
    field.current?.focus();
    return true;
  });
  useEffect(() => setTyped(value ?? ""), [value]);
  const go = useDebouncedCallback((text: string) => onSearch(text.trim() || undefined), pause);
  const type = (text: string) => {
    setTyped(text);
    go(text);
  };
  return (
    <TextInput
      ref={field}
      className={className}
      placeholder={label}
      aria-label={label}
      aria-keyshortcuts={shortcut("/")}
      leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
      rightSection={typed && <CloseButton size="sm" aria-label={clear} onClick={() => type("")} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
