const bars = ["#d9dad6", "#c9ba62", "#5ea8a6", "#5f9f66", "#9b5d98", "#aa4f4a", "#4353a0"];
const steps = 13;

/** Colour bars and a row of greys, as test pictures have had since there is television. */
export function TestPicture() {
  const width = 280 / bars.length;
  const step = 280 / steps;
  return (
    <svg viewBox="0 0 280 158" preserveAspectRatio="none" aria-hidden>
      <defs>
        <linearGradient id="test-shade" x2="0" y2="1">
          <stop offset="0" stopColor="#000000" stopOpacity="0.12" />
          <stop offset="1" stopColor="#000000" stopOpacity="0" />
        </linearGradient>
      </defs>
      <rect width="280" height="158" fill="#1a171a" />
      {bars.map((fill, index) => (
        <rect key={fill} x={index * width} width={width + 0.5} height="110" fill={fill} />
      ))}
      <rect width="280" height="110" fill="url(#test-shade)" />
      {Array.from({ length: steps }, (_, index) => {
        const grey = Math.round((index / (steps - 1)) * 235);
        return (
          <rect
            key={grey}
            x={index * step}
            y="110"
            width={step + 0.5}
            height="15"
            fill={`rgb(${grey} ${grey} ${grey})`}
          />
        );
      })}
    </svg>
  );
}
