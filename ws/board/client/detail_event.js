// An event that carries something.

/** Node has had CustomEvent since 19 only. @type {typeof CustomEvent} */
export const DetailEvent = globalThis.CustomEvent ?? class extends Event {
  /**
   * @param {string} name
   * @param {{detail: any}} init
   */
  constructor(name, { detail }) {
    super(name);
    this.detail = detail;
  }
};
