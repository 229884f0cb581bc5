// The words of the alarm about orders that nobody has seen.

export const english = {
  unseenOrder: "An order",
  unseenSeconds: (/** @type {number} */ n) => `${n} s`,
  unseenMinutes: (/** @type {number} */ n) => `${n} min`,
  unseenMore: (/** @type {string} */ number, /** @type {number} */ more) => `${number} and ${more} more`,
  no_display: (/** @type {string} */ what, /** @type {string} */ age, /** @type {boolean} */ many) => `${what} ${many ? "were" : "was"} on no screen for ${age}`,
  not_painted: (/** @type {string} */ what, /** @type {string} */ age) => `${what}: not shown on any screen for ${age}. Turn the pages`,
  not_touched: (/** @type {string} */ what, /** @type {string} */ age) => `${what}: not touched by anybody for ${age}`,
};

export const arabic = {
  unseenOrder: "طلب",
  unseenSeconds: (/** @type {number} */ n) => `${n} ث`,
  unseenMinutes: (/** @type {number} */ n) => `${n} د`,
  unseenMore: (/** @type {string} */ number, /** @type {number} */ more) => `${number} و${more} غيره`,
  no_display: (/** @type {string} */ what, /** @type {string} */ age) => `${what} لم يظهر على أي شاشة لمدة ${age}`,
  not_painted: (/** @type {string} */ what, /** @type {string} */ age) => `${what}: لم تعرضه أي شاشة لمدة ${age}. قلّب الصفحات`,
  not_touched: (/** @type {string} */ what, /** @type {string} */ age) => `${what}: لم يلمسه أحد لمدة ${age}`,
};
