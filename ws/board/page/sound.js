// Sounds, made by the browser itself. One AudioContext for the page, because browsers allow only a few. A browser is mute
// until somebody touched the page or a key: the board says so until then.

/** @typedef {"new"|"again"|"changed"|"void"|"late"|"ready"|"elsewhere"|"notlive"|"unseen"} Chime */

/** Notes of each chime: frequency in Hz, start and length in seconds. @type {Record<Chime, [number, number, number][]>} */
const CHIMES = {
  new: [[880, 0, 0.18], [1175, 0.16, 0.3]],
  again: [[880, 0, 0.18], [1175, 0.16, 0.18], [880, 0.32, 0.18], [1175, 0.48, 0.4]],
  changed: [[740, 0, 0.12], [740, 0.18, 0.12]],
  void: [[494, 0, 0.25], [330, 0.22, 0.4]],
  late: [[988, 0, 0.1], [988, 0.15, 0.1], [988, 0.3, 0.1]],
  ready: [[1319, 0, 0.5]],
  elsewhere: [[523, 0, 0.12], [659, 0.1, 0.12], [784, 0.2, 0.25]],
  unseen: [[1047, 0, 0.2], [784, 0.22, 0.2], [1047, 0.44, 0.2], [784, 0.66, 0.4]],
  notlive: [[220, 0, 0.45], [185, 0.5, 0.45], [220, 1, 0.45], [185, 1.5, 0.6]],
};
const LOUDNESS = { quiet: 0.08, middle: 0.25, loud: 0.7 };
/** Between two chimes, in seconds. */
const PAUSE = 0.15;
/** A chime that would have to wait longer than this, in seconds, comes too late to mean anything. */
const LONGEST_WAIT = 5;

export class Sound {
  /**
   * @param {{values: Pick<import("./settings.js").Values, "sound"|"volume">}} settings
   * @param {() => void} redraw
   */
  constructor(settings, redraw) {
    this.settings = settings;
    this.redraw = redraw;
    /** @type {AudioContext|null} */
    this.context = null;
    /** The press that is going on, or the last one, is the one that let the page sound. */
    this.opening = false;
    /** Resolves when the page may sound. @type {Promise<void>} */
    this.opened = Promise.resolve();
    this.busyUntil = 0; // by the context's clock
    for (const gesture of ["pointerdown", "pointerup", "keydown", "click"]) {
      addEventListener(gesture, (e) => this.gesture(e.type), { capture: true, passive: true });
    }
  }

  /** The browser does not let the page sound yet. */
  get locked() {
    return this.context?.state !== "running";
  }

  /**
   * Takes the browser's leave to sound from any press. It may have it before the press is over.
   * @param {string} type of the event
   */
  gesture(type) {
    if (!this.locked) {
      if (type === "pointerdown" || type === "keydown") this.opening = false;
      return;
    }
    this.opening = true;
    try {
      this.context ??= new AudioContext();
      this.context.onstatechange = this.redraw;
      this.opened = this.context.resume().then(this.redraw, () => {});
    } catch {
      // no sound on this device: the board keeps saying so
    }
  }

  /**
   * Whether pressing "Touch for sound" asks for sound: the page is mute, or was until this very press.
   */
  get asksForSound() {
    return this.settings.values.sound && (this.locked || this.opening);
  }

  /** Plays a sound when the browser has allowed it, so that the cook knows. */
  async tryOut() {
    this.opening = false;
    await this.opened;
    this.play("new");
  }

  /** One after the other. @param {Chime} chime */
  play(chime) {
    if (!this.settings.values.sound) return;
    document.dispatchEvent(new CustomEvent("kitchen-chime", { detail: chime }));
    if (!this.context || this.locked) return;
    const now = this.context.currentTime;
    const start = Math.max(now, this.busyUntil);
    if (start - now > LONGEST_WAIT) return;
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
      this.busyUntil = Math.max(this.busyUntil, start + at + length + PAUSE);
    }
  }
}
