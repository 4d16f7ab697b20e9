/** Drawn pictures of doors and who stands before them: what stations' snapshots look like, without anybody's face. */

type Place = "street" | "lobby" | "gate" | "yard" | "garage" | "stair";
type Who = "courier" | "visitor" | "fitter" | "nurse" | "neighbour";

const person = (coat: string, skin: string, head: string, extra = "") =>
  `<g transform="translate(306 96)"><ellipse cx="0" cy="262" rx="130" ry="16" fill="#000" opacity=".18"/>
  <path d="M-112 270c2-92 32-128 78-138h68c46 10 76 46 78 138z" fill="${coat}"/>
  <path d="M-112 270c2-92 32-128 78-138h18c-44 20-58 60-58 138z" fill="#000" opacity=".14"/>
  <path d="M-22 104h44v34q-22 22-44 0z" fill="${skin}"/><path d="M-22 112q22 22 44 0v12q-22 22-44 0z" fill="#000" opacity=".16"/>
  <ellipse cx="0" cy="64" rx="42" ry="52" fill="${skin}"/>${head}
  <g fill="#22252a"><ellipse cx="-17" cy="64" rx="3.6" ry="4.4"/><ellipse cx="17" cy="64" rx="3.6" ry="4.4"/></g>
  <path d="M-24 52q8-6 15-2M9 50q8-4 15 2" stroke="#22252a" stroke-width="2.6" fill="none" stroke-linecap="round"/>
  <path d="M-14 92q14 10 28 0" stroke="#8a4b42" stroke-width="3" fill="none" stroke-linecap="round"/>${extra}</g>`;

const people: Record<Who, string> = {
  courier: person(
    "#3f6350",
    "#d9ab89",
    `<path d="M-46 50c-2-52 94-56 92 0l24 8-118-2z" fill="#2f5142"/><path d="M-46 48q46-16 92 0" stroke="#3c6653" stroke-width="6" fill="none"/>`,
    `<path d="m38 196 112-26 34 104H52z" fill="#c69d66"/><path d="m86 184 18-4 28 94h-20z" fill="#e2c798"/>`,
  ),
  visitor: person(
    "#8f4a4a",
    "#e3b799",
    `<path d="M-46 78c-8-96 100-96 92 0 6 40-2 66-10 70-8-30-6-64-14-92-22 8-44 8-62-2-4 40 0 64-6 94-10-4-10-40 0-70z" fill="#2b2426"/>`,
    `<path d="M-36 132q36 30 72 0l8 20q-44 30-88 0z" fill="#b5554c"/>`,
  ),
  fitter: person(
    "#d6c23f",
    "#b98a68",
    `<path d="M-48 46c0-58 96-58 96 0v8h-96z" fill="#eceae4"/><path d="M-6-4h12v56h-12zM-54 46h108v10h-108z" fill="#d8d5cd"/>`,
    `<path d="M-52 150h14v120h-14zM38 150h14v120h-14z" fill="#f5f0c8"/>`,
  ),
  nurse: person(
    "#4f7f8c",
    "#8c5f45",
    `<path d="M-44 62c-6-72 94-72 88 0-8-22-18-30-30-36-16 10-36 10-52 2-4 8-5 20-6 34z" fill="#1f1b1c"/><circle cx="0" cy="-2" r="18" fill="#1f1b1c"/>`,
    `<path d="M-22 138 0 190l22-52" stroke="#3d67b0" stroke-width="5" fill="none"/><rect x="-14" y="190" width="28" height="38" rx="4" fill="#eef0f2"/>`,
  ),
  neighbour: person(
    "#3d4c66",
    "#dcb293",
    `<path d="M-44 56c-6-66 94-72 88-2-14-16-26-22-40-22-20 0-36 4-48 24z" fill="#8a6a45"/>`,
    `<path d="M-30 134 0 176l30-42" fill="#e7e9ec"/>`,
  ),
};

const windows = (fill: string) =>
  `<g fill="${fill}"><path d="m30 66 42 12v52l-42-8zM112 90l36 10v46l-36-8zM182 110l30 9v40l-30-6zM30 180l42 2v54l-42 6zM112 184l36 2v46l-36 5zM182 188l30 2v38l-30 4z"/>
  <path d="m610 62-42 14v50l42-9zM530 86l-34 12v44l34-8zM610 178l-42 3v54l42 5zM530 184l-34 2v46l34 4z"/></g>`;

const places: Record<Place, string> = {
  street: `<rect width="640" height="360" fill="#d3dde4"/><path d="M0 262h640v98H0z" fill="#8f9398"/><path d="M240 250h170l120 110H90z" fill="#a7abaf"/>
  <path d="M0 14 250 88v186L0 330z" fill="#b59c88"/><path d="M640 8 420 88v186l220 58z" fill="#c9bbaa"/>${windows("#5d6d7c")}
  <path d="M326 262v-96" stroke="#6b5a48" stroke-width="9"/><circle cx="326" cy="142" r="36" fill="#8aa58a"/><circle cx="350" cy="122" r="26" fill="#9bb498"/>`,
  lobby: `<rect width="640" height="360" fill="#dfe2df"/><path d="M0 270h640v90H0z" fill="#c3bdb2"/><path d="M0 40 130 74v200L0 320z" fill="#8e7a66"/>
  <path d="M150 70h340v190H150z" fill="#bcd0dc"/><path d="M150 70h340v190H150z" fill="none" stroke="#8f999f" stroke-width="5"/>
  <path d="M235 70v190M320 70v190M405 70v190" stroke="#8f999f" stroke-width="4"/><ellipse cx="320" cy="288" rx="130" ry="18" fill="#d7d1c6"/>
  <path d="M552 252h48l-8 56h-32z" fill="#5c5046"/><circle cx="576" cy="214" r="42" fill="#6f8f6a"/><circle cx="556" cy="232" r="26" fill="#7f9f78"/>`,
  gate: `<rect width="640" height="360" fill="#cdd8de"/><path d="M0 190h640v170H0z" fill="#8fa284"/><path d="M180 220h280l150 140H30z" fill="#9d9f9e"/>
  <rect x="240" y="180" width="150" height="76" rx="26" fill="#56677c"/><path d="M268 190h94l16 34H252z" fill="#2e3742"/><circle cx="266" cy="238" r="9" fill="#fff3d6"/><circle cx="364" cy="238" r="9" fill="#fff3d6"/>
  <path d="M30 80h52v250H30zM558 80h52v250h-52z" fill="#c8b6a2"/><g stroke="#2d3238" stroke-width="7">${Array.from({ length: 15 }, (_, i) => `<path d="M${100 + i * 31} 116v200"/>`).join("")}<path d="M84 140h472M84 288h472"/></g>`,
  yard: `<rect width="640" height="360" fill="#b9bdbf"/><path d="M0 262h640v98H0z" fill="#85898b"/><g stroke="#a5a9ab" stroke-width="5">${Array.from({ length: 12 }, (_, i) => `<path d="M${20 + i * 34} 0v260"/>`).join("")}</g>
  <rect x="420" y="90" width="220" height="160" rx="8" fill="#eef0f1"/><path d="M420 150h-56q-22 40-24 100h80z" fill="#dfe2e4"/><path d="M410 164h-36q-12 22-16 46h52z" fill="#4a5763"/><circle cx="380" cy="268" r="30" fill="#2c2f33"/><circle cx="570" cy="268" r="30" fill="#2c2f33"/><path d="M0 318h640" stroke="#d8b84a" stroke-width="6"/>`,
  garage: `<rect width="640" height="360" fill="#8d9294"/><path d="M0 250h640v110H0z" fill="#6b6f71"/><path d="M60 0h80v250H60zM500 0h80v250h-80z" fill="#a5aaac"/><path d="M170 34h110v12H170zM360 34h110v12H360z" fill="#fff"/>
  <path d="M180 300c0-90 50-130 150-130s150 40 150 130z" fill="#4b6076"/><path d="M216 236c16-36 50-50 114-50s98 14 114 50z" fill="#27313b"/><rect x="92" y="218" width="34" height="130" fill="#e3b34a"/><path d="M110 250 640 214v16L110 268z" fill="#f1f1ee"/><path d="m180 246 60-5v18l-60 5zM320 237l60-5v18l-60 5zM460 227l60-4v18l-60 4z" fill="#c4423a"/>`,
  stair: `<rect width="640" height="360" fill="#d9d4cb"/><path d="M0 280h640v80H0z" fill="#a69c8f"/><path d="M0 30 180 80v210L0 330zM640 30 460 80v210l180 40z" fill="#c7bfb2"/><path d="M40 110 130 128v160l-90 28zM600 110l-90 18v160l90 28z" fill="#7b6350"/>
  <rect x="250" y="90" width="140" height="180" fill="#e8e5de"/><path d="M250 270h140M260 246h120M270 222h100M280 198h80" stroke="#9b9184" stroke-width="6"/>`,
};

/** @returns an SVG, 16:9 */
export function scene(place: Place, who?: Who, night = false): string {
  const dark = night
    ? `<rect width="640" height="360" fill="#0a0f16" opacity=".66"/><radialGradient id="l" cx=".52" cy=".3" r=".5"><stop stop-color="#ffe2a8" stop-opacity=".5"/><stop offset="1" stop-color="#ffe2a8" stop-opacity="0"/></radialGradient><rect width="640" height="360" fill="url(#l)"/>`
    : "";
  const shade = `<radialGradient id="v" cx=".5" cy=".45" r=".75"><stop offset=".55" stop-opacity="0"/><stop offset="1" stop-opacity=".4"/></radialGradient><rect width="640" height="360" fill="url(#v)"/>`;
  const front = who ? people[who] : "";
  const lit = night && who ? `<g opacity=".82">${front}</g>` : front;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">${places[place]}${dark}${lit}${shade}</svg>`;
}
