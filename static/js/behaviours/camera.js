// The camera on desk/scan; sends "scan:code" {text, source: "camera"} up to behaviours/scan.js.
//   <section data-behaviour="camera" data-state="off">
//     <video playsinline muted hidden></video>     (the aim frame lies over it; not mirrored)
//     <button type="button" data-act="start" hidden>…</button> <button type="button" data-act="stop" hidden> <button type="button" data-act="torch" aria-pressed="false" hidden>
//     <button type="button" data-act="flip" hidden>
//     <p data-say="denied" role="alert" hidden>how to grant permission…</p> <p data-say="none" role="alert" hidden>no camera…</p> <p data-say="broken" role="alert" hidden>…</p>
//   </section>
// All buttons are hidden until they can work. data-state is off, on, denied, none or broken. The page needs HTTPS (or localhost), camera=(self) in
// Permissions-Policy and 'wasm-unsafe-eval' in script-src.

import { openDecoder } from "../door/decoder.js";
import { Sightings } from "../door/sightings.js";

const EVERY = 120; // ms between two looks
const SAY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };

export default function camera(section) {
  const video = section.querySelector("video");
  const part = (name) => section.querySelector(`[data-act=${name}]`);
  const sightings = new Sightings();
  let stream = null;
  let facing = "environment";
  let decoder = null;

  function show(state) {
    section.dataset.state = state;
    video.hidden = state !== "on";
    part("start").hidden = state === "on";
    part("stop").hidden = state !== "on";
    if (state === "on") (section.closest("[data-behaviour=scan]") ?? section).scrollIntoView({ block: "start" }); // it moves up beside the result
    for (const words of section.querySelectorAll("[data-say]")) words.hidden = words.dataset.say !== state;
  }

  async function extras() {
    part("torch").hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
    part("torch").setAttribute("aria-pressed", "false");
    const devices = await navigator.mediaDevices.enumerateDevices();
    part("flip").hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
  }

  function stop(state = "off") {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    for (const name of ["torch", "flip"]) part(name).hidden = true;
    show(state);
  }

  async function start() {
    stop();
    part("start").hidden = true; // one at a time
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1280 } } });
      video.srcObject = stream;
      await video.play();
      decoder ??= await openDecoder();
      show("on");
      await extras();
      look(stream);
    } catch (error) {
      stop(SAY[error.name] ?? "broken");
    }
  }

  // Looks again and again while this stream is the one that runs.
  async function look(mine) {
    if (stream !== mine) return;
    try {
      const text = document.hidden || !video.videoWidth ? null : await decoder(video);
      if (text && stream === mine && sightings.isNew(text, performance.now())) {
        section.dispatchEvent(new CustomEvent("scan:code", { bubbles: true, detail: { text, source: "camera" } }));
      }
    } catch (error) {
      // one frame that can't be read is no reason to stop
      console.debug(error);
    }
    setTimeout(() => look(mine), EVERY);
  }

  async function torch() {
    const on = part("torch").getAttribute("aria-pressed") !== "true";
    await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    part("torch").setAttribute("aria-pressed", String(on));
  }

  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", () => stop());
  part("torch").addEventListener("click", torch);
  part("flip").addEventListener("click", () => { facing = facing === "environment" ? "user" : "environment"; start(); });
  addEventListener("pagehide", () => stop());
  show(navigator.mediaDevices ? "off" : "none");
  if (!navigator.mediaDevices) part("start").hidden = true;
}
