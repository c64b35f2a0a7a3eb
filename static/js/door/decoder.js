// Reads QR codes from a video: the browser's own BarcodeDetector where it knows QR, else zxing, fetched only then.

const WIDTH = 640; // a badge fills enough of that, and a cheap phone keeps up

async function ownDetector() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function zxing() {
  const home = new URL("../../vendor/zxing-wasm/", import.meta.url);
  const { prepareZXingModule, readBarcodes } = await import(new URL("reader/index.js", home));
  // without locateFile it would ask a foreign host
  await prepareZXingModule({ overrides: { locateFile: (name) => new URL(name, home).href }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = Math.min(WIDTH, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = brush.getImageData(0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
    return found[0]?.text ?? null;
  };
}

// -> read(video), which gives the text of one code or null
export async function openDecoder() {
  return (await ownDetector()) ?? zxing();
}
