// Sounds, made by the browser itself. One AudioContext for the page, because browsers allow only a few. A browser is mute
// until somebody touched the page or a key: the board says so until then.

/** @typedef {"new"|"changed"|"void"|"late"} Chime */

/** Notes of each chime: frequency in Hz, start and length in seconds. @type {Record<Chime, [number, number, number][]>} */
const CHIMES = {
  new: [[880, 0, 0.18], [1175, 0.16, 0.3]],
  changed: [[740, 0, 0.12], [740, 0.18, 0.12]],
  void: [[494, 0, 0.25], [330, 0.22, 0.4]],
  late: [[988, 0, 0.1], [988, 0.15, 0.1], [988, 0.3, 0.1]],
};
const LOUDNESS = { quiet: 0.08, middle: 0.25, loud: 0.7 };

export class Sound {
  /**
   * @param {import("./settings.js").Settings} settings
   * @param {() => void} redraw
   */
  constructor(settings, redraw) {
    this.settings = settings;
    /** @type {AudioContext|null} */
    this.context = null;
    const unlock = () => {
      if (!this.locked) return;
      this.context ??= new AudioContext();
      this.context.onstatechange = redraw;
      this.context.resume().then(redraw, () => {});
    };
    for (const gesture of ["pointerdown", "pointerup", "keydown"]) addEventListener(gesture, unlock, { capture: true, passive: true });
  }

  /** The browser does not let the page sound yet. */
  get locked() {
    return this.context?.state !== "running";
  }

  /** @param {Chime} chime */
  play(chime) {
    if (!this.settings.values.sound) return;
    document.dispatchEvent(new CustomEvent("kitchen-chime", { detail: chime }));
    if (!this.context || this.locked) return;
    const start = this.context.currentTime;
    for (const [frequency, at, length] of CHIMES[chime]) {
      const tone = this.context.createOscillator();
      const gain = this.context.createGain();
      tone.type = "triangle";
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(LOUDNESS[this.settings.values.volume], start + at);
      gain.gain.exponentialRampToValueAtTime(0.001, start + at + length);
      tone.connect(gain).connect(this.context.destination);
      tone.start(start + at);
      tone.stop(start + at + length);
    }
  }
}
