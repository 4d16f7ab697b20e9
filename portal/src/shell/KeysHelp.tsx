import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { letterKeys } from "../calls/keys.ts";
import { useKept } from "../kept.ts";
import styles from "./KeysHelp.module.css";
import { LettersSwitch } from "./LettersSwitch.tsx";

/** `Ctrl K` and `Esc`, but no letter, digit or sign. */
const worksAlways = (key: string | undefined): boolean => key === "Ctrl K" || key === "Esc";

/** Every key there is, by where it works. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("shell");
  const letters = useKept(letterKeys) === "on";
  const groups = [
    {
      title: t("keys.everywhere"),
      keys: [
        ["Ctrl K", t("keys.find")],
        ["G D", t("keys.goDoors")],
        ["G H", t("keys.goHistory")],
        ["G C", t("nav.check")],
        ["?", t("keys.this")],
      ],
    },
    {
      title: t("keys.goDoors"),
      keys: [
        ["C", t("keys.call")],
        ["Q", t("keys.queue")],
        ["N", t("keys.takeNext")],
        ["1 – 9", t("keys.pick")],
      ],
    },
    {
      title: t("keys.list"),
      keys: [
        ["/", t("keys.filter")],
        ["J", t("keys.next")],
        ["K", t("keys.previous")],
      ],
    },
    {
      title: t("keys.ringing"),
      keys: [
        ["A", t("keys.answer")],
        ["V", t("keys.answerCamera")],
        ["O", t("keys.open")],
        ["D", t("keys.decline")],
        ["S", t("keys.silence")],
        ["P", t("keys.otherCamera")],
        ["Esc", t("keys.small")],
      ],
    },
    {
      title: t("keys.inCall"),
      keys: [
        ["M", t("keys.mute")],
        ["V", t("keys.camera")],
        ["O", t("keys.open")],
        ["P", t("keys.otherCamera")],
        ["E", t("keys.end")],
      ],
    },
  ];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      size={640}
      closeButtonProps={{ "aria-label": t("keys.close") }}
    >
      <div className={styles.letters}>
        <LettersSwitch />
        <p>{t(letters ? "keys.lettersWhy" : "keys.lettersOff")}</p>
      </div>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group.title}>
            <h2>{group.title}</h2>
            <dl>
              {group.keys.map(([key, words]) => (
                <Fragment key={words}>
                  <dt data-off={(!letters && !worksAlways(key)) || undefined}>
                    {key?.split(" ").map((part) => (
                      <kbd key={part} className={styles.key}>
                        {part}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
