/** What came to light about one side of the protocol, in sentences, each with its place in docs/device.md. */

/** The sections of docs/device.md, in their order. */
export const sections = {
  identity: "Identity from the factory",
  maker: "Telling the cloud of a device",
  online: "Coming online",
  claim: "Claim and presence",
  certificate: "Certificate",
  renewal: "Renewal",
  mqtt: "MQTT",
  configuration: "Configuration",
  commands: "Commands",
  firmware: "Firmware",
  calls: "Calls",
  time: "Time",
  end: "Revoked, released",
  logs: "Logs",
  limits: "Times and sizes",
} as const;
export type Section = keyof typeof sections;

/** `not-seen`: it is optional, or what comes before it did not work; nothing is said against it. */
export type Verdict = "fits" | "wrong" | "not-seen";

export interface Finding {
  verdict: Verdict;
  section: Section;
  sentence: string;
}

export interface Judge {
  fits(section: Section, sentence: string): void;
  wrong(section: Section, sentence: string): void;
  notSeen(section: Section, sentence: string): void;
  /** `fits` where it is so, else `wrong` with what is. @returns whether it is so */
  judge(section: Section, isSo: boolean, rule: string, otherwise: string): boolean;
  readonly findings: readonly Finding[];
}

/** @param onFinding told at once, and of each sentence only once */
export function newJudge(onFinding: (finding: Finding) => void = () => undefined): Judge {
  const findings: Finding[] = [];
  const say = (verdict: Verdict) => (section: Section, sentence: string) => {
    if (findings.some((one) => one.section === section && one.sentence === sentence)) return;
    const finding = { verdict, section, sentence };
    findings.push(finding);
    onFinding(finding);
  };
  const [fits, wrong] = [say("fits"), say("wrong")];
  return {
    findings,
    fits,
    wrong,
    notSeen: say("not-seen"),
    judge(section, isSo, rule, otherwise) {
      if (isSo) fits(section, rule);
      else wrong(section, otherwise);
      return isSo;
    },
  };
}

const signs = { fits: "✓", wrong: "✗", "not-seen": "·" } as const;

/** "§5 Certificate" */
export const placeOf = (section: Section): string =>
  `§${Object.keys(sections).indexOf(section) + 1} ${sections[section]}`;

export const lineOf = ({ verdict, section, sentence }: Finding): string =>
  `${signs[verdict]} ${sentence}  (docs/device.md ${placeOf(section)})`;

export const fitsAll = (findings: readonly Finding[]): boolean => findings.every(({ verdict }) => verdict !== "wrong");

/** For programs. */
export const asJson = (findings: readonly Finding[]): string =>
  JSON.stringify(
    {
      fits: fitsAll(findings),
      findings: findings.map((one) => ({ ...one, section: placeOf(one.section) })),
    },
    undefined,
    2,
  );

/** The last line for a person. */
export function summary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  return `${count("fits")} fit, ${count("wrong")} wrong, ${count("not-seen")} not seen.`;
}
