/** A drawn visitor before a street: what a door station's picture looks like, without anybody's face. */
export const visitor = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">
<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#cfdae2"/><stop offset="1" stop-color="#eef2f4"/></linearGradient></defs>
<rect width="640" height="360" fill="url(#sky)"/><path d="M0 240h640v120H0z" fill="#8d9196"/>
<path d="M0 20 250 90v190L0 330z" fill="#b39a86"/><path d="M640 10 420 90v190l220 60z" fill="#c8b9a6"/>
<g fill="#5b6b79"><path d="m30 70 40 10v50l-40-8zM110 92l36 9v46l-36-7zM180 112l32 8v40l-32-6zM30 180l40 2v54l-40 6zM110 184l36 2v46l-36 5zM180 188l32 1v40l-32 4z"/>
<path d="m600 66-40 12v50l40-9zM530 88l-36 11v44l36-8zM600 176l-40 3v52l40 5zM530 182l-36 2v44l36 4z"/></g>
<ellipse cx="330" cy="110" rx="38" ry="50" fill="#8aa389"/>
<path d="M196 360c4-84 44-118 110-122 70 4 112 40 116 122z" fill="#3d5f4c"/><path d="M284 214h50v40l-25 20-25-20z" fill="#b98b6a"/>
<ellipse cx="309" cy="172" rx="44" ry="54" fill="#d2a482"/><path d="M262 156c0-48 94-50 94 0l26 12-120-4z" fill="#2c4a3b"/>
<g fill="#23262b"><ellipse cx="292" cy="174" rx="4" ry="5"/><ellipse cx="328" cy="174" rx="4" ry="5"/></g>
<path d="M290 204q19 14 38 0" fill="none" stroke="#8c4f45" stroke-width="4" stroke-linecap="round"/>
<path d="m352 290 104-24 40 94H360z" fill="#c49a63"/><path d="m396 280 14-3 26 83h-16z" fill="#dcc08e"/></svg>`;
