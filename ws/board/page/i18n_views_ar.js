// Words about what a screen shows of a kitchen with stations, in Arabic.

export const arabic = {
  everything: "كل شيء",
  viewName: (/** @type {string} */ what) => `تعرض هذه الشاشة: ${what}. تغيير`,
  viewTitle: "ما تعرضه هذه الشاشة",
  viewHint: "المحطة تعرض ما يُطهى فيها، ونقطة التسليم تعرض الطلبات كاملة. المس أكثر من واحدة لعرضها معًا.",
  viewPass: "طلبات كاملة",
  viewScreens: (/** @type {number} */ n) => (n === 0 ? "بلا شاشة" : n === 1 ? "شاشة واحدة" : `الشاشات: ${n}`),
  noScreenFor: (/** @type {string} */ names) => `لا شاشة لـ ${names}`,
  unknownStation: (/** @type {string} */ names, /** @type {string} */ what) => `لا توجد محطة باسم ${names}: تعرض هذه الشاشة ${what}. اختر من جديد في أعلى الشاشة.`,
  servedHere: "لا شاشة تعرض نقطة التسليم أو كل شيء: ما هو جاهز يبقى عند المحطات التي حضّرته. زر «تقديم» يزيله.",
  alldayNoStation: "بلا محطة",
  alldayStatus: (/** @type {number} */ toStart, /** @type {number} */ cooking) => [toStart && `${toStart} لم تبدأ`, cooking && `${cooking} قيد الطهي`].filter(Boolean).join("، "),
  notHere: (/** @type {number} */ n) => `${n} مفتوحة على شاشات أخرى`,
  emptyHere: (/** @type {string} */ what) => `لا عمل الآن في ${what}`,
};
