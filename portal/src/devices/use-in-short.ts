import { useTranslation } from "react-i18next";
import { openedBy } from "#core/access/door-openers.ts";
import { camera, doorOpener } from "#core/device/configuration.ts";
import { outputRule } from "#core/device/output-rules.ts";
import { useRightsWords } from "./OpenerRights.tsx";
import { useRuleWords } from "./RulesCard.tsx";

const openerKept = doorOpener.extend({ openedBy: openedBy.optional() });

/** A value of a configuration in a line that a person can compare with another. */
export function useInShort(): (value: unknown) => string {
  const { t } = useTranslation("devices");
  const rightsWords = useRightsWords();
  const ruleWords = useRuleWords();

  function inShort(value: unknown): string {
    if (value === null || value === undefined || value === "") return "–";
    if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(inShort).join("; ");
    if (typeof value !== "object") return String(value);
    return (
      ofOpener(value) ??
      ofRule(value) ??
      ofCamera(value) ??
      Object.entries(value)
        .filter(([name]) => name !== "userId")
        .map(([, inner]) => inShort(inner))
        .join(", ")
    );
  }

  function ofOpener(value: object): string | undefined {
    const opener = openerKept.safeParse(value).data;
    if (!opener) return undefined;
    const line = t("one.openers.line", { output: opener.output, pulse: opener.pulse / 1_000 });
    const rights = opener.openedBy === undefined ? [] : [rightsWords(opener.openedBy)];
    return `${opener.name}: ${[line, t(`one.openers.${opener.confirm}`), ...rights].join(" · ")}`;
  }

  function ofRule(value: object): string | undefined {
    const rule = outputRule.safeParse(value).data;
    if (!rule) return undefined;
    const { when, output, begins, ends } = ruleWords(rule);
    return `${when}: ${[output, begins, ends, ...(rule.enabled ? [] : [t("one.rules.off")])].join(" · ")}`;
  }

  function ofCamera(value: object): string | undefined {
    const found = camera.safeParse(value).data;
    return found && `${found.name}: ${found.address} · ${t(`one.cameras.${found.shown}`)}`;
  }

  return inShort;
}
