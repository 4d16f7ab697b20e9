/** Puts an amber dot on the tab's icon. @returns a function that takes it off */
export function showDot(): () => void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return () => undefined;
  const before = link.href;
  let over = false;
  const image = new Image();
  image.onload = () => {
    if (over) return;
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 64;
    const drawing = canvas.getContext("2d");
    if (!drawing) return;
    drawing.drawImage(image, 0, 0, 64, 64);
    drawing.beginPath();
    drawing.arc(47, 17, 15, 0, 2 * Math.PI);
    drawing.fillStyle = "#ffb224";
    drawing.fill();
    drawing.lineWidth = 4;
    drawing.strokeStyle = "#8a4b00";
    drawing.stroke();
    link.href = canvas.toDataURL();
  };
  image.src = before;
  return () => {
    over = true;
    link.href = before;
  };
}
