// Two tones and a buzz. Browsers allow sound only after a first touch or key on the page; until then the result is silent.

const EDGE = 0.01; // s, so that a tone does not click

export class Sound {
  #context = null;

  constructor(isOn) {
    this.isOn = isOn;
    const wake = () => { this.#context ??= "AudioContext" in globalThis ? new AudioContext() : null; this.#context?.resume(); };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true, passive: true });
  }

  play({ tones, length, loud, buzz }) {
    navigator.vibrate?.(buzz);
    if (!this.isOn() || this.#context?.state !== "running") return;
    tones.forEach((tone, at) => this.#tone(tone, { start: at * (length / 1000 + EDGE), length: length / 1000, loud }));
  }

  #tone(frequency, { start, length, loud }) {
    const from = this.#context.currentTime + start;
    const source = new OscillatorNode(this.#context, { frequency });
    const gain = new GainNode(this.#context, { gain: 0 });
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loud, from + EDGE);
    gain.gain.setValueAtTime(loud, from + length - EDGE);
    gain.gain.linearRampToValueAtTime(0, from + length);
    source.connect(gain).connect(this.#context.destination);
    source.start(from);
    source.stop(from + length);
  }
}
