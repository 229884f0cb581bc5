// Short notices over the tickets, for some seconds, where they are in no finger's way; and lasting ones and alarms above the tickets.
import { html } from "lit-html";

/** @typedef {import("./i18n.js").Words} Words */
/** @typedef {import("../client/order.js").Status} Status */

const NOTICE_MS = 6000;
const MOST = 3;

export class Notices {
  /**
   * @param {() => number} now the monotonic clock
   * @param {() => Words} words
   * @param {() => void} redraw
   */
  constructor(now, words, redraw) {
    this.now = now;
    this.words = words;
    this.redraw = redraw;
    /** @type {{text: string, until: number, kind: string}[]} */
    this.all = [];
    /** What stands above the tickets. @type {string[]} */
    this.above = [];
    this.waits = false; // what shall stand there has changed meanwhile
  }

  /**
   * @param {string} text
   * @param {"plain"|"problem"|"back"} kind
   * @param {number} [ms]
   */
  say(text, kind, ms = NOTICE_MS) {
    this.all = this.all.filter((n) => n.text !== text).slice(1 - MOST);
    this.all.push({ text, kind, until: this.now() + ms });
    this.redraw();
  }

  /**
   * Says why a move did not happen.
   * @param {string} code the protocol's, or the client's own
   * @param {string} number of the order, "" for none
   * @param {{now?: Status, from?: Status}} [status] the order's status now, and the one that the cook saw
   */
  problem(code, number, { now, from } = {}) {
    const w = this.words();
    /** @type {Record<string, string>} */
    const texts = {
      changed: w.changedMeanwhile(number),
      conflict: now === from ? w.changedMeanwhile(number) : w.faster(number, statusWord(now, w)),
      lines_moved: w.linesMovedOf(number),
      offline: number ? `${number}: ${w.notWhileOffline}` : w.notWhileOffline,
      timeout: w.noAnswer(number),
      order_not_found: w.notFound(number),
      not_allowed: w.notAllowed(number),
      forbidden: w.forbidden,
    };
    this.say(texts[code] ?? w.failed(number), "problem");
  }

  /**
   * @param {string[]} above alarms, and notices that stay while their cause lasts, some of them all evening: they may hide no line
   * @param {boolean} calm whether nobody is touching the screen: a line above the tickets moves them, and may not under a finger
   */
  view(above, calm) {
    const now = this.now();
    this.all = this.all.filter((n) => n.until > now);
    if (calm) this.above = above;
    this.waits = this.above.join("\n") !== above.join("\n");
    return html`<div class="passing">${this.all.map((n) => html`<p class=${n.kind}>${n.text}</p>`)}</div>
      <div class="above">${this.above.map((text) => html`<p>${text}</p>`)}</div>`;
  }
}

/**
 * @param {Status|undefined} status
 * @param {Words} w
 */
function statusWord(status, w) {
  return { pending: w.statusPending, preparing: w.statusPreparing, ready: w.ready, completed: w.done, cancelled: w.cancelled }[status ?? "pending"];
}
