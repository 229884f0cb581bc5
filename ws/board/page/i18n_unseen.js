// The words of the alarm about orders that nobody has seen.

export const english = {
  unseenOrder: "An order",
  unseenMore: (/** @type {string} */ number, /** @type {number} */ more) => `${number} and ${more} more`,
  no_display: (/** @type {string} */ what, /** @type {number} */ s, /** @type {boolean} */ many) => `${what} ${many ? "were" : "was"} on no screen for ${s} s`,
  not_painted: (/** @type {string} */ what, /** @type {number} */ s) => `${what}: not shown on any screen for ${s} s. Turn the pages`,
  not_touched: (/** @type {string} */ what, /** @type {number} */ s) => `${what}: not touched by anybody for ${s} s`,
};

export const arabic = {
  unseenOrder: "طلب",
  unseenMore: (/** @type {string} */ number, /** @type {number} */ more) => `${number} و${more} غيره`,
  no_display: (/** @type {string} */ what, /** @type {number} */ s) => `${what} لم يظهر على أي شاشة لمدة ${s} ث`,
  not_painted: (/** @type {string} */ what, /** @type {number} */ s) => `${what}: لم تعرضه أي شاشة لمدة ${s} ث. قلّب الصفحات`,
  not_touched: (/** @type {string} */ what, /** @type {number} */ s) => `${what}: لم يلمسه أحد لمدة ${s} ث`,
};
